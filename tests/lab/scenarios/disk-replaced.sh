# SPDX-License-Identifier: Apache-2.0
# A dying disk is replaced: its findings end with it, and hale says that it saw
# why. Pulled out alone, it is still known to be dying.
# lab: disk bad scsi 96M medium-error@60000
# lab: disk new scsi 96M absent
disk bad
name=$disk
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
must_not_read /build/file
expect UNFIT /build
umount /build
host unplug bad
within 20 test ! -e "/sys/block/${name#/dev/}" || fail "$name is still there"
findings 'any(.condition == "disk.medium_error" and .part.serial == "bad")'
host plug new
disk new
[ "$disk" = "$name" ] || fail "the new disk is $disk, not $name"
replaced() {
	hale status --format json | jq -e '.closed[]? |
		select(.condition == "disk.medium_error" and
		.part.serial == "bad" and .closed == "part replaced")'
}
if asked; then
	within 10 replaced || fail "it does not say that the disk was replaced"
	hale status | grep 'disk.medium_error .*serial bad: part replaced, ' ||
		fail "it does not say so to people"
fi
findings 'all(.part.serial != "bad")'
ext4 "$disk" /build
expect FIT /build
no_reason 'disk'

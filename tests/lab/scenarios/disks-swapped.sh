# SPDX-License-Identifier: Apache-2.0
# Two disks change places, and with them their kernel names: what is known of
# the dying one follows it, and the other stays clean.
# lab: disk bad scsi 96M medium-error@60000
# lab: disk good scsi 96M
disk bad
was=$disk
ext4 "$disk" /build
fill /build/file 48
disk good
ext4 "$disk" /other
agent_start
sighted
must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
umount /build
umount /other
host unplug bad
within 20 test ! -e "/sys/block/${was#/dev/}" || fail "$was is still there"
old=$disk
host unplug good
within 20 test ! -e "/sys/block/${old#/dev/}" || fail "$old is still there"
# names are given out from the first one, to whoever comes first
if [ "$was" \< "$old" ]; then order="good bad"; else order="bad good"; fi
for each in $order; do
	host plug "$each"
	disk "$each"
done
disk good
[ "$disk" = "$was" ] || fail "the good disk is $disk, not $was"
mount -t ext4 "$disk" /other
disk bad
[ "$disk" = "$old" ] || fail "the bad disk is $disk, not $old"
mount -t ext4 "$disk" /build
expect FIT /other
no_reason 'disk'
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
reason disk.medium_error '' ".finding.part.alias == \"${disk#/dev/}\""

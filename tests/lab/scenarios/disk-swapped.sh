# SPDX-License-Identifier: Apache-2.0
# A failed disk is taken out and a new one is put in, which gets the same kernel
# name. What the log says of the old one is not held against the new one, not
# even by an agent that knows the log only.
# lab: disk bad scsi 96M medium-error@60000
# lab: disk new scsi 96M medium-error@60000 absent
disk bad
name=$disk
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
must_not_read /build/file
kernel_says "critical medium error, dev ${disk#/dev/}"
expect UNFIT /build
umount /build
host unplug bad
within 20 test ! -e "/sys/block/${name#/dev/}" || fail "$name is still there"
host plug new
disk new
[ "$disk" = "$name" ] || fail "the new disk is $disk, not $name"
ext4 "$disk" /build
fill /build/file 48
expect FIT /build
no_reason 'disk'

agent_stop
rm -r "$state"
agent_start
sighted
expect FIT /build
no_reason 'disk'

must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "new"'

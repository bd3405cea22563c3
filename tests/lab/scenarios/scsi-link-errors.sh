# SPDX-License-Identifier: Apache-2.0
# The way to a disk is bad, not the disk: the kernel's SCSI test disk answers each
# command with "ack/nak timeout". What cannot be read fails a build; the way is
# named beside it, and the medium is not blamed.
# lab: no-udev
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /other
fill /other/file 48
modprobe scsi_debug dev_size_mb=96 statistics=1
within 10 test -b /dev/sdb
debug=/sys/bus/pseudo/drivers/scsi_debug
ext4 /dev/sdb /build
fill /build/file 48
agent_start
sighted
expect FIT /build
echo 1 >$debug/every_nth
echo 16 >$debug/opts
for _n in 1 2 3 4; do
	must_not_read /build/file
	echo 3 >/proc/sys/vm/drop_caches
done
echo 0 >$debug/opts
kernel_says 'Add. Sense: Ack/nak timeout'
expect UNFIT /build
reason disk.io_error '^sdb$'
reason disk.link_error '^sdb$'
no_reason 'medium_error$'
must_not_read /other/file
expect UNFIT /other

# SPDX-License-Identifier: Apache-2.0
# The same on the kernel's own SCSI test disk, in a machine without udev: the
# disk's identity has to come from sysfs.
# lab: no-udev
modprobe scsi_debug dev_size_mb=96 opts=2 medium_error_start=60000 \
	medium_error_count=8
within 10 test -b /dev/sda
ext4 /dev/sda /build
fill /build/file 48
agent_start
sighted
expect FIT /build
must_not_read /build/file
kernel_says 'critical medium error, dev sda, sector 59'
expect UNFIT /build
reason disk.medium_error '^sda$' '.finding.part.id != "disk/sda"'

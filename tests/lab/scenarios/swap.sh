# SPDX-License-Identifier: Apache-2.0
# The build's disk is fine, but the machine swaps to one that cannot be read:
# any process may meet that. Without that swap space it is FIT again.
# lab: disk bad scsi 96M medium-error@60000
# lab: disk work scsi 96M medium-error@60000
disk work
ext4 "$disk" /build
fill /build/file 48
disk bad
mkswap "$disk"
swapon "$disk"
agent_start
sighted
expect FIT /build
must_not_read "$disk"
kernel_says 'critical medium error, dev sd'
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
swapoff "$disk"
expect FIT /build

must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "work"'

# SPDX-License-Identifier: Apache-2.0
# An NVMe namespace cannot read a sector.
# lab: disk bad nvme 96M read-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
must_not_read /build/file
kernel_says 'critical medium error, dev nvme0n1'
expect UNFIT /build
reason disk.medium_error '^nvme0n1$' '.finding.part.serial == "bad"'

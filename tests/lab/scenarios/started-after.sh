# SPDX-License-Identifier: Apache-2.0
# The disk failed before the agent was started: the kernel's log still says so.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
must_not_read /build/file
kernel_says 'critical medium error, dev sd'
agent_start
sighted
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
expect FIT /

# SPDX-License-Identifier: Apache-2.0
# The agent is there but does not answer: that is never FIT, and it is said
# within a second or so, not after the agent comes back.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
agent_signal STOP
never_fit /build
must_not_read /build/file
kernel_says 'critical medium error, dev sd'
never_fit /build
never_fit /
agent_signal CONT
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'

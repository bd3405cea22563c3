# SPDX-License-Identifier: Apache-2.0
# The agent is restarted: what it found is neither forgotten nor counted twice,
# and what an operator cleared stays cleared.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
must_not_read /build/file
kernel_says 'critical medium error, dev sd'
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
count disk.medium_error
before=$count
agent_stop
agent_start
expect UNFIT /build
count disk.medium_error
[ "$count" = "$before" ] ||
	fail "$before errors before the restart, $count after it"

clear "${disk#/dev/}"
expect FIT /build
agent_stop
agent_start
sighted
expect FIT /build
agent_stop
expect FIT /build
agent_start
must_not_read /build/file
expect UNFIT /build

# SPDX-License-Identifier: Apache-2.0
# The agent is killed: the file that says FIT goes with it, and `hale check`
# looks for itself. It can say UNFIT so, but not FIT: the socket that the agent
# left behind says that somebody wanted an agent here.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
fit_file present
agent_signal KILL
fit_file absent
agent_start
fit_file present

must_not_read /build/file
kernel_says 'critical medium error, dev sd'
expect UNFIT /build
fit_file absent
agent_signal KILL
expect UNFIT /build
said_by_scan
reason disk.medium_error '' '.finding.part.serial == "bad"'
never_fit /

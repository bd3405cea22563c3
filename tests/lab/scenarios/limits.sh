# SPDX-License-Identifier: Apache-2.0
# The host is about to run out of process numbers and of open files: each is told
# with its numbers, and ends with them.
# lab: deadline 300
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
agent_stop

# 6 % of some 700 processes and 4,500 files leave room for the agent's own, which
# opens many at once when it starts, and for what the kernel's count is late by:
# past the limit, those of its processes that are not root's would be blind
files=$(cut -f3 /proc/sys/fs/file-nr)
threads=$(cat /proc/sys/kernel/threads-max)
n=0
while [ "$n" -lt 600 ]; do
	sleep 1000 4</dev/null 5</dev/null 6</dev/null 7</dev/null \
		8</dev/null 9</dev/null &
	n=$((n + 1))
done
used() { cut -d/ -f2 /proc/loadavg | cut -d' ' -f1; }
echo $(($(used) * 100 / 94)) >/proc/sys/kernel/threads-max
echo $(($(cut -f1 /proc/sys/fs/file-nr) * 100 / 94)) >/proc/sys/fs/file-max
agent_start
sighted
expect DEGRADED /build
reason limit.pids '^host$' '.finding.evidence | test("kernel.threads-max")'
reason limit.files '^host$' '.finding.evidence | test("open files are in use")'
agent_stop
echo "$threads" >/proc/sys/kernel/threads-max
echo "$files" >/proc/sys/fs/file-max
agent_start
sighted
expect FIT /build
# Past the last file, which only root may be: the gate answers, says what is
# blind and why, and forgets nothing.
echo $(($(cut -f1 /proc/sys/fs/file-nr) * 90 / 100)) >/proc/sys/fs/file-max
fresh 10 true
expect UNKNOWN /build
reason limit.files '^host$' '.finding.evidence | test("open files are in use")'
! asked || note "$(hale check --path /build 2>&1)"
echo "$files" >/proc/sys/fs/file-max
fresh 10 true
expect FIT /build
agent_stop
agent_start
sighted
expect FIT /build
must_not_read /build/file
expect UNFIT /build

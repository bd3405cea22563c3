# SPDX-License-Identifier: Apache-2.0
# A cgroup at its own limit is the job's matter; a host out of memory is not.
# The log and the tracepoint tell both, and each is one finding.
# lab: disk fine scsi 64M
# lab: deadline 300
disk fine
ext4 "$disk" /build
agent_start
sighted
covers trace block_errors LIVE
expect FIT /build
echo +memory >/sys/fs/cgroup/cgroup.subtree_control
mkdir /sys/fs/cgroup/job
echo 16M >/sys/fs/cgroup/job/memory.max
sh -c 'echo $$ >/sys/fs/cgroup/job/cgroup.procs
	exec tail /dev/zero' || true
kernel_says 'Memory cgroup out of memory: Killed process'
findings 'map(select(.condition == "memory.limit")) |
	length == 1 and .[0].count == "1" and .[0].effect == "EFFECT_NOTES"'
findings 'all(.condition != "memory.oom")'
expect FIT /build
# most of it is used up quickly, and cannot be freed; the rest goes to the only
# one that the kernel is to choose
mkdir -p /tmp/ram
mount -t tmpfs -o size=90% ram /tmp/ram
dd if=/dev/zero of=/tmp/ram/file bs=1M count=250 2>/dev/null
sh -c 'echo 1000 >/proc/self/oom_score_adj; exec tail /dev/zero' || true
kernel_says '[]] Out of memory: Killed process'
expect UNFIT /build
reason memory.oom '^host$'
findings 'map(select(.condition == "memory.oom")) |
	length == 1 and .[0].count == "1"'
findings 'map(select(.condition == "memory.limit")) | .[0].count == "1"'
# who died is known by name, whatever the witness that was first
explains '[.deaths[]? | select(.oom and .comm == "tail" and .signal == 9)] |
	length == 2 and ([.[] | select(.oomLimit)] | length == 1)'

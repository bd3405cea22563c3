# SPDX-License-Identifier: Apache-2.0
# Nobody can work because all wait for memory: a warning while it is so. That a
# job stalls at the limit of its own cgroup is a note, for the host has memory.
# lab: disk bad scsi 96M medium-error@60000
# lab: disk pages virtio 1G
# lab: deadline 300
disk bad
ext4 "$disk" /build
fill /build/file 48
modprobe virtio_blk
disk pages
mkswap "$disk" >/dev/null
/sbin/swapon "$disk"
# an emulated processor works so slowly that there is less to wait for
agent_start '[pressure]' 'memory = full 6% / 2s'
sighted
expect FIT /build

stalls() { grep -qE 'full avg10=([1-9][0-9]|[6-9])' /proc/pressure/memory; }
stalled() { within 60 stalls || fail "no stall: $(cat /proc/pressure/memory)"; }

cg=/sys/fs/cgroup
echo +memory >$cg/cgroup.subtree_control
mkdir $cg/job
echo 8M >$cg/job/memory.high
sh -c "echo \$\$ >$cg/job/cgroup.procs
	exec dd if=/dev/zero of=/dev/null bs=96M" &
job=$!
stalled
findings 'any(.condition == "memory.limit")'
expect FIT /build
kill -9 $job

# two programs, each with more than half of the memory
mb=$(awk '/^MemTotal/ { print int($2 / 1024 * 0.7) }' /proc/meminfo)
dd if=/dev/zero of=/dev/null bs="${mb}M" &
one=$!
dd if=/dev/zero of=/dev/null bs="${mb}M" &
two=$!
stalled
note "$(grep MemAvailable /proc/meminfo) $(grep full /proc/pressure/memory)"
# the kernel tells it once in a window of 2 s
! asked || within 60 is DEGRADED /build || fail "no pressure: $(hale status)"
expect DEGRADED /build
reason memory.pressure '^host$' '.finding.evidence | test("waited for memory")'
kill -9 $one $two
rested() { _check_is FIT /build; }
! asked || within 120 rested || fail "the pressure did not end: $(hale status)"

must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
no_reason '^memory'

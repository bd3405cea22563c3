# SPDX-License-Identifier: Apache-2.0
# A compiler needs more memory than there is. At the limit of its own cgroup
# that is the build's matter; where the host has run out it is the host's.
# lab: toolchain
# lab: cpus 2
# lab: deadline 300
# lab: disk work scsi 96M
mkdir /compiler
disk toolchain
mount -o ro "$disk" /compiler
disk work
ext4 "$disk" /compiler/build
mkdir /compiler/build/tmp
cd /compiler/build
cat >big.c <<'C'
#define TEN(x) x, x, x, x, x, x, x, x, x, x
#define MANY(x) TEN(TEN(TEN(TEN(TEN(TEN(x))))))
int table[] = { MANY(1), MANY(2), MANY(3), MANY(4) };
C
agent_start
sighted
expect FIT /compiler/build
gcc="chroot /compiler env TMPDIR=/build/tmp gcc -c -o /build/big.o /build/big.c"

echo +memory >/sys/fs/cgroup/cgroup.subtree_control
build 0 -- sh -c 'head -c 40m /dev/zero | tail -c 40m | wc -c'
result '.attempts[0].usage | .cgroup and
	(.peakMemoryBytes | tonumber) > 40000000'
mkdir /sys/fs/cgroup/job
echo 48M >/sys/fs/cgroup/job/memory.max
enter='eval echo 0 >/sys/fs/cgroup/job/cgroup.procs'
build 1 -- $gcc
enter=
kernel_says 'Memory cgroup out of memory: Killed process'
result '.cause == "build-limit" and (.hostFault | not) and .status == 1'
built 'limit'
not_built 'the machine, not the build'
expect FIT /compiler/build

# most memory is used up, and cannot be freed
mkdir -p /tmp/ram
mount -t tmpfs -o size=90% ram /tmp/ram
dd if=/dev/zero of=/tmp/ram/file bs=1M count=250 2>/dev/null
build 75 --force -- sh -c "echo 1000 >/proc/self/oom_score_adj; exec $gcc"
kernel_says '[]] Out of memory: Killed process [0-9]* [(]cc1'
built 'the machine, not the build'
result '.hostFault and .cause == "host-memory" and .confidence == "certain"'
expect UNFIT /compiler/build
reason memory.oom '^host$'

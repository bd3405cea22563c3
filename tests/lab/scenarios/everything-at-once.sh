# SPDX-License-Identifier: Apache-2.0
# The worst day: the root disk is full and then hangs, the log overflows, memory
# is exhausted, a bomb forks, the clock jumps and a disk fails, all at once. The
# gate goes on answering, and never that this machine is fit.
# lab: by-name
# lab: memory 768M
# lab: disk root virtio 512M hangs
# lab: disk bad scsi 96M medium-error@60000
# lab: deadline 300
root_on root
disk bad
ext4 "$disk" $root/build
fill $root/build/file 48
agent_start
sighted
expect FIT /build
ran before
measured 'haled$|core|probe' # the history's, on the root disk, will hang
asking /build
within 10 asked_for 1500
now_comes "everything"
dmesg -n 1
echo on >/proc/sys/kernel/printk_devkmsg
cg=/sys/fs/cgroup
echo '+pids +cpu' >$cg/cgroup.subtree_control
mkdir $cg/job
echo 200 >$cg/job/pids.max
fallocate -l 150M $root/hog
dd if=/dev/zero of=$root/more bs=64k 2>/dev/null || note "no more room"
must_not_read $root/build/file
expect UNFIT /build
count disk.medium_error
before=$count
now_comes "and more"
sh -c "echo \$\$ >$cg/job/cgroup.procs; exec /lab/bomb 5" &
bomb=$!
/lab/storm 5 &
storm=$!
exhausted() { [ "$(kills)" -ge 2 ]; }
eat() {
	until asked_for 4000 && exhausted; do
		dd if=/dev/zero of=/dev/null bs=400M count=1 2>/dev/null || true
	done
}
eat &
eaten=$!
eat &
eaten="$eaten $!"
date -s "@$(($(date +%s) + 31536000))" >/dev/null
host hang root
(exec cat $root/usr/bin/* >/dev/null) &
within 60 asked_for 4000
within 60 exhausted || fail "memory is not exhausted"
date -s "@$(($(date +%s) - 31536000))" >/dev/null
wait $bomb $storm $eaten || true
now_comes "the root disk is still hung"
within 10 asked_for 2000
asking_ends
dmesg -n 7
answers 0 gate 'fit == n'
answers 1 gate 'unknown == 0 && fit_last <= unfit_first'
for phase in 2 3; do
	answers $phase gate 'unfit == n'
	answers $phase link 'unfit == n'
done
# what the kernel kills may hang at that disk, and its memory with it
answers_rarely_late 2 "$(kills)"
answers_soon 3
answers 2 command 'fit + silent == 0'
answers 3 command 'unfit == n'
same_house
# who writes the state hangs, and a driver that asked that disk: a pipe each
nothing_grew 128 4
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
count disk.medium_error
[ "$count" = "$before" ] || fail "$before errors before, $count now"

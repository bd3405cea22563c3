# SPDX-License-Identifier: Apache-2.0
# The worst day: the root disk is full and then hangs, the log overflows, memory
# is exhausted, a bomb forks, the clock jumps and a disk fails, all at once. The
# gate goes on answering, and never that this machine is fit.
# lab: by-name
# lab: memory 768M
# lab: cpus 2
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
asking /build
within 10 asked_for 3000
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
now_comes "and more"
sh -c "echo \$\$ >$cg/job/cgroup.procs; exec /lab/bomb 15" &
bomb=$!
/lab/storm 15 &
storm=$!
(until asked_for 12000; do
	dd if=/dev/zero of=/dev/null bs=400M count=1 2>/dev/null || true
done) &
eaten=$!
date -s "@$(($(date +%s) + 31536000))" >/dev/null
host hang root
(exec cat $root/usr/bin/* >/dev/null) &
within 60 asked_for 12000
date -s "@$(($(date +%s) - 31536000))" >/dev/null
wait $bomb $storm $eaten || true
now_comes "the root disk is still hung"
within 10 asked_for 4000
asking_ends
answers 0 gate 'fit == n'
answers 1 gate 'unknown == 0 && fit_last <= unfit_first'
answers 2 gate 'unfit == n'
answers 2 link 'unfit == n'
answers_soon 2
answers 3 gate 'unfit == n'
answers_soon 3
answers 3 command 'unfit == n'
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'

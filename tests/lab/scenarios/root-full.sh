# SPDX-License-Identifier: Apache-2.0
# The root disk has no room left, not for a byte of the agent's state: it says
# so, and what it finds meanwhile is there after a restart once there is room.
# lab: by-name
# lab: disk root scsi 512M
# lab: disk bad scsi 96M medium-error@60000
# lab: deadline 240
root_on root
disk bad
ext4 "$disk" $root/build
fill $root/build/file 48
agent_start
sighted
expect FIT /
asking /
within 10 asked_for 3000
now_comes "the root disk is full"
fallocate -l 150M $root/hog
dd if=/dev/zero of=$root/more bs=64k 2>/dev/null || note "no more room"
dd if=/dev/zero of=$root/last bs=1 2>/dev/null || true
expect UNFIT /
reason fs.full '^fs/' '.finding.part.where == "/"'
# a client that finds it full has the host's own word follow at once
! asked || within 10 test ! -e /run/hale/fit ||
	{ said; fail "the root is full, and the host still fit"; }
must_not_read $root/build/file
kernel_says 'critical medium error, dev sd'
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
within 15 asked_for 8000
now_comes "there is room again"
rm $root/hog $root/more $root/last
expect FIT /
within 5 asked_for 3000
asking_ends
answers 0 gate 'fit == n'
answers_soon 1
answers 1 gate 'unknown == 0 && fit_last <= unfit_first'
answers 1 command 'unknown == 0'
answers_soon 2

# what was found while nothing could be written is not forgotten
count disk.medium_error
before=$count
within 90 saved disk.medium_error || fail "its state was not written"
agent_signal KILL
wait "$agent" || true
agent_start
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
count disk.medium_error
[ "$count" -ge "$before" ] || fail "$before errors before, $count after it"

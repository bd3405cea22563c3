# SPDX-License-Identifier: Apache-2.0
# The kernel's log is filled as fast as it goes, and in the middle of it a disk
# fails: it is found, and what was lost of the log is told. The gate answers.
# lab: by-name
# lab: disk bad scsi 96M medium-error@60000
# lab: deadline 240
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
asking /build
within 10 asked_for 3000
dmesg -n 1 # or the emulated serial line would be the limit
echo on >/proc/sys/kernel/printk_devkmsg
now_comes "a storm"
/lab/storm 12 &
storm=$!
within 30 asked_for 5000
now_comes "a fault in the storm"
must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
wait $storm
now_comes "the storm is over"
within 10 asked_for 3000
asking_ends
dmesg -n 7
answers_soon 1
answers 1 gate 'fit + degraded == n'
answers_soon 2
answers 2 gate 'unknown == 0 && fit_last <= unfit_first + 100'
answers_soon 3
answers 3 gate 'unfit == n'
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
# nothing else was made up, and what was lost is counted
findings 'all(.condition | test("^(disk.medium_error|agent.blind|clock.unsynced)$"))'
# it keeps up with one processor's storm; what goes by while it cannot run is lost
dmesg -n 1
agent_signal STOP
/lab/storm 3
agent_signal CONT
dmesg -n 7
findings 'any(.condition == "agent.blind" and
	(.evidence | test("^kernel log: [0-9]+ records lost")))'

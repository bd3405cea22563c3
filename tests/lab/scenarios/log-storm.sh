# SPDX-License-Identifier: Apache-2.0
# The kernel's log is filled as fast as it goes, and in the middle of it a disk
# fails: it is found, and what was lost of the log is told. The gate answers.
# lab: disk bad scsi 96M medium-error@60000
# lab: deadline 240
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
ran before
measured
asking /build
within 10 asked_for 1500
dmesg -n 1 # or the emulated serial line would be the limit
echo on >/proc/sys/kernel/printk_devkmsg
now_comes "a storm"
/lab/storm 6 &
storm=$!
within 30 asked_for 2000
now_comes "a fault in the storm"
must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
wait $storm
now_comes "the storm is over"
within 10 asked_for 1500
asking_ends
dmesg -n 7
for phase in 0 1 2 3; do
	answers_soon $phase
	answers $phase command 'silent == 0'
done
answers 0 gate 'fit == n'
answers 1 gate 'fit + degraded == n'
answers 2 gate 'unknown == 0 && fit_last <= unfit_first'
answers 3 gate 'unfit == n'
same_house
nothing_grew
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
# nothing else was made up, and what was lost is counted
findings 'all(.condition | test("^(disk.medium_error|agent.blind|clock.unsynced)$"))'
within 20 saved disk.medium_error || fail "not written"
in_history before
# it keeps up with one processor's storm; what goes by while it cannot run is lost
dmesg -n 1
agent_signal STOP
/lab/storm 2
agent_signal CONT
dmesg -n 7
findings 'any(.condition == "agent.blind" and
	(.evidence | test("^kernel log: [0-9]+ records lost")))'
expect UNFIT /build

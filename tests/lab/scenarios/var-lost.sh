# SPDX-License-Identifier: Apache-2.0
# The disk with /var on it, and with it the agent's state and its history, fails
# under a running agent. Builds elsewhere go on, what is found and cleared
# meanwhile holds, and once /var is back the agent writes to it again.
# lab: disk var scsi 96M
# lab: disk bad scsi 96M medium-error@60000
# lab: deadline 240
modprobe dm_mod
disk var
sectors=$(cat "/sys/block/${disk#/dev/}/size")
under=$disk
dmsetup create var --table "0 $sectors linear $disk 0"
within 10 test -b /dev/mapper/var
ext4 /dev/mapper/var /var
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
fit_file present
becomes() {
	dmsetup suspend --noflush --nolockfs var
	dmsetup load var --table "$1"
	dmsetup resume var
}
asking /build
within 10 asked_for 3000
now_comes "every request for /var fails"
becomes "0 $sectors error"
! (echo lost >/var/lib/lost && sync /var/lib/lost) || true
kernel_says 'EXT4-fs .*dm-0|Buffer I/O error on dev'
within 20 asked_for 6000
expect FIT /build
fit_file absent
now_comes "a disk fails as well"
must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
clear "${disk#/dev/}" disk.medium_error
expect FIT /build
now_comes "it has been cleared"
within 10 asked_for 3000
asking_ends
answers 0 gate 'fit == n'
answers_soon 1
answers 1 gate 'unknown == 0 && fit_last <= unfit_first'
answers 1 command 'fit == n'
answers_soon 2
answers_soon 3
answers 3 command 'fit == n'

# mounted anew, it is written again by an agent that starts there
becomes "0 $sectors linear $under 0"
agent_stop
umount /var
mount -t ext4 /dev/mapper/var /var
agent_start
sighted
must_not_read /build/file
expect UNFIT /build
within 20 saved disk.medium_error || fail "its state was not written"

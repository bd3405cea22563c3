# SPDX-License-Identifier: Apache-2.0
# A machine check kills the machine. The boot after it knows why, by what the
# crashed kernel has saved, and the boots after that do not count it again.
# lab: resets
# lab: deadline 400
# lab: disk memory scsi 32M
# lab: disk bad scsi 96M medium-error@60000
disk memory
[ "$boot" != 1 ] || mkfs.ext4 -q "$disk"
mkdir -p "$state"
mount -t ext4 "$disk" "$state"
ramoops
disk bad
if [ "$boot" = 1 ]; then
	ext4 "$disk" /build
	agent_start
	sighted
	expect FIT /build
	findings 'all(.condition != "kernel.crash")'
	agent_stop
	umount /build
	umount "$state"
	reset host monitor mce 0 9 0xbd000000000000c0 0xd 0x62000000 0x8c
fi
mkdir -p /build
mount -t ext4 "$disk" /build
ls /sys/fs/pstore
agent_start
sighted
expect DEGRADED /build
findings 'any(.condition == "kernel.crash" and .count == "1" and
	(.evidence | test("Kernel panic - not syncing: .*machine check"; "i")))'
findings 'any(.condition == "cpu.machine_check" and (.part.id | test("^cpu/")))'
if [ "$boot" = 2 ]; then
	agent_stop
	agent_start
	sighted
	findings 'any(.condition == "kernel.crash" and .count == "1")'
	agent_stop
	umount /build
	umount "$state"
	reset
fi
fill /build/file 48
must_not_read /build/file
expect UNFIT /build

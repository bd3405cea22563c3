# SPDX-License-Identifier: Apache-2.0
# btrfs cannot read its device, and counts that on the disk for ever. It is told
# when it happens; what it has counted before the agent's time is old news, and
# so is the line that tells it again with every mount.
# lab: disk work scsi 160M
# lab: disk bad scsi 96M medium-error@60000
disk work
modprobe -a dm_mod dm_flakey btrfs
sectors=$(cat "/sys/block/${disk#/dev/}/size")
dmsetup create work --table "0 $sectors linear $disk 0"
within 10 test -b /dev/mapper/work
work=$disk
mkdir /build
disk bad
ext4 "$disk" /other
fill /other/file 48
stat_of() {
	cat /sys/fs/btrfs/*-*/devinfo/1/error_stats | sed -n "s/^$1 //p"
}
if [ "$boot" = 1 ]; then
	mkfs.btrfs -q /dev/mapper/work
	mount -t btrfs /dev/mapper/work /build
	fill /build/file 24
	agent_start
	sighted
	expect FIT /build
	dmsetup suspend --nolockfs work
	dmsetup load work --table "0 $sectors flakey $work 0 0 1"
	dmsetup resume work
	must_not_read /build/file
	dmsetup suspend --nolockfs work
	dmsetup load work --table "0 $sectors linear $work 0"
	dmsetup resume work
	kernel_says 'BTRFS error .device dm-0.: bdev /dev/mapper/work errs: wr 0, rd [1-9]'
	expect UNFIT /build
	reason fs.error '^fs/' '.finding.part.where == "/build"'
	echo more >/build/more
	umount /build
	agent_stop
	power_cycle
fi
mount -t btrfs /dev/mapper/work /build
[ "$(stat_of read_errs)" -gt 0 ] || fail "it has forgotten its errors"
kernel_says 'BTRFS info .device dm-0.: bdev /dev/mapper/work errs: wr 0, rd [1-9]'
agent_start
sighted
! asked || hale check --fresh --path /build >/dev/null 2>&1 || true
expect FIT /build
findings 'all(.condition != "fs.error")'
must_not_read /other/file
expect UNFIT /other

# SPDX-License-Identifier: Apache-2.0
# A mirror loses a half: the finding names it, and ends when the array is whole
# again. A stripe loses a disk: it is gone.
# lab: deadline 300
# lab: disk one scsi 64M
# lab: disk two scsi 64M
# lab: disk three scsi 64M
# lab: disk four scsi 64M
modprobe -a raid1 raid0
disk one
one=$disk
disk two
two=$disk
disk three
three=$disk
disk four
mdadm --create /dev/md0 --run --level=1 --metadata=1.2 --raid-devices=2 \
	--assume-clean "$one" "$two" </dev/null
mdadm --create /dev/md1 --run --level=0 --metadata=1.2 --raid-devices=2 \
	"$three" "$disk" </dev/null
ext4 /dev/md0 /build
ext4 /dev/md1 /stripe
agent_start
sighted
expect FIT /build /stripe

mdadm /dev/md0 --fail "$two"
kernel_says 'md/raid1:md0: Disk failure on'
expect DEGRADED /build
reason array.degraded '^md0$|^array/' '.finding.evidence |
	test("lacks 1 of its 2 members: '"${two#/dev/}"' faulty")'
expect FIT /stripe
mdadm /dev/md0 --remove "$two"
mdadm /dev/md0 --add "$two"
kernel_says 'md: md0: recovery done'
expect FIT /build

fill /stripe/file 32
host unplug four
must_not_read /stripe/file
expect UNFIT /stripe
within 20 grep -q broken /sys/block/md1/md/array_state || note "not broken"
reason array.failed '^md1$|^array/'
expect FIT /build

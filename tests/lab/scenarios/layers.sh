# SPDX-License-Identifier: Apache-2.0
# An overlay on a loop device, whose file is in an ext4, on a device mapper
# volume, on a disk that fails: all of them are UNFIT, by the disk's name.
# lab: disk bad scsi 96M medium-error@150000
# lab: disk other scsi 96M medium-error@60000
modprobe -a dm_mod overlay
disk bad
sectors=$(cat "/sys/block/${disk#/dev/}/size")
dmsetup create volume --table "0 $sectors linear $disk 0"
within 10 test -b /dev/mapper/volume
ext4 /dev/mapper/volume /data
small_loop /data/loop
mkdir /data/loop/lower /merged
mkdir -p /run/upper /run/work
mount -t overlay -o "lowerdir=/data/loop/lower,upperdir=/run/upper,workdir=/run/work" \
	overlay /merged
disk other
ext4 "$disk" /other
fill /other/file 48
agent_start
sighted
for path in /data /data/loop /merged /other; do
	expect FIT $path
done
must_not_read /dev/mapper/volume
kernel_says 'critical medium error, dev sd'
for path in /data /data/loop /merged; do
	expect UNFIT $path
	reason disk.medium_error '^sd' '.finding.part.serial == "bad"'
done
expect FIT /other

must_not_read /other/file
expect UNFIT /other

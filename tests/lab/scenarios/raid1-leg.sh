# SPDX-License-Identifier: Apache-2.0
# One leg of a mirror cannot read a sector. The build reads it from the other
# one, so this is DEGRADED; without the other leg it is UNFIT.
# lab: disk bad scsi 96M medium-error@60000
# lab: disk good scsi 96M
modprobe raid1
disk good
good=$disk
disk bad
mdadm --create /dev/md0 --run --level=1 --metadata=1.2 --raid-devices=2 \
	--assume-clean "$disk" "$good" </dev/null
ext4 /dev/md0 /build
fill /build/file 48
agent_start
sighted
expect FIT /build
reads=0
until log_has 'critical medium error, dev' || [ $reads -eq 20 ]; do
	cat /build/file >/dev/null
	forget
	reads=$((reads + 1))
done
kernel_says 'critical medium error, dev sd'
expect DEGRADED /build
reason disk.medium_error '' '.redundant and .effect == "EFFECT_WARNS" and
	.finding.part.serial == "bad"'
cat /build/file >/dev/null

mdadm /dev/md0 --fail "$disk" || note "it has failed already"
kernel_says 'md/raid1:md0: Disk failure on'
expect DEGRADED /build
reason array.degraded '^md0$|^array/'
host unplug good
expect UNFIT /build
reason disk.offline '' '.finding.part.serial == "good" and
	.effect == "EFFECT_BLOCKS"'

# SPDX-License-Identifier: Apache-2.0
# An NVMe disk warns of itself, and takes it back. The kernel logs nothing: it is
# in the disk's health log only.
# lab: disk flash nvme 64M
# lab: disk other nvme 64M
disk flash
flash=${disk#/dev/}
ext4 "$disk" /build
disk other
ext4 "$disk" /other
agent_start
sighted
fresh 30 is FIT /build
expect FIT /build

note "its media have become unreliable"
host set flash smart_critical_warning 4
fresh 30 is UNFIT /build
expect UNFIT /build
reason disk.smart_failing "^$flash\$" '.finding.part.serial == "flash"'
expect FIT /other

note "it has recovered"
host set flash smart_critical_warning 0
fresh 30 is FIT /build
expect FIT /build
no_reason 'disk'

note "its spare blocks are below its limit"
host set flash smart_critical_warning 1
fresh 30 is UNFIT /build
expect UNFIT /build
reason disk.smart_failing "^$flash\$"

# it is at 50 C, always; its limit is kept in the disk
note "it is too hot"
host set flash smart_critical_warning 0
for hwmon in /sys/class/nvme/"${flash%n1}"/hwmon*; do
	echo 45000 >"$hwmon/temp1_max"
done
fresh 30 is DEGRADED /build
expect DEGRADED /build
reason disk.hot "^$flash\$" '.finding.evidence | test("^50 C")'
no_reason 'smart'

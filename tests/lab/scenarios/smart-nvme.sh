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

note "it is too hot"
host set flash smart_critical_warning 2
fresh 30 is DEGRADED /build
expect DEGRADED /build
reason disk.hot "^$flash\$" '.finding.evidence | test("^50 C")'
no_reason 'smart'

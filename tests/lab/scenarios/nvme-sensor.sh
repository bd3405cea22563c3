# SPDX-License-Identifier: Apache-2.0
# A healthy NVMe disk brings a hwmon chip of its own. Its temperature is the
# disk's matter: no sensor of the machine is said to be good or bad by it.
# lab: disk bad nvme 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
grep -q nvme /sys/class/hwmon/hwmon*/name || fail "the disk has no sensor"
agent_start
sighted
! asked || hale check --fresh --path /build >/dev/null 2>&1 || true
expect FIT /build
findings 'all(.condition | test("^(sensor|power)") | not)'

must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'

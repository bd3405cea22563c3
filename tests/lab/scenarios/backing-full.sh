# SPDX-License-Identifier: Apache-2.0
# A virtual disk whose own store, on the host, is full: writes fail with a
# sense that says so, nothing is wrong with the guest's filesystem or space.
# lab: disk virtual scsi 96M no-space@60000 vendor=Msft product=Virtual-Disk
disk virtual
ext4 "$disk" /build
agent_start
sighted
expect FIT /build
dd if=/dev/zero of=/build/file bs=1M count=48
sync
kernel_says 'critical space allocation error, dev sd'
expect UNFIT /build
reason virt.backing_full '' '.finding.part.serial == "virtual" and
	(.finding.part.model | test("Virtual"))'
no_reason 'fs.full|medium_error'
fit_file absent
! asked || hale scope /build >/tmp/scope
! asked || grep -q virt.backing_full /tmp/scope ||
	fail "hale scope does not show it: $(cat /tmp/scope)"

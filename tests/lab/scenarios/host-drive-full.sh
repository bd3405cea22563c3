# SPDX-License-Identifier: Apache-2.0
# The drive of the host, shared with the machine over 9p, runs full; the virtual
# disk under the build is a file on it, so it says. The build's own filesystem
# has room, and no write has failed yet.
# lab: disk build virtio 96M
# lab: disk other scsi 96M
# lab: share windows 16M
disk build
ext4 "$disk" /build
disk other
ext4 "$disk" /other
share windows /mnt/c
agent_start '[virt]' 'host_drive = /mnt/c'
sighted
expect FIT /build /other
dd if=/dev/zero of=/mnt/c/movie bs=64k 2>/dev/null || true
# the drive is looked at every two minutes, and when somebody asks for it
fresh 30 is UNFIT /build
expect UNFIT /build
reason virt.backing_full '' '.finding.part.serial == "build" and
	(.finding.evidence | test("/mnt/c, 9p.* has 0 B of 15.9 MiB free"))'
no_reason 'fs.full|disk'
expect FIT /other
! asked || hale scope /build >/tmp/scope
! asked || grep -q virt.backing_full /tmp/scope ||
	fail "hale scope does not show it: $(cat /tmp/scope)"
expect UNFIT /mnt/c
reason fs.full '' '.path == "/mnt/c"'
rm /mnt/c/movie
fresh 30 is FIT /build
expect FIT /build
expect FIT /mnt/c

# SPDX-License-Identifier: Apache-2.0
# ext4 meets a damaged inode and remounts itself read-only. The disk is fine.
# lab: disk work scsi 64M
disk work
ext4 "$disk" /build errors=remount-ro
mkdir /build/tree
echo hello >/build/tree/file
inode=$(stat -c %i /build/tree/file)
umount /build
debugfs -w -R "clri <$inode>" "$disk"
mount -t ext4 -o errors=remount-ro "$disk" /build
agent_start
sighted
expect FIT /build
must_not_read /build/tree/file
kernel_says 'EXT4-fs error [(]device sd'
kernel_says 'Remounting filesystem read-only'
expect UNFIT /build
reason fs.error '^fs/'
reason fs.readonly '^fs/' '.finding.part.where == "/build"'
no_reason 'disk'
expect FIT /

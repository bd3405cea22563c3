# SPDX-License-Identifier: Apache-2.0
# A loop device on a sparse file, whose filesystem runs full: the build's own
# filesystem on the loop shows room that is not there. No write has failed yet.
# lab: disk store scsi 96M
# lab: disk other scsi 96M
disk store
ext4 "$disk" /store
disk other
ext4 "$disk" /other
small_loop /store/build
# ext4 keeps 2 % for itself, which nobody can write to
agent_start '[space]' 'blocks = 3MiB' 'warns = 6MiB'
sighted
expect FIT /store/build
dd if=/dev/zero of=/store/movie bs=64k 2>/dev/null || true
sync
# the store is looked at every two minutes, and when somebody asks for it
fresh 30 is UNFIT /store/build
expect UNFIT /store/build
reason virt.backing_full '^disk/loop|^loop' \
	'.finding.evidence | test("/store/build.img is sparse: .* has .* free")'
expect FIT /other
rm /store/movie
sync
fresh 30 is FIT /store/build
expect FIT /store/build

# SPDX-License-Identifier: Apache-2.0
# ext4 on a loop device whose file is cut off under it. Another mount is FIT,
# until its file is cut off as well.
# lab: disk work scsi 256M
disk work
ext4 "$disk" /data
small_loop /data/one
small_loop /data/two
agent_start
sighted
expect FIT /data/one
expect FIT /data/two
cut_loop /data/one
kernel_says 'I/O error, dev loop0, sector'
expect UNFIT /data/one
reason disk.io_error '^loop0$'
expect FIT /data/two
no_reason 'disk'
cut_loop /data/two
expect UNFIT /data/two

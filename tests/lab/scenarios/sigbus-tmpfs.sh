# SPDX-License-Identifier: Apache-2.0
# SIGBUS, three of four: a file on a tmpfs is written through a mapping, and the
# tmpfs is full: there is no page to be had. No disk, no memory is at fault; the
# space is. It looks just like a bad disk to the program.
# lab: disk fine scsi 64M
disk fine
ext4 "$disk" /build
mkdir /small
mount -t tmpfs -o size=1M tmpfs /small
truncate -s 2M /small/file
cores_are_taken
agent_start
sighted
expect FIT /build
dies_by_sigbus /lab/wmapped /small/file
expect UNFIT /small
reason fs.full ''
no_reason '^(disk|memory)'
explains '[.deaths[] | select(.comm == "wmapped")] | length == 1 and
	(.[0].files | any(.path == "/small/file" and .full))'
explains '[.causes[] | select(.steps | any(.victim.comm == "wmapped"))] |
	length == 1 and .[0].build == "host-disk-full"'
expect FIT /build

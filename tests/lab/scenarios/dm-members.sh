# SPDX-License-Identifier: Apache-2.0
# What device-mapper makes of several disks: a multipath that has lost a path, a
# mirror that loses a leg, and then the other one. Each is named.
# lab: deadline 300
# lab: disk one scsi 64M
# lab: disk two scsi 64M
# lab: disk three scsi 64M
# lab: disk four scsi 64M
modprobe -a dm_raid raid1 dm_multipath dm_round_robin
for name in one two three four; do
	disk "$name"
	eval "$name=$disk"
done
number() { cat "/sys/block/${1#/dev/}/dev"; }
# as LVM does it, with the metadata of each leg beside it on its disk
dmsetup create meta1 --table "0 8192 linear $one 114688"
dmsetup create meta2 --table "0 8192 linear $two 114688"
dd if=/dev/zero of=/dev/mapper/meta1 bs=1M count=1 2>/dev/null
dd if=/dev/zero of=/dev/mapper/meta2 bs=1M count=1 2>/dev/null
dmsetup create mirror --table "0 114688 raid raid1 3 0 region_size 1024 \
	2 /dev/mapper/meta1 $one /dev/mapper/meta2 $two"
dmsetup create paths --table "0 114688 multipath 0 0 2 1 \
	round-robin 0 1 1 $three 1000 round-robin 0 1 1 $four 1000"
ext4 /dev/mapper/mirror /mirror noatime
fill /mirror/file 8
ext4 /dev/mapper/paths /paths
agent_start
sighted
expect FIT /mirror /paths

dmsetup message paths 0 "fail_path $(number "$four")"
dmsetup status paths
agent_stop
agent_start
sighted
expect DEGRADED /paths
reason array.degraded '' '.finding.evidence |
	test("paths .multipath. lacks 1 of its 2 members: '"${four#/dev/}"' failed")'
expect FIT /mirror

# A leg is lost when it is next read or written.
noticed() {
	forget
	cat /mirror/file >/dev/null
	dmsetup status mirror | grep -q ' AD \| aD \| DA '
}
host unplug two
within 20 noticed || fail "it has not noticed: $(dmsetup status mirror)"
agent_stop
agent_start
sighted
expect DEGRADED /mirror
reason array.degraded '' '.finding.evidence |
	test("mirror .raid1. lacks 1 of its 2 members: .* dead")'
host unplug one
expect UNFIT /mirror

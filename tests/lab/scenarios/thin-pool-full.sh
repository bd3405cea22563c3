# SPDX-License-Identifier: Apache-2.0
# A thin pool that has promised more than it has: told while there is still
# room, UNFIT when it is full, and over when it was extended.
# lab: deadline 300
# lab: disk store scsi 160M
modprobe -a dm_mod dm_thin_pool
disk store
dmsetup create meta --table "0 8192 linear $disk 0"
dmsetup create data --table "0 131072 linear $disk 8192"
dd if=/dev/zero of=/dev/mapper/meta bs=4096 count=1 2>/dev/null
pool="thin-pool /dev/mapper/meta /dev/mapper/data 128 0 1 error_if_no_space"
dmsetup create pool --table "0 131072 $pool"
dmsetup message pool 0 "create_thin 0"
dmsetup create thin --table "0 524288 thin /dev/mapper/pool 0"
# nothing but the scenario is to take room from here on
ext4 /dev/mapper/thin /build noinit_itable
agent_start
sighted
expect FIT /build

# used: sets $used to how many of the pool's 1024 blocks are given out.
used() {
	used=$(dmsetup status pool | cut -d' ' -f6)
	used=${used%/*}
}
used
until [ "$used" -ge 940 ]; do
	dd if=/dev/urandom of="/build/$used" bs=1M count=1 2>/dev/null
	sync
	used
done
dmsetup status pool
agent_stop
agent_start
sighted
expect DEGRADED /build
reason array.pool_low '' '.finding.evidence | test("of its 64.0 MiB")'

dd if=/dev/urandom of=/build/two bs=1M count=12 2>/dev/null || true
sync || true
kernel_says 'thin: .*switching pool to out-of-data-space'
expect UNFIT /build
reason virt.backing_full ''

# somebody extends it
dmsetup suspend pool
dmsetup suspend --noflush data 2>/dev/null || dmsetup suspend data
dmsetup load data --table "0 310000 linear $disk 8192"
dmsetup resume data
dmsetup load pool --table "0 309888 $pool"
dmsetup resume pool
dmsetup status pool
agent_stop
agent_start
sighted
findings 'all(.condition != "virt.backing_full" or
	.effect == "EFFECT_NONE")'

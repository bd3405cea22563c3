# SPDX-License-Identifier: Apache-2.0
# tracefs is not mounted: coverage says so and what to do, the log carries on,
# and what it left out is counted from what it says of it.
# lab: disk bad scsi 96M medium-error@60000
umount /sys/kernel/tracing
umount /sys/kernel/debug
disk bad
ext4 "$disk" /build
agent_start
sighted
covers trace block_errors BLIND 'not mounted.*mount -t tracefs'
covers kmsg block_errors LIVE
! grep -q tracefs /proc/mounts || fail "somebody has mounted tracefs"
expect FIT /build
# The kernel counts what it leaves out by intervals of 5 s.
interval_over() {
	_over=$(($(uptime_cs) + 550))
	within 10 sh -c "[ \$(tr -d . </proc/uptime | cut -d' ' -f1) -ge $_over ]"
}
fail_reads() {
	for _i in $(seq "$1"); do
		! dd if="$disk" of=/dev/null bs=512 skip=60000 count=1 \
			iflag=direct 2>/dev/null || fail "the sector could be read"
	done
}
fail_reads 30
expect UNFIT /build
interval_over
fail_reads 1
kernel_says 'blk_print_req_error: 20 callbacks suppressed'
findings 'map(select(.condition == "disk.medium_error")) |
	length == 1 and .[0].count == "31" and .[0].atLeast'

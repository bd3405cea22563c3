# SPDX-License-Identifier: Apache-2.0
# The tracepoints come up while a disk fails: twelve reads that only the log
# has seen, ten of them printed, then eighteen more that the log leaves out.
# lab: disk bad scsi 96M medium-error@60000
umount /sys/kernel/tracing
umount /sys/kernel/debug
disk bad
ext4 "$disk" /build
agent_start
sighted
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
fail_reads 12
expect UNFIT /build
agent_stop
mount -t tracefs trace /sys/kernel/tracing
agent_start
sighted
covers trace block_errors LIVE
fail_reads 18
interval_over
fail_reads 1
kernel_says 'blk_print_req_error: [0-9]+ callbacks suppressed'
findings 'map(select(.condition == "disk.medium_error")) |
	length == 1 and .[0].count == "31"'

# SPDX-License-Identifier: Apache-2.0
# Thirty failed reads are thirty, though the log prints ten lines of them and
# leaves out the rest: the tracepoint tells each, the log adds only its text.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
agent_start
sighted
covers trace block_errors LIVE
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
findings 'map(select(.condition == "disk.medium_error")) |
	length == 1 and .[0].count == "30" and (.[0].atLeast | not)'
# only now does the log say what it has left out
interval_over
fail_reads 1
kernel_says 'blk_print_req_error: [0-9]+ callbacks suppressed'
findings 'map(select(.condition == "disk.medium_error")) |
	length == 1 and .[0].count == "31" and (.[0].atLeast | not)'
findings 'all(.condition != "disk.io_error")'

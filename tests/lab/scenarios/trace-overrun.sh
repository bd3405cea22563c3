# SPDX-License-Identifier: Apache-2.0
# More failed requests than the buffer holds while nobody reads it: that some
# were overwritten is said, with their number, and what is counted is "at least".
# lab: disk bad scsi 96M medium-error@60000
# lab: deadline 300
disk bad
ext4 "$disk" /build
agent_start '[trace]' 'buffer_kib = 16'
sighted
covers trace block_errors LIVE
expect FIT /build
fail_reads() {
	for _i in $(seq "$1"); do
		! dd if="$disk" of=/dev/null bs=512 skip=60000 count=1 \
			iflag=direct 2>/dev/null || fail "the sector could be read"
	done
}
agent_signal STOP
fail_reads 500
agent_signal CONT
covers trace block_errors PARTIAL '[0-9]+ records were overwritten.*buffer_kib'
findings 'map(select(.condition == "agent.blind")) | length == 1 and
	(.[0].evidence | test("^tracepoints: [0-9]+ records of CPU 0 were"))'
findings 'map(select(.condition == "disk.medium_error")) | length == 1 and
	(.[0].count | tonumber) > 100 and (.[0].count | tonumber) <= 500 and
	.[0].atLeast'
expect UNFIT /build
reason disk.medium_error '^disk/' '.finding.part.serial == "bad"'

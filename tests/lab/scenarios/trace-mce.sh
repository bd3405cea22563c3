# SPDX-License-Identifier: Apache-2.0
# Corrected machine checks: the processor's banks are polled, the tracepoint
# names processor and bank, where the log only says that there were some.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
covers trace memory_errors LIVE
expect FIT /build
echo 1 >/sys/devices/system/machinecheck/machinecheck0/check_interval
for _n in 1 2 3; do
	host monitor mce 0 9 0x9000000000000151 0 0x0 0x0
	findings "map(select(.condition == \"cpu.machine_check\").count |
		tonumber) | add == $_n"
done
findings 'map(select(.condition == "cpu.machine_check")) |
	length == 1 and .[0].count == "3" and .[0].part.id == "cpu/0" and
	(.[0].evidence | test("[Bb]ank 9: (corrected|9)"))'
expect DEGRADED /build
must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '^disk/'

# SPDX-License-Identifier: Apache-2.0
# A poisoned page: one finding of the memory, one of the process that died of
# it, by name and with what the kernel told it.
# lab: disk fine scsi 64M
disk fine
ext4 "$disk" /build
agent_start
sighted
covers trace memory_errors LIVE
expect FIT /build
status=0
/lab/poison || status=$?
[ $status -eq 135 ] || fail "the poisoned process ended with $status, not SIGBUS"
kernel_says 'Memory failure: 0x[0-9a-f]+: recovery action'
expect UNFIT /build
findings 'map(select(.condition == "memory.poisoned")) |
	length == 1 and .[0].count == "1"'
findings 'map(select(.condition == "process.sigbus")) |
	length == 1 and .[0].count == "1" and
	.[0].part.id == "process/poison" and
	(.[0].evidence | test("died by SIGBUS") and test("BUS_MCEERR_A[RO]"))'
# somebody's kill is a death, and says whose
sh -c 'kill -BUS $$' || true
findings 'any(.condition == "process.sigbus" and .part.id == "process/sh" and
	(.evidence | test("sent by pid")))'

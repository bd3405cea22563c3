# SPDX-License-Identifier: Apache-2.0
# A page of memory is bad, and the process that touches it dies by SIGBUS. The
# memory is at fault, the process is only the symptom.
# lab: disk fine scsi 64M
disk fine
ext4 "$disk" /build
agent_start
sighted
expect FIT /build
status=0
/lab/poison || status=$?
[ $status -eq 135 ] || fail "the poisoned process ended with $status, not SIGBUS"
kernel_says 'Memory failure: 0x[0-9a-f]+: .*(Recovered|Killing|SIGBUS)'
expect UNFIT /build
reason memory.poisoned ''
findings 'any(.condition == "process.sigbus" and .effect == "EFFECT_NOTES")'
no_reason '^(disk|fs)'

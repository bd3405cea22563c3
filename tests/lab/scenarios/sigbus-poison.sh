# SPDX-License-Identifier: Apache-2.0
# SIGBUS, two of four: the process touched a page of bad memory. The signal
# itself says so (BUS_MCEERR_AR): memory is the cause, whatever it had mapped.
# lab: disk fine scsi 64M
disk fine
ext4 "$disk" /build
cores_are_taken
agent_start
sighted
expect FIT /build
dies_by_sigbus /lab/poison
kernel_says 'Memory failure: 0x[0-9a-f]+: .*(Recovered|Killing|SIGBUS)'
expect UNFIT /build
reason memory.poisoned ''
explains '[.causes[] | select(.steps[0].finding.condition == "memory.poisoned")] |
	length == 1 and .[0].confidence == "CERTAIN" and
	(.[0].steps | any(.victim.comm == "poison"))'

# SPDX-License-Identifier: Apache-2.0
# SIGBUS, four of four: a program cuts the file short that it has mapped, and
# touches what is gone. That is its own doing: no disk, no memory and no space
# is blamed, and the machine is as fit as before. That it could tell is shown by
# a disk that does fail afterwards.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
dd if=/dev/zero of=/build/data bs=64k count=16
cores_are_taken
agent_start
sighted
expect FIT /build
dies_by_sigbus /lab/wmapped /build/data 0
explains '[.deaths[] | select(.comm == "wmapped")] | length == 1 and
	(.[0].files | any(.path == "/build/data" and .truncated))'
explains '[.causes[]? | select(.steps | any(.victim.comm == "wmapped")) |
	.steps[0].finding.condition // ""] | all(test("^(disk|memory|fs)") | not)'
expect FIT /build
must_not_read /build/file
expect UNFIT /build
# a disk that fails later on had no part in it
explains '[.causes[] | select(.steps[0].finding.condition == "disk.medium_error")] |
	length == 1 and (.[0].steps | any(.victim.comm == "wmapped") | not)'

# SPDX-License-Identifier: Apache-2.0
# SIGBUS, one of four: the page that a program had mapped cannot be read from
# its disk. The disk is the cause, for certain: the file that it had mapped is
# on it. A program that dies of its own doing a moment later is not explained by
# that disk.
# lab: disk bad scsi 96M medium-error@60000
# lab: disk other scsi 96M
disk bad
ext4 "$disk" /build
fill /build/file 48
disk other
ext4 "$disk" /other
dd if=/dev/zero of=/other/data bs=64k count=16
cores_are_taken
agent_start
sighted
covers victim victims LIVE
expect FIT /build
dies_by_sigbus /lab/mapped /build/file
kernel_says 'critical medium error, dev sd'
expect UNFIT /build
explains '[.causes[] | select(.steps[0].finding.condition == "disk.medium_error")] |
	length == 1 and .[0].build == "host-io" and
	(.[0].steps | any(.victim.comm == "mapped" and
		.relation == "IS_MAPPED" and .confidence == "CERTAIN"))'
dies_by_sigbus /lab/wmapped /other/data 0
explains '.deaths | any(.comm == "wmapped")'
explains '[.causes[] | select(.steps[0].finding.condition == "disk.medium_error") |
	.steps[] | select(.victim.comm == "wmapped")] | length == 0'
expect FIT /other

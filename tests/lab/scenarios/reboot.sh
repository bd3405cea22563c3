# SPDX-License-Identifier: Apache-2.0
# The machine is rebooted with the dying disk still in it: without a new error
# it is still UNFIT, because the agent's memory is on a disk that lives.
# lab: disk bad scsi 96M medium-error@60000
# lab: disk memory scsi 32M
disk memory
[ "$boot" = 2 ] || mkfs.ext4 -q "$disk"
mount -t ext4 "$disk" "$state"
disk bad
if [ "$boot" = 1 ]; then
	ext4 "$disk" /build
	fill /build/file 48
	agent_start
	sighted
	expect FIT /build
	must_not_read /build/file
	kernel_says 'critical medium error, dev sd'
	expect UNFIT /build
	agent_stop
	power_cycle
fi
mkdir /build
mount -t ext4 "$disk" /build
agent_start
sighted
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
! log_has 'medium error' || fail "the kernel found a new error by itself"
expect FIT /

# SPDX-License-Identifier: Apache-2.0
# A kernel that is locked down for its integrity lets hale trace; one that is
# locked down for confidentiality does not: coverage says so, the log carries on.
# lab: disk bad scsi 96M medium-error@60000
# lab: kernel lockdown=integrity
disk bad
ext4 "$disk" /build
agent_start
sighted
covers trace block_errors LIVE
expect FIT /build
agent_stop
echo confidentiality >/sys/kernel/security/lockdown
agent_start
sighted
covers trace block_errors BLIND 'kernel lockdown forbids tracefs.*lockdown='
covers kmsg block_errors LIVE
expect FIT /build
! dd if="$disk" of=/dev/null bs=512 skip=60000 count=1 iflag=direct \
	2>/dev/null || fail "the sector could be read"
kernel_says 'critical medium error, dev sd'
expect UNFIT /build
reason disk.medium_error '^disk/' '.finding.part.serial == "bad"'
findings 'map(select(.condition == "disk.medium_error")) |
	length == 1 and .[0].count == "1"'

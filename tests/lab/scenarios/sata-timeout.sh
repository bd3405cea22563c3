# SPDX-License-Identifier: Apache-2.0
# A SATA disk does not answer a read; libata resets the link until it does. What
# was asked ahead is not asked again: then requests have failed for good.
# lab: disk slow sata 96M hangs
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /other
fill /other/file 48
disk slow
ext4 "$disk" /build
fill /build/file 32
agent_start
sighted
expect FIT /build
echo 2 >"/sys/block/${disk#/dev/}/device/timeout"
# a hung request would keep qemu itself from resetting the port
limit() {
	_set='"property": "limits", "path": "/objects/hang.slow"'
	host qmp "{\"execute\": \"qom-set\", \"arguments\": {$_set, \"value\": {\"bps-total\": $1}}}"
}
reset='ata[0-9]+: hard resetting link'
# Answers that come late, but before libata has begun to look, are thrown away
# without a reset: then it is tried again.
stall() {
	limit 20000
	cat /build/file >/dev/null &
	reader=$!
	within 20 log_has "$reset" || note "no reset this time"
	limit 0
	wait "$reader" || note "the read failed"
	log_has "$reset" || echo 3 >/proc/sys/vm/drop_caches
}
for _ in 1 2 3; do
	log_has "$reset" || stall
done
kernel_says "$reset"
fitness=DEGRADED
! dmesg | grep -q "I/O error, dev ${disk#/dev/}," || fitness=UNFIT
expect $fitness /build
[ $fitness = DEGRADED ] || reason disk.io_error "^${disk#/dev/}\$"
reason disk.timeout "^${disk#/dev/}\$" '.finding.part.serial == "slow"'
findings 'map(select(.condition == "disk.link_error")) | length == 1 and
	.[0].part.serial == "slow"'
no_reason 'disk.(medium_error|link_error)'
must_not_read /other/file
expect UNFIT /other

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
limit 20000
cat /build/file >/dev/null &
reader=$!
kernel_says 'ata[0-9]+: hard resetting link'
limit 0
wait "$reader" || note "the read failed"
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

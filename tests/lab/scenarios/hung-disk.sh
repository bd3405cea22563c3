# SPDX-License-Identifier: Apache-2.0
# A disk stops answering: a read of it never returns, and who asks it for its
# health does not return either. The gate answers as ever, names the disk, and
# the disk beside it is still looked at.
# lab: disk stuck sata 96M hangs
# lab: disk flash nvme 64M
# lab: deadline 300
disk stuck
stuck=${disk#/dev/}
ext4 "$disk" /build
fill /build/file 32
disk flash
ext4 "$disk" /other
agent_start
sighted
fresh 30 is FIT /build
expect FIT /build

# An answer takes no more than three times what it took before: the machine is
# emulated, so milliseconds mean nothing here.
took() {
	_since=$(uptime_cs)
	for _i in 1 2 3 4 5 6 7 8 9 10; do
		hale check --path /other >/dev/null 2>&1 || true
	done
	took=$(($(uptime_cs) - _since))
}
gate_is_quick() {
	asked || return 0
	_before=$took
	took
	note "ten answers took ${_before}0 ms before, ${took}0 ms now"
	[ "$took" -le $((_before * 3 + 10)) ] || fail "the gate is slow"
}
took

# sd would give up after 30 s and reset the port
echo 3600 >"/sys/block/$stuck/device/timeout"
host hang stuck
cat /build/file >/dev/null &
cat /build/file >/dev/null &
reader=$!
within 20 grep -q '[1-9]' "/sys/block/$stuck/inflight" ||
	fail "no request hangs"
! asked || hale check --fresh --path /other >/tmp/fresh || true
within 90 is UNFIT /build || { said; fail "the hung disk was not noticed"; }
expect UNFIT /build
reason disk.stalled "^$stuck\$"
gate_is_quick

note "the other disk is still read, and the hung one not asked again"
host set flash smart_critical_warning 4
fresh 60 is UNFIT /other
expect UNFIT /other
reason disk.smart_failing ''
covers smart disk_health BLIND 'has not returned' "$stuck"
! asked || [ "$(pidof hale-probe-smart | wc -w)" = 1 ] ||
	fail "more than one probe is stuck: $(pidof hale-probe-smart)"

note "it answers again"
host qmp '{"execute": "qom-set", "arguments": {"property": "limits", "path": "/objects/hang.stuck", "value": {"bps-total": 0}}}'
host monitor qemu-io stuck aio_flush
wait "$reader"
fresh 60 is FIT /build
expect FIT /build
no_reason disk.stalled

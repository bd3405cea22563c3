# SPDX-License-Identifier: Apache-2.0
# A disk that takes a read and never answers: the reader is left behind, and
# that is what is found, and from then on known to all. Nothing waits for it,
# and it can be told to end before.
# lab: deadline 300
# lab: disk stuck virtio 96M hangs
disk stuck
stuck=${disk#/dev/}
ext4 "$disk" /build
fill /build/file 16
agent_start
sighted
expect FIT /build
host hang stuck
cat /build/file >/dev/null &
within 20 grep -q '[1-9]' "/sys/block/$stuck/inflight" ||
	fail "no request hangs"
verify() { ! asked || timeout "$1" /opt/hale/hale verify disk --no-self-test $2; }

# nobody has asked that disk for its health, and no request of it times out
expect FIT /build
verify 200 "$disk" >/tmp/verify.out 2>/tmp/verify.err &
silent=$!
note "ended by its time"
_begin=$(uptime_cs)
_got=0
verify 60 "--time 5s $disk" >/tmp/time.out 2>&1 || _got=$?
! asked || [ $_got = 69 ] || fail "exit $_got: $(cat /tmp/time.out)"
[ $(($(uptime_cs) - _begin)) -lt 2000 ] || fail "it waited for the disk"

note "ended by its silence"
_got=0
wait $silent || _got=$?
cat /tmp/verify.out
! asked || [ $_got = 1 ] || fail "exit $_got: $(cat /tmp/verify.err)"
! asked || grep -q 'has not returned' /tmp/verify.out ||
	fail "it does not say why"
expect UNFIT /build
reason disk.stalled "^$stuck\$" '.finding.evidence | test("has not returned")'

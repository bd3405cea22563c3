# SPDX-License-Identifier: Apache-2.0
# A disk that takes a read and never answers: the reader is left behind, and
# that is what is found. Nothing waits for it, and it can be told to end before.
# lab: deadline 300
# lab: disk stuck virtio 96M hangs
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /other
fill /other/file 48
disk stuck
ext4 "$disk" /build
fill /build/file 16
agent_start
sighted
expect FIT /build
host hang stuck
timeout 20 cat "$disk" >/dev/null 2>&1 || true

note "ended by its time"
_begin=$(uptime_cs)
_got=0
timeout 60 /opt/hale/hale verify disk --time 5s --no-self-test "$disk" \
	>/tmp/verify.out 2>/tmp/verify.err || _got=$?
[ $_got = 69 ] || fail "exit $_got: $(cat /tmp/verify.out)"
[ $(($(uptime_cs) - _begin)) -lt 2000 ] || fail "it waited for the disk"

note "ended by its silence"
_got=0
timeout 200 /opt/hale/hale verify disk --no-self-test "$disk" \
	>/tmp/verify.out 2>/tmp/verify.err || _got=$?
cat /tmp/verify.out
[ $_got = 1 ] || fail "exit $_got"
grep -q 'has not returned' /tmp/verify.out || fail "it does not say why"
must_not_read /other/file
expect UNFIT /other

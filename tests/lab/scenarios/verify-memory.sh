# SPDX-License-Identifier: Apache-2.0
# The memory test takes what is free and no more: nothing is killed, the host
# stays fit, and a pass over little of it ends no suspicion. Poison that it
# meets kills the tester, not the host's other programs.
# lab: memory 768M
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
hale verify memory --share 20% --passes 1 --time 90s \
	>/tmp/verify.out || fail "exit $?: $(cat /tmp/verify.out)"
cat /tmp/verify.out
grep -q 'no fault found' /tmp/verify.out || fail "$(cat /tmp/verify.out)"
no_oom() { ! dmesg | grep -q 'Out of memory'; }
no_oom || fail "it drove the host out of memory"
expect FIT /build
findings 'map(select(.condition | startswith("memory."))) | length == 0'

note "interrupted, all is given back"
/opt/hale/hale verify memory --share 60% --time 0 >/tmp/verify.out 2>&1 &
_pid=$!
within 20 sh -c "grep -q VmLck:.*[1-9][0-9][0-9][0-9][0-9] /proc/[0-9]*/status"
kill -TERM $_pid
wait $_pid || true
within 5 sh -c '! pidof hale-verify'
must_not_read /build/file
expect UNFIT /build

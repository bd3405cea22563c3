# SPDX-License-Identifier: Apache-2.0
# Builds that wait. One asks something at a terminal, where nobody answers: it
# is its own, and is told what was asked. One waits for a disk that has stopped
# answering: that is the machine's, with the disk's name. One of those cannot be
# killed; it is left behind, and hale comes back all the same.
# lab: disk stuck sata 96M hangs
# lab: deadline 300
disk stuck
stuck=${disk#/dev/}
ext4 "$disk" /build
fill /build/file 32
fill /build/other 16
cat >/tmp/ask <<'END'
echo "Configuring the time zone"
printf 'Geographic area: '
read area
END
agent_start
sighted
expect FIT /build
cd /build

terminal=yes
build 124 --stall 3s -- sh /tmp/ask
terminal=
built 'interactive-stall'
built 'It printed last: Geographic area:'
not_built 'the machine, not the build'
result '.cause == "interactive-stall" and .confidence == "certain" and
	(.hostFault | not) and .attempts[0].end == "STALLED" and
	(.attempts[0].waits | test("read the terminal /dev/pts/"))'
expect FIT /build

# sd would give up after 30 s and reset the port
echo 3600 >"/sys/block/$stuck/device/timeout"
host hang stuck
build 75 --stall 3s -- sh -c 'exec cat /build/file >/dev/null'
built 'the machine, not the build'
built "waits for disk $stuck .ext4 on /build., in state D"
result '.hostFault and .cause == "host-io" and .retry == "elsewhere" and
	.attempts[0].status == 124 and .attempts[0].end == "STALLED"'

note "one that cannot be killed"
# meanwhile the agent asks the disk, and finds it out as well
! asked || hale check --fresh --path /build >/tmp/fresh 2>&1 &
_since=$(uptime_cs)
build 75 --force --stall 3s --kill-after 2s -- \
	dd if=/build/other of=/dev/null bs=64k iflag=direct
note "it came back after $(($(uptime_cs) - _since))0 ms"
result '.hostFault and .cause == "host-io" and .attempts[0].leftBehind'
built "process [0-9]+ was killed and does not end"
! asked || pidof dd >/dev/null || fail "nothing was left behind: it could be killed"
within 90 is UNFIT /build || { said; fail "the hung disk was not noticed"; }
expect UNFIT /build
reason disk.stalled "^$stuck\$"

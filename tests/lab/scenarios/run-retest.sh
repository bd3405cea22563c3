# SPDX-License-Identifier: Apache-2.0
# A compiler crashes by a store of its own, and does not when its very command
# is run again: the agent, which saw it die, hears of it from `hale run` and
# remembers it. One that crashes each time has a bug, and is no news of memory.
# lab: cpus 2
# lab: deadline 180
# lab: disk work scsi 96M
disk work
ext4 "$disk" /build
mkdir -p /tmp/crash /usr/lib/compiler
cp /lab/crasher /usr/lib/compiler/gcc
cp /lab/crasher /usr/lib/compiler/cc1
PATH=/usr/lib/compiler:$PATH
export PATH
cd /build
echo 'int a;' >a.c
cat >build.sh <<'BUILD'
echo "gcc -c a.c -o a.o"
exec gcc -c a.c -o a.o
BUILD
agent_start
sighted
expect FIT /build

build 0 --retest-crash -- sh build.sh
echo always >/tmp/crash/cc1
build 4 --retest-crash -- sh build.sh
built 'crashes each time .3 of 3.'
result '.cause == "toolchain-crash" and (.hostFault | not)'
findings 'all(.condition != "memory.suspect")'
expect FIT /build

echo once >/tmp/crash/cc1
build 75 --retest-crash -- sh build.sh
kernel_says 'cc1[[][0-9]*[]]: segfault at 10 '
built 'the same command crashed 1 of 4 times'
result '.hostFault and .cause == "host-memory" and .confidence == "likely"'
expect DEGRADED /build
reason memory.suspect '^host$'
findings 'map(select(.condition == "memory.suspect")) |
	length == 1 and .[0].effect == "EFFECT_WARNS" and
	(.[0].evidence | test("not when run again.*cc1"))'
! asked || hale explain memory.suspect >/tmp/why
! asked || grep -q 'hale verify memory' /tmp/why || fail "no next step"
explains '.root.condition == "memory.suspect" or
	([.. | .condition? // empty] | any(. == "memory.suspect"))'

# an operator's word ends it; a compiler that catches the signal, as gcc's own
# does, tells as much
clear host memory.suspect
expect FIT /build
echo 'once caught' >/tmp/crash/cc1
build 75 --retest-crash -- sh build.sh
built 'internal compiler error: Segmentation fault'
expect DEGRADED /build
reason memory.suspect '^host$'

# it gates nobody; a full disk does
dd if=/dev/zero of=/build/all bs=1M 2>/dev/null || true
expect UNFIT /build

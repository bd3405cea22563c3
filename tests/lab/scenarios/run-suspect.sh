# SPDX-License-Identifier: Apache-2.0
# Builds that pass while the disk under them throws errors are not to be
# trusted; an agent that is killed under a build harms it in no way.
# lab: toolchain
# lab: cpus 2
# lab: memory 1G
# lab: deadline 300
# lab: disk bad scsi 96M medium-error@60000
mkdir /compiler
disk toolchain
mount -o ro "$disk" /compiler
disk bad
ext4 "$disk" /compiler/build
cd /compiler/build
fill cache 48
echo 'int main(void) { return 0; }' >good.c
mkdir tmp
agent_start
sighted
expect FIT /compiler/build
gcc="chroot /compiler env TMPDIR=/build/tmp gcc -c -o /build/good.o /build/good.c"
# a tool that reads its cache, and does without where that cannot be read
cached="cat cache >/dev/null 2>&1 || true; $gcc"

build 0 --suspects /tmp/suspects -- sh -c "$cached"
kernel_says 'critical medium error, dev sd'
built 'passed, suspect'
result '.outcome == "SUSPECT" and .status == 0 and .suspects.files >= 1 and
	.cause == "host-io"'
! asked || grep -qx /compiler/build/good.o /tmp/suspects || fail "not listed"
expect UNFIT /compiler/build

forget
build 75 --force --strict-outputs -- sh -c "$cached"
result '.outcome == "SUSPECT" and .status == 75 and .hostFault'

build 3 --force -- sh -c "killall -KILL haled; $gcc; exit 3"
result '.status == 3 and (.note | test("agent"))'

# SPDX-License-Identifier: Apache-2.0
# A compiler works on a disk, one sector of which cannot be read. What fails by
# its own keeps its status and hears nothing of the machine; what meets the
# sector is the machine's fault, with the proof; and nothing is started after.
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
# lies on most of the disk, and so on its bad sector
yes '/* a table that somebody generated, and only the compiler reads */' |
	head -n 900000 >table.h
printf '#include "table.h"\nint main(void) { return 0; }\n' >tables.c
echo 'int main(void) { return 0; }' >good.c
echo 'int main(void) { return 0 }' >wrong.c
mkdir tmp
forget
agent_start
sighted
expect FIT /compiler/build
gcc() { echo chroot /compiler env TMPDIR=/build/tmp gcc -c -o /build/out.o "$@"; }

build 0 -- $(gcc /build/good.c)
not_built .
result '.outcome == "PASSED" and .after.fitness == "FIT"'

build 1 -- $(gcc /build/wrong.c)
built 'expected .;. before'
not_built 'machine'
result '.cause == "code" and (.hostFault | not) and .outcome == "FAILED"'

build 75 -- $(gcc /build/tables.c)
kernel_says 'critical medium error, dev sd'
built 'the machine, not the build'
built 'critical medium error'
built 'serial bad'
result '.hostFault and .cause == "host-io" and .retry == "elsewhere" and
	.confidence == "certain" and .attempts[0].status == 1'
result '[.attempts[0].chain[].steps[].finding.condition] |
	index("disk.medium_error") != null'
expect UNFIT /compiler/build
reason disk.medium_error '^disk/'

build 75 -- $(gcc /build/good.c)
built 'not started'
result '.outcome == "REFUSED" and (.started | not)'
# the operator knows better: a good source needs none of the bad sector
build 0 --force -- $(gcc /build/good.c)

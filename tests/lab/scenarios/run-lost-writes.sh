# SPDX-License-Identifier: Apache-2.0
# A build writes into memory and passes; the disk fails half a minute later,
# when nobody looks any more. Where outputs must be good they are brought to the
# disk before the build is called good.
# lab: toolchain
# lab: memory 1G
# lab: deadline 300
# lab: disk bad scsi 96M write-error@60000
mkdir /compiler
disk toolchain
mount -o ro "$disk" /compiler
disk bad
ext4 "$disk" /compiler/build
cd /compiler/build
echo 'int main(void) { return 0; }' >good.c
mkdir tmp
sync
# nothing is written back by itself while this runs
echo 100000 >/proc/sys/vm/dirty_expire_centisecs
echo 0 >/proc/sys/vm/dirty_writeback_centisecs
echo 95 >/proc/sys/vm/dirty_background_ratio
echo 96 >/proc/sys/vm/dirty_ratio
agent_start
sighted
expect FIT /compiler/build
gcc="chroot /compiler env TMPDIR=/build/tmp gcc -c -o /build/good.o /build/good.c"

build 75 --strict-outputs --suspects /tmp/suspects -- \
	sh -c "$gcc && dd if=/dev/zero of=image bs=1M count=48 2>/dev/null"
kernel_says 'I/O error, dev sd[a-z]+, sector [0-9]+ op 0x1:[(]WRITE'
result '.outcome == "SUSPECT" and .hostFault and .cause == "host-io" and
	.confidence == "certain" and .attempts[0].status == 0'
! asked || grep -qx /compiler/build/image /tmp/suspects || fail "not listed"
expect UNFIT /compiler/build

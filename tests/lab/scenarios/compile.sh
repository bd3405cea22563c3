# SPDX-License-Identifier: Apache-2.0
# Nothing is wrong. A compiler works with eight jobs on two processors, and at no
# time there is anything to say about the machine. Then its disk is pulled out.
# lab: toolchain
# lab: cpus 2
# lab: memory 1G
# lab: deadline 300
# lab: disk work scsi 256M
disk work
mkdir /compiler
disk toolchain
mount -o ro "$disk" /compiler
disk work
ext4 "$disk" /compiler/build
cp -r /lab/src /compiler/build/src
# of so many files about ten: an emulated compiler takes a second for each
awk -v n="$(wc -l </lab/src/sources)" 'NR % int(n / 14 + 1) == 0' \
	/lab/src/sources >/compiler/build/src/sources
mkdir /compiler/build/tmp
cat >/compiler/build/src/Makefile <<'M'
.RECIPEPREFIX = >
flags = -std=c11 -D_GNU_SOURCE -O2 -Iinclude -Igen -I. -isystem gen/pb \
	-isystem usr/include
objects = $(patsubst %.c,out/%.o,$(shell cat sources))
all: out/all.o out/poison
out/%.o: %.c
> @mkdir -p $(@D)
> gcc $(flags) -c -o $@ $<
out/all.o: $(objects)
> ld -r -o $@ $^
out/poison: out/tests/lab/guest/poison.o
> gcc -o $@ $<
M
agent_start
sighted
expect FIT /compiler/build
start=$(uptime_cs)
rounds=0
while [ $(($(uptime_cs) - start)) -lt 1500 ]; do
	rm -rf /compiler/build/src/out
	chroot /compiler env TMPDIR=/build/tmp make -s -j8 -C /build/src
	rounds=$((rounds + 1))
	expect FIT /compiler/build
	# no time service keeps a lab machine's clock
	findings 'all(.condition == "clock.unsynced")'
done
note "$rounds rounds of $(wc -l </compiler/build/src/sources) files"
sighted
expect FIT /compiler/build

host unplug work
within 20 test ! -e "/sys/block/${disk#/dev/}" || fail "$disk is still there"
expect UNFIT /compiler/build

# SPDX-License-Identifier: Apache-2.0
# Programs take all memory there is, again and again, and the kernel kills what
# it finds: never the agent, which answers meanwhile, and says it afterwards.
# lab: disk bad scsi 96M medium-error@60000
# lab: deadline 240
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
ran before
measured
asking /build
within 10 asked_for 1500
dmesg -n 1 # or all would wait for the emulated serial line
now_comes "all memory is taken"
eat() {
	while [ ! -e /run/enough ]; do
		dd if=/dev/zero of=/dev/null bs=300M count=1 2>/dev/null || true
	done
}
eat &
eaters=$!
eat &
eaters="$eaters $!"
kernel_says '[]] Out of memory: Killed process'
expect UNFIT /build
first=$(kills)
now_comes "again and again"
killed() { [ "$(kills)" -ge 4 ]; }
within 60 killed || fail "the kernel does not kill"
within 20 asked_for 2000
touch /run/enough
wait $eaters
all=$(kills)
now_comes "there is memory again"
within 10 asked_for 1500
asking_ends
dmesg -n 7
answers_soon 0
answers_soon 3
answers_rarely_late 1 "$first"
answers_rarely_late 2 $((all - first))
for phase in 0 1 2 3; do
	answers $phase gate 'max_us < 1000000'
	answers $phase command 'silent == 0 && unknown == 0'
done
answers 0 gate 'fit == n'
answers 1 gate 'silent + unknown == 0 && fit_last <= unfit_first'
answers 2 gate 'unfit == n'
answers 3 gate 'unfit == n'
same_house
nothing_grew
expect UNFIT /build
reason memory.oom '^host$'
findings 'any(.condition == "memory.oom" and (.count | tonumber) >= 4)'
within 20 saved memory.oom || fail "not written"
clear host memory.oom
expect FIT /build
fit_file present
ran after
in_history before after
must_not_read /build/file
expect UNFIT /build
no_reason memory

# SPDX-License-Identifier: Apache-2.0
# Programs take all memory there is, again and again, and the kernel kills what
# it finds: never the agent, which answers meanwhile, and says it afterwards.
# lab: by-name
# lab: disk bad scsi 96M medium-error@60000
# lab: deadline 240
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
before=$(house)
asking /build
within 10 asked_for 3000
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
eat &
eaters="$eaters $!"
kernel_says '[]] Out of memory: Killed process'
within 20 asked_for 12000
touch /run/enough
wait $eaters
now_comes "there is memory again"
within 10 asked_for 3000
asking_ends
[ "$(house)" = "$before" ] || fail "of the agent, $before, is left: $(house)"
answers_soon 1
answers 1 gate 'unknown == 0'
answers 1 command 'silent == 0 && unknown == 0'
answers_soon 2
answers 2 gate 'unfit == n'
expect UNFIT /build
reason memory.oom '^host$'
clear host memory.oom
expect FIT /build
fit_file present
must_not_read /build/file
expect UNFIT /build
no_reason memory

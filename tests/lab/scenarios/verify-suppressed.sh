# SPDX-License-Identifier: Apache-2.0
# The log left lines out and nobody else saw the requests: the sectors in it are
# not all of them. To read those back is no evidence; to read all of the disk
# is.
# lab: no-udev
debug=/sys/bus/pseudo/drivers/scsi_debug
umount /sys/kernel/tracing
umount /sys/kernel/debug
modprobe sg
modprobe scsi_debug dev_size_mb=96 opts=2 medium_error_start=60000 \
	medium_error_count=64
within 10 test -b /dev/sda
echo 0 >$debug/opts
ext4 /dev/sda /build
agent_start
sighted
expect FIT /build
echo 2 >$debug/opts
interval_over() {
	_over=$(($(uptime_cs) + 550))
	within 10 sh -c "[ \$(tr -d . </proc/uptime | cut -d' ' -f1) -ge $_over ]"
}
fail_read() {
	! dd if=/dev/sda of=/dev/null bs=512 skip="$1" count=1 iflag=direct \
		2>/dev/null || fail "the sector could be read"
}
for _i in $(seq 0 29); do
	fail_read $((60000 + _i))
done
expect UNFIT /build
interval_over
fail_read 60000
kernel_says 'callbacks suppressed'
asked || return 0
expect UNFIT /build
reason disk.medium_error '^sda$'
echo 0 >$debug/opts

hale verify disk --sample 8M sda >/tmp/verify.out || fail "it reads well, exit $?"
cat /tmp/verify.out
grep -q 'left lines out' /tmp/verify.out ||
	fail "it does not say that the list is not whole"
expect UNFIT /build
reason disk.medium_error '^sda$'

hale verify disk --full --no-self-test sda >/tmp/verify.out ||
	fail "exit $?"
cat /tmp/verify.out
grep -q 'all of it' /tmp/verify.out || fail "not all was read"
findings 'map(select(.part.alias == "sda")) | length == 0'

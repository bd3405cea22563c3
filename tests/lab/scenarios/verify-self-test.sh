# SPDX-License-Identifier: Apache-2.0
# A SATA disk tests itself when it is told to; an NVMe disk of qemu has no such
# test and says so, which is a note and, where it was asked for, no answer. A
# SATA disk that fails a read is bad by that.
# lab: disk good sata 64M
# lab: disk flash nvme 64M
# lab: disk bad sata 64M read-error@60000
disk good
good=$disk
disk flash
flash=$disk
disk bad
ext4 "$disk" /build
fill /build/file 40
agent_start
sighted
expect FIT /build

hale verify disk --short "$good" >/tmp/verify.out || {
	cat /tmp/verify.out
	fail "the self-test of $good"
}
grep -q 'short self-test passed' /tmp/verify.out ||
	fail "$(cat /tmp/verify.out)"
hale verify disk --long "$good" >/tmp/verify.out || fail "--long: exit $?"
grep -q 'extended self-test passed' /tmp/verify.out ||
	fail "$(cat /tmp/verify.out)"

hale verify disk "$flash" >/tmp/verify.out || fail "$(cat /tmp/verify.out)"
grep -q 'no self-test' /tmp/verify.out || fail "$(cat /tmp/verify.out)"
_got=0
hale verify disk --short "$flash" >/tmp/verify.out || _got=$?
[ $_got = 69 ] || fail "asked for and not to be had: exit $_got"

_got=0
hale verify disk --full "$disk" >/tmp/verify.out || _got=$?
[ $_got = 1 ] || fail "$(cat /tmp/verify.out)"
grep -q 'cannot be read' /tmp/verify.out || fail "$(cat /tmp/verify.out)"
expect UNFIT /build

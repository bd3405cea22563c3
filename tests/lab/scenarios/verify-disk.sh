# SPDX-License-Identifier: Apache-2.0
# A sector that cannot be read makes the disk bad, and says so when it is asked
# again; once it reads well, that is evidence: the finding is over, who said so
# is kept, and the gate is open. Nothing is written to the disk.
# lab: no-udev
# lab: deadline 300
debug=/sys/bus/pseudo/drivers/scsi_debug
modprobe sg
modprobe scsi_debug dev_size_mb=96 opts=2 medium_error_start=60000 \
	medium_error_count=4
within 10 test -b /dev/sda
echo 0 >$debug/opts
ext4 /dev/sda /build
fill /build/file 60
agent_start
sighted
expect FIT /build
echo 2 >$debug/opts
must_not_read /build/file
kernel_says 'critical medium error, dev sda'
asked || return 0
expect UNFIT /build
reason disk.medium_error '^sda$'

verify() { # verify STATUS ARGUMENT...
	_want=$1
	shift
	_got=0
	hale verify "$@" >/tmp/verify.out 2>/tmp/verify.err ||
		_got=$?
	[ "$_got" = "$_want" ] || {
		cat /tmp/verify.out /tmp/verify.err
		fail "verify $*: exit $_got, not $_want"
	}
}
said() { # said REGEX
	grep -Eq "$1" /tmp/verify.out || {
		cat /tmp/verify.out
		fail "verify did not say $1"
	}
}

note "still bad"
verify 1 disk sda
said '^sda: BAD'
said 'bad: sectors? 60000 '
expect UNFIT /build
verify 1 disk /build --format json
jq -e '.verdict == "BAD" and .part.alias == "sda" and (.bad | length) > 0' \
	/tmp/verify.out >/dev/null || fail "no sound JSON"
verify 69 disk /dev/nonesuch
user=1000
hale verify disk sda \
	>/tmp/verify.out 2>/tmp/verify.err && fail "anybody may read the disk"
said 'run this as root'
user=

note "interrupted, nothing stays behind"
/opt/hale/hale verify disk --full sda >/tmp/verify.out 2>&1 &
_pid=$!
kill -TERM $_pid
wait $_pid || true
within 5 sh -c '! pidof hale-verify'

note "cured"
echo 0 >$debug/opts
verify 0 disk --sample 8M sda
said '^sda: good'
said 'sectors that had failed read back$'
said 'medium_error is over'
expect FIT /build
hale status | grep -q 'verified: [0-9]* of [0-9]* sectors read back' ||
	fail "status does not say how it ended"

note "over a restart"
agent_stop
agent_start
sighted
expect FIT /build
echo 2 >$debug/opts
echo 3 >/proc/sys/vm/drop_caches
must_not_read /build/file
expect UNFIT /build

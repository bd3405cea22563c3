# SPDX-License-Identifier: Apache-2.0
# The clock is set back a day and then forward a year, with a finding that
# stands: nothing ages by that, nothing expires, who watches goes on watching,
# and what is in the history stays in its order.
# lab: by-name
# lab: disk bad scsi 96M medium-error@60000
# lab: disk other scsi 96M medium-error@60000
# lab: deadline 240
disk other
ext4 "$disk" /other
fill /other/file 48
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
count disk.medium_error
before=$count
expect FIT /other
! asked || /opt/hale/hale watch --format json >/run/watched 2>/dev/null &
watcher=$!
! asked || within 20 test -s /run/watched || fail "nothing is watched"
ran() { ! asked || hale run -- echo "$1" || fail "hale run: $?"; }
ran before
asking /other
within 10 asked_for 2000

# the agent's own time, by what it says now and when it saw the error
age_is_small() {
	findings 'all((.lastNs | tonumber) >= (.firstNs | tonumber))'
	! asked || jq -e '(.asOfNs | tonumber) as $now | [.findings[] |
		select(.condition == "disk.medium_error") |
		($now - (.lastNs | tonumber)) / 1e9] |
		length == 1 and .[0] >= 0 and .[0] < 600' /tmp/status >/dev/null ||
		{ cat /tmp/status; fail "the error has another age now"; }
}
still_so() {
	expect UNFIT /build
	reason disk.medium_error '' '.finding.part.serial == "bad"'
	expect FIT /other
	age_is_small
	count disk.medium_error
	[ "$count" = "$before" ] || fail "$before errors before, $count now"
}
now_comes "a day back"
date -s "@$(($(date +%s) - 86400))" >/dev/null
still_so
ran back
within 10 asked_for 3000
now_comes "a year forward"
date -s "@$(($(date +%s) + 86400 + 31536000))" >/dev/null
still_so
ran forward
within 10 asked_for 3000
agent_stop
agent_start
sighted
still_so
asking_ends
answers 0 gate 'unfit == n'
answers 0 command 'fit == n'
answers_soon 1
answers 1 gate 'unfit == n'
answers 1 command 'fit == n'
answers 2 command 'unfit == 0'

! asked || hale history --format json >/run/history
! asked || cat /run/history
! asked || [ "$(grep -o 'before\|back\|forward' /run/history | sort -u |
	wc -l)" = 3 ] || fail "a build is missing in the history"
clear "${disk#/dev/}" disk.medium_error
expect FIT /build
must_not_read /other/file
expect UNFIT /other

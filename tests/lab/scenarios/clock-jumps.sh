# SPDX-License-Identifier: Apache-2.0
# The clock is set back a day and then forward a year, with a finding that
# stands: nothing ages by that, nothing expires, who watches goes on watching,
# and what is in the history stays in its order.
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
ran before
! asked || /opt/hale/hale watch --format json >/run/watched 2>/dev/null &
watcher=$!
watched() {
	tail -n 1 /run/watched | jq -e --arg n "$1" 'any(.findings[]?;
		.condition == "disk.medium_error" and .count == $n)' >/dev/null
}
! asked || within 20 watched "$before" || fail "nothing is watched"
measured
asking /other
within 10 asked_for 1000

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
# what happens now is counted, and whoever watches is told
goes_on() {
	must_not_read /build/file
	more() { count disk.medium_error; [ "$count" -gt "$before" ]; }
	! asked || within 10 more || fail "no new error is counted"
	before=$count
	! asked || within 10 watched "$before" || fail "who watches is not told"
}
now_comes "a day back"
date -s "@$(($(date +%s) - 86400))" >/dev/null
still_so
ran back
goes_on
within 10 asked_for 2000
now_comes "a year forward"
date -s "@$(($(date +%s) + 86400 + 31536000))" >/dev/null
still_so
ran forward
goes_on
within 10 asked_for 2000
same_house
nothing_grew
in_history before back forward
now_comes "the agent starts anew"
agent_stop
agent_start
sighted
still_so
in_history before back forward
asking_ends
for phase in 0 1 2; do
	answers_soon $phase
	answers $phase gate 'unfit == n'
	answers $phase command 'fit == n'
done
answers 3 gate 'fit == 0'
answers 3 link 'fit == 0'
answers 3 command 'unfit == 0'

! asked || kill $watcher
clear "${disk#/dev/}" disk.medium_error
expect FIT /build
must_not_read /other/file
expect UNFIT /other

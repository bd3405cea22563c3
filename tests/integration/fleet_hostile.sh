#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Servers of a fleet that mean no good. Whatever they send: the gate and the
# builds notice nothing, nothing leaves the spool, the reporter's memory has a
# bound and it does not run in circles; and a good server has it all afterwards.
# hale-test: fleet
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"
# shellcheck source=tests/integration/nats.inc
. "$HALE_SRC/tests/integration/nats.inc"

[[ -x $HALE_BUILD/libexec/hale-reporter ]] || { echo "# not built"; exit 77; }
here=$HALE_SRC/tests/integration
hostile=
second=
heard=$HALE_TMP/heard
inboxes=$HALE_TMP/inboxes
start_hostile() {
	: >"$heard"
	: >"$HALE_TMP/port"
	python3 "$here/fleet_hostile.py" 0 "$heard" "$1" >"$HALE_TMP/port" &
	hostile=$!
	await 20 test -s "$HALE_TMP/port"
	port=$(<"$HALE_TMP/port")
}
stop_hostile() {
	[[ -n $hostile ]] || return 0
	kill -KILL "$hostile" 2>/dev/null || true
	wait "$hostile" 2>/dev/null || true
	hostile=
	grep "^sub " "$heard" >>"$inboxes" || true
}
stop_second() {
	[[ -n $second ]] || return 0
	kill -KILL "$second" 2>/dev/null || true
	wait "$second" 2>/dev/null || true
	second=
}
tidy() {
	stop_agent
	stop_hostile
	stop_server
	[[ -z $second ]] || kill -KILL "$second" 2>/dev/null || true
}
trap tidy EXIT

write_config() { # [LINE...]: more of it
	cat >"$conf" <<-EOC
	[kmsg]
	trust_user_records = yes
	[fleet]
	servers = nats://127.0.0.1:$port
	seed = $HALE_TMP/seed
	heartbeat = 5s
	EOC
	printf '%s\n' "$@" >>"$conf"
}
reporter() { pgrep -P "$pid" -x 'haled: fleet'; }
lines() { grep -c "^$1" "$heard" || true; }
at_least() { (($(lines "$1") >= $2)); }
answers() { client check | jq -e '.check.verdict.fitness' >/dev/null; }
breaks() { say "critical medium error, dev $1, sector 4096 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"; }
# The most that it ever had, KiB; 0 where there is none
peak() { awk '/^VmHWM:/ { n = $2 } END { print n + 0 }' "/proc/$1/status" 2>/dev/null || echo 0; }
waiting() {
	python3 - "$state/fleet/spool.db" <<-'EOP'
	import sqlite3, sys
	db = sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True)
	print(db.execute("SELECT count(*) FROM outbox").fetchone()[0])
	EOP
}
waits() { (($(waiting 2>/dev/null || echo 0) >= $1)); }

nats key "$HALE_TMP/seed" >"$HALE_TMP/id"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
	-keyout "$HALE_TMP/ca.key" -out "$HALE_TMP/ca.pem" 2>/dev/null
start_hostile mute
write_config
start_agent
disk=$(new_disk)
breaks "$disk"
ok "a finding waits" await 60 waits 1
before=$(waiting)
gate_pid=$(pgrep -P "$pid" -x 'haled: core')

# A sanitizer's own memory leaves no room for the bound that the kernel keeps.
most=65536
! grep -qF __asan_init "$HALE_BUILD/libexec/hale-reporter" || most=$((1 << 20))
# Each way: so many connections or messages, and what must hold afterwards.
for way in mute garbage wrong forged info close line payload deny silent \
	half fades; do
	stop_hostile
	start_hostile "$way"
	more=()
	[[ $way != half ]] || more=("ca = $HALE_TMP/ca.pem")
	write_config "${more[@]}"
	kill -HUP "$pid"
	case $way in
	mute | garbage | wrong | forged) event=pub n=3 ;;
	info) event=pub n=2 ;;
	fades) event=took n=2 ;;
	*) event=in n=2 ;;
	esac
	ok "$way: it was tried" await 60 at_least $event $n
	ok "$way: the gate answers" answers
	ok "$way: nothing is lost" waits "$before"
	now=$(reporter || true)
	ok "$way: its memory has a bound" test "$(peak "${now:-0}")" -lt "$most"
	ok "$way: it comes again in its time, not at once" \
		test "$(lines in)" -le 12
done
ok "the core is the one of the beginning" test \
	"$(pgrep -P "$pid" -x 'haled: core')" == "$gate_pid"
ok "the reporter outlived them" not logged "haled: fleet was ended"

# --- what one refuses, the next is asked ---
stop_hostile
start_hostile wrong
other=$HALE_TMP/other
: >"$other"
python3 "$here/fleet_hostile.py" 0 "$other" wrong >"$HALE_TMP/port2" &
second=$!
await 20 test -s "$HALE_TMP/port2"
write_config "servers = nats://127.0.0.1:$(<"$HALE_TMP/port2")"
kill -HUP "$pid"
ok "one that refuses all is asked" await 60 at_least pub 1
ok "and so is the other one" await 90 grep -q ^pub "$other"

# --- a good one ---
stop_second
stop_hostile
write_config
ok "it listens to its own inbox and nowhere else" not grep -vqE \
	"^sub _INBOX_$(<"$HALE_TMP/id")\.[0-9a-f]{32}\.\*\$" "$inboxes"
# five of them were published to, over a connection each
ok "which is one that nobody knows: another each time" test \
	"$(sort -u "$inboxes" | wc -l)" -ge 5
ok "and never one again" test -z "$(sort "$inboxes" | uniq -d)"
id=$(<"$HALE_TMP/id")
port= # not that of the last: somebody may have it by now
start_server
nats streams "$port"
write_config
kill -HUP "$pid"
taken() { [[ $(waiting) == 0 ]]; }
ok "a good server has all that waited" await 60 taken
arrived() { nats dump "$port" FINDINGS | wc -l; }
ok "and as many as waited" test "$(arrived)" -ge "$before"
exit "$((failures > 0))"

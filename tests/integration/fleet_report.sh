#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The reporter and a real server: a host's state and its findings arrive, each
# finding once, whoever is killed meanwhile; what the server does not take waits
# on the disk; another's use of an id is told; and the agent needs none of it.
# hale-test: fleet
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"
# shellcheck source=tests/integration/nats.inc
. "$HALE_SRC/tests/integration/nats.inc"

[[ -x $HALE_BUILD/libexec/hale-reporter ]] || { echo "# not built"; exit 77; }
tidy() {
	stop_agent
	stop_server
}
trap tidy EXIT

decode() { # TYPE HEX
	# shellcheck disable=SC2059,SC2001 # it is bytes, two digits each
	printf "$(sed 's/../\\x&/g' <<<"$2")" | protoc --proto_path="$HALE_SRC/proto" \
		--decode="hale.fleet.v1.$1" fleet.proto
}
# what STREAM holds, a text a line, as protoc shows it
state_text() {
	local hex
	hex=$(nats dump "$port" STATE | tail -n 1 | cut -d' ' -f3)
	[[ -n $hex ]] && decode HostState "$hex"
}
state_has() { state_text | grep -qF -- "$1"; }
# events TEXT: those with that in them; only they are decoded
events() {
	local seq mid hex
	nats dump "$port" FINDINGS | grep -F "$(printf %s "$1" | od -An -tx1 |
		tr -d ' \n')" | while read -r seq mid hex; do
		: "$seq" "$mid"
		decode FindingEvent "$hex" | awk '/^what:/ { w = $2 }
			/alias:/ { a = $2 }
			END { gsub(/"/, "", a); print w, a }'
	done
}
# how often a finding of that disk was told so
told() { events "$2" | grep -cxF "$1 $2" || true; }
is_told() { [[ $(told "$1" "$2") == "$3" ]]; }
reporter() { pgrep -P "$pid" -x 'haled: fleet'; }
other_reporter() {
	local now
	now=$(reporter) && [[ $now != "$1" ]]
}
breaks() { say "critical medium error, dev $1, sector 4096 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"; }
waits() { # in the spool's file
	[[ $(sqlite_count) -ge $1 ]]
}
sqlite_count() {
	python3 - "$state/fleet/spool.db" <<-'EOP'
	import sqlite3, sys
	db = sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True)
	print(db.execute("SELECT count(*) FROM outbox").fetchone()[0])
	EOP
}
# the message id of the one with that in it
spooled_id() {
	python3 - "$state/fleet/spool.db" "$1" <<-'EOP'
	import sqlite3, sys
	db = sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True)
	print(*[row[0].hex() for row in db.execute(
	    "SELECT id FROM outbox WHERE instr(message, ?)",
	    (sys.argv[2].encode(),))])
	EOP
}
answers() { client check | jq -e '.check.verdict.fitness' >/dev/null; }

id=$(nats key "$HALE_TMP/seed")
start_server
nats streams "$port"
cat >"$conf" <<EOC
[kmsg]
trust_user_records = yes
[fleet]
servers = nats://127.0.0.1:$port
seed = $HALE_TMP/seed
labels = rack=7
labels = room=b
heartbeat = 5s
EOC
ok "the configuration is one" "$haled" -n --config "$conf"
start_agent

# --- a state ---
ok "the state arrives" await 30 state_has "id: \"$id\""
ok "with its labels" state_has 'value: "7"'
ok "with what there is to build with" state_has 'memory_bytes:'
ok "the agent is not said to be silent" not state_has "agent_silent: true"
ok "and the verdict" await 30 state_has 'fitness:'

# --- builds: how they ended, and no more ---
"$HALE_BUILD/tests/integration/ship_client" "$run/ship.sock" record 2 \
	repo=example.org/secret >/dev/null
builds() { nats dump "$port" BUILDS | wc -l; }
has_builds() { [[ $(builds) == "$1" ]]; }

# --- a finding ---
a=$(new_disk)
breaks "$a"
ok "a finding is told" await 30 is_told OPENED "$a" 1
ok "and the state has it" await 30 state_has "$a"

# --- the reporter is killed ---
was=$(reporter)
kill -KILL "$was"
ok "the gate answers meanwhile" answers
ok "another reporter takes over" await 30 other_reporter "$was"
b=$(new_disk)
breaks "$b"
ok "it goes on" await 30 is_told OPENED "$b" 1
ok "and tells nothing twice" is_told OPENED "$a" 1

# --- the server is killed ---
stop_server
c=$(new_disk)
breaks "$c"
ok "what nobody takes waits on the disk" await 30 waits 1
ok "the gate answers" answers
was=$(reporter)
kill -KILL "$was"
ok "and there is a reporter again" await 30 other_reporter "$was"
d=$(new_disk)
breaks "$d"
ok "more waits" await 60 waits 2
# somebody who got at the id says it first: the reporter waits for that here
used=$(spooled_id "$d")
kill -STOP "$(reporter)"
start_server
nats put "$port" "fleet.findings.$id" "$used" 00 >/dev/null
kill -CONT "$(reporter)"
ok "the server has what waited" await 120 is_told OPENED "$c" 1
ok "all of it" await 60 is_told OPENED "$d" 1
ok "also what another took the id of, which is said" \
	logged "somebody reports as this host"
ok "once" is_told OPENED "$c" 1
empty() { [[ $(sqlite_count) == 0 ]]; }
ok "then nothing waits" await 30 empty

# --- killed while forty are told ---
part=$(new_disk)
before=$(nats dump "$port" FINDINGS | wc -l)
for i in $(seq 10 49); do breaks "$part$i"; done
for i in 1 2 3; do
	was=$(reporter) || { await 60 reporter >/dev/null; was=$(reporter); }
	kill -KILL "$was"
	await 60 other_reporter "$was"
done
all_told() {
	(($(nats dump "$port" FINDINGS | wc -l) >= before + 40))
}
ok "all are told" await 120 all_told
all=$(events "$part" | grep "^OPENED $part")
ok "each of them" test "$(sort -u <<<"$all" | wc -l)" == 40
ok "and each once" test -z "$(sort <<<"$all" | uniq -d)"

ok "the builds have come, each once" await 60 has_builds 2
build=$(decode BuildOutcome "$(nats dump "$port" BUILDS | sed -n 1p | cut -d' ' -f3)")
ok "with how they ended" grep -q '^outcome: ' <<<"$build"
ok "without what they are of" not grep -q secret <<<"$build"

# --- an end ---
client clear "$a" "" "the disk was replaced" >/dev/null
ok "the end of a finding is told" await 30 is_told CLOSED "$a" 1

# --- who else is this host ---
lines=$(nats dump "$port" FINDINGS | wc -l)
ok "each message has an id of its own" test \
	"$(nats dump "$port" FINDINGS | cut -d' ' -f2 | sort -u | wc -l)" == "$lines"

# --- no fleet any more ---
sed -i '/^\[fleet\]/,$d' "$conf"
kill -HUP "$pid"
gone() { ! reporter >/dev/null; }
ok "without servers there is no reporter" await 30 gone
ok "and the gate answers" answers

# --- a seed that others may read ---
chmod 644 "$HALE_TMP/seed"
printf '[fleet]\nservers = nats://127.0.0.1:%s\nseed = %s/seed\n' "$port" \
	"$HALE_TMP" >>"$conf"
kill -HUP "$pid"
ok "a seed that others read is refused" await 30 logged "chmod 600"
ok "which is no matter to the agent" answers
exit "$((failures > 0))"

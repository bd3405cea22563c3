#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What a host that was taken over can do to others: attacks with its own key on
# three real servers over TLS, as `hale fleet init` makes them. Each is also made
# on a server that is set up as one would at first (hosts in the account of the
# streams, streams like KV buckets), where it must succeed: else it would not be
# the servers' set-up that stops it.
# hale-test: alone (four servers)
# shellcheck disable=SC2016 # $JS and $SYS are subjects of the servers
# hale-test: fleet
set -euo pipefail
# shellcheck source=tests/integration/fleet.inc
. "$HALE_SRC/tests/integration/fleet.inc"
own_network "$@"
trap end_servers EXIT

# --- the naive server: one account, guessable ids, rollup allowed ---
mkdir "$HALE_TMP/naive"
for who in mallory victim boss; do
	hale fleet enroll --folder "$HALE_TMP/naive/$who" "$who" 2>/dev/null \
		>"$HALE_TMP/naive/$who.key"
done
naive_port=$(free_ports 1)
naive_host() {
	local k
	k=$(<"$HALE_TMP/naive/$1.key")
	cat <<-X
		{nkey: $k, permissions: {
		  publish: ["fleet.state.$k", "fleet.findings.$k"],
		  subscribe: ["_INBOX_$k.>"]}}
	X
}
cat >"$HALE_TMP/naive.conf" <<-X
	listen: "127.0.0.1:$naive_port"
	server_name: naive
	jetstream { store_dir: "$HALE_TMP/naive/data" }
	accounts {
	  SYS { users: [] }
	  APP { jetstream: enabled
	    users: [ {nkey: $(<"$HALE_TMP/naive/boss.key")}
	      $(naive_host mallory)
	      $(naive_host victim) ] } }
	system_account: SYS
X
nats-server -c "$HALE_TMP/naive.conf" >"$HALE_TMP/naive.log" 2>&1 &
servers+=($!)
naive() {
	local who=$1
	shift
	client "nats://127.0.0.1:$naive_port" - "$HALE_TMP/naive/$who/host.nk" "$@"
}
naive_up() { naive boss >/dev/null 2>&1; }
ok "a naive server runs" await 60 naive_up
naive_streams() {
	local common='"retention":"limits","storage":"file","discard":"old",
		"num_replicas":1,"allow_rollup_hdrs":true'
	naive boss \
		ask '$JS.API.STREAM.CREATE.STATE' "{\"name\":\"STATE\",
			\"subjects\":[\"fleet.state.*\"],
			\"max_msgs_per_subject\":1,$common}" \
		ask '$JS.API.STREAM.CREATE.FINDINGS' "{\"name\":\"FINDINGS\",
			\"subjects\":[\"fleet.findings.*\"],$common}"
}
ok "with its streams" test "$(naive_streams | grep -c '"did_create":true')" = 2

# --- the fleet ---
init_fleet
enroll mallory
enroll victim
ok "a fleet of three servers runs" test "$(operator a count STATE)" = 0

# Both behave alike: SET_UP chooses
SET_UP=
up() { if [[ $SET_UP == naive ]]; then echo fleet; else echo up; fi; }
mallory() { if [[ $SET_UP ]]; then naive mallory "$@"; else as mallory a "$@"; fi; }
victim() { if [[ $SET_UP ]]; then naive victim "$@"; else as victim c "$@"; fi; }
boss() { if [[ $SET_UP ]]; then naive boss "$@"; else operator b "$@"; fi; }
m() { cat "$HALE_TMP/${SET_UP:+naive/}mallory.key"; }
v() { cat "$HALE_TMP/${SET_UP:+naive/}victim.key"; }
in_set_up() {
	SET_UP=$1
	shift
	"$@"
	SET_UP=
}
# Runs the attack on both: it fails here, and succeeds there.
both() {
	local name=$1
	shift
	ok "$name" in_set_up "" "$@"
	ok "which a naive server lets through" in_set_up naive not "$@"
}
# The servers handle a host's messages in order: what was sent before these were
# answered is done with, and so is what its answers set off.
settle() {
	mallory ask "$(up).state.$(m)" settle ask "$(up).findings.$(m)" settle \
		ask "$(up).state.$(m)" settled >/dev/null
	victim ask "$(up).findings.$(v)" settle >/dev/null
}
victim_says() { victim ask "$(up).state.$(v)" "$1" >/dev/null; }
victim_is() { [[ $(boss last STATE "fleet.state.$(v)") == "$1" ]]; }

# 1: a header that deletes what others said
rolled_up() {
	victim_says "victim's own"
	mallory header Nats-Rollup=all pub "$(up).state.$(m)" gone
	settle
	victim_is "victim's own"
}
both "1: a rollup header deletes no other host's state" rolled_up

# 2: the server's answer is written where the host may not write
answered_over() {
	victim_says "victim's own"
	mallory reply "$(up).state.$(v)" pub "$(up).state.$(m)" x \
		reply "fleet.state.$(v)" pub "$(up).state.$(m)" x \
		reply "$(up).state.$(v)" pub "$(up).findings.$(m)" x
	settle
	victim_is "victim's own"
}
both "2: no answer of the server overwrites another host's state" answered_over
asked_over() {
	victim_says "victim's own"
	mallory reply "up.state.$(v)" pub "up.orders.$(m)" "" \
		reply "fleet.state.$(v)" pub "up.orders.$(m)" ""
	settle
	victim_is "victim's own"
}
ok "2: nor does the answer to a host's question for its order" asked_over

# 3: the answer is taken for a request of the API
purged() {
	local before after
	victim ask "$(up).findings.$(v)" "to be kept" >/dev/null
	before=$(boss count FINDINGS)
	mallory reply '$JS.API.STREAM.PURGE.FINDINGS' pub "$(up).findings.$(m)" x \
		reply '$JS.API.STREAM.DELETE.FINDINGS' pub "$(up).state.$(m)" x
	settle
	after=$(boss count FINDINGS)
	[[ $after != "no answer" ]] && ((after > before))
}
both "3: no answer of the server purges the findings" purged

# 4: another's message id is used up. Ids are random, and nobody learns of them.
ok "4: a host hears nothing of what others say" grep -q 'refused: .*ermission' \
	<(mallory sub "up.findings.$(v)" refused)
ok "4: not by a wildcard" grep -q 'refused: .*ermission' \
	<(mallory sub "up.>" refused)
guessed() {
	local id=$1 n
	for ((n = 0; n < 20; n++)); do
		set -- "$@" header "Nats-Msg-Id=finding-$n" \
			pub "$(up).findings.$(m)" guess
	done
	mallory "${@:2}"
	settle
	not grep -q '"duplicate": *true' <(victim header "Nats-Msg-Id=$id" \
		ask "$(up).findings.$(v)" "of the victim")
}
ok "4: a random id is not used up by guesses" guessed \
	"$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
ok "which an id that can be guessed is, on any server" not guessed finding-7

# --- what its permissions are ---
refuses() {
	local out
	out=$(mallory "$@" refused)
	[[ $out == *refused:*ermission* ]] && return
	echo "$*: $out"
	return 1
}
for subject in "up.state.$(v)" "up.findings.$(v)" "up.builds.$(v)" \
	"up.orders.$(v)" "fleet.state.$(v)" "orders.$(m)" "down.orders.$(v)" \
	'$JS.API.INFO' '$JS.API.STREAM.DELETE.STATE' '$SYS.REQ.SERVER.PING' \
	liveness.connz "_INBOX_$(v).x"; do
	ok "a host may not publish to ${subject%%U[A-Z2-7]*}..." \
		refuses pub "$subject" x
done
for subject in ">" "fleet.>" "orders.*" "down.orders.$(v)" "_INBOX_$(v).>" \
	'$SYS.>' '$JS.>' liveness.disconnect; do
	ok "nor listen to ${subject%%U[A-Z2-7]*}" refuses sub "$subject"
done

# --- orders: an operator's only ---
ordered() { # a stream takes it, by whichever leader it has by then
	[[ $(operator "$1" ask "orders.$(v)" "$2") == *'"seq"'* ]]
}
ok "an operator's order is taken" await 60 ordered a quarantine
ok "a host is told its last order" test \
	"$(victim ask "up.orders.$(v)" "")" = quarantine
ok "one that has none is told so" test \
	"$(mallory ask "up.orders.$(m)" "")" = "status 404"
hear() { as victim c sub "down.orders.$(v)" hold next <"$1"; }
mkfifo "$HALE_TMP/hear"
hear "$HALE_TMP/hear" >"$HALE_TMP/heard" &
listener=$!
exec 7>"$HALE_TMP/hear"
has_line() { grep -qF -- "$2" "$1"; }
ok "one that listens" await 60 has_line "$HALE_TMP/heard" held
ok "an operator's next order is taken" await 60 ordered b release
exec 7>&-
wait "$listener" || true
ok "hears of a new one at once" has_line "$HALE_TMP/heard" \
	"down.orders.$(v) release"

# --- a state that says it is another's, made or recorded ---
listed() { # the row of HOST, as a reader sees it
	HALE_FLEET=$fleet/reader hale fleet ls --format json 2>/dev/null |
		jq -r "select(.id == \"$1\") | \"\(.verdict) \(.host)\""
}
speaks_as() { as mallory a state "up.state.$(m)" "$1" "$2" 7 >/dev/null; }
as victim c state "up.state.$(v)" "$(v)" victim 7 >/dev/null
speaks_as "$(m)" mallory
ok "a host that speaks for itself is listed" test \
	"$(listed "$(m)")" = "FIT mallory"
speaks_as "$(v)" victim
ok "with another's id it is believed nothing" test \
	"$(listed "$(m)" | cut -d' ' -f1)" = UNKNOWN
ok "and the other is as it was" test "$(listed "$(v)")" = "FIT victim"
ok "which a reader is told" grep -q "$(m)" <(HALE_FLEET=$fleet/reader \
	hale fleet ls 2>&1 >/dev/null)

# --- strangers ---
cannot() { not client "$@" >/dev/null 2>&1; }
hale fleet enroll --folder "$HALE_TMP/stranger" stranger >/dev/null 2>&1
ok "a key that nobody let in is refused" cannot "$(url a)" "$fleet/ca/ca.pem" \
	"$HALE_TMP/stranger/host.nk"
ok "no key is refused" cannot "$(url a)" "$fleet/ca/ca.pem" -
plain=$(url a)
ok "no TLS is refused" cannot "nats${plain#tls}" - "$HALE_TMP/mallory/host.nk"
"$HALE_BUILD/hale" fleet init "$HALE_TMP/other" --nodes a=127.0.0.1 >/dev/null
ok "a server of another CA is not believed" cannot "$(url a)" \
	"$HALE_TMP/other/ca/ca.pem" "$HALE_TMP/mallory/host.nk"

# Who becomes a node may do everything: a route takes a certificate.
cat >"$HALE_TMP/route.py" <<'X'
import socket, ssl, sys
port, ca, own = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
s = socket.create_connection(("127.0.0.1", port), timeout=60)
c = ssl.create_default_context(cafile=ca)
if own:
    c.load_cert_chain(*own)
try:
    s = c.wrap_socket(s, server_hostname="127.0.0.1")
    print("in" if s.recv(4) == b"INFO" else "out")
except ssl.SSLError:
    print("out")
X
route_port=$(sed -n '/^cluster/,/^}/s/.*listen: ".*:\([0-9]*\)"/\1/p' \
	"$fleet/nodes/a/nats.conf")
route() { python3 "$HALE_TMP/route.py" "$route_port" "$fleet/ca/ca.pem" "$@"; }
ok "who has no certificate of the fleet is no node" test "$(route)" = out
ok "nor with one of another fleet" test "$(route \
	"$HALE_TMP/other/nodes/a/server.pem" \
	"$HALE_TMP/other/nodes/a/server.key")" = out
ok "with one of its own it would be" test "$(route \
	"$fleet/nodes/b/server.pem" "$fleet/nodes/b/server.key")" = in

# --- a stolen key, used while its host is connected ---
connections_of() {
	operator a all liveness.connz '{"auth":true,"limit":10000}' 3 |
		grep -o "\"authorized_user\":\"$1\"" | wc -l
}
mkfifo "$HALE_TMP/holder"
hold() { as "$1" "$2" hold <"$HALE_TMP/holder"; }
exec 8<>"$HALE_TMP/holder"
hold victim a >"$HALE_TMP/held" &
holder=$!
ok "a host is connected" await 60 has_line "$HALE_TMP/held" held
connected() { [[ $(connections_of "$(v)") == "$1" ]]; }
ok "its key is seen once" await 60 connected 1
thief() { as victim a "$@"; }
ok "a thief of its key speaks for it" test \
	"$(thief ask "up.state.$(v)" "by the thief" | grep -c '"seq"')" = 1
ok "and for no other" grep -q 'refused: .*ermission' \
	<(thief pub "up.state.$(m)" x refused)
mkfifo "$HALE_TMP/holder2"
exec 9<>"$HALE_TMP/holder2"
as victim a hold <"$HALE_TMP/holder2" >"$HALE_TMP/held2" &
holder2=$!
ok "while he is connected" await 60 has_line "$HALE_TMP/held2" held
ok "two connections of one key are seen" await 60 connected 2

# --- revoked: shut out at once, and for good ---
hale fleet revoke victim --dir "$fleet" >"$HALE_TMP/revoked"
ok "both are disconnected when the key is revoked" await 60 has_line \
	"$HALE_TMP/held" "closed:"
ok "the thief, too" await 60 has_line "$HALE_TMP/held2" "closed:"
wait "$holder" "$holder2" || true
for n in a b c; do
	ok "node $n refuses the key from then on" await 60 cannot "$(url $n)" \
		"$fleet/ca/ca.pem" "$HALE_TMP/victim/host.nk"
done
ok "others are not disturbed" test \
	"$(mallory ask "up.state.$(m)" "still here" | grep -c '"seq"')" = 1
ok "the key never comes back" not hale fleet enroll victim \
	--key "$(key victim)" --dir "$fleet"
hale fleet enroll --new --folder "$HALE_TMP/victim" victim \
	>"$HALE_TMP/victim.key" 2>/dev/null
hale fleet enroll victim --key "$(key victim)" --dir "$fleet" >/dev/null
ok "with a new one the host is in again" await 60 taken_by_all victim
ok "and speaks" test "$(as victim b ask "up.state.$(key victim)" hello |
	grep -c '"seq"')" = 1

end_servers
exit $((failures > 0))

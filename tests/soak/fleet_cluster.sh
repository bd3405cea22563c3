#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Three real servers, each in a network namespace and on a file system of its
# own, as `hale fleet init` makes them, and what befalls machines: the leader of
# the stream is killed, a node is cut off, its disk is full, all are restarted.
# Eight reporters publish on meanwhile. What was acknowledged is in the stream
# once, and what was not waits in their spools and comes there later, once.
# Left out so far: kill -9 of all three at once.
# hale-test: alone (three servers, eight reporters)
set -euo pipefail
if [[ -z ${CLUSTER_INSIDE:-} ]]; then
	unshare --net --mount true 2>/dev/null ||
		{ echo "# needs root: namespaces"; exit 77; }
	CLUSTER_INSIDE=1 exec unshare --net --mount --propagation private \
		-- bash "$0" "$@"
fi
export FLEET_NETWORK=own
# shellcheck source=tests/integration/fleet.inc
. "$HALE_SRC/tests/integration/fleet.inc"
# shellcheck disable=SC2016 # $JS is a subject of the servers
api='$JS.API.STREAM.INFO.FINDINGS'
hosts=8
each=200 # events of a host and a tell; a stream keeps 2000 of a host
nodes=(a b c)
declare -A address=([a]=10.77.0.1 [b]=10.77.0.2 [c]=10.77.0.3)
declare -A server=()
reporters=()

tidy() {
	local p
	for p in "${reporters[@]}"; do
		kill -KILL "$p" 2>/dev/null || true
		wait "$p" 2>/dev/null || true
	done
	end_servers
}
trap tidy EXIT

# --- three machines and a switch between them ---
build_network() {
	local n
	mkdir -p /run/netns
	mount -t tmpfs none /run/netns
	ip link set lo up
	ip link add switch type bridge
	ip addr add 10.77.0.254/24 dev switch
	ip link set switch up
	for n in "${nodes[@]}"; do
		ip netns add "$n"
		ip link add "port-$n" master switch type veth \
			peer name eth0 netns "$n"
		ip link set "port-$n" up
		ip -n "$n" link set lo up
		ip -n "$n" addr add "${address[$n]}/24" dev eth0
		ip -n "$n" link set eth0 up
	done
}
# As init says: its files are copied to it. There is one /etc here, though.
install_node() {
	local to=$HALE_TMP/node-$1
	cp -r "$fleet/nodes/$1" "$to"
	mkdir "$to/data"
	sed -i "s,/etc/nats-hale,$to,; s,/var/lib/nats-hale,$to/data," \
		"$to/nats.conf"
	mount -t tmpfs -o size=64g none "$to/data"
}
# How much of its disk there is can be changed while it is used.
fill_disk() {
	local used
	used=$(df --output=used -B1 "$HALE_TMP/node-$1/data" | tail -n 1)
	mount -o "remount,size=$used" "$HALE_TMP/node-$1/data" 2>/dev/null &&
		! head -c 65536 /dev/zero 2>/dev/null >"$HALE_TMP/node-$1/data/x"
}
empty_disk() { mount -o remount,size=64g "$HALE_TMP/node-$1/data"; }

start_node() {
	ip netns exec "$1" nats-server -c "$HALE_TMP/node-$1/nats.conf" \
		>>"$HALE_TMP/$1.log" 2>&1 &
	server[$1]=$!
	servers+=($!)
}
# kill_node NODE [SIGNAL]
kill_node() {
	kill "-${2:-KILL}" "${server[$1]}"
	wait "${server[$1]}" 2>/dev/null || true
}
# A killed node comes back as a new one and takes all from the others. With its
# old files it once listed 8 acknowledged findings less than the others had: what
# nats-server 2.9 does there is not known yet.
start_anew() {
	rm -rf "$HALE_TMP/node-$1/data"/*
	start_node "$1"
}

# --- the cluster, seen by its operator ---
info() { timeout 60 "$HALE_BUILD/tests/integration/fleet_client" "$(url "$1")" \
	"$fleet/ca/ca.pem" "$fleet/operator/user.nk" ask "$api" "" 2>/dev/null; }
leader_by() { info "$1" | jq -er '.cluster.leader // empty' 2>/dev/null; }
knows_leader() { leader=$(leader_by "$1"); }
# all three have all that the leader has
in_step() {
	[[ $(info "$1" | jq -r '[.cluster.leader // empty,
		(.cluster.replicas[]? | select(.current and (.offline | not)) |
		.name)] | length') == 3 ]]
}
# a node that is not $1
another() {
	if [[ $1 == a ]]; then echo b; else echo a; fi
}

# --- the reporters ---
start_reporter() {
	local dir=$HALE_TMP/out-$1 n urls=()
	for n in "${nodes[@]}"; do
		urls+=("$(url "$n")")
	done
	"$HALE_BUILD/tests/integration/fleet_outbox" "$dir" \
		"$HALE_TMP/host-$1/host.nk" "$fleet/ca/ca.pem" "$1" \
		"${urls[@]}" <"$dir/orders" 2>>"$dir/log" &
	reporters[$1]=$!
}
kill_reporter() {
	kill -KILL "${reporters[$1]}"
	wait "${reporters[$1]}" 2>/dev/null || true
}
start_reporters() {
	local i dir fd
	for i in $(everybody); do
		dir=$HALE_TMP/out-$i
		mkdir "$dir"
		touch "$dir/made" "$dir/acked"
		mkfifo "$dir/orders"
		start_reporter "$i"
		exec {fd}>"$dir/orders"
		orders+=("$fd")
	done
}
orders=()
ordered=0
# each host has so many events more to tell
tell() {
	local fd
	for fd in "${orders[@]}"; do
		echo "tell $each" >&"$fd"
	done
	ordered=$((ordered + each))
}
lines() { cat "$@" | wc -l; }
made() { lines "$HALE_TMP"/out-*/made; }
acked() { lines "$HALE_TMP"/out-*/acked; }
more_acked() { (($(acked) > $1)); }
all_made() {
	local i
	for ((i = 0; i < hosts; i++)); do
		(($(lines "$HALE_TMP/out-$i/made") >= ordered)) || return 1
	done
}
# HOST...: nothing of those waits
all_acked() {
	local i
	all_made || return 1
	for i; do
		[[ $(lines "$HALE_TMP/out-$i/made") == \
			"$(lines "$HALE_TMP/out-$i/acked")" ]] || return 1
	done
}
everybody() { seq 0 $((hosts - 1)); }
# hosts whose reporter has spoken to that node last
at_node() {
	local i
	for i in $(everybody); do
		grep -o 'reports to the fleet at .*' "$HALE_TMP/out-$i/log" |
			tail -n 1 | grep -qF "${address[$1]}:" && echo "$i"
	done
	true
}
not_at_node() { comm -23 <(everybody) <(at_node "$1"); }
# some of the next were acknowledged, and some were not
begin() {
	local before
	before=$(acked)
	tell
	await 60 more_acked "$before"
}
since=${EPOCHREALTIME/./}
told() {
	local now=${EPOCHREALTIME/./}
	echo "# $1: $(acked) of $(made) acknowledged," \
		"$(((now - since) / 1000)) ms"
	since=$now
}

build_network
hale fleet init "$fleet" --nodes \
	"a=${address[a]},b=${address[b]},c=${address[c]}" >&2
for ((i = 0; i < hosts; i++)); do
	hale fleet enroll --folder "$HALE_TMP/host-$i" "host-$i" \
		2>/dev/null >"$HALE_TMP/key"
	hale fleet enroll "host-$i" --key "$(<"$HALE_TMP/key")" --dir "$fleet" \
		>&2 || true # its servers do not know yet: they are copied below
done
for n in "${nodes[@]}"; do
	install_node "$n"
	start_node "$n"
done
hale fleet apply "$fleet" --wait 300s >&2
start_reporters
tell
# shellcheck disable=SC2046 # numbers
ok "what is told is acknowledged" await 60 all_acked $(everybody)
told "all well"

# --- the leader is killed ---
await 60 in_step a
await 60 knows_leader a
dead=$leader
begin
kill_node "$dead"
tell
# shellcheck disable=SC2046
ok "two go on when the leader is killed" await 60 all_acked $(everybody)
told "leader $dead killed"
start_anew "$dead"

# --- the leader is cut off, from the others and from its hosts ---
ok "the third comes back" await 60 in_step "$(another "$dead")"
await 60 knows_leader "$(another "$dead")"
cut=$leader
begin
ip link set "port-$cut" down
tell
# shellcheck disable=SC2046
cut_hosts=$(at_node "$cut")
# shellcheck disable=SC2046
ok "two go on when the leader is cut off" await 60 \
	all_acked $(everybody)
told "leader $cut cut off, with $(wc -w <<<"$cut_hosts") hosts"
ip link set "port-$cut" up
told "and back"

# --- a disk is full ---
ok "it has what it missed" await 60 in_step "$(another "$cut")"
await 60 knows_leader "$(another "$cut")"
full=$(another "$leader")
begin
ok "a disk is full" await 60 fill_disk "$full"
tell
# shellcheck disable=SC2046
ok "two go on when the third's disk is full" await 60 all_acked $(everybody)
told "disk of $full full"
empty_disk "$full"
kill_node "$full"
start_anew "$full"
ok "with room again, it has what it missed" await 60 \
	in_step "$(another "$full")"
told "and empty"

# --- all are restarted ---
begin
for n in "${nodes[@]}"; do
	kill_node "$n" TERM
done
tell
ok "without a server all is kept" await 60 all_made
ok "and nothing is taken for acknowledged" test "$(acked)" -lt "$(made)"
told "all ended"
for n in "${nodes[@]}"; do
	start_node "$n"
done
# shellcheck disable=SC2046
ok "and comes when they are back" await 60 all_acked $(everybody)
told "all back"

# --- and now the stream itself ---
for fd in "${orders[@]}"; do
	echo end >&"$fd"
done
status=0
for p in "${reporters[@]}"; do
	wait "$p" || status=1
done
reporters=()
ok "the reporters end as they should, and nothing waits" test "$status" == 0
await 60 in_step a || true # a list is by a replica, which may be behind
sort "$HALE_TMP"/out-*/made >"$HALE_TMP/made"
sort -u "$HALE_TMP"/out-*/acked >"$HALE_TMP/acked"
operator a ids 'fleet.findings.*' | cut -d' ' -f1 | sort >"$HALE_TMP/held"
lost=$(comm -23 "$HALE_TMP/acked" <(sort -u "$HALE_TMP/held") | wc -l)
twice=$(uniq -d "$HALE_TMP/held" | wc -l)
waiting=$(comm -23 "$HALE_TMP/made" <(sort -u "$HALE_TMP/held") | wc -l)
strange=$(comm -13 "$HALE_TMP/made" "$HALE_TMP/held" | wc -l)
echo "# $(LC_ALL=C printf '%d' "$(wc -l <"$HALE_TMP/acked")") acknowledged," \
	"$lost lost, $twice twice; $waiting never came, $strange are nobody's"
ok "every event is of its own id" test -z "$(uniq -d "$HALE_TMP/made")"
ok "all were told" test "$(wc -l <"$HALE_TMP/acked")" -ge $((hosts * ordered))
ok "what was acknowledged is there" test "$lost" == 0
ok "once" test "$twice" == 0
ok "what was not came later" test "$waiting" == 0
ok "and nothing else is there" test "$strange" == 0
exit "$((failures > 0))"

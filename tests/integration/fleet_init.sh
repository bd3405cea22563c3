#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The servers' side of a fleet: one command makes a first fleet, init writes one
# for real use, run twice it changes nothing, hosts are let in and shut out. The
# real nats-server reads what is written.
set -euo pipefail
# shellcheck source=tests/integration/fleet.inc
. "$HALE_SRC/tests/integration/fleet.inc"
own_network "$@"
trap end_servers EXIT
export HOME=$HALE_TMP/home
unset XDG_STATE_HOME XDG_CONFIG_HOME HALE_FLEET
mkdir "$HOME"

says() { grep -qF -- "$2" <<<"$1"; }
exits_with() {
	local want=$1 status=0
	shift
	"$@" >/dev/null 2>&1 || status=$?
	[[ $status == "$want" ]]
}
# all of a folder: names, modes and contents
sum() { (cd "$1" && find . -type f -printf '%p %m %s\n' -exec sha256sum {} + | sort); }

# --- a first fleet, by one command ---
dev=$HALE_TMP/dev
out=$(hale fleet init --dev "$dev" --port 0)
pid=$(cat "$dev/nodes/dev/nats.pid")
servers+=("$pid")
ok "one command makes a fleet" says "$out" "server on 127.0.0.1:"
alive() { kill -0 "$1" 2>/dev/null; }
ok "whose server runs" alive "$pid"
fleet=$dev
ok "with its streams" test "$(client "$(url dev)" "$dev/ca/ca.pem" \
	"$dev/operator/user.nk" count STATE count FINDINGS count BUILDS \
	count ORDERS | tr '\n' ' ')" = "0 0 0 0 "
ok "the command says how to go on" says "$out" "HALE_FLEET=$dev/operator"
out=$(hale fleet init --dev "$dev")
ok "again, it starts no second one" says "$out" "process $pid"
ok "and makes no file" says "$out" " 0 files made"
ok "nor a stream" not says "$out" ": made"
hale fleet enroll --here --dir "$dev" --folder "$HALE_TMP/own" here >"$HALE_TMP/lines"
ok "this host is let in" grep -q '^servers = tls://127.0.0.1:' "$HALE_TMP/lines"
own() {
	client "$(url dev)" "$HALE_TMP/own/ca.pem" "$HALE_TMP/own/host.nk" "$@"
}
speaks() { own ask "up.state.$(hale fleet enroll --folder "$HALE_TMP/own" \
	2>/dev/null)" hello | grep -q '"seq"'; }
ok "and speaks" await 60 speaks
sed -n '/^\[fleet\]/,/^$/p' "$HALE_TMP/lines" >"$HALE_TMP/hale.conf"
ok "haled takes the lines that are to be written" \
	"$HALE_BUILD/haled" -n --config "$HALE_TMP/hale.conf"
ok "a server that is another's is not taken" \
	exits_with 69 hale fleet init --dev "$HALE_TMP/dev2" \
	--port "$(sed -n 's/.*:\([0-9]*\):1$/\1/p' "$dev/fleet.ini")"
kill "$pid"
gone() { ! alive "$pid" || grep -q '^State:.*Z' "/proc/$pid/status"; }
await 60 gone
out=$(hale fleet init --dev "$dev")
servers+=("$(cat "$dev/nodes/dev/nats.pid")")
ok "a server that was ended is started again" says "$out" "server on"
ok "and knows what it knew" test "$(client "$(url dev)" "$dev/ca/ca.pem" \
	"$dev/operator/user.nk" count STATE)" = 1
end_servers

# Without a folder, as any user: its own, and `hale fleet ls` finds it.
user=$HALE_TMP/user
chmod 711 "$HALE_TMP"
mkdir -p "$user/bin/libexec" "$user/home"
cp "$HALE_BUILD/hale" "$user/bin"
cp "$HALE_BUILD/libexec/hale-fleet" "$user/bin/libexec"
as_user=()
if [[ $(id -u) == 0 ]]; then
	chown -R 65534:65534 "$user"
	as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
fi
theirs() { HOME=$user/home "${as_user[@]}" "$user/bin/hale" fleet "$@"; }
theirs init --dev --port 0 >"$HALE_TMP/theirs"
ok "any user may make a first fleet" grep -q "hale fleet enroll --here " \
	"$HALE_TMP/theirs"
servers+=("$(cat "$user/home/.local/state/hale/fleet/nodes/dev/nats.pid")")
theirs enroll --here --folder "$user/home/key" >/dev/null
ok "and let a host in, unasked where it is" grep -q up.state.U \
	"$user/home/.local/state/hale/fleet/nodes/dev/hosts.conf"
ok "which hale fleet finds" grep -q "no hosts" <(theirs ls 2>&1)
end_servers

# --- for real use: files for three machines ---
real=$HALE_TMP/real
out=$(hale fleet init "$real" --name prod --nodes \
	"nats-1.example.org,nats-2=10.0.0.2,nats-3=[fd00::3]:5222:7222")
ok "init writes three servers" says "$out" "fleet prod, 3 servers"
for n in nats-1.example.org nats-2 nats-3; do
	ok "$n has all it needs" test "$(find "$real/nodes/$n" -type f \
		-printf '%f ')" != "" -a -e "$real/nodes/$n/server.key" -a \
		-e "$real/nodes/$n/hosts.conf" -a -e "$real/nodes/$n/nats.conf"
	verifies() { openssl verify -CAfile "$real/ca/ca.pem" \
		-purpose "$1" "$real/nodes/$n/server.pem" >/dev/null; }
	ok "its certificate is a server's" verifies sslserver
	ok "and a client's, of routes" verifies sslclient
done
called() { openssl x509 -in "$real/nodes/$1/server.pem" -noout -ext \
	subjectAltName | grep -qF -- "$2"; }
ok "it is called as clients call it" called nats-1.example.org \
	DNS:nats-1.example.org
ok "by its address" called nats-2 "IP Address:10.0.0.2"
ok "of either age" called nats-3 "IP Address:FD00:0:0:0:0:0:0:3"
secrets() { find "$real" -name '*.key' -o -name '*.nk'; }
ok "secrets are their owner's only" test "$(secrets | wc -l)" = 7 -a -z \
	"$(secrets | xargs -r find | xargs -r stat -c '%a %n' | grep -v '^600 ')"
ok "no secret is in what goes to the servers but their own keys" test -z \
	"$(grep -rlE 'SU[A-Z2-7]{56}' "$real/nodes" || true)"
ok "the CA's key stays" test -z "$(find "$real/nodes" -name 'ca.key')"
ok "an account that holds no streams" test "$(grep -c 'jetstream: enabled' \
	"$real/nodes/nats-2/nats.conf")" = 1

# --- again: nothing changes, nothing is overwritten unasked ---
before=$(sum "$real")
hale fleet init "$real" >/dev/null
ok "init may be run again" test "$(sum "$real")" = "$before"
echo '# by hand' >>"$real/nodes/nats-2/nats.conf"
ok "what somebody wrote is not overwritten" exits_with 73 \
	hale fleet init "$real"
ok "it is kept" grep -q 'by hand' "$real/nodes/nats-2/nats.conf"
hale fleet init "$real" --replace >/dev/null
ok "but when that is asked for" not grep -q 'by hand' \
	"$real/nodes/nats-2/nats.conf"
ok "and the old one stays beside it" grep -q 'by hand' \
	"$real/nodes/nats-2/nats.conf.old"
rm "$real/nodes/nats-2/nats.conf.old"
ok "other nodes make no other fleet by mistake" exits_with 73 \
	hale fleet init "$real" --nodes x,y,z
ok "all is as it was" test "$(sum "$real")" = "$before"
rm "$real/nodes/nats-3/server.pem"
hale fleet init "$real" >/dev/null
ok "what is missing is made again" test -e "$real/nodes/nats-3/server.pem"
old=$(sha256sum <"$real/nodes/nats-2/server.pem")
hale fleet init "$real" --renew >/dev/null
ok "certificates are renewed when that is asked for" test \
	"$(sha256sum <"$real/nodes/nats-2/server.pem")" != "$old"
n=nats-2
ok "and are the same CA's" verifies sslserver

# --- what is refused ---
for nodes in a,b a,b,c,d a,a,b ../x 'a"b' a=h:0 a=h:1:1 ''; do
	ok "--nodes '$nodes' is refused" exits_with 64 \
		hale fleet init "$HALE_TMP/none" --nodes "$nodes,"
done
ok "a folder is needed" exits_with 64 hale fleet init
ok "one fleet a folder" exits_with 64 hale fleet init "$real" --dev
ok "an option that is none is refused" exits_with 64 hale fleet init --nodez x
ok "so is a command" exits_with 64 hale fleet initt
for c in init apply enroll revoke; do
	ok "$c has a help" says "$(hale fleet $c --help)" "usage: hale fleet $c"
done

# --- hosts ---
first=$(hale fleet enroll --folder "$HALE_TMP/h1" b1 2>"$HALE_TMP/next")
ok "a host makes its key" test "${#first}" = 56
ok "and says what is next" grep -qF "hale fleet enroll b1 --key $first" \
	"$HALE_TMP/next"
ok "its seed is its owner's only" test \
	"$(stat -c %a "$HALE_TMP/h1/host.nk")" = 600
ok "asked again it has the same key" test \
	"$(hale fleet enroll --folder "$HALE_TMP/h1" b1 2>/dev/null)" = "$first"
sign() { hale fleet enroll --dir "$real" "$@"; }
out=$(sign b1 --key "$first" --label rack=7 --label role=ci) || true
ok "an operator lets it in" says "$out" "host b1 is in: $first (1 hosts)"
ok "with its labels" says "$out" "labels = rack=7"
ok "and is told which servers do not know yet" test \
	"$(grep -c 'does not know yet: copy' <<<"$out")" = 3
for n in nats-1.example.org nats-2 nats-3; do
	ok "it is in the list of $n" grep -q "up.state.$first" \
		"$real/nodes/$n/hosts.conf"
done
second=$(hale fleet enroll --folder "$HALE_TMP/h2" 2>/dev/null)
ok "a mistyped key is told" says \
	"$(sign b2 --key "${second%?}" 2>&1 || true)" "56 letters"
ok "a seed is told from a key" says \
	"$(sign b2 --key "$(cat "$HALE_TMP/h2/host.nk")" 2>&1 || true)" secret
ok "and is not repeated" not says \
	"$(sign b2 --key "$(cat "$HALE_TMP/h2/host.nk")" 2>&1 || true)" \
	"$(cat "$HALE_TMP/h2/host.nk")"
ok "a second host of that name is refused" exits_with 1 sign b1 --key "$second"
ok "a key goes by one name" exits_with 64 sign b3 --key "$first"
ok "a label must be one" exits_with 64 sign b2 --key "$second" --label Rack
out=$(sign b1 --key "$second" --rotate) || true
ok "a host changes its key" says "$out" "host b1 is in: $second (1 hosts)"
ok "the old one is shut out" test "$(grep -c "$first" \
	"$real/nodes/nats-2/hosts.conf")" = 0
ok "for good" exits_with 64 sign b1 --key "$first"
hale fleet revoke b1 --dir "$real" >/dev/null || true
ok "a host is shut out" test "$(grep -c nkey \
	"$real/nodes/nats-2/hosts.conf")" = 0
ok "one that is not in is told" exits_with 1 hale fleet revoke b9 --dir "$real"
ok "the last operator stays" exits_with 64 \
	hale fleet revoke operator --dir "$real"
third=$(hale fleet enroll --folder "$HALE_TMP/h3" 2>/dev/null)
ok "no host takes the place of one" exits_with 64 \
	sign operator --key "$third" --rotate
sign boss2 --key "$third" --role operator >/dev/null || true
ok "a second operator may be let in" grep -q "boss2, operator" \
	"$real/nodes/nats-2/fleet-users.conf"

# What brings the lists to the servers may be a program of the operator.
cat >"$real/push" <<-X
	#!/bin/sh
	echo "\$1 \$2 \$3" >>"$HALE_TMP/pushed"
	[ "\$1" != nats-3 ]
X
chmod +x "$real/push"
ok "a push that fails is told" exits_with 1 \
	hale fleet revoke boss2 --dir "$real"
ok "and runs once for each server" test \
	"$(cut -d' ' -f1,2 "$HALE_TMP/pushed" | tr '\n' ' ')" = \
	"nats-1.example.org nats-1.example.org nats-2 10.0.0.2 nats-3 fd00::3 "

# Many operators' words at once: each is in the list.
for ((i = 0; i < 20; i++)); do
	hale fleet enroll --folder "$HALE_TMP/many$i" "many$i" 2>/dev/null \
		>"$HALE_TMP/many$i.key"
done
rm "$real/push"
adders=()
for ((i = 0; i < 20; i++)); do
	sign "many$i" --key "$(<"$HALE_TMP/many$i.key")" >/dev/null 2>&1 &
	adders+=($!)
done
for p in "${adders[@]}"; do wait "$p" || true; done
ok "of many at once none is lost" test "$(grep -c '^host .* many' \
	"$real/members")" = 20

exit $((failures > 0))

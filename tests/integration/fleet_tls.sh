#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The reporter and TLS, both ways: it shows its certificate, and speaks to no
# server whose own is not signed by the fleet's, is another name's, or which has
# none. A certificate's key that others may read is refused.
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

cd "$HALE_TMP"
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$1.key" -out "$1.pem" -days 2 -subj "/CN=$1" 2>/dev/null
}
signed() { # NAME SAN CA
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
	openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" \
		-CAcreateserial -days 2 -out "$1.pem" \
		-extfile <(echo "subjectAltName=$2") 2>/dev/null
	chmod 600 "$1.key"
}
authority ca
authority other
signed server "IP:127.0.0.1" ca
signed host "DNS:host.example.org" ca
signed right "IP:127.0.0.1" ca
signed named "DNS:elsewhere.example.org" ca
signed forged "IP:127.0.0.1" other
cat host.pem host.key >client.pem
export CLIENT_PEM=$HALE_TMP/client.pem
use() { cp "$1.pem" server.pem && cp "$1.key" server.key; }

write_config() {
	cat >"$conf" <<-EOC
	[fleet]
	servers = $1://127.0.0.1:$port
	seed = $HALE_TMP/seed
	ca = $HALE_TMP/ca.pem
	certificate = $HALE_TMP/host.pem
	key = $HALE_TMP/host.key
	heartbeat = 5s
	EOC
}
states() { nats dump "$port" STATE | wc -l; }
has_state() { (($(states) > 0)); }
answers() { client check | jq -e '.check.verdict.fitness' >/dev/null; }
reporter() { pgrep -P "$pid" -x 'haled: fleet'; }
reload() {
	: >"$log"
	kill -HUP "$pid"
	await 20 reporter >/dev/null || true
}

id=$(nats key "$HALE_TMP/seed")

# --- servers that are none of ours ---
use forged
start_server tls
write_config tls
nats streams "$port"
start_agent
ok "a server of another authority is not reported to" await 30 \
	logged "the fleet is not reached"
ok "and got nothing" not has_state
stop_server
use named
start_server tls
reload
ok "a certificate of another name is none" await 30 \
	logged "the fleet is not reached"
ok "and its server got nothing" not has_state
stop_server
start_server
reload
ok "nor is a server without TLS" await 30 logged "the fleet is not reached"
write_config nats
reload
ok "even where its address says so" await 30 logged "the fleet is not reached"
ok "it got nothing" not has_state

# --- the right one ---
stop_server
use right
start_server tls
write_config tls
reload
ok "the fleet's own server has the state" await 60 has_state
ok "which the log tells" await 20 logged "reports to the fleet at tls://"

# --- a key for all to read ---
chmod 644 "$HALE_TMP/host.key"
: >"$log"
kill -HUP "$pid" # there is no reporter then: nothing to wait for
ok "a private key that others may read is refused" await 30 logged "chmod 600"
ok "which is no matter to the gate" answers
exit "$((failures > 0))"

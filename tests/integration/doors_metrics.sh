#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Metrics: what Prometheus' own tools and parsers make of them, who may ask and
# how, and the whole way of an alarm: the kernel's log, a finding, a scrape, an
# alert, Alertmanager, a webhook.
set -euo pipefail
# shellcheck source=tests/integration/doors.inc
. "$HALE_SRC/tests/integration/doors.inc"

files=$HALE_TMP/textfile
mkdir -m 777 "$files"
chmod 755 "$HALE_TMP"
receive sink
cat >"$conf" <<-END
	[notify.sink]
	type = webhook
	url = http://127.0.0.1:$(port_of sink)/
	[kmsg]
	trust_user_records = yes
	[metrics]
	listen = 127.0.0.1:0
	textfile = $files/hale.prom
END
# The doors are nobody, where nobody can reach them, and root alone may open
# this: it is handed to them.
if ((EUID == 0)) &&
	setpriv --reuid nobody --clear-groups test -x "$HALE_BUILD/libexec/hale-doors"; then
	printf '[agent]\nuser = nobody\n' >>"$conf"
	chmod 600 "$conf"
fi
start_agent
clear_all
ok "the door opens" await 60 logged "metrics are at 127.0.0.1:"
door=$(sed -n 's/.*metrics are at //p' "$log" | tail -n 1)
# Who has not asked within 5 s has lost his place: on a busy machine once more.
ask_door() { curl -sS --max-time 60 --retry 9 --retry-all-errors --retry-delay 1 "$@"; }
scrape() { ask_door "$@" "http://$door/metrics"; }
open_metrics() { scrape -H 'Accept: application/openmetrics-text'; }
shows() { open_metrics | grep -xF -- "$1" >/dev/null; }

# --- as others read it ---
ok "the agent answers" await 60 shows 'hale_agent_up 1'
ok "promtool finds no fault in the older text" promtool check metrics \
	< <(scrape)
open_metrics >"$HALE_TMP/open"
ok "a strict parser of OpenMetrics takes it" /usr/bin/python3 - "$HALE_TMP/open" <<-'END'
	import sys
	from prometheus_client.openmetrics.parser import (
	    text_string_to_metric_families as parse)
	with open(sys.argv[1], encoding="utf-8") as f:
	    families = {m.name: m for m in parse(f.read())}
	verdict = families["hale_verdict"]
	assert verdict.type == "stateset", verdict.type
	assert sum(s.value for s in verdict.samples) == 1
	assert families["hale_build"].samples[0].labels["version"]
	assert families["hale_coverage"].samples
END
ok "its type is said" grep -qi '^content-type: application/openmetrics-text' \
	< <(scrape -o /dev/null -D - -H 'Accept: application/openmetrics-text')
disk=$(new_disk)
say "$(medium "$disk" 8)"
ok "a finding is a series" await 60 shows \
	"hale_finding{condition=\"disk.medium_error\",part=\"disk/unresolved-$disk\",alias=\"$disk\",effect=\"blocks\"} 1"
say "$(medium "$disk" 16)"
counted() { open_metrics | grep "^hale_finding_occurrences_total{.*unresolved-$disk\"} 2" >/dev/null; }
ok "and is counted" await 60 counted

# --- the textfile ---
same() { grep -q "^hale_agent_up 1" "$files/hale.prom"; }
ok "the textfile is there" await 60 same
ok "for anybody to read" test "$(stat -c %a "$files/hale.prom")" = 644
ok "promtool finds no fault in it" promtool check metrics <"$files/hale.prom"

# --- builds ---
HALE_RUN_DIR=$run "$HALE_BUILD/hale" run --no-store -- true 2>/dev/null || :
"$HALE_BUILD/tests/integration/ship_client" "$run/ship.sock" record 2 \
	repo=a/b cause=host-io >/dev/null
"$HALE_BUILD/tests/integration/ship_client" "$run/ship.sock" record 1 \
	repo=a/b cause=my-own-series >/dev/null
builds() { open_metrics | grep '^hale_builds_total{'; }
has_builds() { builds | grep 'cause="host-io"} 2' >/dev/null; }
ok "builds are counted by cause" await 60 has_builds
ok "a cause that is none is not a series of its own" test -z \
	"$(builds | grep my-own || :)"

# --- who asks how ---
code() { ask_door -o /dev/null -w '%{http_code}' "$@"; }
ok "nothing is written" test "$(code -X POST "http://$door/metrics")" = 405
ok "nothing else is there" test "$(code "http://$door/etc/passwd")" = 404
ok "a stranger's name for this host is refused" test \
	"$(code -H 'Host: evil.example.org' "http://$door/metrics")" = 421
ok "a head has a bound" test \
	"$(code -H "X: $(head -c 6000 /dev/zero | tr '\0' x)" "http://$door/metrics")" = 431
python3 - "$door" >"$HALE_TMP/slow.out" 2>&1 <<-'END' &
	import socket, sys, time
	host, port = sys.argv[1].rsplit(":", 1)
	clients = []
	for _ in range(64):
	    c = socket.create_connection((host, int(port)))
	    c.send(b"GET /metrics HTTP/1.1\r\nX: ")
	    clients.append(c)
	print("here", flush=True)
	while True:
	    for c in clients:
	        try:
	            c.send(b"x")
	        except OSError:
	            pass
	    time.sleep(0.2)
END
started+=("$!")
ok "64 clients drip their requests" await 60 grep -q here "$HALE_TMP/slow.out"
ok "they keep nobody out" await 60 shows 'hale_agent_up 1'
kill "${started[-1]}"

# --- a socket of the host ---
cat >"$HALE_TMP/own.conf" <<-END
	[metrics]
	listen = $HALE_TMP/m.sock
	findings = 3
END
"$HALE_BUILD/libexec/hale-doors" --foreground --config "$HALE_TMP/own.conf" \
	--run-dir "$run" 2>"$HALE_TMP/own.log" &
own=$!
started+=("$own")
by_socket() {
	ask_door --unix-socket "$HALE_TMP/m.sock" http://host/metrics
}
socket_answers() { by_socket | grep '^hale_agent_up 1' >/dev/null; }
ok "a unix socket does as well" await 60 socket_answers
for i in 1 2 3 4 5 6; do say "$(medium "$(new_disk)" $i)"; done
omitted() {
	local n
	n=$(by_socket | sed -n 's/^hale_findings_omitted //p')
	((${n:-0} >= 4))
}
ok "findings beyond the bound are counted" await 60 omitted
ok "and no series" test "$(by_socket | grep -c '^hale_finding{')" = 3
kill "$own"
wait "$own" || :
ok "and is gone with its server" test ! -e "$HALE_TMP/m.sock"

# --- the whole way ---
receive hook
rules=$HALE_SRC/packaging/prometheus
quietly() { "$@" >&2; }
ok "promtool accepts the rules" quietly promtool check rules \
	"$rules/hale-rules.yml"
ok "they fire when they should" quietly promtool test rules \
	"$rules/hale-rules-test.yml"
ok "promtool accepts the example" quietly promtool check config \
	"$rules/prometheus.example.yml"
ok "amtool accepts Alertmanager's" quietly amtool check-config \
	"$HALE_SRC/packaging/alertmanager/hale.example.yml"
open_metrics >"$HALE_TMP/open"
ok "the dashboard asks for metrics that there are" python3 \
	"$HALE_SRC/tests/integration/doors/dashboard.py" \
	"$HALE_SRC/packaging/grafana/hale.json" "$rules/hale-rules.yml" \
	"$HALE_TMP/open"
mkdir "$HALE_TMP/am" "$HALE_TMP/prom"
sed "s|http://127.0.0.1:9844|http://127.0.0.1:$(port_of hook)|
	s|group_wait: .*|group_wait: 1s|; s|group_interval: .*|group_interval: 1s|" \
	"$HALE_SRC/packaging/alertmanager/hale.example.yml" >"$HALE_TMP/am.yml"
# listening LOG: the address that a program has, by its own log
listening() {
	sed -n 's/.*[Ll]istening on.* address=\(127[0-9.:]*\).*/\1/p' "$1" |
		head -n 1
}
listens() { [[ -n $(listening "$1") ]]; }
prometheus-alertmanager --config.file="$HALE_TMP/am.yml" \
	--storage.path="$HALE_TMP/am" --cluster.listen-address= \
	--web.listen-address=127.0.0.1:0 >"$HALE_TMP/am.log" 2>&1 &
started+=("$!")
ok "Alertmanager runs" await 60 listens "$HALE_TMP/am.log"
sed "s|- hale-rules.yml|- $rules/hale-rules.yml|
	s|127.0.0.1:9843|$door|; s|scrape_interval: .*|scrape_interval: 1s|
	s|127.0.0.1:9093|$(listening "$HALE_TMP/am.log")|" \
	"$rules/prometheus.example.yml" >"$HALE_TMP/prom.yml"
printf 'global:\n  evaluation_interval: 1s\n' >>"$HALE_TMP/prom.yml"
prometheus --config.file="$HALE_TMP/prom.yml" \
	--storage.tsdb.path="$HALE_TMP/prom" \
	--web.listen-address=127.0.0.1:0 >"$HALE_TMP/prom.log" 2>&1 &
started+=("$!")
ok "Prometheus runs" await 60 listens "$HALE_TMP/prom.log"
ask() {
	curl -sS --max-time 60 -G "http://$(listening "$HALE_TMP/prom.log")/api/v1/query" \
		--data-urlencode "query=$1" | jq -r '.data.result[]?.value[1]'
}
scraped() { [[ $(ask hale_agent_up) == 1 ]]; }
ok "it scrapes the agent" await 60 scraped
say "EDAC MC0: 1 UE memory read error on DIMM_T9 (channel:1 slot:0 page:0x1 offset:0x0 grain:64)"
alarm='.body | fromjson | .status == "firing" and
	(.alerts[] | .labels.alertname == "HaleHostUnfit")'
ok "a memory error rings the bell" await 120 got hook "$alarm"
named='.body | fromjson | .alerts[] | select(.labels.alertname ==
	"HaleHostUnfit") | .annotations.description | test("[a-z]+[.][a-z_]+ on ")'
ok "which names what is wrong" got hook "$named"
is_one() { [[ $(ask 'hale_verdict{hale_verdict="UNFIT"}') == 1 ]]; }
ok "a query sees it, too" await 60 is_one
resolved='.body | fromjson | .status == "resolved" and
	(.alerts[] | .labels.alertname == "HaleHostUnfit")'
over() { # other tests speak to the same log
	clear_all
	got hook "$resolved"
}
ok "and when it is over it says so" await 120 over

stop_agent
gone() { [[ ! -e $files/hale.prom ]]; }
ok "with the agent the textfile goes" await 60 gone
((failures == 0))

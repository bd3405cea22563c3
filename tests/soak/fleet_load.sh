#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What a fleet costs its servers: made-up hosts with the real encoder and the
# real protocol (HOSTS, one hosts' operator of many, TLS), more and more of them.
# Heartbeats a second, bytes a host and day, the server's memory a host, `hale
# fleet ls` of all, and how long a changed verdict takes to a watcher's line; and
# what follows for 1,000,000 hosts on paper. HOSTS_MAX (default 100000) hosts.
set -euo pipefail
# shellcheck source=tests/integration/fleet.inc
. "$HALE_SRC/tests/integration/fleet.inc"
own_network "$@"
trap end_servers EXIT
most=${HOSTS_MAX:-100000}
samples=${SAMPLES:-500}

read -ra p < <(free_ports 2)
hale fleet init "$fleet" --nodes "a=127.0.0.1:${p[0]}:${p[1]}" >&2
start_server a
hale fleet apply "$fleet" --wait 300s >&2
export HALE_FLEET=$fleet/operator
all_reloaded() { (($(reloads a) >= $1)); }
taken_by_all() { as "$1" a >/dev/null 2>&1; }
enroll sim >&2
# one user may speak for all hosts: in a test only
sed -i "s/\"up\.state\.$(key sim)\"/\"up.*.*\"/" "$fleet/nodes/a/hosts.conf"
more=$(reloads a)
kill -HUP "${servers[0]}"
await 60 all_reloaded $((more + 1))

hosts() {
	local verb=$1
	shift
	"$HALE_BUILD/tests/integration/fleet_hosts" "$verb" \
		--server "$(url a)" --ca "$fleet/ca/ca.pem" \
		--user "$(key sim)" --seed "$HALE_TMP/sim/host.nk" \
		--heartbeat 3600 "$@"
}
resident() { awk '/^VmRSS/ {print $2}' "/proc/${servers[0]}/status"; }

empty=$(resident)
echo "# server, empty: $((empty / 1024)) MiB"
for ((n = 1000; n <= most; n *= 10)); do
	hosts load --hosts "$n" --messages $((3 * n)) --window 8192 >"$HALE_TMP/load"
	now=$(resident)
	jq -r --arg n "$n" --argjson kib $((now - empty)) '
		"hosts \($n): \(.per_second) heartbeats/s acknowledged, " +
		"\(.payload_bytes) bytes each, ack p50 \(.ack_p50_us) us p99 " +
		"\(.ack_p99_us) us (window 8192); server memory " +
		"\($kib * 1024 / ($n | tonumber) | floor) bytes a host"' \
		"$HALE_TMP/load"
	/usr/bin/env time -f "ls of $n: %e s, %M KiB" "$HALE_BUILD/libexec/hale-fleet" \
		ls >"$HALE_TMP/ls" 2>"$HALE_TMP/time"
	tail -n 1 "$HALE_TMP/time"
	ok "all $n are there" grep -q "^$(printf "%'d" "$n" | tr -d ,) FIT" \
		<(tail -n 1 "$HALE_TMP/ls" | tr -d ,)
done

# --- from a verdict's publish to a watcher's line, one at a time ---
python3 - "$HALE_BUILD" "$samples" "$(url a)" "$fleet/ca/ca.pem" "$(key sim)" \
	"$HALE_TMP/sim/host.nk" <<-'PY'
	import subprocess, sys, time
	build, n, url, ca, user, seed = sys.argv[1:]
	watch = subprocess.Popen([build + "/libexec/hale-fleet", "watch",
	                          "--changes"], stdout=subprocess.PIPE, text=True)
	while " FIT" not in watch.stdout.readline():
	    pass
	say = subprocess.Popen([build + "/tests/integration/fleet_hosts", "say",
	                        "--server", url, "--ca", ca, "--user", user,
	                        "--seed", seed, "--heartbeat", "3600"],
	                       stdin=subprocess.PIPE, stdout=subprocess.PIPE,
	                       text=True)
	took = []
	for i in range(int(n)):
	    verdict = "FIT" if i % 2 else "UNFIT disk.io_error disk/x I/O error"
	    say.stdin.write(f"state 7 {verdict}\n")
	    say.stdin.flush()
	    line = watch.stdout.readline()
	    seen = time.time_ns()
	    word, sent = say.stdout.readline().split()
	    assert word == "done" and "build-00007" in line, (word, line)
	    took.append(seen - int(sent))
	say.stdin.close()
	say.wait()
	watch.terminate()
	watch.wait()
	took.sort()
	print(f"watch: publish to line, n = {len(took)}: "
	      f"p50 {took[len(took) // 2] / 1e6:.2f} ms, "
	      f"p99 {took[len(took) * 99 // 100] / 1e6:.2f} ms, "
	      f"most {took[-1] / 1e6:.2f} ms")
	print("ok" if took[len(took) * 99 // 100] < 200e6 else "not ok",
	      "the p99 is below 200 ms")
PY

# --- on paper ---
jq -r --argjson kib $((now - empty)) --argjson hosts $((n / 10)) '
	(.per_second * 30) as $most | ($kib * 1024 / $hosts) as $each |
	"a host sends \((.payload_bytes + 150) * 2880 / 1e6 * 100 | round / 100) MB " +
	"a day at a heartbeat in 30 s (150 bytes of subject, headers, TLS)",
	"one server of this machine takes the heartbeats of \($most | floor) hosts",
	"1,000,000 hosts: \(1e6 / 30 | round) heartbeats/s, " +
	"\(1e6 * $each / 1e9 * 100 | round / 100) GB for the streams, " +
	"\(1e6 * 41 / 1e6 | round) GB for mTLS connections (41 KiB each): " +
	"leaf nodes, \(1e6 / $most * 100 | ceil / 100) such machines for the rate"' \
	"$HALE_TMP/load"
exit $((failures > 0))

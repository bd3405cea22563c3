#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# hale check, agent running, against the least that a dynamic client can do:
# whole processes, A B A B, medians of one run.
#   HALE_BUILD  where the build is        ROUNDS  of each, default 400
# Exit 1 where the ratio is above 1.25 (BAR).
set -euo pipefail
build=${HALE_BUILD:-build}
tmp=$(mktemp -d)
pid=
finish() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	wait # what it writes last is written
	rm -rf "$tmp"
}
trap finish EXIT
mkdir "$tmp/run" "$tmp/state"
: >"$tmp/hale.conf"
"$build/haled" --foreground --config "$tmp/hale.conf" --run-dir "$tmp/run" \
	--state-dir "$tmp/state" 2>"$tmp/log" &
pid=$!
for _ in $(seq 100); do
	grep -q 'haled: ready' "$tmp/log" && break
	sleep 0.05
done

"$build/tests/bench/check_race" "$tmp/client.sock" "${ROUNDS:-400}" \
	"$build/tests/bench/check_client" "$build/hale" "$tmp/run" | tee "$tmp/out"
awk -v bar="${BAR:-1.25}" '{ exit $NF > bar }' "$tmp/out" || {
	echo "above ${BAR:-1.25}"
	exit 1
}

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# From a core's death to the next one's first right answer, on a machine that has
# nothing else to do, and with three busy loops for each processor.
#   HALE_BUILD  where the build is; HALE_BUILDS: several, one after the other,
#               for A B A B
#   ROUNDS      default 20
set -euo pipefail
HALE_TMP=$(mktemp -d)
export HALE_TMP
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"
loops=()
tidy() {
	[[ ${#loops[@]} = 0 ]] || kill "${loops[@]}" || true
	loops=()
	stop_agent
	rm -rf "$run"
} 2>/dev/null
trap 'tidy; rm -rf "$HALE_TMP"' EXIT

measure() {
	echo "$1, $2: $("$HALE_BUILD/tests/bench/core_killed" "$run" "$pid" \
		"${ROUNDS:-20}")"
}
for build in ${HALE_BUILDS:-$HALE_BUILD}; do
	run=$(mktemp -d -p /dev/shm) # a tmpfs, as /run is
	haled=$build/haled
	: >"$conf"
	start_agent
	measure "$build" "nothing else to do"
	for ((i = 0; i < 3 * $(nproc); i++)); do
		while :; do :; done &
		loops+=($!)
	done
	measure "$build" "${#loops[@]} busy loops"
	tidy
done

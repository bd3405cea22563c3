#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A driver that never returns: the gate goes on, and says who is blind.
set -euo pipefail
HALED=$HALE_BUILD/tests/haled
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

: >"$conf"
start_agent
children() { pgrep -P "$(pgrep -P "$pid" -x 'haled: probe')" -c test_stall; }
at_most_one() { [[ $(children) -le 1 ]]; }
one() { [[ $(children) == 1 ]]; }
# The median: the worst one is measured by tests/bench/gate.sh, where no other
# test runs beside it. Others' work only ever adds to it: the best of some counts.
fast() {
	local median
	for _ in 1 2 3 4 5 6 7 8; do
		median=$(client time 200 | sed 's/median_us=\([0-9]*\).*/\1/')
		((median >= 10000)) || return 0
	done
	return 1
}
ok "becomes ready beside a driver that does not answer" alive
ok "the gate answers within 10 ms" fast
ok "which is a child of the probe process" await 3 one
for _ in 1 2 3 4 5 6; do
	ok "one child at a time, however long it takes" at_most_one
	sleep 0.5
done
ok "the gate still answers within 10 ms" fast
stop_agent
ok "ends in order" test "$status" = 0
ok "and takes the stalled child along" await 3 not pgrep -x test_stall

exit $((failures > 0))

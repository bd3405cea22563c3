#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How fast the gate answers: on an idle agent, beside a driver that never comes
# back, and during a storm of 20,000 kernel log lines. Bar of the design: 10 ms.
set -euo pipefail
HALE_TMP=$(mktemp -d)
export HALE_TMP
HALED=$HALE_BUILD/tests/haled # with the driver that never returns
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"
trap 'stop_agent; rm -rf "$HALE_TMP"' EXIT

: >"$conf"
start_agent
printf 'beside a stalled driver   %s\n' "$(client time 5000)"
stop_agent
haled=$HALE_BUILD/haled
start_agent
printf 'idle                      %s\n' "$(client time 5000)"
for _ in {1..2000}; do
	# ten records pass each open file
	for _ in {1..10}; do printf '<6>a line that means nothing\n'; done \
		>/dev/kmsg
done &
printf 'in a storm of 20,000      %s\n' "$(client time 5000)"
wait $!

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Hostile clients of the gate. None of them may keep others from an answer, and
# none may end the agent.
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

answers() { alive && [[ $(exit_code) =~ ^(0|69|75)$ ]]; }
one_line() { [[ $(jq -r .error.text <<<"$1" | wc -l) == 1 ]]; }

# In a sanitized agent, what is freed is freed.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1
: >"$conf"
start_agent
rss() { awk '/VmRSS/ {print $2}' "/proc/$pid/status"; }
fds() { find "/proc/$pid/fd" -type l | wc -l; }
before=$(rss)
held=$(fds)
said=$(client garbage)
ok "garbage is refused" test "$(jq .error.code <<<"$said")" = 74
ok "with one line" one_line "$said"
said=$(client oversized)
ok "an oversized request is refused" test "$(jq .error.code <<<"$said")" = 90
begins() { client truncated >/dev/null; }
ok "every beginning of a request gets an answer" begins
ok "a thousand connections do not lock out the next client" \
	client crowd >"$HALE_TMP/crowd"
ok "which gets a real answer" grep -q '"check"' "$HALE_TMP/crowd"
ok "others are answered as well" answers

client silent &
silent=$!
client slow &
slow=$!
ok "beside a silent and a slow client others are answered" answers
ok "the slow reader is dropped" wait "$slow"
ok "the silent one is sent away" wait "$silent"

client watch 1 >"$HALE_TMP/watch" &
ok "a watcher gets a report at once" wait $!
ok "that ends with a last message" \
	test "$(tail -1 "$HALE_TMP/watch" | jq .last)" = true
answers
grown=$(($(rss) - before))
ok "after all that it is about as small as before ($grown KiB more)" \
	test "$grown" -lt 4096
ok "and holds no stray descriptors ($(fds), $held before)" \
	test "$(fds)" -le $((held + 2))
stop_agent
ok "and ends in order" test "$status" = 0

exit $((failures > 0))

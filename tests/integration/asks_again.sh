#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A core that dies with a question in its hands: whoever asked asks the next one
# and hears nothing of it. A control that was read may have been done, so it is
# not said twice; one that was not is.
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"
gate=$HALE_BUILD/tests/integration/fake_gate
mkdir -p "$run"

gate_pid=
stop_gate() {
	[[ -z $gate_pid ]] || { kill "$gate_pid" && wait "$gate_pid"; } || true
	gate_pid=
}
trap stop_gate EXIT
# asked MODE COMMAND...: what `hale` makes of such a gate: $code and $said
asked() {
	rm -f "$HALE_TMP/gate" # the last one's word is not this one's
	"$gate" "$run/gate.sock" "$1" >"$HALE_TMP/gate" &
	gate_pid=$!
	await 10 grep -q ready "$HALE_TMP/gate"
	shift
	code=0
	"$HALE_BUILD/hale" "$@" --run-dir "$run" >"$HALE_TMP/said" 2>&1 ||
		code=$?
	stop_gate
	said=$(cat "$HALE_TMP/said")
}

asked gone-then-fit check --path /
ok "a check whose core dies is answered by the next" test "$code" = 0
ok "without a word about it" not grep -q "not answer" "$HALE_TMP/said"
asked gone-then-fit check --fresh --path /
ok "so is one that waits for the hardware" test "$code" = 0
asked unread-then-done clear sde --reason replaced
ok "a control that was never read is said again" test "$code" = 0
ok "and done" grep -q "1 finding cleared" <<<"$said"
asked gone-then-done clear sde --reason replaced
ok "one that was read is not" test "$code" = 69
ok "and nobody claims to know what came of it" \
	grep -q "whether it was done is not known" <<<"$said"

exit $((failures > 0))

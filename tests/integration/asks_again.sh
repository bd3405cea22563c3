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

# --- a build is told to a store whose place another takes ---

# stores N: those that go with a build unread, and then one that keeps it
stores() {
	python3 - "$run/ship.sock" "$1" <<'EOF'
import select, socket, sys
RECORD = 0x0a # field 1 of StoreRequest; what else is asked nobody answers
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1])
s.listen()
print("ready", flush=True)
left = int(sys.argv[2])
while left >= 0:
    c, _ = s.accept()
    while select.select([c], [], [], 60)[0]:
        seen = c.recv(65536, socket.MSG_PEEK)
        if not seen or seen[0] == RECORD:
            break
        c.recv(65536)
    if seen and left == 0:
        c.recv(65536)
        c.send(b"\x08\x01\x78\x01")
    left -= bool(seen)
    c.close()
EOF
}
told() {
	rm -f "$run/ship.sock" "$HALE_TMP/stores"
	stores "$1" >"$HALE_TMP/stores" &
	gate_pid=$!
	await 10 grep -q ready "$HALE_TMP/stores"
	"$HALE_BUILD/hale" run --force --run-dir "$run" -- true \
		>"$HALE_TMP/said" 2>&1 || true
	kill "$gate_pid" 2>/dev/null || true
	wait "$gate_pid" 2>/dev/null || true
	gate_pid=
}
told 1
ok "a build that the last store did not read is told to the next" \
	not grep -q "not in the history" "$HALE_TMP/said"
told 9
ok "but not for ever" grep -q "not in the history" "$HALE_TMP/said"

exit $((failures > 0))

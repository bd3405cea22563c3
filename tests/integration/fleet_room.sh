#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A host that builds on a filesystem whose server is dead: the reporter asks no
# path that leads there, and tells the fleet of this host all the same.
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

[[ -x $HALE_BUILD/libexec/hale-reporter ]] || { echo "# not built"; exit 77; }
# Its mount is nobody else's: who asks it hangs.
if [[ -z ${ROOM_OWN:-} ]]; then
	unshare --mount --propagation private true 2>/dev/null || {
		echo "# no mount namespace of our own"
		exit 77
	}
	ROOM_OWN=1 exec unshare --mount --propagation private "$0" "$@"
fi
hang='' reporter=''
# The mount ends with whoever serves it, and with it who hangs there.
tidy() {
	[[ -z $hang ]] || kill -KILL "$hang" 2>/dev/null || true
	[[ -z $reporter ]] || kill -KILL "$reporter" 2>/dev/null || true
	wait
}
trap tidy EXIT

mkdir "$HALE_TMP/dead" "$HALE_TMP/run"
mkfifo "$HALE_TMP/in"
"$HALE_BUILD/tests/integration/hang_mount" "$HALE_TMP/dead" sshfs \
	<"$HALE_TMP/in" >"$HALE_TMP/mounted" &
hang=$!
exec 7>"$HALE_TMP/in"
if ! await 20 test -s "$HALE_TMP/mounted"; then
	echo "# no FUSE here"
	exit 77
fi
python3 "$HALE_SRC/tests/integration/fleet_nats.py" key "$HALE_TMP/seed" \
	>"$HALE_TMP/id"
"$HALE_BUILD/libexec/hale-reporter" --dir "$HALE_TMP/fleet" --seed 5 \
	--server nats://127.0.0.1:1 --run-dir "$HALE_TMP/run" \
	--room "$HALE_TMP/dead" --room "$HALE_TMP/dead/builds" \
	5<"$HALE_TMP/seed" 2>"$log" 7>&- &
reporter=$!
ok "the reporter goes its way" await 20 logged "the fleet is not reached"
exit "$((failures > 0))"

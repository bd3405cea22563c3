#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# procevent and the kernel's process connector: among 20,000 short-lived
# processes exactly those that die by a fault are seen, and nothing else wakes
# the reader. What overflows the socket is told as blindness. Where the
# connector is silent, the driver says why. And the agent knows who it was: its
# core opens nothing, and the dead are gone before anybody could.
# Needs root and the first PID namespace.
set -uo pipefail

prog=$HALE_BUILD/tests/integration/procevent_storm
failed=0
"$prog" storm 20000 40 || failed=1
"$prog" flood 4000 || failed=1
unshare --pid --fork --mount-proc "$prog" blind "PID namespace" || failed=1
unshare --net "$prog" blind "network namespace" || failed=1

# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"
# Without the trace, which knows names, too.
cat >"$HALE_TMP/haled" <<EOF
#!/bin/sh
umount -l /sys/kernel/tracing /sys/kernel/debug/tracing 2>/dev/null
exec "$haled" "\$@"
EOF
chmod 755 "$HALE_TMP/haled"
haled=$HALE_TMP/start
cat >"$haled" <<EOF
#!/bin/sh
exec unshare -m --propagation private "$HALE_TMP/haled" "\$@"
EOF
chmod 755 "$haled"
: >"$conf"
start_agent
named() { # NAME: a finding of process.crashes is about it
	[[ -n $(findings "select((.part.id // .part.alias) == \"process/$1\")") ]]
}
crash() { # NAME: a program that is called so; who started it waits for it
	cp "$(command -v sleep)" "$HALE_TMP/$1"
	(
		ulimit -c 0
		"$HALE_TMP/$1" 1000 &
		until [[ $(</proc/$!/comm) == "$1" ]]; do
			sleep 0.01 # it is still the shell
		done
		kill -SEGV $!
		wait $!
	) 2>/dev/null || true
}
unnamed=$(findings 'select(.part.id == "process/unknown").count')
for i in 1 2 3 4 5; do
	crash "namely-$i"
	ok "who died is known by name ($i)" await 5 named "namely-$i"
done
ok "and nobody by none" test "$unnamed" = \
	"$(findings 'select(.part.id == "process/unknown").count')"
stop_agent

exit $((failed || failures > 0))

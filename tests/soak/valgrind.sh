#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The agent under memcheck: every process of it, through a start, checks, a
# fault, a reload, a clear and an orderly end. No error, and nothing is lost.
# What valgrind itself does not know (landlock, seccomp) the agent goes without,
# as on an older kernel. Programs of the host's that drivers start are left out.
# hale-test: alone
set -euo pipefail
cd "$(dirname "$0")/../.."
HALE_SRC=$PWD

reports=$HALE_TMP/memcheck
mkdir -m 1777 "$reports" # another user than root writes there, too
gcc -shared -fPIC -O1 -o "$HALE_TMP/pidfd.so" tests/soak/pidfd.c
tests/soak/pidfd.py "$HALE_TMP/pidfd.sock" &
beside=$!
HALED=$HALE_TMP/haled
cat >"$HALED" <<EOF
#!/bin/sh
export HALE_PIDFD='$HALE_TMP/pidfd.sock' LD_PRELOAD='$HALE_TMP/pidfd.so'
exec valgrind --quiet --vgdb=no --suppressions='$HALE_SRC/tests/soak/valgrind.supp' \\
	--trace-children=yes --trace-children-skip='/usr/*,/bin/*,/sbin/*' \\
	--leak-check=full --show-leak-kinds=definite --num-callers=30 \\
	--log-file='$reports/%p' '$HALE_BUILD/haled' "\$@"
EOF
chmod +x "$HALED"
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"
trap 'stop_agent; kill "$beside"' EXIT

process() { pgrep -P "$pid" -x "haled: $1" >/dev/null; }
reload() { [[ $(client reload | jq -r .control.error) != 1 ]]; }
# What memcheck said; its warnings are of itself.
faults() {
	grep -hE '^==[0-9]+== ' "$reports"/* | grep -vE '== (Warning:|$)' || :
}
clean() {
	local text
	text=$(faults)
	[[ -z $text ]] || { echo "$text" >&2; return 1; }
}

printf '[kmsg]\ntrust_user_records = yes\n' >"$conf"
START_SECONDS=120 start_agent
for name in core probe ship; do
	ok "there is a process $name" await 60 process "$name"
done
clear_all
ok "a fit host is fit" await 60 exits 0
ok "a path of it, too" await 60 exits 0 /
say "EDAC MC0: 1 UE memory read error on DIMM_V7 (channel:0 slot:1 page:0x2 offset:0x0 grain:64)"
ok "a memory error makes it unfit" await 60 exits 75
ok "reload" reload
ok "it is unfit after it" await 60 exits 75
clear_all
ok "an operator's word ends that" await 60 exits 0
stop_agent
ok "it ends well" test "$status" = 0
ok "no error, and no memory lost" clean
exit $((failures > 0))

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# RUN/bin/hale: a command that needs no disk. It answers where /run is noexec
# and where there is no other file at all; an old one is replaced, nothing is
# put where a link leads, and nothing else that is mounted is taken away.
set -euo pipefail
# In a mount namespace of its own: what it mounts is nobody else's.
if [[ ${1:-} != inside ]]; then
	exec unshare -m --propagation private "$0" inside
fi
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

tree=$HALE_TMP/tree # as it is installed
mkdir -p "$tree/sbin" "$tree/bin" "$tree/libexec/hale" "$run"
printf '#!/bin/sh\necho "it was started: $*"\n' >"$tree/libexec/hale/hale-run"
chmod 755 "$tree/libexec/hale/hale-run"
cp "$HALE_BUILD/tests/integration/rescue_tool" "$tree/sbin/haled"
cp "$HALE_BUILD/hale" "$tree/bin/hale"
tool() { "$tree/sbin/haled" "$1" "$run"; }
fails_with() {
	local want=$1 got=0
	shift
	"$@" || got=$?
	[[ $got == "$want" ]]
}
quiet() { "$@" >/dev/null 2>&1; }
mounts() { grep -c " $run/bin " /proc/self/mountinfo || true; }
option() { findmnt -no VFS-OPTIONS,FS-OPTIONS "$run/bin" | grep -w -- "$1" >/dev/null; }
whole() { cmp -s "$run/bin/hale" "$tree/bin/hale"; }
static() { ! readelf -lW "$HALE_BUILD/hale" | grep INTERP >/dev/null; }

if ! static; then # a sanitized one cannot be
	ok "what is not static is not put there" fails_with 8 tool mount
	ok "and nothing is mounted" test "$(mounts)" = 0
	exit $((failures > 0))
fi

mount -t tmpfs -o noexec,mode=755 run "$run"
ok "it is mounted" tool mount
ok "once" test "$(mounts)" = 1
ok "and whole" whole
ok "though its folder's filesystem is noexec it runs" \
	quiet "$run/bin/hale" --version
ok "nosuid" option nosuid
ok "nodev" option nodev
ok "read-only" option ro
ok "it finds what is installed, to start it" \
	grep -qxF "it was started: -- true" <("$run/bin/hale" run -- true)
written() { : >"$run/bin/x"; }
ok "so that nobody writes there" not quiet written
not_to_swap() {
	local fs
	fs=$(findmnt -no FSTYPE "$run/bin")
	[[ $fs == ramfs ]] || option noswap
}
ok "and it is never paged out" not_to_swap

"$run/bin/hale" watch >"$HALE_TMP/watch" 2>&1 &
watcher=$!
ok "an old one, in use, is replaced" tool mount
ok "by one" test "$(mounts)" = 1
ok "that is whole" whole
kill "$watcher" 2>/dev/null || true
wait "$watcher" 2>/dev/null || true
ok "it goes" tool unmount
ok "and leaves nothing" test ! -e "$run/bin"

mkdir "$HALE_TMP/elsewhere"
ln -s "$HALE_TMP/elsewhere" "$run/bin"
ok "a link is not followed" not tool mount
ok "what it leads to is left alone" test -z "$(ls -A "$HALE_TMP/elsewhere")"
ok "nor unmounted through" tool unmount
rm "$run/bin"
mkdir "$run/bin"
mount -t proc proc "$run/bin"
ok "what somebody else mounted there stays" fails_with 16 tool mount
tool unmount
ok "also at the end" test -e "$run/bin/self"
umount "$run/bin"

chmod 777 "$tree/bin/hale"
ok "a command that others may write to is not root's" fails_with 8 tool mount
chmod 755 "$tree/bin/hale"
: >"$tree/bin/hale"
ok "nor is something that is no program" fails_with 8 tool mount
ok "after which nothing is mounted" test "$(mounts)" = 0
cp "$HALE_BUILD/hale" "$tree/bin/hale"

# --- with an agent, and no other file in the world

: >"$conf"
start_agent
mountpoint -q "$run/bin" || tool mount
alone() { chroot "$run" /bin/hale --run-dir / "$@"; }
told() { alone status --format json >"$HALE_TMP/alone"; }
answered() { jq -e '.version and .verdict' "$HALE_TMP/alone" >/dev/null; }
asked() { told && answered; }
ok "it asks where there is no other file, and the agent answers" \
	await 2 asked
as_ever() { # as the command that is installed
	want=0
	"$HALE_BUILD/hale" --run-dir "$run" check --host >/dev/null 2>&1 || want=$?
	fails_with "$want" quiet alone check --host
}
ok "so it does to a check" await 2 as_ever
stop_agent
tool unmount

exit $((failures > 0))

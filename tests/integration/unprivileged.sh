#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The agent where it may do little: as nobody, in a container's namespaces,
# without /sys and /dev, behind a system call filter, in a /proc that hides. It
# starts, takes no processor for it, says of each sense that it does not have
# why that is so and what would help, and what it does not know is UNKNOWN.
#
# hale-test: alone
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

# A place that nobody may enter, too.
chmod 755 "$HALE_TMP"
bin=$HALE_TMP/bin
mkdir "$bin"
cp -r "$HALE_BUILD/hale" "$HALE_BUILD/haled" "$HALE_BUILD/libexec" \
	"$HALE_BUILD/tests/integration/deny" "$bin"
chmod -R a+rX "$bin"
unset HALE_RUN_DIR HALE_EXEC_PATH
: >"$conf"
launcher=

# All processes of the agent that runs now: they are a session of their own.
# Their lines of proc_pid_stat(5), without the name, which may hold blanks.
stats() {
	{ cat /proc/[0-9]*/stat 2>/dev/null || true; } | sed 's/ (.*) / /' |
		awk -v s="${launcher:-none}" '$5 == s'
}
session() { stats | awk '{ print $1 }'; }
agent() {
	local p
	for p in $(session); do
		[[ $(tr '\0' ' ' 2>/dev/null <"/proc/$p/cmdline") == "$bin/haled --fore"* ]] || continue
		echo "$p"
		return
	done
}
# What it took of the processors so far, in ticks; with that of ended children.
ticks() { stats | awk '{ t += $13 + $14 + $15 + $16 } END { print t + 0 }'; }

finish() {
	local p
	for p in $(session); do kill -KILL "$p" 2>/dev/null || true; done
}
trap finish EXIT

# start WORDS...: the agent, behind these words, in folders of $owner
start() {
	run=$HALE_TMP/run$((++runs)) state=$HALE_TMP/state$runs
	mkdir "$run" "$state"
	chown "$owner" "$run" "$state"
	: >"$log"
	chmod 666 "$log"
	setsid -w "$@" "$bin/haled" --foreground --config "$conf" \
		--run-dir "$run" --state-dir "$state" >>"$log" 2>&1 &
	launcher=$!
	if ! await 20 logged "haled: ready"; then
		echo "not ok $what: it starts"
		cat "$log" >&2
		exit 1
	fi
	ok "$what: it starts" true
}
runs=0
owner=65534

stop() {
	local status=0
	kill -TERM "$(agent)"
	wait "$launcher" || status=$?
	ok "$what: it ends well" test "$status" = 0
	launcher=
}

ask() { # sets $code; what was said is in $HALE_TMP/said
	code=0
	timeout 20 "$bin/hale" "$@" --run-dir "$run" >"$HALE_TMP/said" 2>&1 || code=$?
}
said() { grep -qE -- "$1" "$HALE_TMP/said" || { cat "$HALE_TMP/said" >&2; return 1; }; }
covers() { ask status --coverage --no-color && said "$1"; }
covered() { await 4 covers "$1"; }
rows() { jq -ce "[.coverage[] | select(.sight != \"SIGHT_LIVE\") | $1]" "$HALE_TMP/said"; }
none() {
	rows "$@" >"$HALE_TMP/rows"
	[[ $(<"$HALE_TMP/rows") == "[]" ]] || { cat "$HALE_TMP/rows" >&2; return 1; }
}

all_none() { ask status --format json && none "$@"; }

# What holds everywhere.
honest() {
	ok "$what: blindness has a reason" await 4 all_none 'select((.why // "") == "")'
	ok "$what: the reason says more than an error number" none \
		'select(.why | test("^(probe: |sample: )?(No such|Permission|Operation not)"))'
	ok "$what: every driver is alive" await 4 all_none \
		'select(.why | test("no answer in|fallen silent|cannot start"))'
	local before
	before=$(ticks)
	sleep 3 # the time is what is measured
	ok "$what: it takes no processor" test $(($(ticks) - before)) -lt 60
}

unknown_for() { # REGEX: UNKNOWN, because of this
	told() { ask check --host && said "cannot tell  $1"; }
	ok "$what: says what is missing, and the remedy" await 4 told "$1"
	ok "$what: UNKNOWN" test "$code" = 69
}

nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all
	--inh-caps=-all)

# --- not root ---
what=nobody
start "${nobody[@]}"
if [[ $(</proc/sys/kernel/dmesg_restrict) == 1 ]]; then
	unknown_for 'block_errors: kmsg: .*dmesg_restrict is set; run haled as root'
	ok "$what: the log is blind" covered '^  blind    kernel_log '
else
	ok "$what: the log may be read by all" covered '(live|partial) +kernel_log '
fi
ok "$what: the trace says why not" covered \
	'^    trace: tracefs is not (permitted|mounted)'
ok "$what: filesystems are seen all the same" covered '^  live +fs_state '
ok "$what: and so are disks" covered '(live|partial) +storage_map '
ok "$what: the last line counts" covered '^[0-9]+ of 22 senses blind, [0-9]+ partial$'
honest
stop

# --- the namespaces of a container ---
what=container
start "${nobody[@]}" unshare --user --map-root-user --pid --net --fork \
	--mount-proc --kill-child
ok "$what: no device events" covered '^    udev: .*container'
ok "$what: no process events" covered '^    procevent: .* namespace'
ok "$what: filesystems are seen" covered '^  live +fs_state '
honest
stop

# --- nothing but the programs ---
what=bare owner=0
cat >"$HALE_TMP/bare" <<'END'
mount --make-rprivate /
mount --bind "$HALE_TMP" "$HALE_TMP"
mount -t tmpfs none /sys
mount -t tmpfs none /dev
mknod -m 666 /dev/null c 1 3
mknod -m 666 /dev/urandom c 1 9
mount -o remount,ro,bind /
exec "$@"
END
start unshare --mount --pid --fork --mount-proc --kill-child \
	bash -eu "$HALE_TMP/bare" setpriv --bounding-set=-all --inh-caps=-all
unknown_for 'storage_map: .*there is no /sys.*; run haled on the host'
ok "$what: no log" covered '^    kmsg: there is no /dev/kmsg: a container\?'
ok "$what: and what to do" covered '^ +-> run haled on the host, or give the container /dev/kmsg'
ok "$what: no trace, and not for want of a kernel" covered '^    trace: there is no /sys'
honest
stop

# --- a filter that knows few system calls ---
what=filter
start "$bin/deny"
ok "$what: no netlink is told" covered '^    procevent: .*permitted'
ok "$what: filesystems are seen" covered '^  live +fs_state '
honest
stop

# --- a /proc that hides others, and no rights ---
what=hidepid owner=65534
start unshare --mount --pid --fork --mount-proc --kill-child \
	bash -euc 'mount -o remount,hidepid=2 /proc; exec "$@"' bash "${nobody[@]}"
ok "$what: filesystems are seen" covered '^  live +fs_state '
honest
stop

exit $((failures > 0))

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Whose fault was it? `hale run` beside a private agent, on an ext4 whose store
# is cut off beneath it while builds run: one that fails by it, one that passes
# all the same, one that fails by its own; then the agent dies, and is not there
# at all. The build's own output and status are never harmed.
# hale-test: alone
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

HALE_EXEC_PATH=$HALE_BUILD/libexec
export HALE_EXEC_PATH
unset TMPDIR
hale() { "$HALE_BUILD/hale" --run-dir "$run" "$@"; }
result=$HALE_TMP/result.json

# build [OPTION]... -- COMMAND...: sets $code, $out and $said (stderr)
build() {
	code=0
	rm -f "$result"
	"$HALE_BUILD/libexec/hale-run" --run-dir "$run" --no-store \
		--result "$result" "$@" >"$HALE_TMP/out" 2>"$HALE_TMP/err" ||
		code=$?
	out=$(<"$HALE_TMP/out") said=$(<"$HALE_TMP/err")
	echo "--- $* ($code)" >&2
	cat "$HALE_TMP/err" >&2
}
says() { grep -qE -- "$1" <<<"$said"; }
# silent: hale has added nothing to what the build itself prints on stderr
silent() { ! grep -q '^hale' <<<"$said"; }
# told JQ: what the result file holds
told() { jq -e "$1" "$result" >/dev/null; }

loops=() mounts=()
# make_fs NAME: a new filesystem of 32 MiB on $HALE_TMP/NAME
make_fs() {
	local loop
	truncate -s 32M "$HALE_TMP/$1.img"
	mkfs.ext4 -q -F -m 0 "$HALE_TMP/$1.img"
	loop=$(losetup --find --show "$HALE_TMP/$1.img")
	loops+=("$loop")
	mkdir -p "$HALE_TMP/$1"
	mount -o errors=continue "$loop" "$HALE_TMP/$1"
	mounts+=("$HALE_TMP/$1")
	head -c 4M /dev/urandom >"$HALE_TMP/$1/source"
	sync -f "$HALE_TMP/$1"
}
tidy() {
	local i
	cd /
	stop_agent
	for ((i = ${#mounts[@]} - 1; i >= 0; i--)); do
		umount "${mounts[i]}" || umount -l "${mounts[i]}" || true
	done
	for i in "${loops[@]}"; do losetup -d "$i" || true; done
} 2>/dev/null
trap tidy EXIT

printf '[space]\nblocks = 0%%\nwarns = 0%%\n' >"$conf"
make_fs first
make_fs second
start_agent
clear_all
cd "$HALE_TMP/first"

# --- a good machine ---
build -- sh -c 'echo hello; exit 0'
ok "a build that passes" test "$code" = 0
ok "prints what it prints" test "$out" = hello
ok "and hears nothing" silent
ok "its result says so" told '.outcome == "PASSED" and .started and
	.status == 0 and .before.fitness == "FIT" and (.attempts | length) == 1'

build -- sh -c 'echo "a.c:3:1: error: unknown type name: foo" >&2; exit 1'
ok "a broken source has its own status" test "$code" = 1
ok "is the build's own" told '.cause == "code" and (.hostFault | not)'
ok "and hears nothing of the machine" not says 'machine'

build -- sh -c 'echo "cp: error reading x: Input/output error" >&2; exit 1'
ok "words alone do not blame the machine" test "$code" = 1
ok "and are likely at most" told '.cause == "host-io" and
	.confidence == "likely" and (.hostFault | not)'

build -- sh -c 'exit 3'
ok "nothing known: its own status" test "$code" = 3
ok "and no blame" told '.cause == "unknown" and (.hostFault | not)'

build -- sh -c 'kill -SEGV $$'
ok "a death by signal is 128 and its number" test "$code" = 139

# --- a full filesystem ---
mkdir small
mount -t tmpfs -o size=1M none small
mounts+=("$PWD/small")
build --path "$PWD/small" -- sh -c 'head -c 2M /dev/zero >small/file'
ok "it fills a tmpfs that nobody else has: its own status" test "$code" = 1
ok "a limit of its own, for certain" told '.cause == "build-limit" and
	(.hostFault | not) and .confidence == "certain"'
ok "which one is said" says "tmpfs of its own, $PWD/small, of 1"
rm small/file
head -c 300K /dev/zero >small/others
build --path "$PWD/small" -- sh -c 'head -c 2M /dev/zero >small/file'
ok "no space, and there is none: 75" test "$code" = 75
ok "for certain" told '.cause == "host-disk-full" and .hostFault and
	.confidence == "certain" and .attempts[0].status == 1'
ok "it names the path" says "$PWD/small"
rm small/file
build --path "$PWD/small" -- sh -c 'echo "x: No space left on device"; exit 1'
ok "no space it says, and there is: its own" test "$code" = 1

# --- the disk fails under a build ---
# a page that somebody is at stays in memory: not all are dropped at once
# shellcheck disable=SC2016
build -- sh -c 'truncate -s 0 ../first.img; n=0
	until echo 3 >/proc/sys/vm/drop_caches; ! cat source >/dev/null 2>&1 ||
		[ $((n += 1)) -gt 200 ]; do sleep 0.05; done
	cat source'
ok "a build on a disk that fails midway: 75" test "$code" = 75
ok "says whose fault it was" says 'the machine, not the build'
ok "names the disk" says "${loops[0]#/dev/}"
ok "shows the kernel's own line" says 'I/O error, dev loop'
ok "names the status that it replaces" says 'in place of 1'
ok "its result has the chain" told '.outcome == "FAILED" and .hostFault and
	.status == 75 and .cause == "host-io" and .confidence == "certain" and
	.retry == "elsewhere" and .attempts[0].status == 1 and
	.attempts[0].chain[0].steps[0].finding.condition == "disk.io_error"'

build -- true
ok "the next one is not started" test "$code" = 75
ok "says why" says 'not started.*UNFIT'
ok "and how to start it all the same" says '--force'
ok "its result says so" told '.outcome == "REFUSED" and (.started | not) and
	.status == 75'

build --force -- sh -c 'exit 0'
ok "--force starts it" test "$code" = 0

# --- one that passes all the same; it ends when the agent has seen it ---
cd "$HALE_TMP/second"
# shellcheck disable=SC2016
failing='truncate -s 0 ../second.img; echo object >../second/a.o
	until echo 3 >/proc/sys/vm/drop_caches; cat source >/dev/null 2>&1
	! '"$HALE_BUILD/hale --run-dir $run"' check --path "$PWD" >/dev/null 2>&1
	do sleep 0.1; done'
build --suspects "$HALE_TMP/list" -- timeout 100 sh -c "$failing"
ok "one that passes while its disk fails: 0" test "$code" = 0
ok "is suspect" says 'passed, suspect'
ok "its result says so" told '.outcome == "SUSPECT" and .status == 0 and
	(.hostFault | not) and .suspects.files >= 1'
ok "the list has what it wrote" grep -qx "$PWD/a.o" "$HALE_TMP/list"

# --- results that cannot be written ---
build --force --result /nowhere/at/all -- true
ok "a result that cannot be written harms nothing" test "$code" = 0
ok "and is said" says '/nowhere/at/all: No such file'
build --force --result /dev/full -- true
ok "nor does a full device" test "$code" = 0
ok "and is said" says '/dev/full'

# --- the agent dies, hangs, is not there ---
cd "$HALE_TMP"
# The supervisor first: it would end a core that hangs, and start another.
core=$(pgrep -P "$pid" -x 'haled: core')
build --force -- sh -c "kill -STOP $pid $core; exit 4"
ok "an agent that hangs: its own status" test "$code" = 4
ok "and it is said once" test "$(grep -c 'agent' <<<"$said")" = 1
kill -CONT "$core" "$pid"
build --force -- sh -c "kill -KILL $pid; exit 5"
ok "an agent that is killed midway: its own status" test "$code" = 5
ok "and it is said once" test "$(grep -c 'agent' <<<"$said")" = 1
wait "$pid" 2>/dev/null || true
pid=
rm -rf "$run"
build --path "$HALE_TMP" -- sh -c 'echo out; exit 6'
ok "no agent at all: its own status" test "$code" = 6
ok "and its own output" test "$out" = out

# --- a history that cannot be kept: here nobody else keeps it ---
mkdir full
mount -t tmpfs -o size=64K none full
mounts+=("$PWD/full")
head -c 1M /dev/zero >full/file 2>/dev/null || true
code=0
"$HALE_BUILD/libexec/hale-run" --run-dir "$run" --state-dir "$PWD/full" \
	-- sh -c 'echo out; exit 7' >"$HALE_TMP/out" 2>"$HALE_TMP/err" || code=$?
cat "$HALE_TMP/err" >&2
ok "a store that is full: its own status" test "$code" = 7
ok "and its own output" test "$(<"$HALE_TMP/out")" = out
ok "and one line of it" \
	test "$(grep -c 'not in the history' "$HALE_TMP/err")" = 1

exit $((failures > 0))

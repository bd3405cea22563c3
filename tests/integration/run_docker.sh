#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `hale run -- docker build` and a real dockerd: a build that passes, one whose
# code is wrong, one on a full data-root, one whose engine is killed midway, one
# that hangs. Engine, agent and the engine's disk are the test's own.
# hale-test: alone
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/integration/agent.inc
. tests/integration/agent.inc
# shellcheck source=tests/integration/engine.inc
. tests/integration/engine.inc

hale=$HALE_BUILD/hale
export DOCKER_HOST=unix://$socket DOCKER_BUILDKIT=0
export HALE_RUN_DIR=$run XDG_STATE_HOME=$HALE_TMP/own

finish() {
	end_engine
	stop_agent
	umount -l "$data" 2>/dev/null
}
trap finish EXIT

# builds CODE [OPTION]... -- COMMAND...: `hale run` exits so
builds() {
	local want=$1 code=0
	shift
	rm -f "$HALE_TMP/result"
	"$hale" run --result "$HALE_TMP/result" "$@" >"$HALE_TMP/out" \
		2>"$HALE_TMP/err" </dev/null || code=$?
	[[ $code == "$want" ]] || {
		echo "exit $code, not $want: $*" >&2
		cat "$HALE_TMP/out" "$HALE_TMP/err" "$HALE_TMP/result" >&2
		return 1
	}
}

# result FILTER: of what --result wrote
result() { jq -r "$1" "$HALE_TMP/result"; }
caused_by() { [[ $(result .cause) == "$1" ]]; }

# docker_file LINE...: beside a busybox
docker_file() {
	mkdir -p "$HALE_TMP/ctx"
	cp "$(command -v busybox)" "$HALE_TMP/ctx/busybox"
	printf '%s\n' 'FROM scratch' 'COPY busybox /bin/busybox' \
		'SHELL ["/bin/busybox", "sh", "-c"]' "$@" >"$HALE_TMP/ctx/Dockerfile"
}

build=(docker build --network none -t app "$HALE_TMP/ctx")

# --- its disk: small, and of its own -----------------------------------------

truncate -s 300M "$HALE_TMP/data.img"
mkdir "$data" "$run" "$state" 2>/dev/null
mkfs.ext4 -q -m 0 -F "$HALE_TMP/data.img" &&
	mount -o loop "$HALE_TMP/data.img" "$data" || exit 1
# some room is always there, however little a disk of 300 MiB has
printf '%s\n' '[engine]' "socket = $socket" '[space]' 'blocks = 10%, 16MiB' \
	'warns = 12%, 20MiB' >"$conf"
start_engine
start_agent
fit() { "$hale" check --container --path "$HALE_TMP" >/dev/null 2>&1; }
ok "the engine is fit to build with" await 30 fit

# --- it passes ----------------------------------------------------------------

docker_file 'RUN echo made > /made'
ok "a good build passes" builds 0 -- "${build[@]}"
ok "with its own words" grep -q "^Successfully tagged app" "$HALE_TMP/out"
ok "and none of hale's" not grep -q "hale" "$HALE_TMP/err"
ok "its steps were counted" test "$(result .steps)" = 4
ok "it is recorded as passed" test "$(result .outcome)" = PASSED

# --- its code is wrong ----------------------------------------------------------

docker_file 'RUN echo "main.c:3:1: error: expected expression" >&2; exit 1'
ok "a failing build keeps its status" builds 1 -- "${build[@]}"
ok "it is the code" caused_by code
ok "the host is not blamed" not grep -qi "machine\|host-" "$HALE_TMP/err"

# --- its disk is full -------------------------------------------------------------

docker_file 'RUN /bin/busybox dd if=/dev/zero of=/big bs=1M count=400'
ok "a build that fills the data-root is the host's fault" \
	builds 75 -- "${build[@]}"
ok "because that is full" caused_by host-disk-full
ok "which is said" grep -q "full" "$HALE_TMP/err"
docker system prune -af >/dev/null 2>&1

dd if=/dev/zero of="$data/fill" bs=1M 2>/dev/null
docker_file 'RUN echo again'
ok "on a full data-root none is started" builds 75 -- "${build[@]}"
ok "which is said, too" test "$(result .outcome)" = REFUSED
ok "and what would free it" grep -q "reclaim" "$HALE_TMP/err"
rm -f "$data/fill"
ok "room again is fit again" await 30 fit

# --- its engine is killed midway ------------------------------------------------

docker_file 'RUN /bin/busybox sleep 600'
midway() { docker ps -q 2>/dev/null | grep -q .; }
kill_midway() {
	await 60 midway
	kill -KILL "$engine_pid"
}
kill_midway &
ok "a build whose engine dies fails" builds 1 -- "${build[@]}"
wait $!
ok "because the engine is down" caused_by engine-down
ok "which may be tried here again" test "$(result .retry)" = here
end_engine
ok "without an engine" builds 1 --force -- "${build[@]}"
ok "it is down as well" caused_by engine-down
start_engine
ok "started again it is fit" await 30 fit

# --- it hangs -------------------------------------------------------------------

ok "a build that does nothing is ended" \
	builds 124 --stall 5s --kill-after 2s -- "${build[@]}"
ok "as stalled" test "$(result '.attempts[0].end')" = STALLED
ok "where it waited is said" grep -qi "wait" "$HALE_TMP/err"
ok "one that takes too long is ended" \
	builds 124 --timeout 4s --kill-after 2s -- "${build[@]}"
ok "as timed out" test "$(result '.attempts[0].end')" = TIMED_OUT

exit "$failures"

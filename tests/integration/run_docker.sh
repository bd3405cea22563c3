#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `hale run -- docker build` and a real dockerd: a build that passes, one whose
# code is wrong, one on a full data-root, also where BuildKit tidies up at once,
# one whose engine is killed or stopped midway, one that comes back, one that is
# interrupted, one that hangs, and one that only seems to. Engine, agent and the
# engine's disk are the test's own.
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
	unmount_all
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
fit() { "$hale" check --fresh --container --path "$HALE_TMP" >/dev/null 2>&1; }
ok "the engine is fit to build with" await 30 fit

# --- it passes ----------------------------------------------------------------

docker_file 'RUN echo made > /made'
ok "a good build passes" builds 0 -- "${build[@]}"
ok "with its own words" grep -q "^Successfully tagged app" "$HALE_TMP/out"
ok "and none of hale's" not grep -q "hale" "$HALE_TMP/err"
ok "its steps were counted" test "$(result .steps)" = 4
ok "it is recorded as passed" test "$(result .outcome)" = PASSED

# --- another way to build it -----------------------------------------------------

# shellcheck disable=SC2016 # the container's shell expands it
docker_file 'ARG way' 'RUN [ "$way" != cached ] || { echo "ERROR: failed to solve:'\
' failed to compute cache key: blob not found" >&2; exit 1; }'
cat >"$HALE_TMP/ways" <<END
[cached]
command = {command} --build-arg way=cached
[fresh]
cleanup = docker image prune -f
command = {command} --no-cache
END
ok "a build that its engine's cache spoils is done in another way" \
	builds 0 --strategies "$HALE_TMP/ways" -- "${build[@]}"
ok "the second" test "$(result '.attempts | length') $(result .strategy)" = "2 fresh"
ok "after its cleanup" grep -q "^Total reclaimed space" "$HALE_TMP/out" "$HALE_TMP/err"
ok "and is what docker made of it" grep -q "^Successfully tagged app" "$HALE_TMP/out"

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
# on a busy machine what a check is told of the engine may be from before
await 60 not fit
ok "on a full data-root none is started" builds 75 -- "${build[@]}"
ok "which is said, too" test "$(result .outcome)" = REFUSED
ok "and what would free it" grep -q "reclaim" "$HALE_TMP/err"
rm -f "$data/fill"
ok "room again is fit again" await 30 fit

# --- its engine is killed midway ------------------------------------------------

docker_file 'RUN /bin/busybox sleep 600'
midway() { docker ps -q 2>/dev/null | grep . >/dev/null; }
kill_midway() {
	await 60 midway
	kill -KILL "$engine_pid"
}
kill_midway &
ok "a build whose engine dies fails" builds 75 -- "${build[@]}"
wait $!
ok "because the engine is down" caused_by engine-down
ok "with proof" grep -q "nobody serves it" "$HALE_TMP/err"
end_engine
ok "without an engine" builds 75 --force -- "${build[@]}"
ok "it is down as well" caused_by engine-down

# an engine that is back for the next attempt
docker_file 'RUN echo made'
started="$HALE_TMP/started"
"$hale" run --force --retry 6 --result "$HALE_TMP/result" -- "${build[@]}" \
	>"$HALE_TMP/out" 2>"$HALE_TMP/err" </dev/null &
again=$!
await 60 grep -qs "attempt 1 failed (engine-down)" "$HALE_TMP/err"
start_engine >"$started" 2>&1
wait $again
ok "an engine that comes back is waited for" test $? = 0
ok "in another attempt" test "$(result '.attempts | length')" -ge 2
ok "started again it is fit" await 30 fit

# --- its engine is stopped midway -------------------------------------------------

docker_file 'RUN /bin/busybox sleep 600'
stop_midway() {
	await 60 midway
	kill -STOP "$engine_pid"
}
stop_midway &
ok "a build whose engine answers nobody" \
	builds 75 --stall 5s --kill-after 2s -- "${build[@]}"
wait $!
kill -CONT "$engine_pid"
ok "has no engine" caused_by engine-down
ok "the engine that goes on is fit" await 30 fit

# --- somebody interrupts it -------------------------------------------------------

# The container of the build before is no sign of this one, and what a shell
# starts in the background ignores the signal.
ok "what the build before left is gone" await 60 not midway
env --default-signal=INT "$hale" run --result "$HALE_TMP/result" -- \
	"${build[@]}" >"$HALE_TMP/out" 2>"$HALE_TMP/err" </dev/null &
build_pid=$!
await 60 midway
kill -INT $build_pid
wait $build_pid
ok "an interrupted build ends as docker does" test $? = 130
ok "its container as well" await 20 not midway
ok "nobody is blamed" not grep -q "^hale:" "$HALE_TMP/err"

# --- what it runs without a build -------------------------------------------------

docker_file 'RUN echo made'
docker build --network none -t app "$HALE_TMP/ctx" >/dev/null 2>&1
ok "a container's status is the command's" builds 3 -- docker run --rm \
	--network none app /bin/busybox sh -c 'echo out; echo err >&2; exit 3'
ok "its output" test "$(<"$HALE_TMP/out")" = out
ok "and its errors" grep -qx err "$HALE_TMP/err"
# shellcheck disable=SC2016 # the container's shell expands it
ok "a container at its own limit of memory" builds 137 -- docker run --rm \
	--network none -m 20m app /bin/busybox sh -c 'x=a; while :; do x=$x$x; done'
ok "is at a limit, not on a bad machine" caused_by build-limit
ok "one that is read-only on purpose" builds 1 -- docker run --rm \
	--network none --read-only app /bin/busybox touch /made
ok "is not called the machine's fault" test "$(result .hostFault)" = false

# --- BuildKit removes what it could not finish -----------------------------------

# build_kit: builds as a client of BuildKit would, prints what steps print
cat >"$HALE_TMP/build_kit" <<-'end'
	#!/bin/bash
	set -o pipefail
	tar -C "$1" -cf - . | curl -sN --unix-socket "${DOCKER_HOST#unix://}" \
		-X POST -H 'Content-Type: application/x-tar' --data-binary @- \
		'http://localhost/v1.41/build?version=2&networkmode=none' >"$2"
	jq -r 'select(.id == "moby.buildkit.trace") | .aux' "$2" |
		while read -r message; do
			base64 -d <<<"$message"
		done | grep -ao "dd: .*No space left on device" >&2
	! grep '"error"' "$2" >&2
end
chmod +x "$HALE_TMP/build_kit"
docker_file 'RUN dd if=/dev/zero of=/big bs=1M || { sleep 2; exit 1; }'
sed -i -e /SHELL/d -e 's|^RUN \(.*\)|RUN ["/bin/busybox", "sh", "-c", "\1"]|' \
	"$HALE_TMP/ctx/Dockerfile"
ok "a build that fills the data-root, and leaves nothing of it" builds 75 \
	--container -- "$HALE_TMP/build_kit" "$HALE_TMP/ctx" "$HALE_TMP/trace"
ok "met a full disk all the same" caused_by host-disk-full
ok "and how much it took is known" test \
	"$(result '.attempts[0].usage.diskBytes | tonumber')" -gt 200000000

# --- it hangs -------------------------------------------------------------------

# shellcheck disable=SC2016 # the container's shell expands it
docker_file 'RUN i=0; while [ $i -lt 2500000 ]; do i=$((i+1)); done'
ok "a build that works in silence is left alone" \
	builds 0 --stall 3s -- "${build[@]}"
docker_file 'RUN /bin/busybox sleep 600'

ok "a build that does nothing is ended" \
	builds 124 --stall 5s --kill-after 2s -- "${build[@]}"
ok "as stalled" test "$(result '.attempts[0].end')" = STALLED
ok "where it waited is said" grep -qi "wait" "$HALE_TMP/err"
ok "one that takes too long is ended" \
	builds 124 --timeout 4s --kill-after 2s -- "${build[@]}"
ok "as timed out" test "$(result '.attempts[0].end')" = TIMED_OUT

exit "$failures"

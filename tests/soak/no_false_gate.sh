#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# No false gate: real builds on a healthy host, every driver on, for SOAK_S
# seconds (1800): C (hale's own sources), node (npm install, and protobufjs over
# many messages) and docker (a real engine's builds), each through `hale run`.
# Every second `hale check` is asked, and the link RUN/fit looked at: FIT
# throughout, and nobody hears of a finding that warns or blocks which was not
# there before the first build. Builds must pass and not be suspect. An answer
# that came too late says nothing of the host: it is asked again, and told.
#   JOBS          of make, default nproc
#   SOAK_NICE     of the builds, default 0: on a machine that others work on
#   SOAK_IGNORE   findings on these parts (a regex) are another's: on a host
#                 where something else breaks its own loop devices meanwhile
# It prints what was asked how often, and the figures.
# hale-test: alone
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/integration/agent.inc
. tests/integration/agent.inc
# shellcheck source=tests/integration/engine.inc
. tests/integration/engine.inc

seconds=${SOAK_S:-1800}
hale=$HALE_BUILD/hale
src=$PWD
tmp=$HALE_TMP
export HALE_RUN_DIR=$run DOCKER_HOST=unix://$socket DOCKER_BUILDKIT=0
unset MAKEFLAGS MFLAGS MAKELEVEL SAN
builders=() watcher=

# Builds are `hale run`: it passes the signal on, and ends with its build.
finish() {
	touch "$tmp/stop"
	if ((${#builders[@]} > 0)); then
		pkill -TERM -P "$(IFS=,; echo "${builders[*]}")"
		wait "${builders[@]}"
	fi
	[[ -z $watcher ]] || kill "$watcher"
	end_engine TERM
	stop_agent
	unmount_all
} 2>/dev/null
trap finish EXIT

# --- what is asked ------------------------------------------------------------

paths=(--container --path "$tmp" --path "$src")
# asks: one answer a line, with how long it took, in us
asks() {
	local from code try link=there
	for try in 1 2 3 4 5; do
		from=${EPOCHREALTIME/./} code=0
		"$hale" check --strict "${paths[@]}" --format json \
			>"$tmp/said" 2>"$tmp/said.err" || code=$?
		grep -qs "did not answer within" "$tmp/said" "$tmp/said.err" || break
		echo $try >>"$tmp/late"
	done
	[[ -L $run/fit && -e $run/fit ]] || link=gone
	echo "$code $link $((${EPOCHREALTIME/./} - from))" >>"$tmp/answers"
	[[ $code$link == 0there ]] && return
	{
		date
		echo "exit $code, $run/fit is $link"
		cat "$tmp/said" "$tmp/said.err"
	} >>"$tmp/wrong"
}
fit() { "$hale" check --strict "${paths[@]}" >/dev/null 2>&1; }
# Of reports, one a line: findings that warn or block, each once
telling='.findings[]? | select(.effect == "EFFECT_WARNS" or
	.effect == "EFFECT_BLOCKS") | "\(.condition) \(.part.id) \(.effect)"'
loud() { jq -r "$telling" | sort -u; }
now_loud() { "$hale" status --format json 2>/dev/null | loud; }

# --- builds -------------------------------------------------------------------

# builds KIND COMMAND...: one build; what is wrong with it is in $tmp/failed
builds() {
	local kind=$1 code=0
	shift
	[[ ! -e $tmp/stop ]] || return 1
	nice -n "${SOAK_NICE:-0}" "$hale" run --no-store --strict-outputs --result "$tmp/$kind.result" -- \
		"$@" >"$tmp/$kind.out" 2>"$tmp/$kind.err" </dev/null || code=$?
	[[ ! -e $tmp/stop ]] || return 1
	if ((code != 0)) || grep -q '^hale' "$tmp/$kind.err"; then
		{
			echo "$kind: exit $code"
			tail -n 20 "$tmp/$kind.out" "$tmp/$kind.err"
			jq -c . "$tmp/$kind.result"
		} >>"$tmp/failed"
	fi
	echo "$kind" >>"$tmp/built"
	sleep 0.2 # a build that cannot start must not spin
}

c_target=all
((seconds >= 300)) || c_target=o/libexec/hale-triage
c_builds() {
	mkdir "$tmp/c"
	git ls-files -z --cached --others --exclude-standard |
		xargs -0 tar -c --ignore-failed-read 2>/dev/null |
		tar -x -C "$tmp/c"
	while builds c make -s -j"${JOBS:-$(nproc)}" -C "$tmp/c" O=o "$c_target"; do
		make -s -C "$tmp/c" O=o clean
	done
}

node_builds() {
	mkdir "$tmp/node"
	cp tests/integration/protobufjs/package.json "$tmp/node/"
	cd "$tmp/node" || return
	while builds node npm install --silent --no-package-lock --no-audit \
		--no-fund --ignore-scripts --prefer-offline &&
		builds node env NODE_PATH="$tmp/node/node_modules" \
			sh -c "'$HALE_BUILD/tests/integration/random_messages' $RANDOM 10000 |
			node '$src/tests/integration/protobufjs/compare.js' \
			'$src/proto/hale.proto' '$src/proto/fleet.proto' '$src'/tests/fixtures/proto/*.proto"; do
		rm -rf node_modules
	done
}

docker_builds() {
	mkdir "$tmp/ctx"
	cp "$(command -v busybox)" "$tmp/ctx/busybox"
	printf '%s\n' 'FROM scratch' 'COPY busybox /bin/busybox' \
		'SHELL ["/bin/busybox", "sh", "-c"]' \
		'RUN /bin/busybox dd if=/dev/urandom of=/data bs=1M count=20' \
		'RUN /bin/busybox gzip -c /data > /data.gz' >"$tmp/ctx/Dockerfile"
	while builds docker docker build --no-cache --network none -t soak \
		"$tmp/ctx"; do
		docker system prune -af >/dev/null 2>&1
	done
}

built() { grep -cx "$1" "$tmp/built" 2>/dev/null; }
# The time is not up before each kind was built once, on a slow machine too.
time_is_up() {
	((next >= end)) || return 1
	((next < end + 240000000)) || return 0
	for kind in c node docker; do
		grep -qx $kind "$tmp/built" || return 1
	done
}

# --- all ----------------------------------------------------------------------

mkdir -p "$data" "$run" "$state"
printf '%s\n' '[scope]' 'containers = yes' '[engine]' "socket = $socket" >"$conf"
start_engine
start_agent
# What the kernel's log holds from earlier on is no matter of these builds
clear_all
ok "the host is fit before the first build" await 60 fit
[[ $failures == 0 ]] || { "$hale" check "${paths[@]}" >&2; exit 1; }
now_loud >"$tmp/before"
"$hale" watch --format json >"$tmp/watched" &
watcher=$!

: >"$tmp/answers"
touch "$tmp/built" "$tmp/late"
for kind in c node docker; do
	${kind}_builds &
	builders+=($!)
done
end=$((${EPOCHREALTIME/./} + seconds * 1000000))
next=${EPOCHREALTIME/./}
until time_is_up; do
	asks
	next=$((next + 1000000))
	left=$((next - ${EPOCHREALTIME/./}))
	((left <= 0)) || sleep "$(printf '%d.%06d' $((left / 1000000)) \
		$((left % 1000000)))"
done
now_loud >"$tmp/after"
touch "$tmp/stop"

wrong() { cat "$tmp/$1" >&2; ! [[ -s $tmp/$1 ]]; }
touch "$tmp/wrong" "$tmp/failed"
{ loud <"$tmp/watched"; cat "$tmp/after"; } 2>/dev/null | sort -u |
	comm -23 - "$tmp/before" >"$tmp/all-news"
grep -vE "^[^ ]+ (${SOAK_IGNORE:-^$}) " "$tmp/all-news" >"$tmp/news"
ok "it is FIT throughout, and says so by its link" wrong wrong
ok "nothing was found that warns or blocks" wrong news
ok "each build passed, and none was suspect" wrong failed
for kind in c node docker; do
	ok "$kind was built" test "$(built $kind)" -gt 0
done
sort -n -k 3,3 "$tmp/answers" | awk -v s="$seconds" -v c="$(built c)" \
	-v n="$(built node)" -v d="$(built docker)" '{ t[NR] = $3 / 1000 }
	END { printf "# %d answers in %d s, median %.1f ms, 99 %% %.1f ms, " \
		"longest %.1f ms; %d C, %d node, %d docker builds\n", NR, s,
		t[int((NR + 1) / 2)], t[int(NR * 0.99)], t[NR], c, n, d }'
echo "# $(wc -l <"$tmp/late") answers came too late"
exit $((failures > 0))

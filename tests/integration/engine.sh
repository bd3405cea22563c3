#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# hale and a real dockerd: at work, hung, killed, stopped by its owner, with its
# data on a full disk, and with a plugin that dies by SIGBUS. It gets a socket,
# a data-root and a private agent of its own; the host's engine is left alone.
# hale-test: alone
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/integration/agent.inc
. tests/integration/agent.inc
# shellcheck source=tests/integration/engine.inc
. tests/integration/engine.inc

hale=$HALE_BUILD/hale
helper=$HALE_BUILD/libexec/hale-probe-engine

finish() {
	end_engine
	stop_agent
	unmount_all
}
trap finish EXIT

# checks CODE OPTION...: `hale check` of this folder exits so
checks() {
	local want=$1 code=0
	shift
	"$hale" check --run-dir "$run" --path "$HALE_TMP" --format json "$@" \
		>"$HALE_TMP/said" 2>"$HALE_TMP/said.err" || code=$?
	[[ $code == "$want" ]]
}

# because CONDITION PART: the last check names it
because() {
	jq -e --arg c "$1" --arg p "$2" '.verdict.reasons[]? |
		select(.finding.condition == $c and
			(.finding.part.id | startswith($p)))' \
		"$HALE_TMP/said" >/dev/null
}

plugin_state() {
	"$helper" --root "$HALE_TMP/root" --asked |
		jq -r 'select(.observation.condition == "engine.plugin_broken") |
			"\(.observation.holds // false) \(.observation.evidence)"'
}

# --- its disk: small, and of its own -----------------------------------------

truncate -s 200M "$HALE_TMP/data.img"
mkdir "$data" "$run" "$state" 2>/dev/null
mkfs.ext4 -q -F "$HALE_TMP/data.img" && mount -o loop "$HALE_TMP/data.img" "$data" ||
	exit 1
printf '[engine]\nsocket = %s\n' "$socket" >"$conf"

start_engine
start_agent
clear_all
ok "an engine at work is fit to build with" await 20 checks 0 --container
ok "its data-root is in the scope" \
	test "$(jq .verdict.parts "$HALE_TMP/said")" -gt \
	"$(checks 0; jq .verdict.parts "$HALE_TMP/said")"

# --- full ---------------------------------------------------------------------

dd if=/dev/zero of="$data/fill" bs=1M 2>/dev/null
ok "a full data-root is unfit" await 20 checks 75 --container --fresh
ok "and is named" because fs.full fs/
ok "but not for builds outside" await 5 checks 0
rm "$data/fill"
ok "room again is fit again" await 20 checks 0 --container --fresh
ok "a need is held against the data-root" \
	await 5 checks 75 --container --need-space 190M
ok "and against the path alone without it" await 5 checks 0 --need-space 190M

# --- hung, killed, back, stopped ----------------------------------------------

kill -STOP "$engine_pid"
ok "one that hangs is unfit" await 30 checks 75 --container
ok "because it is down" because engine.down engine/docker
ok "which is no matter of other builds" await 5 checks 0
kill -CONT "$engine_pid"
ok "it goes on" await 20 checks 0 --container

kill -KILL "$engine_pid"
wait "$engine_pid" 2>/dev/null
ok "one that was killed is unfit" await 20 checks 75 --container
ok "because nobody serves its socket" grep -q "nobody serves it" "$HALE_TMP/said"
await 20 not pgrep -f "$HALE_TMP/exec" >/dev/null
start_engine
ok "started again it is fit" await 20 checks 0 --container

kill -TERM "$engine_pid"
wait "$engine_pid" 2>/dev/null
engine_pid=
ok "one that was stopped is unknown" await 20 checks 69 --container
ok "with a reason that says so" grep -q "no container engine" "$HALE_TMP/said"
ok "and no alarm" not because engine.down engine/docker

# --- plugins ------------------------------------------------------------------

plugins=$HALE_TMP/root/usr/libexec/docker/cli-plugins
mkdir -p "$plugins" "$HALE_TMP/root/proc/self"
echo "20 1 8:1 / / rw - ext4 /dev/sda1 rw" >"$HALE_TMP/root/proc/self/mountinfo"
cp "$HALE_BUILD/tests/integration/engine_plugin" "$plugins/docker-buildx"
plugin_state >"$HALE_TMP/plugin"
ok "a plugin that dies is broken" grep -q \
	"^true docker-buildx .* died by SIGBUS when started" "$HALE_TMP/plugin"
cp /bin/true "$plugins/docker-buildx"
plugin_state >"$HALE_TMP/plugin"
ok "one that starts is not" grep -q "^false" "$HALE_TMP/plugin"

exit "$failures"

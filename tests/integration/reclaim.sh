#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `hale reclaim` and a real dockerd: dangling images, a build cache made by its
# own BuildKit, ended containers; what runs stays; a tool's cache beside them; an
# engine that does not answer. The engine is the test's own.
# hale-test: alone
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/integration/agent.inc
. tests/integration/agent.inc
# shellcheck source=tests/integration/engine.inc
. tests/integration/engine.inc

hale=$HALE_BUILD/hale
export DOCKER_HOST=unix://$socket DOCKER_BUILDKIT=0

finish() {
	docker ps -q 2>/dev/null | xargs -r docker kill >/dev/null 2>&1
	end_engine
	unmount_all
}
trap finish EXIT

# reclaim CODE OPTION...: exits so; its words go to said and said.err
reclaim() {
	local want=$1 code=0
	shift
	"$hale" reclaim --config "$conf" "$@" >"$HALE_TMP/said" \
		2>"$HALE_TMP/said.err" </dev/null || code=$?
	[[ $code == "$want" ]] || {
		echo "exit $code, not $want: $*" >&2
		cat "$HALE_TMP/said" "$HALE_TMP/said.err" >&2
		return 1
	}
}

says() { grep -q -- "$1" "$HALE_TMP/said"; }
# step WHAT FIELD: of the JSON that was said
step() {
	jq -r --arg w "$1" --arg f "$2" \
		'[.steps[]? | select(.what == $w) | .[$f] // 0 | tonumber] | add // 0' \
		"$HALE_TMP/said"
}
has_image() { docker image inspect "$1" >/dev/null 2>&1; }
has_container() { docker inspect "$1" >/dev/null 2>&1; }
images() { docker images -qa | sort -u | wc -l; }

# build_context NUMBER: an image of busybox and one file
build_context() {
	mkdir -p "$HALE_TMP/ctx"
	cp "$(command -v busybox)" "$HALE_TMP/ctx/busybox"
	head -c 300000 /dev/urandom >"$HALE_TMP/ctx/file"
	printf 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY file /file%s\n' \
		"$1" >"$HALE_TMP/ctx/Dockerfile"
	printf 'RUN ["/bin/busybox", "sh", "-c", "echo %s > /out"]\n' "$1" \
		>>"$HALE_TMP/ctx/Dockerfile"
}

# BuildKit within the engine, without a client of its own
build_with_cache() {
	tar -C "$HALE_TMP/ctx" -cf "$HALE_TMP/ctx.tar" .
	curl -sf --unix-socket "$socket" -X POST \
		-H 'Content-Type: application/x-tar' \
		--data-binary "@$HALE_TMP/ctx.tar" \
		"http://localhost/v1.41/build?version=2&t=$1&networkmode=none" |
		grep '"error"' >/dev/null && return 1
	return 0
}

printf '[engine]\nsocket = %s\n[reclaim]\ncache = %s 30d\n' "$socket" \
	"$HALE_TMP/toolcache" >"$conf"
start_engine
ok "an engine that is empty has nothing to free" reclaim 0 --dry-run
ok "which is said" says "nothing to free"

# --- dangling images ------------------------------------------------------------

build_context 1
docker build -q --network none -t app "$HALE_TMP/ctx" >/dev/null 2>&1
build_context 2
docker build -q --network none -t app "$HALE_TMP/ctx" >/dev/null 2>&1
before=$(images)
ok "a replaced image is seen" reclaim 0 --dry-run --format json
ok "with its size" test "$(step 'dangling images' bytes)" -gt 300000
ok "nobody there and no --yes: nothing is done" reclaim 64
ok "and why is said" grep -q -- "--yes frees it" "$HALE_TMP/said.err"
ok "all images are still there" test "$(images)" = "$before"
ok "it goes with --yes" reclaim 0 --yes
ok "and is gone" test "$(images)" -lt "$before"
ok "the named one stays" has_image app

# --- the build cache --------------------------------------------------------------

build_context 3
ok "BuildKit builds" build_with_cache cached
docker rmi -f cached >/dev/null
ok "a cache used today stays" reclaim 0 --dry-run --format json
ok "none of it would go" test "$(step 'build cache' bytes)" = 0
ok "with --aggressive it is seen" reclaim 0 --dry-run --aggressive --format json
ok "as what it is" test "$(step 'build cache' bytes)" -gt 300000

# --- what runs stays ----------------------------------------------------------------

docker run -d --network none --name busy app /bin/busybox sleep 600 >/dev/null
docker run --network none --name ended app /bin/busybox true >/dev/null
ok "--aggressive frees" reclaim 0 --yes --aggressive --format json
ok "the cache" test "$(docker system df --format '{{.Type}} {{.TotalCount}}' |
	sed -n 's/Build Cache //p')" = 0
ok "the ended container" not has_container ended
ok "not the running one" test "$(docker inspect -f '{{.State.Running}}' busy)" = true
ok "nor its image" has_image app
ok "it says how much" test "$(jq -r '.freedBytes | tonumber' "$HALE_TMP/said")" \
	-gt 300000

# --- a tool's cache, and enough room ---------------------------------------------

mkdir "$HALE_TMP/toolcache"
head -c 500000 /dev/urandom >"$HALE_TMP/toolcache/old"
touch -d '60 days ago' "$HALE_TMP/toolcache/old"
ok "where there is room, nothing goes" reclaim 0 --yes --until-free 1M
ok "the old file stays" test -e "$HALE_TMP/toolcache/old"
ok "more than there can be is not reached" reclaim 1 --yes --until-free 900T
ok "the old file is gone" test ! -e "$HALE_TMP/toolcache/old"
ok "what would free more is named" grep -q -- --aggressive "$HALE_TMP/said.err"

# --- mistakes, and an engine that hangs -----------------------------------------

printf '[reclaim]\ncache = /srv/x soon\n' >"$HALE_TMP/wrong.conf"
ok "a wrong line" not "$hale" reclaim --config "$HALE_TMP/wrong.conf" \
	2>"$HALE_TMP/said.err"
ok "is named by its place" grep -q "wrong.conf:2: " "$HALE_TMP/said.err"
end_engine
ok "an engine that is gone" reclaim 69 --dry-run
ok "is named" says "could not be asked"

exit "$failures"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The history that an agent keeps: what was acknowledged survives kill -9, a full
# disk is waited out, a damaged file is set aside, strangers see what they may,
# and whatever becomes of the store, the gate answers.
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"
export HALE_RUN_DIR=$run XDG_STATE_HOME=$HALE_TMP/own

ship() { "$HALE_BUILD/tests/integration/ship_client" "$run/ship.sock" "$@"; }
hale() { "$HALE_BUILD/hale" "$@"; }
process() { pgrep -P "$pid" -x 'haled: ship'; }
up() { [[ -n $(process) ]] && ship needs x >/dev/null 2>&1; }
sight() {
	client status | jq -r '.report.coverage // [] | .[] |
		select(.sense == "history") | "\(.sight // "SIGHT_BLIND") \(.why // "")"'
}
# shellcheck disable=SC2053 # a pattern it is
sees_as() { [[ $(sight) == $1 ]]; }
builds() { ship history "$@" | jq -c 'select(.build) | .build'; }
small=$HALE_TMP/small
tidy() {
	stop_agent
	umount "$small" 2>/dev/null || true
}
trap tidy EXIT

# --- kept, and shown ---
: >"$conf"
start_agent
ok "an agent keeps a history" await 60 up
ok "and says so" await 60 sees_as 'SIGHT_LIVE *'
ok "an empty one says how to begin" grep -q 'hale run' \
	<(hale history 2>&1)
ship record 1 "repo=https://ci:S3CRET@h.example/a/b.git" word=curl word=--token \
	word=S3CRET directory=/home/ci >"$HALE_TMP/ids"
ok "a build is stored" test "$(wc -l <"$HALE_TMP/ids")" = 1
ok "under the name of its repository" test \
	"$(builds | jq -r .repo)" = h.example/a/b
ok "of the user who told it" test "$(builds | jq -r '.uid // 0')" = "$(id -u)"
no_secret() { ! grep -rqa S3CRET "$state"; }
ok "no secret is on the disk" no_secret
ok "the same build again is one build" test "$(
	ship record 2 id=00112233445566778899aabbccddeeff repo=twice >/dev/null
	builds repo=twice | wc -l)" = 1
ok "a host that it claims to be is not believed" test \
	"$(builds | jq -r .host | sort -u)" = "$(hostname)"

# --- what builds usually need ---
exits_with() {
	local want=$1 status=0
	shift
	"$@" >/dev/null 2>&1 || status=$?
	[[ $status == "$want" ]]
}
like() { hale check --path "$HALE_TMP" --like "$@"; }
huge=$((1 << 50))
fit() { exits_with "$(exit_code "$HALE_TMP")" "$@"; }
ok "a check like nothing known is as without" fit like big/build
ok "and says so" grep -q 'no build of big/build' <(like big/build 2>&1 || true)
ship record 2 repo=big/build disk=$huge >/dev/null
ok "two builds are too few" fit like big/build
ship record 2 repo=big/build disk=$huge >/dev/null
ok "a build that will not fit is refused at the start" \
	exits_with 75 like big/build
ok "in words that name the need and the room" grep -Eq \
	'^builds of big/build usually need [0-9.]+ [TP]iB here; [0-9.]+ [KMGT]iB are free on .* \(' \
	<(like big/build 2>&1 || true)
ok "what the user says himself counts more" fit like big/build --need-space 1M
ok "a run is refused as well" exits_with 75 \
	"$HALE_BUILD/hale" run --no-store --like big/build -- true

# --- who may see what ---
chmod 755 "$HALE_TMP"
cp "$HALE_BUILD/tests/integration/ship_client" "$HALE_TMP/ship_client"
stranger() {
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$HALE_TMP/ship_client" "$run/ship.sock" "$@"
}
ok "any user may tell a build" test \
	"$(stranger record 1 uid=0 word=mine repo=theirs | wc -c)" -gt 30
ok "as his own" test "$(builds repo=theirs | jq -r .uid)" = 65534
ok "and sees it whole" test \
	"$(stranger history repo=theirs | jq -r '.build.command[0]' | head -n 1)" = mine
ok "but of others no command and no folder" test "$(
	stranger history repo=h.example/a/b |
		jq -c 'select(.build) | [.build.command, .build.directory]'
)" = '[null,null]'
ok "only his own where he asks for that" test "$(
	stranger history mine=1 | grep -c '"build"')" = 1

# --- kill -9, fifty times (KILLS), while builds are told ---
kills=${KILLS:-50}
: >"$HALE_TMP/acknowledged"
for ((i = 0; i < kills; i++)); do
	await 60 up || break
	# an answer holds 10000 rows at most, and a kill is good for some 250
	ship record 100000 "repo=killed$((i / 20))" \
		>>"$HALE_TMP/acknowledged" 2>/dev/null &
	writer=$!
	lines=$(wc -l <"$HALE_TMP/acknowledged")
	more() { (($(wc -l <"$HALE_TMP/acknowledged") > lines + RANDOM % 5)); }
	await 60 more || break
	kill -KILL "$(process)"
	wait "$writer" || true
	# the way back is the agent's to find; reload starts it at once
	printf '[store]\nsize = %dMiB\n' $((1000 + i)) >"$conf"
	kill -HUP "$pid"
done
ok "$kills kills" test "$i" = "$kills"
ok "the store comes back" await 60 up
for ((k = 0; k <= kills / 20; k++)); do
	builds "repo=killed$k" | jq -r .id
done | sort >"$HALE_TMP/stored"
sort "$HALE_TMP/acknowledged" | grep -v refused >"$HALE_TMP/told"
echo "# acknowledged: $(wc -l <"$HALE_TMP/told")"
ok "nothing that was acknowledged is lost" test -z \
	"$(comm -23 "$HALE_TMP/told" "$HALE_TMP/stored")"
ok "nothing is there twice" test -z "$(uniq -d "$HALE_TMP/stored")"
ok "nor was anything set aside" not compgen -G "$state/*.aside*"
ok "the agent is alive" alive

# --- hostile clients ---
"$HALE_BUILD/tests/integration/ship_client" "$run/ship.sock" idle 200 \
	>"$HALE_TMP/idle.out" 2>&1 &
idle=$!
setpriv --reuid 65534 --regid 65534 --clear-groups "$HALE_TMP/ship_client" \
	"$run/ship.sock" mute 200 >"$HALE_TMP/mute.out" 2>&1 &
mute=$!
here() { grep -q here "$HALE_TMP/idle.out" && grep -q here "$HALE_TMP/mute.out"; }
ok "two hundred of each come" await 60 here
ok "clients that say nothing and read nothing keep nobody out" up
kill "$idle" "$mute"
wait "$idle" "$mute" 2>/dev/null || true
ok "what is no request is refused" test "$(
	head -c 3000 /dev/urandom | ship raw | jq -r '.error.code')" -gt 0
ok "nor is what is too long" test "$(
	head -c 100000 /dev/zero | ship raw | jq -r '.error.code')" = 90
ok "and it goes on" up
stopped() { stranger record 5000 repo=flood | grep -m 1 -q 'too many builds'; }
set +o pipefail
ok "a user who tells too many is told to stop" stopped
set -o pipefail
ok "others are not" test "$(ship record 1 repo=other | grep -c refused)" = 0

# --- a full disk under it ---
mkdir "$small"
mount -t tmpfs -o size=1500k tmpfs "$small"
chmod 700 "$small"
printf '[store]\npath = %s/builds.db\n' "$small" >"$conf"
kill -HUP "$pid"
moved() { [[ -e $small/builds.db ]] && up; }
ok "the store is where the configuration says" await 60 moved
ship record 1 repo=before >/dev/null
dd if=/dev/zero of="$small/ballast" bs=4k 2>/dev/null || true
# who is answered while the disk is full was not kept waiting for room
text=$(ship record 12 repo=during word="$(head -c 3000 /dev/zero | tr '\0' x)" |
	grep refused | tail -n 1 || true)
ok "a build on a full disk is not said to be stored" grep -q full <<<"$text"
ok "it waits in memory" grep -q 'waits in memory' <<<"$text"
ok "the history says what is wrong" await 60 sees_as 'SIGHT_PARTIAL *is full*'
ok "which no verdict rests on" test "$(client status | jq -s \
	'[.[].report.verdict.reasons // [] | .[] | select((.text // "") | contains("history"))] | length')" = 0
rm "$small/ballast"
caught_up() { [[ $(builds repo=during | wc -l) == 12 ]]; }
ok "with room again it catches up" await 60 caught_up
ok "and says so" await 60 sees_as 'SIGHT_LIVE *'

# --- damaged, and of the future ---
printf '' >"$conf"
kill -HUP "$pid"
await 60 up
stop_agent
dd if=/dev/urandom of="$state/builds.db" bs=4096 seek=1 count=3 conv=notrunc \
	2>/dev/null
start_agent
ok "an agent with a damaged history starts" await 60 up
ok "the file is kept" test -e "$state/builds.db.aside-1"
ok "and the log says it in one line" test "$(grep -c 'aside-1' "$log")" = 1
stop_agent
python3 - "$state/builds.db" <<-'EOF'
	import sqlite3, sys
	db = sqlite3.connect(sys.argv[1])
	db.execute("PRAGMA user_version = 99")
	db.commit()
EOF
start_agent
ok "so is one of a newer hale" await 60 logged 'newer hale; kept as builds.db.aside-2'
ok "with a new one beside it" await 60 up

# --- off, and absent ---
printf '[store]\nenabled = no\n' >"$conf"
kill -HUP "$pid"
gone() { [[ -z $(process) && ! -e $run/ship.sock ]]; }
ok "it can be off" await 60 gone
ok "which is said" await 60 sees_as 'SIGHT_BLIND *enabled = no*'
ok "the gate answers" client check
ok "a check that would learn says that nothing is known" grep -q 'no history' \
	<(hale check --like a/b 2>&1 || true)
stop_agent

# --- its own user's other processes ---
# The drivers are of the user that it is: one that was taken over is a stranger.
mkdir "$HALE_TMP/theirs"
chown 64002 "$HALE_TMP/theirs"
cp "$HALE_BUILD/libexec/hale-ship" "$HALE_TMP/hale-ship"
as() {
	local uid=$1
	shift
	setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
}
# command_seen_by UID [OPTION]...: of another's build, by a store of user 64002
command_seen_by() {
	local at=$HALE_TMP/theirs/ship.sock server uid=$1
	shift
	setpriv --reuid 64002 --regid 64002 --clear-groups \
		"$HALE_TMP/hale-ship" --run-dir "$HALE_TMP/theirs" \
		--store "$HALE_TMP/theirs/builds.db" "$@" >/dev/null 2>&1 &
	server=$!
	await 60 as 65534 "$HALE_TMP/ship_client" "$at" record 1 \
		repo=peer word=private >/dev/null 2>&1
	as "$uid" "$HALE_TMP/ship_client" "$at" history repo=peer |
		jq -r 'select(.build) | .build.command[0] // "hidden"' | sort -u
	kill -KILL "$server"
	wait "$server" 2>/dev/null || true
	rm -f "$at"
}
ok "who started it without root sees all of it" test \
	"$(command_seen_by 64002)" = private
ok "of a confined user's other processes none does" test \
	"$(command_seen_by 64002 --confined)" = hidden
ok "root does" test "$(command_seen_by 0 --confined)" = private

# --- without an agent: the user's own ---
own() { "$HALE_BUILD/libexec/hale-ship" --record --store "$HALE_TMP/own/hale/builds.db"; }
told() { "$HALE_BUILD/tests/integration/ship_client" - record 1 "$@"; }
ok "one build without an agent" own < <(told repo=alone)
ok "is in the user's own history" grep -q '^1 build' <(hale history)
ok "which is nobody else's to read" test \
	"$(stat -c %a "$HALE_TMP/own/hale/builds.db")" = 600
mkdir "$HALE_TMP/dir"
mkdir "$HALE_TMP/dir/builds.db"
ok "where it cannot be written one line says so" test "$(
	told | "$HALE_BUILD/libexec/hale-ship" --record --store \
		"$HALE_TMP/dir/builds.db" 2>&1 | wc -l)" = 1
((failures == 0))

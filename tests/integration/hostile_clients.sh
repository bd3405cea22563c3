#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Clients that mean harm, of several users, at line rate. Honest ones are
# answered all the same, in less than twice the time that an agent takes that
# nobody attacks on this machine in this moment; nothing grows: no memory, no
# descriptors, no log. And six hundred that mean well, all at once.
#   SECONDS_EACH  of each attack, default 3; a long form for `make soak`
#   WAVES         how often all of them, default 1, after one to warm up
#
# hale-test: alone (it takes all processors)
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

each=${SECONDS_EACH:-3}
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1
chmod 755 "$HALE_TMP"
bin=$HALE_TMP/bin
mkdir "$bin"
cp "$HALE_BUILD/hale" "$HALE_BUILD"/tests/integration/hostile_{clients,race} "$bin"
chmod -R a+rX "$bin"
: >"$conf"
start_agent
target=$pid
# one that nobody attacks, to compare with
quiet=$HALE_TMP/quiet
mkdir "$quiet"
"$haled" --foreground --config "$conf" --run-dir "$quiet" \
	--state-dir "$HALE_TMP/quiet-state" 2>"$HALE_TMP/quiet-log" &
other=$!
finish() {
	kill "$other" 2>/dev/null || true
	wait "$other" 2>/dev/null || true
	stop_agent
}
trap finish EXIT
ok "there are two agents" await 15 grep -q "haled: ready" "$HALE_TMP/quiet-log"
pss() {
	local p
	for p in $(family "$target"); do cat "/proc/$p/smaps_rollup" 2>/dev/null || true; done |
		awk '/^Pss:/ { n += $2 } END { print n }'
}
fds() {
	local p
	for p in $(family "$target"); do ls "/proc/$p/fd" 2>/dev/null || true; done | wc -l
}
as() {
	local user=$1
	shift
	setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
}
# attack SECONDS WAY...: each by a user of its own
attackers=()
attack() {
	local seconds=$1 user=60000 way
	shift
	for way; do
		as $((++user)) "$bin/hostile_clients" "$run/gate.sock" \
			"$seconds" "$way" >>"$HALE_TMP/done" &
		attackers+=($!)
	done
}
rest() {
	wait "${attackers[@]}" || true
	attackers=()
}
groups=(
	"storm silent half"
	"bytes mute unread"
	"status why fresh"
	"check clear oversize"
	"empty pass storm"
)
: >"$HALE_TMP/done"
settle() { sleep 6; } # the idle are sent away after 5 s
# Others have work on this host, too: it only ever adds to a time and takes away
# from answers, so that the best of some races counts. Where an attack does reach
# the others, it does so in each.
race() {
	local try ratio one
	code=1 best=
	for ((try = 0; try < 8; try++)); do
		# shellcheck disable=SC2086
		attack "$each" $1
		one=0
		said=$(as 50000 "$bin/hostile_race" "$bin/hale" \
			$((each * 15)) "$quiet" "$run") || one=$?
		rest
		echo "# $1: $said"
		((one != 0)) || code=0
		ratio=${said##* }
		best=$(printf '%s\n' "${best:-$ratio}" "$ratio" | sort -g | head -n 1)
		((code != 0)) || ! awk -v r="$best" 'BEGIN { exit !(r < 2) }' || break
	done
}
for group in "${groups[@]}"; do
	# shellcheck disable=SC2086
	attack 1 $group
	rest
done
settle
before=$(pss) held=$(fds)
for ((wave = 0; wave < ${WAVES:-1}; wave++)); do
	for group in "${groups[@]}"; do
		race "$group"
		ok "beside $group everybody is answered" test "$code" = 0
		ok "in less than twice the time" awk -v r="$best" \
			'BEGIN { exit !(r < 2) }'
	done
done
settle
after=$(pss)
echo "# $(awk '{ n[$1] += $2 } END { for (w in n) printf "%s %d, ", w, n[w] }' "$HALE_TMP/done")"
connections=$(awk '/^(storm|silent)/ { n += $2 } END { print n }' "$HALE_TMP/done")
ok "there were more than 10,000 connections ($connections)" \
	test "$connections" -gt 10000
ok "it is about as small as before ($before KiB, then $after)" \
	test $((after - before)) -lt 512
ok "with no more descriptors ($held, then $(fds))" test "$(fds)" -le $((held + 1))
ok "and has not filled the log ($(wc -l <"$log") lines)" \
	test "$(wc -l <"$log")" -lt 200
ok "nor lost a process" alive

# --- six hundred at once
crowd() {
	local i jobs=() code bad=0
	for ((i = 0; i < 600; i++)); do
		as 50001 "$bin/hale" check --host --run-dir "$run" >/dev/null 2>&1 &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do
		code=0
		wait "$i" || code=$?
		[[ $code == 0 || $code == 75 ]] || bad=$((bad + 1))
	done
	echo "# of 600 builds that ask at once $bad are not answered"
	((bad <= 6)) # a hundredth: of a machine without time for its clients
}
crowds() { crowd || crowd || crowd || crowd; }
ok "six hundred of one user at once are all answered" crowds
stop_agent
ok "and it ends in order" test "$status" = 0

exit $((failures > 0))

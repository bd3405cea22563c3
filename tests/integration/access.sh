#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Who may hear and do what. Anybody may ask; what the kernel's log says word by
# word is for root and the groups that read logs where kernel.dmesg_restrict is
# set, on every way out; to clear is for root and the agent's group, and is told
# with who and why. Nothing listens on a network.
#
# hale-test: alone (it changes kernel.dmesg_restrict for the whole host)
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

restrict=/proc/sys/kernel/dmesg_restrict
was=$(<"$restrict")
finish() {
	echo "$was" >"$restrict"
	stop_agent
}
trap finish EXIT
echo 1 >"$restrict"

chmod 755 "$HALE_TMP"
bin=$HALE_TMP/bin
mkdir "$bin"
cp -r "$HALE_BUILD/hale" "$HALE_BUILD/libexec" \
	"$HALE_BUILD/tests/integration/gate_client" "$bin"
chmod -R a+rX "$bin"
# as GROUPS COMMAND...: nobody, in these groups besides
as() {
	local groups=$1
	shift
	local which=(--clear-groups)
	[[ -z $groups ]] || which=(--groups "$groups")
	setpriv --reuid 65534 --regid 65534 "${which[@]}" "$@"
}
hale() { "$bin/hale" --run-dir "$run" "$@" 2>&1 || true; }
hale_as() {
	local groups=$1
	shift
	as "$groups" "$bin/hale" --run-dir "$run" "$@" 2>&1 || true
}
adm=$(getent group adm | cut -d: -f3)
crew=$(getent group games | cut -d: -f3)
printf '[kmsg]\ntrust_user_records = yes\n[agent]\ngroup = games\n' >"$conf"
start_agent
# flock(2) needs no more than a descriptor: who may open the lock could hold it,
# and the next agent would not start.
ok "nobody but root can take the agent's lock" \
	test "$(stat -c %a "$run/lock")" = 600
clear_all
disk=$(new_disk)
words='op 0x0:(READ) flags 0x0' # what only the log says
say "critical medium error, dev $disk, sector 7654321 $words phys_seg 1 prio class 2"
ok "a fault of a disk is found" await 10 counts "$disk" disk.medium_error 1

# --- the kernel's own words ---
says() { grep -qF "$words"; }
names() { grep -q "$disk"; }
everywhere() {
	local way n=0
	for way in "status" "status --format json" "check --host" \
		"check --host --format json" "explain $disk" \
		"explain $disk --format json"; do
		# shellcheck disable=SC2086
		"$@" $way | says || {
			echo "# not in: $way" >&2
			n=$((n + 1))
		}
	done
	((n == 0))
}
nowhere() {
	local way n=0
	for way in "status" "status --format json" "check --host" \
		"check --host --format json" "check --host" "explain $disk" \
		"explain $disk --format json" "explain $disk --format markdown" \
		"history --findings" "history --findings --format json"; do
		# shellcheck disable=SC2086
		if "$@" $way | says; then
			echo "# in: $way" >&2
			n=$((n + 1))
		fi
	done
	((n == 0))
}
ok "root hears the kernel's words" everywhere hale
ok "nobody does not" nowhere hale_as ""
ok "but is told the part" names <<<"$(hale_as "" status)"
ok "the condition" grep -q disk.medium_error <<<"$(hale_as "" status)"
ok "how often" grep -q "once" <<<"$(hale_as "" status)"
ok "and that there are words" grep -q "groups adm and hale" \
	<<<"$(hale_as "" status)"
withheld() { jq -e '[.. | objects | select(.withheld)] | length > 0' >/dev/null; }
ok "in JSON" withheld <<<"$(hale_as "" status --format json)"
ok "the group adm hears them" everywhere hale_as "$adm"
ok "so does the agent's" everywhere hale_as "$crew"
bare() { as "" "$bin/gate_client" "$run/gate.sock" "$@"; }
ok "the socket does not tell more than the command" \
	not says < <(bare status; bare check; bare watch 1)
stored() { hale history --findings --format json | says; }
ok "the history has them" await 10 stored
ok "for root only" not says < <(hale_as "" history --findings --format json)
remembered() { grep -qF "$words" "$state/state.pb"; }
ok "so has the memory" await 15 remembered
ok "and their files are closed to others" \
	not as "" grep -rqsF "$words" "$state"

# and its log is for those who read the kernel's
stop_agent
start_agent
judged() { grep -qF "haled: host is " "$log"; }
ok "an agent that starts again says how the host is" await 5 judged
ok "with the proof, before anybody has asked" \
	not grep -q "haled: host is .* evidence=$" "$log"

echo 0 >"$restrict"
ok "where the kernel tells everybody, so does the agent, at once" \
	everywhere hale_as ""
echo 1 >"$restrict"
ok "and no longer than that" nowhere hale_as ""

# --- control ---
for _ in $(seq 20); do
	hale_as "" clear "$disk" --reason "mine" >/dev/null
done
ok "nobody may clear" counts "$disk" disk.medium_error 1
ok "who tried is in the log, with uid and pid" \
	grep -Eq 'refused a control request uid=65534 pid=[0-9]+' "$log"
ok "but not twenty times" \
	test "$(grep -c 'refused a control request' "$log")" -le 2
ok "all are counted" test "$(hale status --format json | jq -r .refused)" = 20
ok "and shown" grep -q 'refused: 20 .*uid 65534' <<<"$(hale status)"
ok "to reload neither" not grep -q '"affected"' <<<"$(bare reload)"
hale_as "$crew" clear "$disk" --reason $'disk \e[31mswapped\nFIT' >/dev/null
ok "the agent's group may clear" test -z \
	"$(count_of "$disk" disk.medium_error)"
ok "who did, and why, is shown" grep -Eq \
	"closed.*|$disk.*cleared by an operator.*uid 65534, pid [0-9]+: disk " \
	<<<"$(hale status)"
ok "in one line, without its escapes" not grep -q $'\e\|^FIT$' \
	<<<"$(hale status)"
ok "and in the log" grep -Eq \
	"cleared part=.*$disk.* uid=65534 pid=[0-9]+ reason=disk" "$log"

# --- the network ---
listens() {
	local p
	family "$pid" | while read -r p; do
		find "/proc/$p/fd" -lname 'socket:*' -printf '%l\n' 2>/dev/null
	done | tr -dc '0-9\n' | sort -u >"$HALE_TMP/sockets"
	cat "/proc/$pid"/net/{tcp,tcp6,udp,udp6,udplite,raw,raw6,icmp,packet} \
		2>/dev/null | tr -s ' ' '\n' | grep -Fxf "$HALE_TMP/sockets"
}
ok "nothing listens on a network" not listens
ok "there were sockets to look at" test -s "$HALE_TMP/sockets"

exit $((failures > 0))

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What people and scripts see of a fleet: ls, show, watch, history, top,
# quarantine and release, on three real servers over TLS with 300 made-up hosts;
# hosts that lie, a host that stops, wrong clocks, a server that dies under a
# watcher; and what is said where something is wrong with the way there.
# hale-test: alone (three servers)
# hale-test: fleet
set -euo pipefail
# shellcheck source=tests/integration/fleet.inc
. "$HALE_SRC/tests/integration/fleet.inc"
own_network "$@"
watcher=
tidy() {
	[[ -z $watcher ]] || kill "$watcher" 2>/dev/null || true
	end_servers
}
trap tidy EXIT

out=$HALE_TMP/out
err=$HALE_TMP/err
# run NAME WORD...: `hale fleet WORD...`; sets $status, fills $out and $err
run() {
	status=0
	hale fleet "$@" >"$out" 2>"$err" || status=$?
}
said() { grep -qE -- "$1" "$out"; }
warned() { grep -qE -- "$1" "$err"; }
one_line() { [[ $(wc -l <"$err") == 1 ]]; }
last() { [[ $(tail -n 1 "$out") == "$1" ]]; }
exits() {
	local want=$1
	shift
	run "$@"
	[[ $status == "$want" ]]
}
listed() { # listed LAST-LINE OPTION...
	local want=$1
	shift
	run ls "$@"
	last "$want"
}

# --- no fleet, no server, no stream ---
export HALE_FLEET=$HALE_TMP/none
ok "without a fleet it says so" exits 69 ls
ok "and how to name one" warned 'hale fleet init'
read -ra p < <(free_ports 6)
hale fleet init "$fleet" --nodes "a=127.0.0.1:${p[0]}:${p[3]},$(
	)b=127.0.0.1:${p[1]}:${p[4]},c=127.0.0.1:${p[2]}:${p[5]}" >&2
export HALE_FLEET=$fleet/operator
ok "servers that do not run are one line" exits 69 ls
ok "with their addresses" warned "no server answers at 127.0.0.1:${p[0]}"
ok "and nothing more" one_line
for n in a b c; do
	start_server $n
done
no_stream() { exits 69 ls && warned 'no stream STATE: .*hale fleet apply'; }
ok "servers without streams say which, and what makes them" \
	await 60 no_stream
apply_fleet
ok "a fleet without hosts is empty" exits 1 ls
ok "and says that" last 'no hosts'

# --- 300 hosts; one user may speak for all of them, in tests only ---
enroll sim
for n in a b c; do
	sed -i "s/\"up\.state\.$(key sim)\"/\"up.*.*\"/" \
		"$fleet/nodes/$n/hosts.conf"
done
more=$(reloads a)
kill -HUP "${servers[@]}"
await 60 all_reloaded $((more + 1))
hosts() {
	local verb=$1
	shift
	"$HALE_BUILD/tests/integration/fleet_hosts" "$verb" \
		--server "$(url "${node:-a}")" --ca "$fleet/ca/ca.pem" \
		--user "$(key sim)" --seed "$HALE_TMP/sim/host.nk" \
		--heartbeat 3600 "$@"
}
says() { printf '%s\n' "$@" | hosts say >"$HALE_TMP/said" && ! grep -q refused "$HALE_TMP/said"; }
hosts load --hosts 300 --unfit 3 >&2
ok "every host is counted" listed '297 FIT, 3 UNFIT'
ok "with a line each" test "$(wc -l <"$out")" = 302
ok "the worst first" grep -q '^UNFIT ' <(sed -n 2p "$out")
ok "with why" said '^UNFIT +build-00000 .* disk\.medium_error sda: critical medium'
ok "only the unfit" listed '297 FIT, 3 UNFIT; shown: 3' --unfit
ok "only a rack" listed '297 FIT, 3 UNFIT; shown: 8' --label rack=7
ok "two racks, and one zone of them" listed '297 FIT, 3 UNFIT; shown: 8' \
	--label rack=7 --label rack=8 --label zone=east
ok "only a condition" listed '297 FIT, 3 UNFIT; shown: 3' --condition disk.
ok "nothing that matches is exit code 1" exits 1 ls --label rack=none
ok "a wrong word is exit code 64" exits 64 ls --sort size
ok "and one line that knows better" warned '^hale fleet ls: --sort wants'
run ls --sort name --reverse
ok "backwards" grep -q 'build-00299' <(sed -n 2p "$out")
run ls --format json
ok "as JSON, an object a host" test "$(jq -s 'length' "$out")" = 300
ok "with what there is to it" test "$(jq -r 'select(.host == "build-00001") |
	"\(.verdict) \(.conditions[0]) \(.labels.rack)"' "$out")" = \
	'UNFIT disk.medium_error 0'
run ls --format csv --unfit
ok "as CSV" test "$(python3 -c '
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
print(len(rows), rows[0]["verdict"], rows[0]["labels"].split()[0])' "$out")" = \
	'3 UNFIT pool=kernel'
narrow() {
	python3 - "$HALE_BUILD/hale" <<-'PY'
		import fcntl, os, pty, struct, sys, termios
		pid, fd = pty.fork()
		if pid == 0:
		    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
		    os.execl(sys.argv[1], "hale", "fleet", "ls", "--unfit", "--no-color")
		text = b""
		while True:
		    try:
		        piece = os.read(fd, 4096)
		    except OSError:
		        break
		    if not piece:
		        break
		    text += piece
		os.waitpid(pid, 0)
		lines = text.decode().split("\r\n")
		assert all(len(line) <= 80 for line in lines), lines
		assert "flags 0x0" in text.decode(), lines
	PY
}
ok "80 columns are enough for the whole reason" narrow

# --- hosts that lie ---
says 'garbage 11 nonsense' 'forge 12 13'
run ls --verdict UNKNOWN
ok "who cannot be read is not FIT" last '295 FIT, 3 UNFIT, 2 UNKNOWN; shown: 2'
ok "and is told of" warned '^hale fleet ls: 2 messages left out'
ok "with the next step" warned 'hale fleet revoke U'
run ls --match build-00013
ok "what one says of another counts for none" said '^FIT +build-00013'
says 'state 11 FIT' 'state 12 FIT'
ok "who speaks again is heard" listed '297 FIT, 3 UNFIT'
ok "and nothing is told of it" test ! -s "$err"

# --- clocks ---
printf 'state 20 UNFIT fs.full fs/x none left\n' |
	hosts say --ahead 630720000 >/dev/null
run ls --unfit --sort since
ok "a clock 20 years ahead leaves the host in the list" said 'build-00020'
run show build-00020
ok "and is told of" said 'its clock is 7[0-9]* d ahead'
ok "the verdict began when the servers heard of it" \
	said '^UNFIT  build-00020   since (at least )?[0-9.]+ (s|min)'

# --- one host ---
run show build-00001
ok "show says what is wrong" said 'disk\.medium_error  sda'
ok "with the proof" said 'critical medium error, dev sda'
ok "and what to do" said 'to do: .*[Rr]eplace the disk'
ok "what it has" said '32 CPUs, 128 GiB memory'
ok "and whose disks" said 'Bolt PM9A, firmware'
ok "show --check is a gate" exits 75 show build-00001 --check
ok "for a fit one, too" exits 0 show build-00100 --check
run show build-00010
ok "what is not seen" said 'sees  13 of 14 senses'
ok "and why" said 'a USB bridge without SAT'
ok "by its id, too" exits 0 show "$(jq -r 'select(.host == "build-00001").id' \
	<(hale fleet ls --format json))"
ok "nobody of that name is exit code 1" exits 1 show nobody
run show build-00001 --format json
ok "its state as a message" test "$(jq -r .report.host "$out")" = build-00001

# --- what happened ---
ok "nothing happened yet" exits 1 history
says 'finding 7 opened disk.medium_error disk/x sector 4711' \
	'finding 7 closed disk.medium_error disk/x' \
	'finding 8 opened fs.full fs/y 0 B of 9 GiB' \
	'build 7 acme/shop host-io' 'build 9 acme/shop'
run history
ok "history has findings in their order" test \
	"$(awk '{print $4, $5}' "$out" | tr '\n' ,)" = \
	'build-00007 opened,build-00007 closed,build-00008 opened,'
run history --condition disk. --host build-00007 --format json
ok "of one host and kind" test "$(jq -rs 'map(.what) | join(",")' "$out")" = \
	opened,closed
run history --failed
ok "and builds that failed" said 'build-00007 +failed +host-io'
run top
ok "top counts builds" said '^builds: 1 of 2 passed'
ok "and what stands on how many hosts" said ' 3  disk\.medium_error$'
ok "top as JSON" test "$(hale fleet top --format json |
	jq -r 'select(.kind == "cause") | "\(.name) \(.count)"')" = 'host-io 1'

# --- live ---
hale fleet watch >"$HALE_TMP/watch" 2>"$HALE_TMP/watch.err" &
watcher=$!
saw() { grep -qE -- "$1" "$HALE_TMP/watch"; }
times() { [[ $(grep -cE -- "$2" "$HALE_TMP/watch" || true) == "$1" ]]; }
ok "watch begins with who is not fit" await 60 saw 'UNFIT +build-00020'
ok "and the sum" await 60 saw '^296 FIT, 4 UNFIT'
says 'state 30 UNFIT disk.io_error disk/z I/O error'
ok "a verdict that changes is a line" await 60 saw \
	'UNFIT +build-00030  was FIT; disk\.io_error'
says 'state 30 UNFIT disk.io_error disk/z I/O error' 'state 31 FIT' \
	'state 30 FIT'
ok "and back" await 60 saw 'FIT +build-00030  was UNFIT'
ok "a heartbeat is no line" times 2 'build-0003[01]'

# --- an operator's word ---
ok "a quarantine wants a reason" exits 64 quarantine build-00040
run quarantine build-00040 --reason 'new DIMM comes' --until 2h
ok "a quarantine is ordered" test "$status" = 0
ok "and does not say that the host obeyed" said \
	'build-00040: quarantine ordered; who looks at the fleet sees it'
ok "the watcher sees it" await 60 saw 'build-00040 .*quarantined by .*new DIMM'
run ls --quarantined
ok "so does ls, with who and why" said 'build-00040 .*quarantined by .*: new DIMM'
ok "counted" last '296 FIT, 4 UNFIT; 1 in quarantine; shown: 1'
run history
ok "it is on record" said 'build-00040 +quarantine .*by .*: new DIMM comes'
ok "--wait does not wait for ever" exits 75 quarantine build-00041 \
	--reason test --wait 1s
ok "a release of both" exits 0 release build-00040 build-00041 --wait 60s
ok "ends it" exits 1 ls --quarantined
ok "nobody is quarantined by a slip" exits 1 quarantine build-4O --reason x
HALE_FLEET=$fleet/reader
run ls
ok "a reader may look" test "$status" = 0
ok "but not order" exits 77 quarantine build-00040 --reason x
ok "and is told what is missing" warned "no operator's"
HALE_FLEET=$fleet/operator

# --- a host that stops ---
printf 'state 400 FIT\n' | hosts say --heartbeat 1 >/dev/null
ok "a host that is not heard any more is SILENT" \
	await 120 saw 'SILENT +build-00400  was FIT'
run ls --silent
ok "in ls as well, and not FIT" said '^SILENT +build-00400'

# --- a server dies, under the watcher or elsewhere ---
port() { url "$1" | sed 's/.*://'; }
at() { # which node the watcher is at
	local n
	for n in a b c; do
		if ss -Htnp "dport = :$(port $n)" | grep -q "pid=$watched,"; then
			echo $n
		fi
	done
}
watched=$(pgrep -P "$watcher" -x hale-fleet || echo "$watcher")
its=$(at)
ok "the watcher is at one server" test "${#its}" = 1
case $its in a) i=0 node=b ;; b) i=1 node=c ;; *) i=2 node=a ;; esac
kill -KILL "${servers[$i]}"
taken() { says 'state 60 UNFIT disk.io_error disk/z I/O error'; }
ok "the others still take what hosts say" await 120 taken
ok "and the watcher sees it" await 120 saw 'UNFIT +build-00060  was FIT'
ok "once" times 1 'build-00060'
ok "ls reads from those that are left" await 60 listed \
	'295 FIT, 5 UNFIT, 1 SILENT'
kill "$watcher"
wait "$watcher" 2>/dev/null || true
watcher=

# --- wrong keys ---
hale fleet init "$HALE_TMP/other" --nodes "a=127.0.0.1:${p[1]}:${p[4]}" >&2
cp -r "$fleet/reader" "$HALE_TMP/stranger"
cp "$HALE_TMP/other/reader/user.nk" "$HALE_TMP/stranger/user.nk"
ok "a key of another fleet is refused" exits 77 ls --context "$HALE_TMP/stranger"
ok "in one line" one_line
ok "that names the key" warned 'refuses this user \(.*/stranger/user\.nk\)'
cp "$fleet/reader/user.nk" "$HALE_TMP/stranger/user.nk"
cp "$HALE_TMP/other/reader/ca.pem" "$HALE_TMP/stranger/ca.pem"
ok "a server that is not theirs is not spoken to" \
	exits 69 ls --context "$HALE_TMP/stranger"
ok "and the CA is named" warned 'TLS .*/stranger/ca\.pem'
printf '[fleet]\nservers = ftp://x\n' >"$HALE_TMP/stranger/fleet.conf"
ok "a wrong line of fleet.conf is named" exits 69 ls --context "$HALE_TMP/stranger"
ok "with its number" warned 'stranger/fleet\.conf:2: servers ftp://x: wants'
exit $((failures > 0))

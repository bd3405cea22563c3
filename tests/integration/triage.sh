#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# hale triage kernel as a person and a script use it: forms of input, output
# for both, exit codes, and input that nobody would wish on it.
set -euo pipefail
triage=$HALE_BUILD/libexec/hale-triage
tmp=${HALE_TMP:-$(mktemp -d)}
failed=0

ok() { echo "ok $1"; }
not_ok() {
	echo "not ok $1: $2"
	failed=1
}
# is NAME GOT WANTED
is() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "got '$2'"; fi; }
# has NAME GOT PIECE
has() { case $2 in *"$3"*) ok "$1" ;; *) not_ok "$1" "got '$2'" ;; esac; }

cat >"$tmp/sick.log" <<'EOF'
[   10.000000] EXT4-fs (sda1): mounted filesystem with ordered data mode
[   20.000000] sd 2:0:0:0: [sdc] tag#1 FAILED Result: hostbyte=DID_OK driverbyte=DRIVER_SENSE
[   20.000001] sd 2:0:0:0: [sdc] tag#1 Sense Key : Medium Error [current]
[   20.000002] sd 2:0:0:0: [sdc] tag#1 Add. Sense: Unrecovered read error
[   20.000003] blk_update_request: critical medium error, dev sdc, sector 4711
[   90.000000] systemd[1]: Buffer I/O error on dev sdz, logical block 1
[  100.000000] EDAC MC0: 1 CE memory read error on DIMM_A1 (channel:0 slot:0)
EOF

json=$("$triage" kernel --format json "$tmp/sick.log")
is "one object for each group of lines" "$(grep -c . <<<"$json")" 2
has "line and condition" "$json" '{"line": 3, "condition": "disk.medium_error", "part": "disk/sdc", "effect": "blocks", "count": 1'
has "a rate below its limit is a note" "$json" '"memory.corrected", "part": "dimm/DIMM_A1", "effect": "notes"'
is "every line is JSON" "$(python3 -c 'import json,sys
print(sum(json.loads(l)["line"] for l in sys.stdin))' <<<"$json")" 10

text=$("$triage" kernel - <"$tmp/sick.log")
has "text names the part" "$text" "blocks  disk.medium_error  disk/sdc"
has "text gives the proof" "$text" "critical medium error, dev sdc, sector 4711"
has "text ends with a verdict" "$(tail -n 1 <<<"$text")" "UNFIT  1 that block"

is "a healthy log is quiet" "$(head -n 1 "$tmp/sick.log" |
	"$triage" kernel --format json)" ""
has "and never called fit" "$(head -n 1 "$tmp/sick.log" | "$triage" kernel)" \
	"no fault  0 that block"

for ((i = 0; i < 30; i++)); do
	sed -n "2,5s/20\.0/$((i + 20)).0/p" "$tmp/sick.log"
done >"$tmp/thirty.log"
has "thirty reads are thirty" "$("$triage" kernel "$tmp/thirty.log")" "30 times"

for ((i = 0; i < 11; i++)); do
	echo "[ $((i * 60)).000000] EDAC MC0: 1 CE memory read error on DIMM_A1 (channel:0 slot:0)"
done >"$tmp/ce.log"
has "a rate that is passed warns" "$("$triage" kernel "$tmp/ce.log")" "DEGRADED"
printf '%s\n' 'mce: CPU1: Core temperature above threshold, cpu clock throttled (total events = 1)' \
	'mce: CPU1: Core temperature/speed normal' >"$tmp/cool.log"
has "an end is said" "$("$triage" kernel "$tmp/cool.log")" "over, says the log"

# a line longer than any buffer, bytes that are no text, no newline at the end
{
	head -c 3000000 /dev/zero | tr '\0' x
	echo
	head -c 300000 /dev/zero
	printf '\xff\xfe[ 1.0] \n'
	printf '[    9.000000] I/O error, dev sdq, sector 8 "\\\xff\x1b'
} >"$tmp/odd.log"
json=$("$triage" kernel --format json "$tmp/odd.log")
has "binary and endless lines are survived" "$json" '"line": 3, "condition": "disk.io_error"'
has "and come out as text" "$json" 'sector 8 \"\\??"'
mkfifo "$tmp/pipe"
cat "$tmp/odd.log" >"$tmp/pipe" &
is "through a pipe the same" \
	"$("$triage" kernel --format json "$tmp/pipe")" "$json"

status=0
said=$("$triage" kernel /no/such/file 2>"$tmp/err") || status=$?
is "a missing file is exit 66" "$status" 66
is "and no verdict" "$said" ""
has "and named" "$(cat "$tmp/err")" "/no/such/file: No such file"
status=0
"$triage" kernel --format xml 2>/dev/null || status=$?
is "wrong usage is exit 64" "$status" 64
for words in "" syslog "kernel --nonsense"; do
	status=0
	# shellcheck disable=SC2086 # words
	said=$("$triage" $words 2>&1) || status=$?
	is "\"$words\" is exit 64" "$status" 64
	is "and one line" "$(wc -l <<<"$said")" 1
done
for words in --help "kernel --help"; do
	status=0
	# shellcheck disable=SC2086 # words
	said=$("$triage" $words 2>"$tmp/err") || status=$?
	is "$words is exit 0" "$status" 0
	has "and shows how" "$said" "  hale triage kernel "
	is "on stdout only" "$(cat "$tmp/err")" ""
done

printf 'disk.io_error disk\n\tworn out is {disk}\n' >"$tmp/own.rules"
has "own rules join the built-in ones" "$(echo 'worn out is sda' |
	"$triage" kernel --rules "$tmp/own.rules")" "disk.io_error  disk/sda"
printf 'disk.io_error disk\n\tworn {dusk}\n' >"$tmp/bad.rules"
status=0
"$triage" kernel --rules "$tmp/bad.rules" </dev/null 2>"$tmp/err" || status=$?
is "a rules file with a mistake is exit 78" "$status" 78
is "and one line" "$(cat "$tmp/err")" \
	"hale triage: $tmp/bad.rules:2: unknown capture {dusk}"
is "literals are listed" "$("$triage" kernel --literals |
	grep -cx 'critical medium error, dev ')" 1
exit "$failed"

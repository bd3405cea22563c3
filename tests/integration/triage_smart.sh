#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# hale triage smart as a person and a script use it: words, proof and next step,
# several reports at once, exit codes, and input that is no report.
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
# report PENDING CRC: a disk that spins
report() {
	cat <<-EOF
	{"device": {"name": "/dev/sdq", "protocol": "ATA"},
	 "model_name": "EXAMPLE HD", "serial_number": "E-$1",
	 "rotation_rate": 7200, "smart_status": {"passed": true},
	 "ata_smart_attributes": {"table": [
	  {"id": 197, "name": "Current_Pending_Sector", "value": 100,
	   "worst": 100, "thresh": 0, "raw": {"value": $1}},
	  {"id": 199, "name": "UDMA_CRC_Error_Count", "value": 100,
	   "worst": 100, "thresh": 0, "raw": {"value": $2}}]}}
	EOF
}

report 8 0 >"$tmp/bad.json"
report 0 0 >"$tmp/good.json"
report 0 4000 >"$tmp/cable.json"

json=$("$triage" smart --format json "$tmp/bad.json")
has "the word and the condition" "$json" \
	'{"assessment": "prefail", "condition": "disk.smart_prefail", '
has "the proof has the number" "$json" '"8 sectors that cannot be read now"'
is "a healthy disk has no reasons" \
	"$("$triage" smart --format json <"$tmp/good.json")" \
	'{"assessment": "healthy", "reasons": [], "model": "EXAMPLE HD", "serial": "E-0"}'
has "a cable is not a disk" "$("$triage" smart --format json - <"$tmp/cable.json")" \
	'{"assessment": "link", "condition": "disk.link_error"'

text=$("$triage" smart "$tmp/bad.json")
has "text names the disk" "$text" "prefail  EXAMPLE HD  serial E-8  (sdq)"
has "text gives the proof" "$text" "8 sectors that cannot be read now"
has "text ends with the next step" "$(tail -n 1 <<<"$text")" "-> Plan the "

is "several reports, in their order" "$("$triage" --format json smart \
	"$tmp/good.json" "$tmp/bad.json" "$tmp/cable.json" |
	python3 -c 'import json,sys
print(*(json.loads(l)["assessment"] for l in sys.stdin))')" "healthy prefail link"

# code WANTED ARGS…: the exit status
code() {
	local wanted=$1 status=0
	shift
	"$triage" "$@" >"$tmp/out" 2>"$tmp/err" || status=$?
	is "exit $wanted of ${*##*/}" "$status" "$wanted"
}
code 0 smart "$tmp/bad.json"
code 75 smart --fail-on prefail "$tmp/bad.json"
code 75 smart --fail-on link "$tmp/good.json" "$tmp/bad.json"
code 0 smart --fail-on failing "$tmp/bad.json" "$tmp/good.json"
code 64 smart --fail-on dead "$tmp/bad.json"
code 64 smart --format xml "$tmp/bad.json"
code 64 smart --rules x "$tmp/bad.json"
code 66 smart "$tmp/none.json"
has "and it is named" "$(cat "$tmp/err")" "none.json: No such file"
code 0 smart --help
has "help shows how" "$(cat "$tmp/out")" "  smartctl --json -x /dev/sda | hale"

# no report: one line that says what is wrong, and no word
# no NAME PIECE TEXT
no() {
	printf '%s' "$3" >"$tmp/no.json"
	code 65 smart "$tmp/no.json"
	is "$1: no word" "$(cat "$tmp/out")" ""
	is "$1: one line" "$(wc -l <"$tmp/err")" 1
	has "$1: it says why" "$(cat "$tmp/err")" "no.json: $2"
}
no "text" "not JSON" "smartctl 7.3 2022-02-28"
no "half" "not JSON" "$(head -c 100 "$tmp/bad.json")"
no "other" "not a report of smartctl" '{"line": 3}'
no "wrong type" "ata_smart_attributes.table[0].id is not a number" \
	'{"ata_smart_attributes": {"table": [{"id": "5"}]}}'
no "no disk" "smartctl read nothing of the disk: Unable to detect" \
	'{"smartctl": {"exit_status": 1, "messages": [{"string": "Unable to detect device type"}]}}'
no "asleep" "the disk was asleep" \
	'{"smartctl": {"exit_status": 2, "messages": [{"string": "Device is in STANDBY mode, exit(2)"}]}}'
head -c 3000000 /dev/zero >"$tmp/no.json"
code 65 smart "$tmp/no.json"
has "too long" "$(cat "$tmp/err")" "longer than 1048576 bytes"
code 65 smart "$tmp/no.json" "$tmp/bad.json"
has "the others are judged all the same" "$(cat "$tmp/out")" "prefail"
exit "$failed"

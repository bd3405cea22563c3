#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# hale triage build as a person and a script use it: the cause, its proof and
# the next step, rules of one's own, exit codes, and bad input.
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
# build ARG...: no rules of the host that the tests run on
build() { "$triage" build --rules-dir "$tmp/none" "$@"; }
# status of a command that may fail
status() {
	local s=0
	"$@" >"$tmp/out" 2>"$tmp/err" || s=$?
	echo "$s"
}

printf 'cc -c a.c\n/usr/bin/ld: final link failed: No space left on device\n' >"$tmp/full"
printf 'a.c:3:1: error: unknown type name\nmake: *** [a.o] Error 1\n' >"$tmp/code"

json=$(build --format json "$tmp/full")
has "json names the cause" "$json" '"cause":"host-disk-full"'
has "text alone is likely at most" "$json" '"confidence":"likely"'
has "and says where to try again" "$json" '"retry":"elsewhere"'
has "the proof has its line" "$json" '"line":2,"text":"/usr/bin/ld: final link'
is "one output, one object" "$(build --format json <"$tmp/full" | wc -l)" 1
has "standard input is the same" "$(build --format json - <"$tmp/code")" \
	'"cause":"code"'
has "an empty output is unknown" "$(build --format json </dev/null)" \
	'"cause":"unknown","confidence":"possible","retry":"no"'
has "the exit code speaks where nothing else does" \
	"$(build --format json --exit-code 137 </dev/null)" \
	'"cause":"host-memory","confidence":"possible"'

text=$(build "$tmp/full")
has "text says it in words" "$text" "host-disk-full (likely): a disk of the host was full"
has "text shows the line" "$text" "2  /usr/bin/ld: final link failed"
has "text gives the next step" "$text" "-> build elsewhere; \`hale reclaim\` there frees space"
case $text in *$'\033'*) not_ok "no colour in a pipe" "$text" ;; *) ok "no colour in a pipe" ;; esac

is "a host's fault may be 75" "$(status build --fail-on-host "$tmp/full")" 75
is "the build's own is not" "$(status build --fail-on-host "$tmp/code")" 0

mkdir -p "$tmp/rules"
printf 'registry-outage tool=shipit weight=9\n\tshipit: depot {word} is closed\n' \
	>"$tmp/rules/shipit.rules"
printf 'shipit: depot north is closed\n' >"$tmp/own"
has "a folder's rules" "$("$triage" build --format json --rules-dir "$tmp/rules" "$tmp/own")" \
	'"cause":"registry-outage"'
has "a file's rules" "$(build --format json --rules "$tmp/rules/shipit.rules" "$tmp/own")" \
	'"tool":"shipit"'
printf 'host-fire\n\tit burns\n' >"$tmp/bad.rules"
is "a wrong rule file is 78" "$(status build --rules "$tmp/bad.rules" "$tmp/own")" 78
has "and named with its line" "$(cat "$tmp/err")" \
	"bad.rules:1: unknown condition 'host-fire'"
is "no such rule file is 66" "$(status build --rules "$tmp/nosuch" "$tmp/own")" 66
is "no such output is 66" "$(status build "$tmp/nosuch")" 66
has "and is named" "$(cat "$tmp/err")" "nosuch: No such file or directory"
is "a folder is no output" "$(status build "$tmp")" 66
is "an exit code is a number" "$(status build --exit-code x "$tmp/own")" 64
is "and below 256" "$(status build --exit-code 256 "$tmp/own")" 64
is "two outputs are refused" "$(status build "$tmp/own" "$tmp/full")" 64
is "an unknown option is refused" "$(status build --colour)" 64
is "--help is no mistake" "$(status build --help)" 0
is "a full output is 74" "$(bash -c "'$triage' build '$tmp/full' >/dev/full 2>/dev/null; echo \$?")" 74

head -c 3000000 /dev/urandom >"$tmp/noise"
is "noise stops nothing" "$(status build "$tmp/noise")" 0
head -c 3000000 /dev/zero >>"$tmp/own"
has "nor does a line without end" "$("$triage" build --format json --rules-dir "$tmp/rules" "$tmp/own")" \
	'"cause":"registry-outage"'
exit $failed

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `hale run` as its options promise it: the host's own rules, what became of a
# retest, who died, the way that history prefers; and where hale lacks nearly
# everything, the build all the same.
# hale-test: alone
# shellcheck disable=SC2016 # the command's variables
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

HALE_EXEC_PATH=$HALE_BUILD/libexec
export HALE_EXEC_PATH
export XDG_STATE_HOME=$HALE_TMP/own HOME=$HALE_TMP
unset TMPDIR
result=$HALE_TMP/result.json
cd "$HALE_TMP"
trap stop_agent EXIT

# build [OPTION]... -- COMMAND...: sets $code; $err is what hale and it said
build() {
	code=0
	rm -f "$result"
	"$HALE_BUILD/hale" run --force --run-dir "$run" --result "$result" \
		"$@" >out 2>err </dev/null || code=$?
	cat err >&2
}
said() { grep -qF -- "$1" err; }
told() { jq -e "$1" "$result" >/dev/null; }

# --- no agent here ---

build --no-store -- sh -c 'kill -SEGV $$'
ok "a command that died is among the dead" told \
	'.attempts[0].deaths | length == 1 and .[0].signal == 11'
build --no-store --retry 1 -- sh -c 'echo "Temporary failure resolving x"
	kill -SEGV $$'
ok "so it is of each attempt" told '[.attempts[].deaths | length] | all(. == 1)'

mkdir exec
ln -s "$HALE_BUILD"/libexec/* exec/
rm exec/hale-scan
printf '#!/bin/sh\necho scan >>%s/scans\nexec %s/hale-scan "$@"\n' \
	"$HALE_TMP" "$HALE_BUILD/libexec" >exec/hale-scan
chmod 755 exec/hale-scan
# scans COMMAND: how often it was scanned, on a machine whose log is a file
scans() {
	: >scans
	: >log
	# a scan that reads such a log finds nothing in it
	unshare --mount sh -c 'mount --bind log /dev/kmsg && exec "$@"' sh \
		env HALE_EXEC_PATH="$HALE_TMP/exec" "$HALE_BUILD/hale" run --force \
		--run-dir "$run" --no-store -- sh -c "$1" >out 2>err </dev/null
	cat err >&2
	wc -l <scans
}
ok "a build that passed on a silent machine costs one look" \
	test "$(scans true)" = 1
ok "what is no word of the kernel's, or a small one, no more" \
	test "$(scans 'printf "30,1,1,-;x\n6,2,1,-;x\n" >>/dev/kmsg')" = 1
ok "one that it told an error to meanwhile is looked at again" \
	test "$(scans 'echo "3,1,1,-;x" >>/dev/kmsg')" -gt 1

# as root of a namespace /etc is ours to fill
own_rules() {
	unshare --mount sh -c 'mount -t tmpfs none /etc &&
		mkdir -p /etc/hale/build.rules.d &&
		printf "%s\n" "$1" >/etc/hale/build.rules.d/own.rules &&
		shift && exec "$@"' sh "$@"
}
rules_say() {
	code=0
	own_rules "$1" "$HALE_BUILD/hale" run --force --no-store --result \
		"$result" -- sh -c 'echo "frobnicator: the moon is full"
		exit 3' >out 2>err </dev/null || code=$?
	cat err >&2
}
rules_say "$(printf 'auth tool=frobnicator weight=9\n\t...the moon is full\n')"
ok "rules of the host are asked" told '.cause == "auth"'
ok "in silence" not said 'rules'
rules_say 'this is no rule'
ok "a file of rules that is broken is said once" \
	test "$(grep -c 'own.rules' err)" = 1
ok "and costs no more than that" test "$code" = 3

mkdir -p full
mount -t tmpfs -o size=16k none full
head -c 20000 /dev/zero >full/x 2>/dev/null || true
code=0
"$HALE_BUILD/hale" run --force --no-store --result full/r.json -- \
	sh -c 'exit 5' 2>err || code=$?
ok "a full disk under --result is named" said 'No space left on device'
ok "leaves nothing there" test ! -e full/r.json
ok "and the status alone" test "$code" = 5
umount full

code=0
unshare --mount sh -c 'mount -t tmpfs none /proc && exec "$@"' sh \
	"$HALE_BUILD/hale" run --force --no-store -- sh -c 'echo hi; exit 4' \
	>out 2>err || code=$?
ok "a root without /proc has its build" test "$code $(cat out)" = "4 hi"

# --- a compiler that crashes each time ---

mkdir bin
printf '#!/bin/sh\necho "a.c:1:1: internal compiler error: Segmentation fault" >&2\nexit 4\n' \
	>bin/gcc
chmod 755 bin/gcc
echo 'int a;' >a.c
PATH=$HALE_TMP/bin:$PATH build --no-store --retest-crash -- \
	sh -c 'echo "gcc -c a.c -o a.o"; gcc -c a.c -o a.o'
ok "what a retest showed is said" said 'crashes each time'
ok "and not to do it" not said 'run the crashed command again'

ok "its outcome is in the result" told '.attempts[0].retest |
	.outcome == "same" and .runs == 3 and .crashed == 3'

# --- the way that history prefers ---

printf '[warm]\ncommand = sh -c "exit 1"\n[cold]\ncommand = sh -c "exit 0"\n' \
	>ways
# the user's own history, where no agent keeps one
for _ in 1 2 3 4; do
	build --repo own/ways --strategies ways -- true
done
ok "in order, the second way passes" told '.attempts | length == 2'
build --repo own/ways --strategies ways --best-first -- true
ok "--best-first begins with it, by one's own history" told \
	'(.attempts | length == 1) and .strategy == "cold"'
build --no-store --repo own/few --like own/few -- true
ok "--like knows that it is not known there" said \
	'too few builds of own/few'
rm exec/hale-ship
HALE_EXEC_PATH=$HALE_TMP/exec build --no-store --repo own/ways \
	--like own/ways -- true
ok "without the store's program nothing is known" test "$code" = 0
ok "which is said" said 'no history is kept here'

: >"$conf"
start_agent
for _ in 1 2 3 4; do
	build --repo example/ways --strategies ways -- true
done
ok "in order, the second way passes" told '.attempts | length == 2'
build --repo example/ways --strategies ways --best-first -- true
ok "--best-first begins with it" told \
	'(.attempts | length == 1) and .strategy == "cold"'

exit $((failures > 0))

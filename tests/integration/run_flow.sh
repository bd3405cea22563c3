#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `hale run` of builds that hang, fail for a while, or can be done in another
# way: where it waits, what is tried again, what never is.
# shellcheck disable=SC2016 # conditions are strings, for eval
set -uo pipefail
tmp=$HALE_TMP
failures=0
mkdir "$tmp/none"
export HALE_EXEC_PATH=$HALE_BUILD/libexec HALE_RUN_DIR=$tmp/none
cd "$tmp" || exit 1

ok() {
	local name=$1
	shift
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name"
		sed 's/^/# /' "$tmp/out" "$tmp/err" 2>/dev/null
		failures=$((failures + 1))
	fi
}

# run ARGUMENTS: sets $code
run() {
	"$HALE_BUILD/hale" run --no-store --force "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	code=$?
}
exits() { [ "$code" = "$1" ]; }
told() { grep -qF -- "$1" "$tmp/err"; }
printed() { [ "$(cat "$tmp/out")" = "$1" ]; }
is() { [ "$(cat "$tmp/$1" 2>/dev/null)" = "$2" ]; }
all() { # COMMAND, COMMAND… each one a string
	local c
	for c; do eval "$c" || return 1; done
}

# --- stalls

run --stall 3s -- sh -c 'echo begun; sleep 1000'
ok "a build that sleeps is ended" all 'exits 124' 'printed begun' \
	'told "waits for a timer"' 'told "sleep (pid"'

mkfifo "$tmp/fifo"
run --stall 3s -- cat "$tmp/fifo"
ok "a FIFO that nobody opens is named" all 'exits 124' 'told "/fifo"'

mkfifo "$tmp/taken"
flock "$tmp/lock" sh -c 'echo >"$1"; exec sleep 1000' sh "$tmp/taken" &
holder=$!
read -r _ <"$tmp/taken"
run --stall 3s -- flock "$tmp/lock" true
ok "a lock is named with its holder" all 'exits 124' \
	"told '/lock, held by flock (pid $holder)'"
pkill -P "$holder" -x sleep # and flock ends with it
wait "$holder"
# one that was handed on: who took it is gone, its file is open
exec 9>"$tmp/lock"
flock 9
run --stall 3s -- sh -c 'exec 9>&-; flock '"$tmp"'/lock true'
ok "or with who took it" all 'exits 124' 'told "/lock, taken by pid"'
exec 9>&-

# --kill-after is 1 s here only to be quick
run --stall 3s --kill-after 1s -- sh -c 'trap "" TERM; read x <'"$tmp"'/fifo'
ok "one that ignores SIGTERM is ended, too" exits 124

run --stall 2s -- sh -c 'end=$(($(date +%s) + 5)); while [ "$(date +%s)" -lt "$end" ]; do :; done'
ok "silent work is no stall" exits 0

run --stall 5s -- sh -c 'for i in 1 2 3 4 5 6 7; do head -c 100000 /dev/zero >'"$tmp"'/file; sleep 1; done'
ok "silent writing is no stall" exits 0

# The terminal: as with a package that asks for a time zone.
cat >"$tmp/ask" <<'EOF'
printf 'Geographic area: '
read area
EOF
mkfifo "$tmp/open"
exec 8<>"$tmp/open"
script -qec "$HALE_BUILD/hale run --no-store --force --stall 3s -- sh $tmp/ask" \
	"$tmp/typescript" >"$tmp/out" 2>"$tmp/err" <"$tmp/open"
code=$?
exec 8>&-
ok "a prompt on the terminal is an interactive stall" all 'exits 124' \
	'grep -q interactive-stall "$tmp/out"' \
	'grep -q "waits to read the terminal /dev/pts/" "$tmp/out"' \
	'grep -q "It printed last: Geographic area:" "$tmp/out"'

# --- another try

# fails N: a build that fails N times for the network, then passes
cat >"$tmp/flaky" <<'EOF'
echo x >>tries
[ "$(wc -l <tries)" -gt "$1" ] && exit 0
echo "curl: (7) Failed to connect to files.example.org port 443: Connection refused"
exit 7
EOF
rm -f tries
run --retry 2 -- sh flaky 1
ok "the network is tried again" all 'exits 0' '[ "$(wc -l <tries)" = 2 ]'
rm -f tries
run --retry 1 -- sh flaky 9
ok "and not more often than was said" all 'exits 7' '[ "$(wc -l <tries)" = 2 ]'
rm -f tries
run -- sh flaky 9
ok "and not at all where nobody asked" all 'exits 7' '[ "$(wc -l <tries)" = 1 ]'

cat >"$tmp/broken" <<'EOF'
echo x >>tries
echo "main.c:3:5: error: expected ';' before 'return'"
echo "make: *** [Makefile:2: main.o] Error 1"
exit 2
EOF
rm -f tries
run --retry 3 -- sh broken
ok "broken code is not tried again" all 'exits 2' '[ "$(wc -l <tries)" = 1 ]'

# --- strategies

cat >"$tmp/build" <<'EOF'
echo "$*" >>ways
case $* in
*cached) echo "ERROR: failed to solve: failed to compute cache key: blob not found"; exit 1 ;;
*slow) sleep 1000 ;;
esac
EOF
cat >"$tmp/ways.ini" <<EOF
[cached]
cleanup = touch $tmp/cleaned-first
command = {command} cached
[slow]
timeout = 4s
command = {command} slow
[broken-cleanup]
cleanup = sh -c 'echo cleaned >>cleaned; exit 3'
command = {command}
    'a  b'
EOF
rm -f ways cleaned
run --strategies ways.ini -- sh build 'x  y'
ok "each way is tried in its turn" all 'exits 0' \
	'is ways "x  y cached
x  y slow
x  y a  b"'
ok "a cleanup comes between, and its failure is told" all 'is cleaned cleaned' \
	'told "failed with status 3"' '[ ! -e cleaned-first ]'

rm -f ways
run --strategies ways.ini -- sh broken
ok "no strategy compiles broken code" all 'exits 2'

printf '[a]\n\ncommand = rm $HOME/x\n' >bad.ini
rm -f ways
run --strategies bad.ini -- sh build
ok "a mistake in the file is told with its line" all 'exits 64' \
	'told "bad.ini:3: $ means something"' '[ ! -e ways ]'
run --strategies nowhere.ini -- sh build
ok "a file that is not there is told" all '[ "$code" != 0 ]' \
	'told "nowhere.ini: No such file"' '[ ! -e ways ]'

# --- a compiler that crashes

mkdir bin
cat >bin/gcc <<'EOF'
#!/bin/sh
[ -n "$BROKEN" ] || exit 0
echo "a.c:1:1: internal compiler error: Segmentation fault" >&2
exit 4
EOF
chmod 755 bin/gcc
echo 'int a;' >a.c
cat >crash.sh <<'EOF'
echo "gcc -c a.c -o a.o"
BROKEN=1 gcc -c a.c -o a.o
EOF
PATH=$tmp/bin:$PATH
export PATH
run --retest-crash --result r.json -- sh crash.sh
ok "a crash that does not come again is told" all 'exits 75' \
	'told "memory is suspect"'
export BROKEN=1
run --retest-crash -- sh crash.sh
ok "one that does is the compiler's" all 'exits 4' \
	'! told "suspect"' '[ ! -e a.o ]'

exit $((failures > 0))

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The sandbox, from inside: `haled --check-sandbox` finds nothing that a process
# of the agent could do and must not, as root, as root where there is no user
# hale, and without root; and it does find a hole that was made on purpose.
# Then the drivers, each in its own sandbox: they see what they see outside.
# shellcheck disable=SC2016,SC2034 # what is single-quoted is for eval
set -euo pipefail

out=$HALE_TMP/out
check() {
	local name=$1
	shift
	if "$@"; then echo "ok $name"; else echo "not ok $name"; fi
}
hole=$HALE_BUILD/tests/integration/sandbox_hole
# What AddressSanitizer needs is what a sandbox takes away: only that the check
# runs and finds it is to be shown then.
if [[ -n ${SAN:-} ]]; then
	check "a sanitized build is found to be open" eval '
		! "$HALE_BUILD/haled" --check-sandbox >"$out"'
	exit 0
fi

check "haled --check-sandbox finds nothing wrong" eval '
	"$HALE_BUILD/haled" --check-sandbox >"$out"'
tail -1 "$out" >&2
check "it tried each role" eval '
	[[ $(grep -oE "^(core|probe|driver|reader|writer|ship|helper|look|fleet|doors) " "$out" |
		sort -u | wc -l) == 10 ]]'
check "and more than 150 ways" eval '
	[[ $(grep -c " must not " "$out") -ge 150 ]]'
check "a core that starts a program is ended" \
	grep -qE '^core +must not +start a program +ended by SIGSYS$' "$out"
check "it leaves nothing behind" eval '! ls -d /tmp/hale-sandbox-* 2>/dev/null'

for kind in open lax files; do
	check "a hole is found: $kind" eval '! "$hole" $kind >"$out"'
	grep -c WRONG "$out" >&2 || true
done
check "a lax core is all that is wrong then" eval '
	! "$hole" lax >"$out" && ! grep WRONG "$out" | grep -v "^core " >&2'

if [[ $(id -u) != 0 ]]; then
	echo "skip as root: this is not"
	exit 0
fi
check "with a user of its own" eval '"$hole" none games >"$out"'
check "it becomes it" eval '! grep -q "lacks a user" "$out"'
check "where there is none, it says so" eval '
	"$hole" none no-such-user >"$out" &&
	grep -q "^core *lacks a user of its own (there is no such user)" "$out"'
check "without root" eval '
	setpriv --reuid 65534 --regid 65534 --clear-groups "$hole" none >"$out" &&
	grep -q "^core *lacks a user of its own (not root)" "$out"'

# Their files change while we look: what is compared is what does not.
facts() {
	"$HALE_BUILD/tests/integration/drive" "$@" 2>&1 |
		sed -E 's/(value|total)=[0-9]+//g; s/position [0-9]+//'
}
same() { # the host's own mounts and devices come and go
	for _ in {1..25}; do
		facts "$1" >"$HALE_TMP/outside"
		facts -s games "$1" >"$out"
		diff "$HALE_TMP/outside" "$out" && return
	done >&2
	return 1
}
for driver in storage space edac array link pstore victim virt limits clock; do
	check "$driver sees in its sandbox what it sees outside" \
		same $driver
done
# hale-look: what the core is to find when it is started again
there() {
	"$HALE_BUILD/tests/integration/drive" "$@" 2>&1 | grep "^probed "
}
for driver in kmsg procevent trace udev pressure thermal limits clock; do
	check "hale-look finds $driver where it is" eval '
		[[ $(there -l games $driver) == "$(there $driver)" ]]'
done

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The systemd unit: systemd has nothing against it, what it lets the agent have
# is what the drivers need, and how exposed systemd finds it (told; the bound
# is there so that an option that gets lost is seen).
# shellcheck disable=SC2016 # what is single-quoted is for eval
set -euo pipefail

unit=$HALE_TMP/haled.service
check() {
	local name=$1
	shift
	if "$@"; then echo "ok $name"; else echo "not ok $name"; fi
}
sed 's|@PREFIX@/sbin/haled|/bin/true|' packaging/systemd/haled.service.in \
	>"$unit"

# CAP_… of every driver's row, and of the way into the sandbox
grep -rhoE 'UINT64_C\(1\) << CAP_[A-Z_]+' drivers agent/sandbox/enter.c |
	grep -o 'CAP_[A-Z_]*' | sort -u >"$HALE_TMP/needed"
sed -n 's/^CapabilityBoundingSet=//p' "$unit" | tr ' ' '\n' | sort \
	>"$HALE_TMP/given"
check "there are rights that drivers need" \
	eval '[[ $(wc -l <"$HALE_TMP/needed") -ge 5 ]]'
check "the unit leaves the agent all of them" eval '
	[[ -z $(comm -23 "$HALE_TMP/needed" "$HALE_TMP/given" | tee /dev/stderr) ]]'
for cap in CAP_SYS_MODULE CAP_SYS_BOOT CAP_SYS_TIME CAP_BPF CAP_NET_RAW \
	CAP_MKNOD CAP_SYS_CHROOT CAP_MAC_ADMIN CAP_SETFCAP; do
	check "the unit takes $cap" eval "! grep -qx $cap '$HALE_TMP/given'"
done

command -v systemd-analyze >/dev/null || {
	echo "skip systemd's view: systemd-analyze is not installed"
	exit 0
}
check "systemd has nothing against it" eval '
	said=$(systemd-analyze verify --man=no "$unit" 2>&1) || true
	[[ -z $said ]] || { echo "$said" >&2; false; }'
score=$(systemd-analyze security --offline=true "$unit" |
	sed -n 's/.*level for .*: \([0-9.]*\) .*/\1/p')
echo "systemd's exposure level: $score of 10" >&2
check "its exposure level is at most 5.5" \
	eval '[[ -n $score && ${score/./} -le 55 ]]'
sed -i '/^SystemCallFilter=/d' "$unit"
check "without its filter of calls it would be higher" eval '
	! systemd-analyze security --offline=true --threshold=55 "$unit" >&2'

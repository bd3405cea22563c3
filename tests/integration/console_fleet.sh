#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The console's whole way: three real servers over TLS, 10,000 hosts whose states
# they hold, `hale fleet serve`, a browser. A host says that it is UNFIT, and the
# screen shows it.
# hale-test: alone (three servers and a browser)
# hale-test: fleet
set -euo pipefail
# shellcheck source=tests/integration/console/npm.inc
. "$HALE_SRC/tests/integration/console/npm.inc"
# shellcheck source=tests/integration/fleet.inc
. "$HALE_SRC/tests/integration/fleet.inc"
own_network "$@"
trap end_servers EXIT

serves() {
	local want=$1 status=0
	shift
	hale fleet serve "$@" 2>"$HALE_TMP/err" || status=$?
	[[ $status == "$want" ]]
}
ok "a name is no address to listen on" serves 64 --listen fleet.example.org
ok "without a fleet there is nothing to serve" serves 69 \
	--context "$HALE_TMP/none" --listen 0.0.0.0:0
ok "of an address that others reach it warns" grep -q \
	'warning: .* there is no login' "$HALE_TMP/err"
init_fleet
enroll sim
# one user may speak for all hosts, in tests only
for n in a b c; do
	sed -i "s/\"up\.state\.$(key sim)\"/\"up.*.*\"/" \
		"$fleet/nodes/$n/hosts.conf"
done
more=$(reloads a)
kill -HUP "${servers[@]}"
await 60 all_reloaded $((more + 1))
# a reader sees all of it
export HALE_FLEET=$fleet/reader

say=("$HALE_BUILD/tests/integration/fleet_hosts" say --server "$(url a)"
	--ca "$fleet/ca/ca.pem" --user "$(key sim)"
	--seed "$HALE_TMP/sim/host.nk" --heartbeat 3600)
"${say[0]}" load "${say[@]:2}" --hosts 10000 --unfit 30 >&2
status=$((failures > 0))
node "$here/whole.js" "${say[@]}" || status=1
exit "$status"

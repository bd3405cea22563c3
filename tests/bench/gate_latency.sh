#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# From a failed block request to a closed gate, against a bare poll() reader of
# the kernel log. Needs root: a loop device is broken under a filesystem.
set -euo pipefail
HALE_TMP=$(mktemp -d)
export HALE_TMP
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"
run=$(mktemp -d -p /dev/shm) # a tmpfs, as /run is
loop=
tidy() {
	stop_agent
	umount "$HALE_TMP/m" || umount -l "$HALE_TMP/m"
	[[ -z $loop ]] || losetup -d "$loop"
	rm -rf "$HALE_TMP" "$run"
} 2>/dev/null
trap tidy EXIT

truncate -s 32M "$HALE_TMP/img"
mkfs.ext4 -q -F "$HALE_TMP/img"
loop=$(losetup --find --show "$HALE_TMP/img")
mkdir "$HALE_TMP/m"
mount -o ro,noload "$loop" "$HALE_TMP/m"
printf '[scope]\nhost = %s\n[space]\nblocks = 0%%\nwarns = 0%%\n' \
	"$HALE_TMP/m" >"$conf"
start_agent
truncate -s 0 "$HALE_TMP/img"
"$HALE_BUILD/tests/bench/gate_latency" "$run" "$loop" "$HALE_TMP/m" \
	"${ROUNDS:-20}"
stop_agent
"$HALE_BUILD/tests/bench/gate_latency" - "$loop" - "${ROUNDS:-20}"

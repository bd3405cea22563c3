#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Every process of the agent is killed at random moments, 500 times in all (or
# $1), in a virtual machine: the scenario processes-killed of the lab in full.
# It prints the lab's line; how soon the gate was right again after the kills,
# and what grew, is in the machine's log: $HALE_BUILD/lab/processes-killed.log.
# hale-test: alone
set -euo pipefail
cd "$(dirname "$0")/../.."
export HALE_LAB_PATIENCE=${HALE_LAB_PATIENCE:-20}
tests/lab/run --jobs 1 --set "KILLS=${1:-500}" processes-killed
grep -aE '^phase=|^lab: .*(descriptors, KiB|now): ' \
	"$HALE_BUILD/lab/processes-killed.log" >&2

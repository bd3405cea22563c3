#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The lab's scenarios that `make lab` leaves out ("# lab: by-name"), because
# they take a processor for longer than CI has time: the worst days of a host.
# It prints the lab's lines; what was answered, and how soon, is in each
# machine's log: $HALE_BUILD/lab/NAME.log.
# hale-test: alone
set -euo pipefail
cd "$(dirname "$0")/../.."
export HALE_LAB_PATIENCE=${HALE_LAB_PATIENCE:-5}
tests/lab/run --jobs 1 --by-name

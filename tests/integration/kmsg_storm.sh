#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Storms of 20,000 lines into the kernel's log, once while the kmsg driver reads
# and then until the log is overrun: it hears every line or says how many it
# lost. Needs root.
# hale-test: alone (it overruns the log of every other reader, too)
set -euo pipefail

rules=$HALE_TMP/rules.d
mkdir -p "$rules"
printf 'disk.medium_error disk\n\thale-test: storm on {disk} {int}\n' \
	>"$rules/storm.rules"
"$HALE_BUILD/tests/integration/kmsg_storm" "$rules" 20000

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The short form of tests/soak/no_false_gate.sh: half a minute of real builds.
# hale-test: alone
set -euo pipefail
SOAK_S=${SOAK_S:-40} exec "$HALE_SRC/tests/soak/no_false_gate.sh"

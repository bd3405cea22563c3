#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `hale run -- X` against plain X, over a set of awkward programs.
set -euo pipefail
exec python3 "$HALE_SRC/tests/integration/run_exact.py"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Commands at a terminal, plainly and through `hale run`.
set -euo pipefail
exec python3 "$HALE_SRC/tests/integration/run_terminal.py"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The console with 10,000 made-up hosts: its server by the wire, its page in
# Debian's Chromium, how it looks. Pictures: build/artefacts/console.
# hale-test: alone (a browser)
set -euo pipefail
# shellcheck source=tests/integration/console/npm.inc
. "$HALE_SRC/tests/integration/console/npm.inc"

status=0
for part in http page look; do
	node "$here/$part.js" || status=1
done
exit "$status"

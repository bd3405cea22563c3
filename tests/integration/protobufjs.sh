#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# hale's JSON against an independent implementation: protobufjs reads the
# schema and the bytes of random messages and must agree with what hale prints.
# protobufjs comes from npm, once, into the cache: at the version that
# package.json names. HALE_SEED repeats a run that failed.
set -euo pipefail

here=$HALE_SRC/tests/integration/protobufjs
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hale
modules=$cache/protobufjs-$(sha256sum <"$here/package.json" | cut -c1-16)
seed=${HALE_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}

# In a folder of its own and then moved, so that a cut-off install is none.
if [ ! -d "$modules/node_modules/protobufjs" ]; then
	mkdir -p "$cache"
	fresh=$(mktemp -d "$cache/npm.XXXXXX")
	trap 'rm -rf "$fresh"' EXIT
	cp "$here/package.json" "$fresh/"
	(cd "$fresh" && npm install --silent --no-package-lock --no-audit \
		--no-fund --ignore-scripts >&2)
	rm -rf "$modules"
	mv "$fresh" "$modules"
fi

echo "# seed $seed"
# Lines are split at newlines only: JSON may hold U+2028 as an escape.
"$HALE_BUILD/tests/integration/random_messages" "$seed" 10000 |
	NODE_PATH=$modules/node_modules node "$here/compare.js" \
		"$HALE_SRC"/proto/{hale,fleet}.proto \
		"$HALE_SRC"/tests/fixtures/proto/*.proto

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# OTLP: metrics and log records as OpenTelemetry's own code decodes them, and
# what becomes of them while the collector fails. That code comes from npm, once,
# into the cache: at the version that package.json names.
set -euo pipefail
# shellcheck source=tests/integration/doors.inc
. "$HALE_SRC/tests/integration/doors.inc"

here=$HALE_SRC/tests/integration/doors/otlp
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hale
modules=$cache/otlp-$(sha256sum <"$here/package.json" | cut -c1-16)

# In a folder of its own and then moved, so that a cut-off install is none.
if [ ! -d "$modules/node_modules/@opentelemetry/otlp-transformer" ]; then
	mkdir -p "$cache"
	fresh=$(mktemp -d "$cache/npm.XXXXXX")
	cp "$here/package.json" "$fresh/"
	(cd "$fresh" && npm install --silent --no-package-lock --no-audit \
		--no-fund --ignore-scripts >&2)
	rm -rf "$modules"
	mv "$fresh" "$modules"
fi

chmod 755 "$HALE_TMP"
receive collector
echo 'Authorization: Bearer of-a-test' >"$HALE_TMP/headers"
chmod 644 "$HALE_TMP/headers"
cat >"$conf" <<-END
	[kmsg]
	trust_user_records = yes
	[otlp]
	endpoint = http://127.0.0.1:$(port_of collector)
	headers_file = $HALE_TMP/headers
	interval = 1s
END
# Of a file that is being written a part of a line may be there.
decode() {
	sed -n '/}$/p' "$HALE_TMP/collector/requests" >"$HALE_TMP/whole"
	NODE_PATH=$modules/node_modules node "$here/decode.js" "$HALE_TMP/whole"
}
# decoded FILTER: what jq makes of each message
decoded() { decode | jq -c "$1"; }
is_there() { [[ -n $(decoded "select($1)") ]]; }

start_agent
clear_all
metrics='.path == "/v1/metrics"'
point='.message.resourceMetrics[0].scopeMetrics[0].metrics[]'
value() { # NAME ATTRIBUTE VALUE: of the last message
	decoded "select($metrics) | $point | select(.name == \"$1\") |
		(.gauge // .sum).dataPoints[] | select(any(.attributes[]?;
			.key == \"$2\" and .value.stringValue == \"$3\")) |
		.asInt // .asDouble" | tail -n 1 | tr -d '"'
}
is_known() { [[ $(decoded "select($metrics) | $point |
	select(.name == \"hale.agent.up\") |
	.gauge.dataPoints[0].asInt" | tail -n 1) == '"1"' ]]; }
ok "metrics come" await 60 is_known
ok "with who they are of" is_there "$metrics and any(
	.message.resourceMetrics[0].resource.attributes[];
	.key == \"host.name\" and .value.stringValue == \"$(hostname)\")"
ok "and the header that was asked for" is_there \
	'.headers.authorization == "Bearer of-a-test"'
ok "as protobuf" is_there \
	'.headers["content-type"] == "application/x-protobuf"'
sums() {
	local f n=0
	for f in UNKNOWN FIT DEGRADED UNFIT; do
		n=$((n + $(value hale.verdict hale.verdict $f)))
	done
	[[ $n == 1 ]]
}
ok "one verdict holds" sums

# --- a finding, while the collector fails ---
printf '503\nRetry-After: 1\n' >"$HALE_TMP/collector/answer"
refused() { is_there "$metrics and .answered == \"503\""; }
ok "the collector is full" await 60 refused
disk=$(new_disk)
say "$(medium "$disk" 8)"
record=".message.resourceLogs[0].scopeLogs[0].logRecords[] |
	select(any(.attributes[]; .key == \"hale.alias\" and
		.value.stringValue == \"$disk\"))"
log_refused() { [[ -n $(decoded "select(.path == \"/v1/logs\" and
	.answered == \"503\") | $record") ]]; }
ok "it hears of a finding, and refuses" await 60 log_refused
rm "$HALE_TMP/collector/answer"
log_taken() { [[ -n $(decoded "select(.path == \"/v1/logs\" and
	.answered == \"200\") | $record") ]]; }
ok "it is told again" await 60 log_taken
ok "as an error, in words" test "$(decoded "select(.path == \"/v1/logs\") |
	$record | [.severityNumber, .severityText,
		(.body.stringValue | startswith(\"disk.medium_error blocks on $disk\"))]" |
	tail -n 1)" = '["SEVERITY_NUMBER_ERROR","ERROR",true]'
seen() { [[ $(value hale.finding.occurrences hale.part "disk/unresolved-$disk") == 1 ]]; }
ok "it is in the metrics" await 60 seen
client clear "$disk" "" "over" >/dev/null
ended() { [[ $(decoded "select(.path == \"/v1/logs\" and .answered == \"200\") |
	$record | .severityText" | tail -n 1) == '"INFO"' ]]; }
ok "its end is a record, too" await 60 ended
kinds() { decoded "select(.path == \"/v1/logs\" and .answered == \"200\") |
	$record | .severityText" | sort -u | wc -l; }
ok "its begin and its end were taken, and no more" test "$(kinds)" = 2

# --- builds ---
"$HALE_BUILD/tests/integration/ship_client" "$run/ship.sock" record 3 \
	repo=a/b cause=host-io >/dev/null
built() { [[ $(value hale.builds hale.cause host-io) == 3 ]]; }
ok "builds are a sum" await 60 built
cumulative() { [[ -n $(decoded "select($metrics) | $point |
	select(.name == \"hale.builds\") | select(.sum.isMonotonic and
		.sum.aggregationTemporality == \"AGGREGATION_TEMPORALITY_CUMULATIVE\")") ]]; }
ok "that grows" cumulative
ok "the agent is alive" alive
((failures == 0))

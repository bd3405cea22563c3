#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Notifications: webhooks, Slack, PagerDuty and mail, against receivers that
# answer, fail, redirect, hang and present the wrong certificate. Only changes
# are told, each is told until it was delivered, and the gate waits for nobody.
set -euo pipefail
# shellcheck source=tests/integration/doors.inc
. "$HALE_SRC/tests/integration/doors.inc"

chmod 755 "$HALE_TMP"
secret=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
put() { # NAME: stdin into a file that user hale may read, too
	cat >"$HALE_TMP/$1"
	chmod 644 "$HALE_TMP/$1"
}
printf '%s\n' "$secret" | put secret
echo 0123456789abcdef0123456789abcdef | put routing
put body.json <<-'END'
	{{"what": "{condition} on {alias}", "is": "{change}", "why": "{evidence}"}}
END
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost -keyout "$HALE_TMP/tls.key" \
	-out "$HALE_TMP/tls.pem" 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost -keyout "$HALE_TMP/evil.key" \
	-out "$HALE_TMP/evil.pem" 2>/dev/null
chmod 644 "$HALE_TMP"/*.pem
receive plain
receive slack
receive pager
receive broken
receive stranger
receive away
receive stuck
receive tls "$HALE_TMP/tls.pem" "$HALE_TMP/tls.key"
receive liar "$HALE_TMP/evil.pem" "$HALE_TMP/evil.key"
echo 503 >"$HALE_TMP/broken/answer"
printf '307\nLocation: http://localhost:%s/\n' "$(port_of stranger)" \
	>"$HALE_TMP/away/answer"
echo hang >"$HALE_TMP/stuck/answer"
mkdir -m 777 "$HALE_TMP/smtp" "$HALE_TMP/spool"
python3 "$HALE_SRC/tests/integration/doors/smtp.py" "$HALE_TMP/smtp" &
started+=("$!")
await 30 test -s "$HALE_TMP/smtp/port"
put sendmail <<-END
	#!/bin/sh
	ls -l /proc/\$\$/fd >"$HALE_TMP/spool/fds"
	{ printf '%s|' "\$@"; echo; cat; echo ----; } >>"$HALE_TMP/spool/mail"
END
chmod 755 "$HALE_TMP/sendmail"
echo "http://127.0.0.1:$(port_of slack)/services/T0/B0/x" | put slack.url

hook() { # NAME TYPE LINE...: a section; other tests speak to the log, too
	printf '[notify.%s]\ntype = %s\nrate = 10000 / 1h\n' "$1" "$2"
	shift 2
	printf '%s\n' "$@"
}
configure() {
	cat <<-END
		[kmsg]
		trust_user_records = yes
	END
	hook plain webhook "url = http://127.0.0.1:$(port_of plain)/in" \
		"secret_file = $HALE_TMP/secret"
	hook chat slack "url_file = $HALE_TMP/slack.url" \
		'template = {change}: {condition} on {alias} <!channel> & {evidence}'
	hook pager pagerduty "url = http://127.0.0.1:$(port_of pager)/v2/enqueue" \
		"secret_file = $HALE_TMP/routing" 'effect = blocks'
	hook tls webhook "url = https://localhost:$(port_of tls)/" \
		"ca_file = $HALE_TMP/tls.pem" "body_file = $HALE_TMP/body.json"
	hook broken webhook "url = http://127.0.0.1:$(port_of broken)/"
	hook away webhook "url = http://127.0.0.1:$(port_of away)/"
	hook stuck webhook "url = http://127.0.0.1:$(port_of stuck)/"
	hook "$@"
}
sendmail() {
	configure mail email "sendmail = $HALE_TMP/sendmail" \
		'to = ops@example.org, root@example.org' 'from = hale@example.org'
}
smtp() {
	configure mail email "url = smtp://127.0.0.1:$(cat "$HALE_TMP/smtp/port")" \
		'to = ops@example.org' 'from = hale@example.org'
}
liar() {
	configure liar webhook "url = https://localhost:$(port_of liar)/" \
		"ca_file = $HALE_TMP/tls.pem"
}
sendmail >"$conf"
"$haled" -n --config "$conf"
start_agent
clear_all

# --- each in its own words ---
disk=$(new_disk)
ours="(.body | contains(\"$disk\"))"
say "$(medium "$disk" 8)"
ok "a webhook is told of a finding" await 60 got plain "$ours"
# Each further try comes later: this first.
# what the doors said of a hook, once
complained() { [[ $(grep -cF "[notify.$1]: " "$log") == 1 ]]; }
tried_again() { (($(wc -l <"$HALE_TMP/broken/requests") >= 2)); }
ok "one that fails is tried again" await 60 tried_again
ok "and complained of once" complained broken
rm "$HALE_TMP/broken/answer"
recovered() { [[ $(n_got broken '.answered == "200"') -ge 1 ]]; }
ok "when it is well again it is told" await 60 recovered
ok "of what is still so" got broken \
	".answered == \"200\" and (.body | contains(\"$disk\"))"
change=".changes[] | select(.alias == \"$disk\")"
ok "as JSON" test "$(requests plain ".body | fromjson | $change |
	[.change, .condition, .effect]" | head -n 1)" = \
	'["opened","disk.medium_error","blocks"]'
ok "with what it means" got plain \
	"$ours and (.body | contains(\"cannot read or write sectors\"))"
ok "signed" python3 - "$HALE_TMP/plain/requests" "$secret" <<-'END'
	import base64, hashlib, hmac, json, sys
	with open(sys.argv[1], encoding="utf-8") as f:
	    lines = [json.loads(line) for line in f if line.endswith("}\n")]
	for r in lines:
	    parts = dict(p.split("=") for p in r["headers"]["hale-signature"].split(","))
	    body = base64.b64decode(r["base64"])
	    want = hmac.new(sys.argv[2].encode(), parts["t"].encode() + b"." + body,
	                    hashlib.sha256).hexdigest()
	    assert hmac.compare_digest(want, parts["v1"])
	assert lines
END
ok "Slack is" await 60 got slack "$ours"
ok "and nobody there is woken by what a template says" got slack \
	".body | fromjson | .text | contains(\"opened: disk.medium_error on $disk &lt;!channel&gt; &amp; \")"
ok "PagerDuty is" await 60 got pager "$ours"
ok "by an event that begins" test "$(requests pager ".body | fromjson |
	select(.payload.custom_details.alias == \"$disk\") |
	[.event_action, .payload.severity, (.routing_key | length)]" |
	head -n 1)" = '["trigger","critical",32]'
ok "a server whose certificate is known is" await 60 got tls "$ours"
ok "in a body of one's own" test "$(requests tls ".body | fromjson |
	select(.what == \"disk.medium_error on $disk\") | .is" |
	head -n 1)" = '"opened"'
mailed() { grep -q "$disk" "$HALE_TMP/spool/mail" 2>/dev/null; }
ok "sendmail is" await 60 mailed
ok "with the recipients of the configuration" grep -qxF -- \
	'-oi|-f|hale@example.org|--|ops@example.org|root@example.org|' \
	"$HALE_TMP/spool/mail"
one_subject() { grep '^Subject: ' "$HALE_TMP/spool/mail" | grep -F '[hale]' >/dev/null; }
ok "and a subject" one_subject
ok "it holds none of the doors' files" not grep -E 'socket:|hale\.conf' \
	"$HALE_TMP/spool/fds"

# --- only changes ---
say "$(medium "$disk" 16)"
counts_two() { counts "$disk" disk.medium_error 2; }
ok "the same finding again" await 60 counts_two
other=$(new_disk)
say "$(medium "$other" 8)"
ok "and another" await 60 got plain ".body | contains(\"$other\")"
# A change that was told twice, for an answer that got lost, has the same key.
keys() { requests plain ".body | fromjson | $change | .key" | sort -u | wc -l; }
ok "only the other is news" test "$(keys)" = 1
client clear "$disk" "" "replaced" >/dev/null
closed="[.body | fromjson | .changes[] | select(.alias == \"$disk\" and
	.change == \"closed\")] | length > 0"
ok "its end is told" await 60 got plain "$closed"
resolved='.body | fromjson | .event_action == "resolve"'
ok "and to PagerDuty by the same key" await 60 got pager "$resolved"
same_key() {
	[[ $(requests pager ".body | fromjson | select(.dedup_key |
		contains(\"$disk\")) | .dedup_key" | sort -u | wc -l) == 1 ]]
}
ok "which is one" same_key

# --- receivers that are not well ---
ok "a redirect is followed nowhere" test ! -s "$HALE_TMP/stranger/requests"
ok "and said" await 60 logged "307, which is not followed"
answers() { client check >/dev/null; }
ok "the gate did not wait for the one that hangs" answers

# --- a restart ---
n=$(wc -l <"$HALE_TMP/plain/requests")
smtp >"$conf"
third=$(new_disk)
kill -HUP "$pid"
ok "it is configured anew" await 60 logged "configuration read again"
say "$(medium "$third" 8)"
ok "and goes on" await 60 got plain ".body | contains(\"$third\")"
told_again() {
	tail -n "+$((n + 1))" "$HALE_TMP/plain/requests" |
		jq -r '.body | fromjson | .changes[] |
			select(.change == "opened") | .alias' | grep -x "$other"
}
ok "without telling what it has told" not told_again
by_smtp() { grep -q "$third" "$HALE_TMP/smtp/mail" 2>/dev/null; }
ok "mail goes by SMTP as well" await 60 by_smtp
ok "from whom it is to be" grep -q '^MAIL FROM:<hale@example.org>' \
	"$HALE_TMP/smtp/mail"

# --- a server that is another's ---
liar >"$conf"
kill -HUP "$pid"
ok "a certificate that nobody knows" await 60 logged "[notify.liar]: "
ok "has nothing told" test ! -s "$HALE_TMP/liar/requests"

# --- what cannot be is said by its line ---
refused() {
	local text=$1
	printf '%s\n' "${@:2}" >"$HALE_TMP/bad.conf"
	! "$haled" -n --config "$HALE_TMP/bad.conf" 2>"$HALE_TMP/bad.out" &&
		grep -qF -- "$text" "$HALE_TMP/bad.out"
}
ok "http to another host is refused" refused 'bad.conf:3: url = ' \
	'[notify.x]' 'type = webhook' 'url = http://example.org/'
ok "so is a name that is none" refused 'bad.conf:3: template = ' \
	'[notify.x]' 'type = slack' 'template = {password}'
ok "a recipient that is an option" refused 'bad.conf:3: to = ' \
	'[notify.x]' 'type = email' 'to = -oQ/tmp'
ok "a hook without a way" refused '[notify.x]: url or url_file is missing' \
	'[notify.x]' 'type = slack'
ok "a typo" refused 'bad.conf:2: unknown key "ulr"' '[notify.x]' 'ulr = x'
ok "the agent is alive" alive
((failures == 0))

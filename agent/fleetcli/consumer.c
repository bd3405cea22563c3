/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said to JetStream and what it says, as text. Decides what a reader's
 * consumer is like: it acknowledges nothing, is kept in memory by one server
 * and forgotten once nobody listens, so that a reader leaves nothing behind.
 * Must take any bytes. Pure.
 */
#include "consumer.h"

#include <errno.h>
#include <jansson.h>
#include <time.h>

#include "hale/base.h"
#include "hale/text.h"

#include "proto/codec_fleet.h"

#define TOKENS_MAX 13

static void start_text(const struct consumer_ask *ask, char *ret, size_t size)
{
	time_t t = (time_t)(ask->since_ns / HALE_NS_PER_S);
	char when[40] = "";
	struct tm tm;

	if (ask->from_seq > 0) {
		snprintf(ret, size,
			 "\"deliver_policy\":\"by_start_sequence\","
			 "\"opt_start_seq\":%llu",
			 (unsigned long long)ask->from_seq);
		return;
	}
	if (ask->since_ns > 0 && gmtime_r(&t, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (when[0])
		snprintf(ret, size,
			 "\"deliver_policy\":\"by_start_time\","
			 "\"opt_start_time\":\"%s\"",
			 when);
	else
		snprintf(ret, size, "\"deliver_policy\":\"all\"");
}

ssize_t consumer_request(const struct consumer_ask *ask, char *ret, size_t size)
{
	char start[128];
	int n;

	start_text(ask, start, sizeof(start));
	n = snprintf(ret, size,
		     "{\"stream_name\":\"%s\",\"config\":{\"name\":\"%s\",%s,"
		     "\"deliver_subject\":\"%s\",\"filter_subject\":\"%s\","
		     "\"ack_policy\":\"none\",\"max_deliver\":1,"
		     "\"replay_policy\":\"instant\",\"flow_control\":true,"
		     "\"idle_heartbeat\":%llu,\"num_replicas\":1,"
		     "\"mem_storage\":true}}",
		     ask->stream, ask->name, start, ask->deliver, ask->filter,
		     CONSUMER_BEAT_MS * (unsigned long long)HALE_NS_PER_MS);
	return n < 0 || (size_t)n >= size ? -EMSGSIZE : n;
}

static uint64_t number(const json_t *of, const char *name)
{
	json_int_t n = json_integer_value(json_object_get(of, name));

	return n > 0 ? (uint64_t)n : 0;
}

static void text_of(const json_t *of, const char *name, char *ret, size_t size)
{
	const char *text = json_string_value(json_object_get(of, name));

	if (text)
		hale_print_text(ret, size, text, strlen(text));
}

/* RFC 3339 in UTC with up to nine digits, as Go prints it; 0: it is not. */
static uint64_t time_of(const json_t *of, const char *name)
{
	const char *text = json_string_value(json_object_get(of, name)), *end;
	uint64_t ns = 0, unit = HALE_NS_PER_S / 10;
	struct tm tm = { 0 };
	time_t t;

	end = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	if (!end)
		return 0;
	if (*end == '.') {
		for (end++; *end >= '0' && *end <= '9' && unit > 0; end++) {
			ns += (uint64_t)(*end - '0') * unit;
			unit /= 10;
		}
	}
	t = timegm(&tm);
	if (strcmp(end, "Z") != 0 || t <= 0)
		return 0;
	return (uint64_t)t * HALE_NS_PER_S + ns;
}

int consumer_reply_read(const char *text, size_t len,
			struct consumer_reply *ret)
{
	json_t *root = json_loadb(text, len, 0, NULL);
	const json_t *error = json_object_get(root, "error");
	struct consumer_reply r = { 0 };

	if (!json_is_object(root)) {
		json_decref(root);
		return -EBADMSG;
	}
	if (error) {
		r.error = (int)(number(error, "code") % 1000);
		r.error = r.error > 0 ? r.error : 500;
		r.detail = (int)(number(error, "err_code") % 100000);
		text_of(error, "description", r.text, sizeof(r.text));
	}
	r.made_ns = time_of(root, "created");
	r.pending = number(root, "num_pending");
	r.behind = number(json_object_get(root, "delivered"), "stream_seq");
	r.sent = number(json_object_get(root, "delivered"), "consumer_seq");
	json_decref(root);
	*ret = r;
	return 0;
}

/* Digits and nothing else, up to the token's end. */
static bool digits(const char *token, uint64_t *ret)
{
	uint64_t n = 0;
	const char *at = token;

	for (; *at >= '0' && *at <= '9'; at++) {
		if (n > (UINT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (uint64_t)(*at - '0');
	}
	if (at == token || (*at && *at != '.'))
		return false;
	*ret = n;
	return true;
}

/* The older form has stream, consumer, deliveries and four numbers; the newer
 * one a domain and an account before them, and maybe a word after. */
int consumer_place_read(const char *reply, struct consumer_place *ret)
{
	static const char head[] = "$JS.ACK.";
	const char *tokens[TOKENS_MAX];
	struct consumer_place p;
	size_t n = 0, first, len;

	if (!reply || strncmp(reply, head, strlen(head)) != 0)
		return -EBADMSG;
	for (const char *at = reply; at && n < TOKENS_MAX; n++) {
		tokens[n] = at;
		at = strchr(at, '.');
		at = at ? at + 1 : NULL;
	}
	if (n != 9 && n != 11 && n != 12)
		return -EBADMSG;
	first = n == 9 ? 5 : 7;
	len = (size_t)(tokens[first - 1] - tokens[first - 2]) - 1;
	if (!hale_copy(p.name, sizeof(p.name), tokens[first - 2], len))
		return -EBADMSG;
	if (!digits(tokens[first], &p.stream_seq) ||
	    !digits(tokens[first + 1], &p.consumer_seq) ||
	    !digits(tokens[first + 2], &p.taken_ns) ||
	    !digits(tokens[first + 3], &p.pending))
		return -EBADMSG;
	*ret = p;
	return 0;
}

int consumer_event_read(const char *text, size_t len, char ret_id[57],
			char ret_why[64])
{
	static const char *const names[] = { "nkey", "user", "name" };
	json_t *root = json_loadb(text, len, 0, NULL);
	const json_t *client = json_object_get(root, "client");
	int r = client ? -ENOENT : -EBADMSG;

	ret_why[0] = '\0';
	for (size_t i = 0; i < HALE_ARRAY_SIZE(names) && r == -ENOENT; i++) {
		const char *id =
			json_string_value(json_object_get(client, names[i]));

		if (!id || !fleet_id_valid(id))
			continue;
		memcpy(ret_id, id, FLEET_ID_SIZE);
		r = 0;
	}
	text_of(root, "reason", ret_why, 64);
	json_decref(root);
	return r;
}

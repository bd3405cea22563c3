/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Was it taken? Decides what counts as a word for it: an object that names the
 * right stream, a number above 0 and no error. Must never take anything else
 * for one, because what is acknowledged is gone from the spool. Invariant: the
 * worst answer costs another attempt, never a message.
 */
#include "agent/report/ack.h"

#include <jansson.h>
#include <stdbool.h>

#include "hale/base.h"
#include "hale/text.h"

static void say(struct ack *a, const char *text)
{
	hale_print_text(a->text, sizeof(a->text), text,
			strnlen(text, ACK_TEXT_MAX));
}

static struct ack refused(const json_t *error)
{
	const char *text =
		json_string_value(json_object_get(error, "description"));
	struct ack a = { .kind = ACK_REFUSED };
	char shown[ACK_TEXT_MAX];

	snprintf(shown, sizeof(shown), "%.90s (%lld)",
		 text ? text : "no reason is given",
		 json_integer_value(json_object_get(error, "err_code")));
	say(&a, shown);
	return a;
}

static struct ack judge(const json_t *m, const char *stream)
{
	const json_t *error = json_object_get(m, "error");
	const char *name = json_string_value(json_object_get(m, "stream"));
	const json_t *seq = json_object_get(m, "seq");
	const json_t *twice = json_object_get(m, "duplicate");
	struct ack a = { .kind = ACK_GARBAGE };

	if (error && !json_is_null(error))
		return refused(error);
	if (!name || !json_is_integer(seq) || json_integer_value(seq) <= 0 ||
	    (twice && !json_is_boolean(twice)))
		return a;
	a.seq = (uint64_t)json_integer_value(seq);
	a.kind = json_is_true(twice) ? ACK_DUPLICATE : ACK_TAKEN;
	if (strcmp(name, stream) != 0) {
		a.kind = ACK_ELSEWHERE;
		say(&a, name);
	}
	return a;
}

struct ack ack_read(const void *bytes, size_t len, const char *stream)
{
	struct ack a = { .kind = len == 0 ? ACK_NOBODY : ACK_GARBAGE };
	json_t *m;

	if (len == 0 || len > ACK_BYTES_MAX)
		return a;
	m = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(m))
		a = judge(m, stream);
	json_decref(m);
	return a;
}

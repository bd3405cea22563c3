/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says what a record tells. Each is a counter of its own that stands at one, so
 * that the middle, which remembers counters over restarts and reboots, takes it
 * in once however often it is read. It happened when the record was made.
 */
#include "pstore.h"

static void emit(struct pstore *s, struct hale_observation *o)
{
	o->kind = HALE_OBSERVED_COUNTER;
	o->holds = true;
	o->value = 1;
	hale_emit_observation(s->p, o);
}

static void prove(struct hale_observation *o, const char *name,
		  const char *line)
{
	char text[2 * HALE_EVIDENCE_MAX];
	int n = snprintf(text, sizeof(text), "%.60s: %s", name, line);

	hale_print_text(o->evidence, sizeof(o->evidence), text,
			n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

void pstore_say_error(struct pstore *s, const char *name, uint64_t time_ns,
		      uint32_t hash, const struct pstore_error *e)
{
	struct hale_observation o = { .condition = e->condition,
				      .time_ns = time_ns,
				      .counter = hash };

	HALE_SET(o.part, e->part);
	prove(&o, name, e->line);
	emit(s, &o);
}

void pstore_say(struct pstore *s, const char *name, uint64_t time_ns,
		uint32_t hash, const struct pstore_story *story)
{
	struct hale_observation o = { .condition = HALE_KERNEL_CRASH,
				      .time_ns = time_ns,
				      .counter = hash,
				      .part = "host" };

	for (unsigned int i = 0; i < story->n_errors; i++)
		pstore_say_error(s, name, time_ns, hash, &story->errors[i]);
	if (!story->crashed)
		return;
	s->panicked = true;
	prove(&o, name, story->reason);
	emit(s, &o);
}

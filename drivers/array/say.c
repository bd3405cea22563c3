/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the driver array says what it found: one state for each condition that
 * could hold, so that what is over ends; the evidence names the member and how
 * far its replacement has got.
 */
#include <inttypes.h>

#include "array.h"

void array_list(char *list, size_t size, const char *who, const char *what)
{
	size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%s %s", used ? ", " : "", who,
		 what);
}

void array_print_size(char *text, size_t size, uint64_t bytes)
{
	static const char *const units[] = { "B",   "KiB", "MiB",
					     "GiB", "TiB", "PiB" };
	uint64_t tenths = 0;
	size_t unit = 0;

	while (bytes >= 1024 && unit + 1 < HALE_ARRAY_SIZE(units)) {
		tenths = bytes % 1024 * 10 / 1024;
		bytes /= 1024;
		unit++;
	}
	snprintf(text, size, "%" PRIu64 ".%" PRIu64 " %s", bytes, tenths,
		 units[unit]);
}

static void emit(struct array *a, enum hale_ref ref, const char *part,
		 struct hale_observation *o, const char *evidence)
{
	o->kind = HALE_OBSERVED_STATE;
	o->ref = ref;
	o->count = o->holds;
	o->time_ns = a->p->now_ns;
	hale_print_text(o->part, sizeof(o->part), part, strlen(part));
	hale_print_text(o->evidence, sizeof(o->evidence), evidence,
			strlen(evidence));
	hale_emit_observation(a->p, o);
}

void array_say_condition(struct array *a, enum hale_ref ref, const char *part,
			 enum hale_condition condition, const char *evidence)
{
	struct hale_observation o = { .condition = condition,
				      .holds = evidence[0] != '\0' };

	emit(a, ref, part, &o, evidence);
}

void array_say(struct array *a, const struct array_state *s)
{
	struct hale_observation o = { .value = s->lost, .total = s->members };
	bool lacks = s->lost > 0 || s->failed;
	char text[2 * HALE_EVIDENCE_MAX] = "";

	if (lacks)
		snprintf(text, sizeof(text),
			 "%s (%s) lacks %u of its %u members%s%s%s%s", s->name,
			 s->level, s->lost, s->members, s->lacks[0] ? ": " : "",
			 s->lacks, s->sync[0] ? "; " : "", s->sync);
	o.condition = HALE_ARRAY_FAILED;
	o.holds = s->failed;
	emit(a, s->ref, s->part, &o, s->failed ? text : "");
	o.condition = HALE_ARRAY_DEGRADED;
	o.holds = lacks && !s->failed;
	emit(a, s->ref, s->part, &o, o.holds ? text : "");
}

bool array_turn_to(struct array *a, const char *name)
{
	if (hale_skips(a->p, name)) {
		hale_emit_part_coverage(
			a->p, HALE_SENSE_ARRAYS,
			&(struct hale_part_sight){
				.part = name,
				.sight = HALE_SIGHT_BLIND,
				.why = "it has not answered since an earlier "
				       "look at it" });
		return false;
	}
	array_say_condition(a, HALE_REF_ARRAY, name, HALE_DISK_STALLED, "");
	return true;
}

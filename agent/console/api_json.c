/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One host for its page. Decides which of what is known goes there: the
 * messages as they came, and the catalogue's words for what they name. Must
 * never print a host's words but through the JSON printer. Invariant: every
 * condition that is printed and that the catalogue has is among its words,
 * once.
 */
#include "api_json.h"

#include <inttypes.h>

#include "hale/base.h"
#include "hale/condition.h"

static void put_message(struct jot *out, const void *m)
{
	struct json_sink sink = jot_sink(out);

	if (!m)
		jot_put(out, "null");
	else if (json_print(m, 0, &sink) < 0)
		out->lost = true;
}

/* --- the catalogue's words --- */

struct named {
	bool is[HALE_CONDITION_COUNT];
};

static void name(struct named *n, const Hale__V1__Finding *f)
{
	if (f)
		n->is[hale_condition_from_name(f->condition,
					       strlen(f->condition))] = true;
}

static void name_all(struct named *n, const struct supply_host *h)
{
	const Hale__V1__HostReport *r = h->state ? h->state->report : NULL;

	for (size_t i = 0; r && i < r->n_findings; i++)
		name(n, r->findings[i]);
	for (size_t i = 0; r && r->verdict && i < r->verdict->n_reasons; i++)
		name(n, r->verdict->reasons[i]->finding);
	for (size_t i = 0; i < h->events_n; i++)
		name(n, h->events[i]->finding);
}

static void put_catalogue(struct jot *out, const struct supply_host *h)
{
	struct named n = { 0 };
	const char *between = "";

	name_all(&n, h);
	jot_put(out, ",\"catalogue\":{");
	for (int c = HALE_CONDITION_NONE + 1; c < HALE_CONDITION_COUNT; c++) {
		const struct hale_condition_info *info =
			hale_condition_info((enum hale_condition)c);

		if (!n.is[c])
			continue;
		jot_put(out, between);
		jot_string(out, info->name, 64);
		jot_put(out, ":[");
		jot_string(out, info->meaning, 512);
		jot_put(out, ",");
		jot_string(out, info->advice, 512);
		jot_put(out, ",");
		jot_string(out, info->clears, 512);
		jot_put(out, "]");
		between = ",";
	}
	jot_put(out, "}");
}

/* --- what came of it --- */

static void put_events(struct jot *out, const struct supply_host *h)
{
	jot_put(out, ",\"events\":[");
	for (size_t i = 0; i < h->events_n; i++) {
		jot_put(out, i ? "," : "");
		put_message(out, h->events[i]);
	}
	jot_put(out, "],\"builds\":[");
	for (size_t i = 0; i < h->builds_n; i++) {
		jot_put(out, i ? "," : "");
		put_message(out, h->builds[i]);
	}
	jot_put(out, "]");
	jot_print(out, ",\"cut\":%s", h->cut ? "true" : "false");
}

void api_host(struct jot *out, const char *id, const struct supply_host *h,
	      uint64_t now_ns)
{
	jot_put(out, "{\"id\":");
	jot_string(out, id, 64);
	jot_print(out, ",\"now\":%" PRIu64 ",\"received\":%" PRIu64,
		  now_ns / HALE_NS_PER_MS, h->received_ns / HALE_NS_PER_MS);
	jot_print(out, ",\"judged\":%d,\"judgedSince\":%" PRIu64,
		  (int)h->judged, h->judged_ns / HALE_NS_PER_MS);
	jot_print(out, ",\"connected\":%s,\"state\":",
		  !h->connected_known ? "null"
		  : h->connected      ? "true"
				      : "false");
	put_message(out, h->state);
	put_events(out, h);
	put_catalogue(out, h);
	jot_put(out, "}");
}

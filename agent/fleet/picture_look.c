/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The picture for those who look. Decides how a row reads; changes nothing.
 * Must never give a text that is not the picture's own, nor NULL for one.
 */
#include "agent/fleet/picture_own.h"

const char *picture_verdict_name(enum picture_verdict v)
{
	static const char *const names[PICTURE_VERDICTS] = {
		[PICTURE_UNKNOWN] = "UNKNOWN",	 [PICTURE_FIT] = "FIT",
		[PICTURE_DEGRADED] = "DEGRADED", [PICTURE_UNFIT] = "UNFIT",
		[PICTURE_SILENT] = "SILENT",
	};

	return v < PICTURE_VERDICTS ? names[v] : names[PICTURE_UNKNOWN];
}

static const char *text(const char *t)
{
	return t ? t : "";
}

/* Why it is in that verdict; of a silent one its last word stands behind. */
static const char *why(const struct host *h)
{
	if (h->never)
		return "never heard since it was enrolled";
	if (h->verdict != PICTURE_SILENT)
		return text(h->why);
	if (h->live.gone_ns > h->live.heard_ns)
		return "its connection ended, and no heartbeat came since";
	return "no heartbeat";
}

static void fill_quarantine(const struct picture *p, const struct host *h,
			    struct picture_row *row)
{
	const struct quarantine *q = h->order ? h->order : h->by_itself;

	row->quarantine_who = row->quarantine_why = "";
	if (!q)
		return;
	row->quarantine = q->kind;
	row->quarantine_who = intern_first(&p->words, q->who);
	row->quarantine_why = text(q->why);
	row->quarantine_ns = q->since_ns;
	row->quarantine_until_ns = q->until_ns;
	row->quarantine_holds = h->by_itself != NULL;
}

static void fill_rows(const struct host *h, struct picture_row *row)
{
	if (!h->rows)
		return;
	row->n_labels = h->rows->n_labels;
	row->n_disks = h->rows->n_disks;
	row->n_open = h->rows->n_open;
}

bool picture_row(const struct picture *p, uint32_t index,
		 struct picture_row *ret_row)
{
	const struct host *h = picture_there(p, index);

	if (!h)
		return false;
	*ret_row = (struct picture_row){
		.id = h->id,
		.name = h->id + strlen(h->id) + 1,
		.boot = text(h->boot),
		.version = intern_second(&p->words, h->version),
		.verdict = h->verdict,
		.said = h->said,
		.why = why(h),
		.said_why = text(h->why),
		.since_ns = h->since_ns,
		.since_at_least = h->since_at_least,
		.heard_ns = h->never ? 0 : h->live.heard_ns,
		.connected = h->live.gone_ns == 0 ||
			     h->live.gone_ns < h->live.heard_ns,
		.skew_ns = h->skew_ns,
		.findings = h->findings,
		.cpus = h->cpus,
		.memory_bytes = h->memory_bytes,
		.dropped = h->dropped,
		.change = h->change,
	};
	fill_rows(h, ret_row);
	fill_quarantine(p, h, ret_row);
	return true;
}

void picture_counts(const struct picture *p, struct picture_counts *ret)
{
	*ret = p->counts;
	ret->bytes += p->words.bytes;
}

uint32_t picture_changes(const struct picture *p, uint64_t after,
			 uint32_t *cursor)
{
	uint32_t i = p->newest;

	if (*cursor != PICTURE_NONE)
		i = picture_there(p, *cursor) ? picture_host(p, *cursor)->older
					      : PICTURE_NONE;
	if (i == PICTURE_NONE || picture_host(p, i)->change <= after)
		return PICTURE_NONE;
	*cursor = i;
	return i;
}

bool picture_shrank(const struct picture *p, uint64_t after)
{
	return p->shrank > after;
}

uint32_t picture_find_name(const struct picture *p, const char *name)
{
	uint32_t found = PICTURE_NONE;

	for (uint32_t i = 0; i < p->n_places; i++) {
		const struct host *h = picture_there(p, i);

		if (!h || strcmp(h->id + strlen(h->id) + 1, name) != 0)
			continue;
		if (found == PICTURE_NONE ||
		    h->live.heard_ns > picture_host(p, found)->live.heard_ns)
			found = i;
	}
	return found;
}

uint32_t picture_words_end(const struct picture *p)
{
	return p->words.n;
}

uint32_t picture_word_hosts(const struct picture *p, uint32_t word)
{
	const struct intern_entry *e = &p->words.entries[word];

	return e->uses - e->held;
}

struct told_label picture_word_text(const struct picture *p, uint32_t word)
{
	return (struct told_label){ intern_first(&p->words, word),
				    intern_second(&p->words, word) };
}

uint64_t picture_word_hash(const struct picture *p, uint32_t word)
{
	return p->words.entries[word].hash;
}

void picture_word_hold(struct picture *p, uint32_t word)
{
	intern_hold(&p->words, word);
}

void picture_word_drop(struct picture *p, uint32_t word)
{
	intern_let_go(&p->words, word);
}

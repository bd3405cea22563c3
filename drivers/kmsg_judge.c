/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a record means and when that may be said. A fault prints several lines;
 * the first of them often know less than the last ("I/O error" before "medium
 * error"), so a weak line is held until a closer one comes or nothing more is
 * there to read, and a tentative one until its run is over. Must never lose a
 * fault by waiting, and never say more of them than the grouping counts.
 */
#include "kmsg_judge.h"

#include <ctype.h>

#include "hale/base.h"

#include "kmsg_chosen.h"
#include "kmsg_join.h"
#include "kmsg_lba.h"

#define STEP_FAULT 5 /* rules_group.h: the line that is the fault itself */
/* A log that is read late is judged as it was printed: what was held longer
 * than this by its own clock is said, so that times stay right. */
#define HOLD_NS HALE_NS_PER_S

uint64_t kmsg_agent_ns(const struct hale_probe *p, uint64_t mono_ns)
{
	int64_t offset = p->mono_to_agent_ns;
	uint64_t t = mono_ns + (uint64_t)offset;

	if (offset < 0 && mono_ns < 0 - (uint64_t)offset)
		return 1;
	return t < p->now_ns ? t : p->now_ns;
}

static void print(char *dst, size_t size, const char *text)
{
	hale_print_text(dst, size, text, strlen(text));
}

/* Exact names in a device field: "+pci:0000:03:00.0", "b8:16". */
static bool field_names(const struct kmsg_record *r, const char *prefix,
			const char **ret_name)
{
	size_t len = strlen(prefix);

	if (strncmp(r->device, prefix, len) != 0 || !r->device[len])
		return false;
	*ret_name = r->device + len;
	return true;
}

static bool is_block_name(enum hale_match_part kind)
{
	return kind == HALE_MATCH_DISK || kind == HALE_MATCH_FS;
}

/* A block device's number beats any name in the text, for names move on. Else
 * the field fills in where the text has none: a PCIe port that tells of another
 * device is in the field itself. */
static const char *device_name(const struct hale_grouped *g,
			       const struct kmsg_record *r)
{
	const char *name;

	if (is_block_name(g->part_kind) && field_names(r, "b", &name))
		return name;
	if (g->part[0] != '\0')
		return g->part;
	if (g->part_kind == HALE_MATCH_PCI && field_names(r, "+pci:", &name))
		return name;
	if (g->part_kind == HALE_MATCH_DISK && field_names(r, "+scsi:", &name))
		return name;
	if (g->part_kind == HALE_MATCH_USB && field_names(r, "+usb:", &name))
		return name;
	return "";
}

static void name_part(struct hale_observation *o, const struct hale_grouped *g,
		      const struct kmsg_record *r)
{
	static const enum hale_ref refs[HALE_MATCH_PART_COUNT] = {
		[HALE_MATCH_DISK] = HALE_REF_DISK,
		[HALE_MATCH_FS] = HALE_REF_FS,
		[HALE_MATCH_ARRAY] = HALE_REF_ARRAY,
	};
	const char *name = device_name(g, r);
	char part[2 * HALE_PART_MAX];

	o->ref = name[0] ? refs[g->part_kind] : HALE_REF_PART;
	if (g->part_kind == HALE_MATCH_HOST)
		HALE_SET(part, "host");
	else if (o->ref != HALE_REF_PART)
		HALE_SET(part, name);
	else
		snprintf(part, sizeof(part), "%s/%s",
			 hale_match_part_name(g->part_kind),
			 name[0] ? name : "unknown");
	print(o->part, sizeof(o->part), part);
}

static uint32_t capped(uint64_t n)
{
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static void say(struct kmsg_held *h, struct hale_probe *p)
{
	const struct hale_condition_info *info =
		hale_condition_info(h->o.condition);

	h->o.kind = info->life == HALE_LIFE_STATE ? HALE_OBSERVED_STATE
						  : HALE_OBSERVED_EVENT;
	h->o.holds = info->life == HALE_LIFE_STATE;
	if (h->o.kind == HALE_OBSERVED_STATE &&
	    h->o.join == HALE_JOIN_SUPPRESSED)
		h->o.join = HALE_JOIN_NONE;
	hale_emit_observation(p, &h->o);
	h->said = true;
	h->said_condition = h->o.condition;
	h->waiting = h->o.at_least = false;
	h->proof = 0;
	h->o.count = 0;
	h->o.join = HALE_JOIN_NONE;
	h->o.join_key = 0;
}

/* The block layer's line says most, what lost data because of it least. */
static int proof(const struct hale_match *m)
{
	if (m->step > STEP_FAULT)
		return 1;
	return 2 + 2 * !m->weak + (m->step == STEP_FAULT);
}

static void prove(struct hale_observation *o, const struct hale_probe *p,
		  const struct kmsg_record *r, const struct hale_match *m)
{
	uint64_t t = r->time_ns + (uint64_t)p->mono_to_agent_ns;

	o->time_ns = kmsg_agent_ns(p, r->time_ns);
	/* printk's clock is ahead a little: the order of things matters more */
	if (o->time_ns == p->now_ns && t - p->now_ns <= 10 * HALE_NS_PER_S)
		o->time_ns = t;
	o->seq = r->seq;
	o->value = m->sector == UINT64_MAX ? 0 : m->sector;
	o->total = (uint64_t)(unsigned int)m->error;
	hale_print_text(o->evidence, sizeof(o->evidence), r->text, r->len);
}

/* Is the line worth saying, now that its run is neither weak nor tentative? */
static bool is_news(const struct kmsg_held *h, const struct hale_match *m)
{
	if (h->o.count == 0 && !h->said && m->step > STEP_FAULT)
		return false; /* the line that counts is still to come */
	return h->o.count > 0 || m->step == STEP_FAULT || !h->said ||
	       h->said_condition != h->o.condition;
}

/* The held fault of this run of lines, emptied where it is over. */
static struct kmsg_held *held(struct kmsg_judge *j, struct hale_probe *p,
			      const struct kmsg_record *r,
			      const struct hale_grouped *g)
{
	struct kmsg_held *h = &j->held[g->slot];
	bool tentative = j->group.slots[g->slot].tentative;

	if (h->waiting && (g->opened || (!tentative && h->o.count > 0 &&
					 r->time_ns > h->since_ns + HOLD_NS)))
		say(h, p);
	if (g->opened)
		memset(h, 0, sizeof(*h));
	if (!h->waiting)
		h->since_ns = r->time_ns;
	h->waiting = true;
	return h;
}

/* Each request is said by itself, so that others who saw it can be told from
 * those who saw another one; and what was left out, too. */
static bool tells_another(const struct kmsg_held *h, const struct hale_match *m,
			  const struct hale_grouped *g,
			  const struct hale_observation *join)
{
	if (!h->waiting || g->tentative || h->o.join == HALE_JOIN_NONE)
		return false;
	if (m->kind == HALE_MATCH_SUPPRESSED ||
	    h->o.join == HALE_JOIN_SUPPRESSED)
		return true;
	/* the second block line of a run; or the first one of the next fault */
	return h->o.count > 0 && kmsg_join_named(&h->o) &&
	       (kmsg_join_named(join) || g->count > 0);
}

static void take(struct kmsg_judge *j, struct hale_probe *p,
		 const struct kmsg_record *r, const struct hale_match *m,
		 const struct hale_grouped *g)
{
	const struct hale_group_slot *slot = &j->group.slots[g->slot];
	struct kmsg_held *h = held(j, p, r, g);
	struct hale_observation join = { .join = HALE_JOIN_NONE };

	kmsg_join(m, r->text, r->len, &join);
	if (tells_another(h, m, g, &join))
		say(h, p);
	if (join.join != HALE_JOIN_NONE && !kmsg_join_named(&h->o)) {
		h->o.join = join.join;
		h->o.join_key = join.join_key;
	}
	h->waiting = true;
	h->o.condition = g->condition;
	h->o.count = capped(h->o.count + g->count);
	h->o.at_least |= g->at_least;
	name_part(&h->o, g, r);
	if (proof(m) >= h->proof) {
		h->proof = proof(m);
		prove(&h->o, p, r, m);
	}
	if (slot->tentative || slot->weak)
		return;
	if (is_news(h, m))
		say(h, p);
	h->waiting = h->o.count == 0 && !h->said;
}

/* "... is back": whatever there was about the part is over. */
static void end(struct hale_probe *p, const struct kmsg_record *r,
		const struct hale_match *m)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = m->condition };
	struct hale_grouped g = { .part_kind = m->part_kind };

	memcpy(g.part, m->part, sizeof(g.part));
	name_part(&o, &g, r);
	prove(&o, p, r, m);
	hale_emit_observation(p, &o);
}

/* Who bears the name from here on, or that it is free. */
static void tell_bearer(struct hale_probe *p, const struct kmsg_record *r,
			const struct hale_match *m)
{
	struct hale_fact f = { .kind = HALE_FACT_BEARER };
	struct hale_bearer *b = &f.u.bearer;

	b->news = HALE_BEARER_CAME;
	if (m->kind == HALE_MATCH_DEPARTS)
		b->news = HALE_BEARER_LEFT;
	else if (m->weak)
		b->news = HALE_BEARER_ANNOUNCED;
	else if (m->fresh)
		b->news = HALE_BEARER_SET_UP;
	b->time_ns = kmsg_agent_ns(p, r->time_ns);
	print(b->name, sizeof(b->name), m->part);
	if (b->name[0])
		p->emit(p->sink, &f);
}

/* Who dies for the memory, besides that memory ran out. */
static void tell_chosen(struct hale_probe *p, const struct kmsg_record *r)
{
	struct hale_fact f = { .kind = HALE_FACT_VICTIM };

	if (!kmsg_chosen(r->text, r->len, &f.u.victim))
		return;
	f.u.victim.time_ns = kmsg_agent_ns(p, r->time_ns);
	f.u.victim.time_ns += f.u.victim.time_ns == 0; /* 0: not known */
	p->emit(p->sink, &f);
}

/* The line as a whole, if this is what went on where the last one ended; @r
 * is then all of it. */
static bool match_joined(struct kmsg_judge *j, const struct hale_rules *rules,
			 struct kmsg_record *r, struct hale_match *ret)
{
	size_t len = j->line_len;

	if (!r->fragment || j->line_matched || r->seq != j->line_seq + 1 ||
	    len == 0 || r->len >= sizeof(j->line) - len)
		return false;
	memcpy(j->line + len, r->text, r->len);
	j->line_len += r->len;
	j->line_seq = r->seq;
	j->line_matched = hale_rules_match(rules, j->line, j->line_len, ret);
	r->text = j->line;
	r->len = j->line_len;
	return j->line_matched;
}

static void remember(struct kmsg_judge *j, const struct kmsg_record *r,
		     bool matched)
{
	j->line_matched = matched;
	j->line_seq = r->seq;
	j->line_len = r->len < sizeof(j->line) ? r->len : 0;
	memcpy(j->line, r->text, j->line_len);
}

static bool match(struct kmsg_judge *j, const struct hale_rules *rules,
		  struct kmsg_record *r, struct hale_match *ret)
{
	bool joins = r->fragment && r->seq == j->line_seq + 1;
	bool matched = hale_rules_match(rules, r->text, r->len, ret);

	if (!matched && joins)
		return match_joined(j, rules, r, ret);
	remember(j, r, matched);
	return matched;
}

static void judge_line(struct kmsg_judge *j, struct hale_probe *p,
		       const struct hale_rules *rules, struct kmsg_record line)
{
	struct hale_match m;
	struct hale_grouped g;

	if (!match(j, rules, &line, &m))
		return;
	kmsg_lba(&j->blocks, p->root_fd, line.text, line.len, &m);
	kmsg_judge_close(j, p, line.time_ns);
	if (m.kind == HALE_MATCH_END)
		end(p, &line, &m);
	else if (m.kind == HALE_MATCH_APPEARS || m.kind == HALE_MATCH_DEPARTS)
		tell_bearer(p, &line, &m);
	else if (hale_group_add(&j->group, &m, line.time_ns, &g))
		take(j, p, &line, &m, &g);
	if (m.condition == HALE_MEMORY_OOM || m.condition == HALE_MEMORY_LIMIT)
		tell_chosen(p, &line);
}

/* Is the record's next line the kernel's own? libata's command is, and its
 * result follows in the same record (ata_eh_link_report()). Elsewhere a line
 * ends within a name that a device, a filesystem or any user has given: what
 * they wrote behind it is not the kernel's word. */
static bool goes_on(const struct kmsg_record *line)
{
	return line->len > 4 && memcmp(line->text, "ata", 3) == 0 &&
	       isdigit((unsigned char)line->text[3]) &&
	       memmem(line->text, line->len, ": cmd ", 6);
}

void kmsg_judge_record(struct kmsg_judge *j, struct hale_probe *p,
		       const struct hale_rules *rules,
		       const struct kmsg_record *r)
{
	struct kmsg_record line = *r;
	const char *end = r->text + r->len;
	bool more = true;

	while (more && line.text < end) {
		const char *stop =
			memchr(line.text, '\n', (size_t)(end - line.text));

		line.len = (size_t)((stop ? stop : end) - line.text);
		more = goes_on(&line);
		judge_line(j, p, rules, line);
		line.text += line.len + 1;
	}
}

void kmsg_judge_flush(struct kmsg_judge *j, struct hale_probe *p)
{
	for (size_t i = 0; i < HALE_GROUP_SLOTS; i++) {
		const struct kmsg_held *h = &j->held[i];

		if (h->waiting && !j->group.slots[i].tentative &&
		    (h->said || h->o.count > 0))
			say(&j->held[i], p);
	}
}

bool kmsg_judge_close(struct kmsg_judge *j, struct hale_probe *p,
		      uint64_t mono_ns)
{
	struct hale_group_slot slot;
	bool waiting = false;
	int i;

	while ((i = hale_group_close(&j->group, mono_ns, &slot)) >= 0) {
		struct kmsg_held *h = &j->held[i];

		if (h->waiting) {
			h->o.count += h->o.count == 0 && !h->said;
			say(h, p);
		}
		memset(h, 0, sizeof(*h));
	}
	for (size_t k = 0; k < HALE_GROUP_SLOTS; k++)
		waiting |= j->held[k].waiting;
	return waiting;
}

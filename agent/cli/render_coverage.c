/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is seen of a host, for people. Decides how the rows of many drivers
 * become one line a sense: a sense is as good as the best driver that has it,
 * and not whole while parts of it are out of sight. Worst first; what is not
 * seen says why and what helps; what is live takes one line. A sense that no
 * row speaks of is blind, never left out.
 */
#include <string.h>

#include "hale/base.h"
#include "hale/coverage.h"

#include "render.h"

#define INDENT	    4
#define NAME_WIDTH  16
#define WORD_WIDTH  9
#define SUBJECT	    (2 + WORD_WIDTH + NAME_WIDTH)
#define PARTS_SHOWN 8 /* of those with the same trouble */

static const char *const abouts[HALE_SENSE_COUNT] = {
	[HALE_SENSE_BLOCK_ERRORS] = "failed reads and writes of disks",
	[HALE_SENSE_FS_STATE] = "filesystems: room, inodes, read-only",
	[HALE_SENSE_STORAGE_MAP] = "which disks are under a path",
	[HALE_SENSE_IDENTITY] = "which disk a name means: WWN, serial",
	[HALE_SENSE_KERNEL_LOG] = "what the kernel says went wrong",
	[HALE_SENSE_PROCESS_DEATHS] = "processes that a signal ended",
	[HALE_SENSE_DISK_HEALTH] = "what disks say of themselves: SMART",
	[HALE_SENSE_MEMORY_ERRORS] = "memory errors, corrected or not",
	[HALE_SENSE_SENSORS] = "temperatures, fans, voltages",
	[HALE_SENSE_ARRAYS] = "RAID, thin pools, multipath, btrfs",
	[HALE_SENSE_PRESSURE] = "tasks that wait for memory or disks",
	[HALE_SENSE_NETWORK] = "links of the default route",
	[HALE_SENSE_THERMAL] = "throttling by heat",
	[HALE_SENSE_CRASHES] = "how the previous boot ended",
	[HALE_SENSE_CLOCK] = "the clock: jumps, synchronisation",
	[HALE_SENSE_LIMITS] = "processes, files, connections in use",
	[HALE_SENSE_ENGINE] = "the container engine",
	[HALE_SENSE_BACKING] = "the store under virtual disks",
	[HALE_SENSE_HISTORY] = "the history of builds",
	[HALE_SENSE_VICTIMS] = "files of processes that die",
	[HALE_SENSE_STALLS] = "requests that a disk never answers",
	[HALE_SENSE_SANDBOX] = "what holds the agent's own processes",
};

static const struct {
	const char *word;
	enum out_color color;
} sights[HALE_SIGHT_COUNT] = {
	[HALE_SIGHT_BLIND] = { "blind", OUT_RED },
	[HALE_SIGHT_PARTIAL] = { "partial", OUT_YELLOW },
	[HALE_SIGHT_LIVE] = { "live", OUT_GREEN },
};

/* A sense and all that is said about it. */
struct sense {
	const char *name, *about;
	enum hale_sight sight;
	bool known;   /* some driver speaks of it */
	bool remarks; /* not all of its rows are live */
};

static enum hale_sight sight_of(const struct hale_sense_entry *e)
{
	return (unsigned int)e->sight < HALE_SIGHT_COUNT ? e->sight
							 : HALE_SIGHT_BLIND;
}

/* The core's own rows tell what it had no room for: they only lessen. */
static bool is_core(const struct hale_sense_entry *e)
{
	return strcmp(e->driver, "core") == 0;
}

static void look_up(const struct hale_reply *r, struct sense *s)
{
	struct hale_sense_entry e;
	bool lessened = false;

	s->sight = HALE_SIGHT_BLIND;
	for (size_t i = 0; hale_reply_sense(r, i, &e); i++) {
		if (strcmp(e.sense, s->name) != 0)
			continue;
		s->known = true;
		s->remarks |= sight_of(&e) != HALE_SIGHT_LIVE;
		if (e.part[0] || is_core(&e))
			lessened |= sight_of(&e) != HALE_SIGHT_LIVE;
		else if (sight_of(&e) > s->sight)
			s->sight = sight_of(&e);
	}
	if (lessened && s->sight == HALE_SIGHT_LIVE)
		s->sight = HALE_SIGHT_PARTIAL;
}

/* The @i-th of all senses: ours first, then what a newer agent has. */
static bool sense_at(const struct hale_reply *r, size_t i, struct sense *ret)
{
	struct hale_sense_entry e;
	const char *last = "";

	*ret = (struct sense){ .about = "" };
	if (i < HALE_SENSE_COUNT) {
		ret->name = hale_sense_name((enum hale_sense)i);
		ret->about = abouts[i];
		look_up(r, ret);
		return true;
	}
	i -= HALE_SENSE_COUNT;
	for (size_t k = 0; hale_reply_sense(r, k, &e); k++) {
		if (hale_sense_from_name(e.sense, strlen(e.sense)) !=
			    HALE_SENSE_COUNT ||
		    strcmp(e.sense, last) == 0)
			continue;
		last = e.sense;
		if (i-- > 0)
			continue;
		ret->name = e.sense;
		look_up(r, ret);
		return true;
	}
	return false;
}

static void spaces(struct out *o, size_t n)
{
	while (n-- > 0)
		out_raw(o, " ");
}

static void padded(struct out *o, const char *text, size_t width)
{
	size_t len = strlen(text);

	out_text(o, text);
	spaces(o, len < width ? width - len : 1);
}

/* Text in words, no line longer than @width where its words are not; further
 * lines begin at @indent. @at: the column; returns the next one. */
static size_t wrapped(struct out *o, const char *text, size_t at, size_t indent,
		      size_t width)
{
	char word[160];
	bool first = true;

	while (text[0]) {
		size_t len = strcspn(text, " ");

		len = len < sizeof(word) ? len : sizeof(word) - 1;
		memcpy(word, text, len);
		word[len] = '\0';
		if (!first && at + 1 + len > width) {
			out_raw(o, "\n");
			spaces(o, indent);
			at = indent;
		} else if (!first) {
			out_raw(o, " ");
			at++;
		}
		out_text(o, word);
		at += len;
		first = false;
		text += len;
		text += text[0] == ' ';
	}
	return at;
}

/* "why" and "-> remedy", on one line where they fit. */
static void reason(struct out *o, const struct hale_sense_entry *e, size_t at,
		   size_t width)
{
	const char *why = e->why[0] ? e->why : "does not work";

	at = wrapped(o, why, at, INDENT + 2, width);
	if (e->remedy[0]) {
		if (at + 4 + strlen(e->remedy) <= width) {
			out_raw(o, " ");
			at++;
		} else {
			out_raw(o, "\n");
			at = INDENT + 2;
			spaces(o, at);
		}
		out_raw(o, "-> ");
		wrapped(o, e->remedy, at + 3, INDENT + 5, width);
	}
	out_raw(o, "\n");
}

static bool same_trouble(const struct hale_sense_entry *a,
			 const struct hale_sense_entry *b)
{
	return strcmp(a->sense, b->sense) == 0 &&
	       strcmp(a->driver, b->driver) == 0 && a->sight == b->sight &&
	       strcmp(a->why, b->why) == 0 && strcmp(a->remedy, b->remedy) == 0;
}

static size_t add_name(struct out *o, const char *name, size_t n)
{
	if (n > 0)
		out_raw(o, ", ");
	out_text(o, name);
	return strlen(name) + (n > 0 ? 2 : 0);
}

/* The names of all parts that are as the @i-th row is, which is the first. */
static size_t names(struct out *o, const struct hale_reply *r, size_t i,
		    const struct hale_sense_entry *e)
{
	struct hale_sense_entry other;
	size_t at = 0, n = 0, start = o->len;

	for (; hale_reply_sense(r, i, &other); i++) {
		if (!other.part[0] || !same_trouble(e, &other))
			continue;
		if (n < PARTS_SHOWN)
			at += add_name(o, other.part, n);
		n++;
	}
	if (n > PARTS_SHOWN) {
		out_raw(o, " and ");
		out_number(o, n - PARTS_SHOWN);
		out_raw(o, " more");
		at = o->len - start;
	}
	return at;
}

/* With the parts before it, or of the whole sense. */
static bool told_before(const struct hale_reply *r, size_t i,
			const struct hale_sense_entry *e)
{
	struct hale_sense_entry other;

	for (size_t k = 0; e->part[0] && hale_reply_sense(r, k, &other); k++) {
		if ((k < i || !other.part[0]) && same_trouble(e, &other))
			return true;
	}
	return false;
}

static void remarks(struct out *o, const struct hale_reply *r,
		    const struct sense *s, size_t width)
{
	struct hale_sense_entry e;
	size_t at;

	for (size_t i = 0; hale_reply_sense(r, i, &e); i++) {
		if (strcmp(e.sense, s->name) != 0 ||
		    sight_of(&e) == HALE_SIGHT_LIVE || told_before(r, i, &e))
			continue;
		spaces(o, INDENT);
		at = e.part[0] ? names(o, r, i, &e) : add_name(o, e.driver, 0);
		out_raw(o, ": ");
		reason(o, &e, INDENT + at + 2, width);
	}
}

/* "temperatures, fans, voltages (sensors, smart)": what, and who sees it. */
static void subject(struct out *o, const struct hale_reply *r,
		    const struct sense *s, size_t width)
{
	struct hale_sense_entry e;
	char text[256];
	size_t n = 0, len;

	HALE_SET(text, s->about);
	for (size_t i = 0; hale_reply_sense(r, i, &e); i++) {
		if (strcmp(e.sense, s->name) != 0 || e.part[0] || is_core(&e) ||
		    sight_of(&e) == HALE_SIGHT_BLIND)
			continue;
		len = strlen(text);
		snprintf(text + len, sizeof(text) - len, "%s%s",
			 n++ == 0 ? " (" : ", ", e.driver);
	}
	len = strlen(text);
	snprintf(text + len, sizeof(text) - len, "%s", n > 0 ? ")" : "");
	wrapped(o, text, SUBJECT, SUBJECT, width);
}

static void render_one(struct out *o, const struct hale_reply *r,
		       const struct sense *s, size_t width)
{
	struct hale_summary sum;
	size_t len = strlen(sights[s->sight].word);

	out_raw(o, "  ");
	out_color(o, sights[s->sight].color, sights[s->sight].word);
	spaces(o, len < WORD_WIDTH ? WORD_WIDTH - len : 1);
	padded(o, s->name, NAME_WIDTH);
	subject(o, r, s, width);
	out_raw(o, "\n");
	if (s->known) {
		remarks(o, r, s, width);
		return;
	}
	hale_reply_summary(r, &sum);
	spaces(o, INDENT);
	out_raw(o, sum.scanned ? "not looked at without an agent -> start "
				 "haled\n"
			       : "no driver speaks of it: not built in, or not "
				 "run yet\n");
}

/* In four turns, from the worst to what needs no more than its line. */
static unsigned int turn_of(const struct sense *s)
{
	switch (s->sight) {
	case HALE_SIGHT_PARTIAL:
		return 1;
	case HALE_SIGHT_LIVE:
		return s->remarks ? 2 : 3;
	case HALE_SIGHT_BLIND:
	case HALE_SIGHT_COUNT:
		break;
	}
	return 0;
}

static void count_senses(const struct hale_reply *r, size_t n[HALE_SIGHT_COUNT])
{
	struct sense s;

	memset(n, 0, HALE_SIGHT_COUNT * sizeof(n[0]));
	for (size_t i = 0; sense_at(r, i, &s); i++)
		n[s.sight]++;
}

static void count_line(struct out *o, const size_t n[HALE_SIGHT_COUNT])
{
	size_t all = n[HALE_SIGHT_BLIND] + n[HALE_SIGHT_PARTIAL] +
		     n[HALE_SIGHT_LIVE];

	out_number(o, n[HALE_SIGHT_BLIND]);
	out_raw(o, " of ");
	out_number(o, all);
	out_raw(o, " senses blind, ");
	out_number(o, n[HALE_SIGHT_PARTIAL]);
	out_raw(o, " partial");
}

void render_coverage(struct out *o, const struct hale_reply *r, size_t width)
{
	struct hale_sense_entry e;
	size_t n[HALE_SIGHT_COUNT];
	struct sense s;

	width = width < 40 ? 40 : width;
	out_raw(o, "coverage\n");
	if (!hale_reply_sense(r, 0, &e)) {
		out_raw(o, "  nothing is known about what is seen\n");
		return;
	}
	for (unsigned int turn = 0; turn < 4; turn++) {
		for (size_t i = 0; sense_at(r, i, &s); i++) {
			if (turn_of(&s) == turn)
				render_one(o, r, &s, width);
		}
	}
	count_senses(r, n);
	count_line(o, n);
	out_raw(o, "\n");
}

void render_coverage_brief(struct out *o, const struct hale_reply *r)
{
	struct hale_sense_entry e;
	size_t n[HALE_SIGHT_COUNT];

	count_senses(r, n);
	if (!hale_reply_sense(r, 0, &e) ||
	    n[HALE_SIGHT_BLIND] + n[HALE_SIGHT_PARTIAL] == 0)
		return;
	out_raw(o, "  ");
	count_line(o, n);
	out_raw(o, ": hale status --coverage\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the log that a crashed kernel has left: why it stopped, and whether the
 * hardware had told of an error before. Lines mean what they mean in the living
 * log, by the same rules; of those only memory and processor are told here, for
 * the names of disks are another boot's. Pure, and bounded by what it is given.
 */
#include "pstore.h"

/* "[   12.345678]", "[    T1]"; but "[Hardware Error]" is text. */
static const char *skip_bracket(const char *at, const char *end)
{
	const char *from = at;

	if (at >= end || *at != '[')
		return from;
	for (at++; at < end && strchr(" 0123456789.CT", *at) && *at;)
		at++;
	return at < end && *at == ']' ? at + 1 : from;
}

/* What stands before the text of a line: level, time, caller. */
static const char *skip_stamp(const char *line, const char *end)
{
	const char *at = line;

	if (at < end && *at == '<') {
		at = memchr(at, '>', (size_t)(end - at));
		at = at && at - line <= 6 ? at + 1 : line;
	}
	at = skip_bracket(skip_bracket(at, end), end);
	while (at < end && *at == ' ')
		at++;
	return at;
}

static bool is_text(const char *text, size_t len)
{
	size_t odd = 0, looked = len < 4096 ? len : 4096;

	for (size_t i = 0; i < looked; i++) {
		unsigned char c = (unsigned char)text[i];

		odd += c < 0x20 && c != '\n' && c != '\t' && c != '\r';
		odd += c >= 0x7f;
	}
	return looked > 0 && odd * 20 < looked;
}

static void copy_line(char *dst, size_t size, const char *at, const char *end)
{
	hale_print_text(dst, size, at, (size_t)(end - at));
}

static const char *find(const char *at, const char *end, const char *words)
{
	return memmem(at, (size_t)(end - at), words, strlen(words));
}

static void take_reason(struct pstore_story *story, const char *at,
			const char *end)
{
	const char *panic = find(at, end, "Kernel panic - not syncing");

	/* the end of the panic repeats it: "---[ end Kernel panic" */
	if (!panic || story->reason[0])
		return;
	story->crashed = true;
	copy_line(story->reason, sizeof(story->reason), panic, end);
}

static bool is_nameless(const struct pstore_error *e)
{
	const char *slash = strchr(e->part, '/');

	return slash && strcmp(slash, "/unknown") == 0;
}

/* The one that is told already; a processor or DIMM that no line has named
 * until now is the one that this line names. */
static struct pstore_error *known(struct pstore_story *story,
				  const struct pstore_error *e)
{
	for (unsigned int i = 0; i < story->n_errors; i++) {
		struct pstore_error *have = &story->errors[i];

		if (have->condition == e->condition &&
		    (strcmp(have->part, e->part) == 0 || is_nameless(have) ||
		     is_nameless(e)))
			return have;
	}
	return NULL;
}

static void name_part(struct pstore_error *e, const struct hale_match *m)
{
	char part[2 * HALE_PART_MAX];

	if (m->part_kind == HALE_MATCH_HOST)
		HALE_SET(part, "host");
	else
		snprintf(part, sizeof(part), "%s/%s",
			 hale_match_part_name(m->part_kind),
			 m->part[0] ? m->part : "unknown");
	hale_print_text(e->part, sizeof(e->part), part, strlen(part));
}

static bool is_hardware(enum hale_condition c)
{
	return c == HALE_CPU_MACHINE_CHECK || c == HALE_MEMORY_UNCORRECTED ||
	       c == HALE_MEMORY_POISONED;
}

static void take_error(const struct hale_rules *rules,
		       struct pstore_story *story, const char *at,
		       const char *end)
{
	struct pstore_error e = { .condition = HALE_CONDITION_NONE }, *have;
	struct hale_match m;

	if (!hale_rules_match(rules, at, (size_t)(end - at), &m) ||
	    m.kind != HALE_MATCH_FAULT || m.tentative ||
	    !is_hardware(m.condition))
		return;
	e.condition = m.condition;
	name_part(&e, &m);
	copy_line(e.line, sizeof(e.line), at, end);
	have = known(story, &e);
	if (have && is_nameless(have))
		*have = e;
	else if (!have && story->n_errors < PSTORE_FINDINGS_MAX)
		story->errors[story->n_errors++] = e;
}

/* "Panic#2 Part1", or ramoops' "====1700000000.123456-D" before it. */
static bool head_says_panic(const char *text, size_t len)
{
	static const char first[] = " Part1";
	const char *end = text + (len < 128 ? len : 128);
	const char *panic = find(text, end, "Panic#"), *part;

	if (!panic || (panic != text && panic[-1] != '\n'))
		return false;
	part = find(panic, end, first);
	part = part ? part + sizeof(first) - 1 : NULL;
	return part && (part == text + len || (part < end && *part == '\n'));
}

bool pstore_read(const struct hale_rules *rules, const char *text, size_t len,
		 struct pstore_story *ret_story)
{
	const char *end = text + len;

	memset(ret_story, 0, sizeof(*ret_story));
	if (!is_text(text, len))
		return false;
	for (const char *at = text; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		const char *line;

		stop = stop ? stop : end;
		line = skip_stamp(at, stop);
		take_reason(ret_story, line, stop);
		take_error(rules, ret_story, line, stop);
		at = stop + 1;
	}
	if (!ret_story->crashed && head_says_panic(text, len)) {
		ret_story->crashed = true;
		HALE_SET(ret_story->reason, "a panic, whose reason was not "
					    "saved");
	}
	return true;
}

uint32_t pstore_hash(const char *name, const char *text, size_t len,
		     uint64_t time_ns)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	for (unsigned int i = 0; i < 64; i += 8)
		hash = (hash ^ (uint32_t)(time_ns >> i & 0xff)) * 16777619U;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619U;
	return hash == UINT32_MAX ? 0 : hash;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a record of text to what it means: the first rule whose template fits,
 * its captures turned into a part, a count, a place. Decides how parts are
 * named (ata3.00 is ata3, device 253:2 of device-mapper is dm-2). Takes no
 * heap and keeps nothing between records.
 */
#include <stdio.h>
#include <string.h>

#include "agent/rules/matching.h"
#include "hale/rules_group.h"

static const char *const part_names[HALE_MATCH_PART_COUNT] = {
	[HALE_MATCH_HOST] = "host", [HALE_MATCH_DISK] = "disk",
	[HALE_MATCH_FS] = "fs",	    [HALE_MATCH_ARRAY] = "array",
	[HALE_MATCH_PCI] = "pci",   [HALE_MATCH_USB] = "usb",
	[HALE_MATCH_NET] = "net",   [HALE_MATCH_CPU] = "cpu",
	[HALE_MATCH_DIMM] = "dimm", [HALE_MATCH_PROCESS] = "process",
};

/* For each kind the captures that can name it, the best first. */
static const enum capture part_captures[HALE_MATCH_PART_COUNT][13] = {
	[HALE_MATCH_HOST] = { CAP_COUNT },
	[HALE_MATCH_DISK] = { CAP_disk, CAP_loop, CAP_nbd, CAP_nvme, CAP_ata,
			      CAP_optical, CAP_mmc, CAP_scsi, CAP_guid,
			      CAP_devno, CAP_usb, CAP_pci, CAP_COUNT },
	[HALE_MATCH_FS] = { CAP_fs, CAP_disk, CAP_loop, CAP_devno, CAP_COUNT },
	[HALE_MATCH_ARRAY] = { CAP_md, CAP_disk, CAP_devno, CAP_COUNT },
	[HALE_MATCH_PCI] = { CAP_pci, CAP_COUNT },
	[HALE_MATCH_USB] = { CAP_usb, CAP_COUNT },
	[HALE_MATCH_NET] = { CAP_net, CAP_pci, CAP_usb, CAP_dev, CAP_COUNT },
	[HALE_MATCH_CPU] = { CAP_cpu, CAP_COUNT },
	[HALE_MATCH_DIMM] = { CAP_label, CAP_mc, CAP_COUNT },
	[HALE_MATCH_PROCESS] = { CAP_comm, CAP_task, CAP_word, CAP_COUNT },
};

const char *hale_match_part_name(enum hale_match_part kind)
{
	return (unsigned int)kind < HALE_MATCH_PART_COUNT ? part_names[kind]
							  : part_names[0];
}

static const struct span *captured(const struct captured *c, enum capture type)
{
	for (unsigned int i = 0; i < c->n; i++) {
		if (c->type[i] == type)
			return &c->span[i];
	}
	return NULL;
}

/* Decimal, UINT64_MAX where it does not fit. */
static uint64_t number(struct span s)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned int d = (unsigned int)(s.at[i] - '0');

		if (d > 9)
			break;
		if (v > (UINT64_MAX - d) / 10)
			return UINT64_MAX;
		v = v * 10 + d;
	}
	return v;
}

/* Appends what may stand in a name; controls and blanks become '_'. */
static void append(char name[HALE_RULES_PART_MAX], struct span s)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < s.len && n + 1 < HALE_RULES_PART_MAX; i++) {
		char c = s.at[i];

		name[n++] = c > ' ' && c < 0x7f ? c : '_';
	}
	name[n] = '\0';
}

static struct span cut_tail(struct span s, char c)
{
	while (s.len > 0 && s.at[s.len - 1] == c)
		s.len--;
	return s;
}

/* "ata3.00": device 00 of a link without a port multiplier is the link. */
static struct span ata_port(struct span s)
{
	if (s.len > 3 && memcmp(s.at + s.len - 3, ".00", 3) == 0)
		s.len -= 3;
	return s;
}

static struct span minor_number(struct span s)
{
	const char *colon = memchr(s.at, ':', s.len);
	size_t skip = colon ? (size_t)(colon - s.at) + 1 : 0;

	return (struct span){ s.at + skip, s.len - skip };
}

/* "kworker/0:1:123" is a task: its command without the pid */
static struct span task_comm(struct span s)
{
	while (s.len > 0 && s.at[s.len - 1] != ':')
		s.len--;
	return cut_tail(s, ':');
}

static void name_part(struct hale_match *m, enum capture type, struct span s)
{
	if (type == CAP_ata) {
		s = ata_port(s);
	} else if (type == CAP_devno) { /* of device-mapper: N:2 is dm-2 */
		append(m->part, (struct span){ "dm-", 3 });
		s = minor_number(s);
	} else if (type == CAP_mc) {
		append(m->part, (struct span){ "mc", 2 });
	} else if (type == CAP_task) {
		s = task_comm(s);
	} else {
		s = cut_tail(cut_tail(s, ' '), '.');
	}
	append(m->part, s);
}

/* What people find in the log where it is not what the part is called. */
static void name_alias(struct hale_match *m, const char *as, enum capture type,
		       struct span s)
{
	if (as) {
		snprintf(m->alias, sizeof(m->alias), "%s ", as);
	} else if (type == CAP_cpu) {
		append(m->alias, (struct span){ "CPU", 3 });
	} else if (type == CAP_mc) {
		append(m->alias, (struct span){ "MC", 2 });
	} else if (type != CAP_ata && type != CAP_devno) {
		return;
	}
	append(m->alias, s);
	if (strcmp(m->alias, m->part) == 0)
		m->alias[0] = '\0';
}

/* The capture that names the part, CAP_COUNT: there is none. */
static enum capture part_type(const struct rule *rule, const struct captured *c)
{
	const enum capture *type = part_captures[rule->part_kind];

	if (rule->part_capture != CAP_COUNT)
		return (enum capture)rule->part_capture;
	while (*type != CAP_COUNT && !captured(c, *type))
		type++;
	return *type;
}

static void fill_part(struct hale_match *m, const struct hale_rules *set,
		      const struct rule *rule, const struct captured *c)
{
	enum capture type = part_type(rule, c);
	const struct span *s = captured(c, type);

	if (!s)
		return;
	name_part(m, type, *s);
	name_alias(m, rule->as ? ((char **)set->words.at)[rule->as - 1] : NULL,
		   type, *s);
}

static void fill_numbers(struct hale_match *m, const struct captured *c)
{
	const struct span *s = captured(c, CAP_n);
	size_t n;

	m->count = s ? number(*s) : 1;
	s = captured(c, CAP_lba);
	m->sector = s ? number(*s) : UINT64_MAX;
	s = captured(c, CAP_errno);
	if (s && s->len > 0) {
		size_t sign = s->at[0] == '-';
		uint64_t v =
			number((struct span){ s->at + sign, s->len - sign });

		m->error = v < 4096 ? (int)v : 0; /* MAX_ERRNO */
	}
	s = captured(c, CAP_op);
	if (s) {
		n = s->len < sizeof(m->op) ? s->len : sizeof(m->op) - 1;
		memcpy(m->op, s->at, n);
	}
}

static void fill(struct hale_match *m, const struct hale_rules *set,
		 const struct rule *rule, const struct captured *c)
{
	*m = (struct hale_match){
		.kind = (enum hale_match_kind)rule->kind,
		.condition = (enum hale_condition)rule->condition,
		.part_kind = (enum hale_match_part)rule->part_kind,
		.family = rule->family,
		.step = rule->step,
		.limiter = rule->limiter,
		.weak = rule->weak,
		.tentative = rule->tentative,
		.fresh = rule->fresh,
		.weight = rule->weight,
		.tool = rule->tool ? ((char **)set->words.at)[rule->tool - 1]
				   : "",
		.file = ((char **)set->files.at)[rule->file],
		.line = rule->line,
	};
	fill_part(m, set, rule, c);
	fill_numbers(m, c);
}

/* "active with 3 out of 4" is news, "4 out of 4" is none. */
static bool numbers_differ(const struct captured *c)
{
	const struct span *first = NULL;

	for (unsigned int i = 0; i < c->n; i++) {
		if (c->type[i] != CAP_int)
			continue;
		if (first)
			return number(*first) != number(c->span[i]);
		first = &c->span[i];
	}
	return true;
}

static bool first_match(const struct hale_rules *set, struct span text,
			const uint64_t *candidates, struct hale_match *ret)
{
	size_t words = (set->rules.n + 63) / 64;

	for (size_t w = 0; w < words; w++) {
		uint64_t bits = candidates[w];

		for (; bits; bits &= bits - 1) {
			size_t i = w * 64 + (size_t)__builtin_ctzll(bits);
			const struct rule *rule = set_rule(set, i);
			struct captured c = { .n = 0 };

			if (!template_match(set, rule, text, &c) ||
			    (rule->differ && !numbers_differ(&c)))
				continue;
			fill(ret, set, rule, &c);
			return true;
		}
	}
	return false;
}

bool hale_rules_match(const struct hale_rules *rules, const char *text,
		      size_t len, struct hale_match *ret_match)
{
	uint64_t candidates[RULES_MAX / 64] = { 0 };
	struct span s = { text, len };

	while (s.len > 0 && (s.at[0] == ' ' || s.at[0] == '\t')) {
		s.at++;
		s.len--;
	}
	if (s.len > HALE_RULES_TEXT_MAX)
		s.len = HALE_RULES_TEXT_MAX;
	return scan_candidates(rules, s, candidates) &&
	       first_match(rules, s, candidates, ret_match);
}

bool hale_rules_subject(const char *text, size_t len,
			char ret_part[HALE_RULES_PART_MAX])
{
	size_t n, d;

	if (len < 3 || memcmp(text, "sd ", 3) != 0)
		return false;
	n = 3 + capture_shape(CAP_scsi, text + 3, len - 3);
	if (n == 3 || len - n < 4 || memcmp(text + n, ": [", 3) != 0)
		return false;
	n += 3;
	d = capture_shape(CAP_disk, text + n, len - n);
	if (d == 0 || d >= HALE_RULES_PART_MAX || n + d >= len ||
	    text[n + d] != ']' ||
	    cut_tail((struct span){ text, len }, ' ').len != n + d + 1)
		return false;
	memcpy(ret_part, text + n, d);
	ret_part[d] = '\0';
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds in a line what names its event for others. The rules say what a line
 * means; this reads one number more out of it. Must never take a number for a
 * name that is none: a line without one is joined by its part alone.
 */
#include "kmsg_join.h"

#include "hale/base.h"

/* A number that stands right behind @mark. */
static bool number_after(const char *text, size_t len, const char *mark,
			 int base, uint64_t *ret_number)
{
	const char *at = memmem(text, len, mark, strlen(mark));
	char digits[24], *end = NULL;
	unsigned long long n;

	if (!at)
		return false;
	at += strlen(mark);
	hale_copy(digits, sizeof(digits), at, len - (size_t)(at - text));
	if (digits[0] == '-' || digits[0] == '+' || digits[0] == ' ')
		return false;
	n = strtoull(digits, &end, base);
	if (end == digits)
		return false;
	*ret_number = n;
	return true;
}

static enum hale_block_op op_of(const char *op)
{
	static const struct {
		const char *name;
		enum hale_block_op op;
	} ops[] = { { "READ", HALE_OP_READ },
		    { "WRITE", HALE_OP_WRITE },
		    { "FLUSH", HALE_OP_FLUSH },
		    { "DISCARD", HALE_OP_DISCARD } };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(ops); i++) {
		if (strcmp(ops[i].name, op) == 0)
			return ops[i].op;
	}
	return op[0] ? HALE_OP_OTHER : HALE_OP_UNKNOWN;
}

static void join_block(const struct hale_match *m, struct hale_observation *o)
{
	uint64_t sector = m->sector == UINT64_MAX
				  ? HALE_SECTOR_UNKNOWN
				  : m->sector & HALE_SECTOR_UNKNOWN;

	o->join = HALE_JOIN_BLOCK;
	o->join_key = HALE_BLOCK_KEY(op_of(m->op), sector);
}

static bool is_block_limiter(const char *text, size_t len)
{
	static const char *const names[] = { "blk_update_request",
					     "print_req_error",
					     "blk_print_req_error",
					     "end_request" };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		size_t n = strlen(names[i]);

		if (len > n && memcmp(text, names[i], n) == 0 && text[n] == ':')
			return true;
	}
	return false;
}

/* "Memory failure: 0x1a2b: …", "Injecting memory failure for pfn 0x1a2b" */
static void join_page(const char *text, size_t len, struct hale_observation *o)
{
	o->join = HALE_JOIN_PAGE;
	if (!number_after(text, len, "emory failure: 0x", 16, &o->join_key) &&
	    !number_after(text, len, "pfn 0x", 16, &o->join_key))
		o->join_key = HALE_SECTOR_UNKNOWN;
}

/* "… Killed process 4711 (cc1) …", "oom-kill:constraint=…,pid=4711,…" */
static void join_oom(const char *text, size_t len, struct hale_observation *o)
{
	if (number_after(text, len, "process ", 10, &o->join_key) ||
	    number_after(text, len, ",pid=", 10, &o->join_key))
		o->join = HALE_JOIN_OOM;
}

/* "cc1[4711]: segfault at …", "traps: cc1[4711] general protection …" */
static void join_death(const char *text, size_t len, struct hale_observation *o)
{
	if (number_after(text, len, "[", 10, &o->join_key) &&
	    o->join_key <= UINT32_MAX)
		o->join = HALE_JOIN_DEATH;
}

static void join_other(struct hale_observation *o)
{
	o->join = HALE_JOIN_OTHER;
	o->join_key = HALE_SECTOR_UNKNOWN;
}

void kmsg_join(const struct hale_match *m, const char *text, size_t len,
	       struct hale_observation *o)
{
	o->join = HALE_JOIN_NONE;
	o->join_key = 0;
	if (m->kind == HALE_MATCH_SUPPRESSED) {
		if (is_block_limiter(text, len))
			o->join = HALE_JOIN_SUPPRESSED;
	} else if (m->part_kind == HALE_MATCH_DISK && m->family && m->step) {
		join_block(m, o);
	} else if (m->condition == HALE_MEMORY_POISONED) {
		join_page(text, len, o);
	} else if (m->condition == HALE_MEMORY_OOM ||
		   m->condition == HALE_MEMORY_LIMIT) {
		join_oom(text, len, o);
	} else if (m->condition == HALE_PROCESS_SIGBUS ||
		   m->condition == HALE_PROCESS_CRASHES) {
		join_death(text, len, o);
	} else if (m->condition == HALE_MEMORY_CORRECTED ||
		   m->condition == HALE_MEMORY_UNCORRECTED ||
		   m->condition == HALE_CPU_MACHINE_CHECK ||
		   m->condition == HALE_BUS_PCIE_ERROR) {
		join_other(o);
	}
}

bool kmsg_join_named(const struct hale_observation *o)
{
	return o->join == HALE_JOIN_BLOCK &&
	       (o->join_key & HALE_SECTOR_UNKNOWN) != HALE_SECTOR_UNKNOWN;
}

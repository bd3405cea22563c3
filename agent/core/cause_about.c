/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a root: one line that a tired person understands, what a failed
 * build calls it, what would have prevented it. Decides wording only. A
 * condition without a row is told in the catalogue's words.
 */
#include "cause.h"

struct about {
	enum hale_condition condition;
	enum hale_build_cause build;
	const char *says; /* "%s" is the part */
	const char *prevents;
};

#define FREE_ROOM "an alarm on free space: hale warns under 10 % or 10 GiB"
#define SPARE_DISK                                                             \
	"a disk's health looked at every day: `hale status` shows "            \
	"disk.smart_prefail before most disks fail"
#define SPARE_LEG "a mirror under what builds stand on"
#define ECC	  "replacing a DIMM when memory.corrected first warns"

static const struct about abouts[] = {
	{ HALE_VIRT_BACKING_FULL, HALE_CAUSE_HOST_DISK_FULL,
	  "the store under %s has no room left", FREE_ROOM },
	{ HALE_FS_FULL, HALE_CAUSE_HOST_DISK_FULL, "%s is full", FREE_ROOM },
	{ HALE_FS_INODES_FULL, HALE_CAUSE_HOST_INODES,
	  "%s has no inodes left for new files",
	  "caches of many small files kept elsewhere, or pruned" },
	{ HALE_ARRAY_POOL_LOW, HALE_CAUSE_HOST_DISK_FULL,
	  "the pool %s has hardly any room left", FREE_ROOM },
	{ HALE_DISK_IO_ERROR, HALE_CAUSE_HOST_IO, "disk %s fails requests",
	  SPARE_DISK },
	{ HALE_DISK_MEDIUM_ERROR, HALE_CAUSE_HOST_IO,
	  "disk %s cannot read some of its sectors", SPARE_DISK },
	{ HALE_DISK_SMART_FAILING, HALE_CAUSE_HOST_IO,
	  "disk %s reports that it is failing", SPARE_DISK },
	{ HALE_DISK_SMART_PREFAIL, HALE_CAUSE_HOST_IO,
	  "disk %s is going bad by its own counters", SPARE_LEG },
	{ HALE_DISK_WORN_OUT, HALE_CAUSE_HOST_IO, "disk %s is worn out",
	  SPARE_DISK },
	{ HALE_DISK_LINK_ERROR, HALE_CAUSE_HOST_IO,
	  "transfers to disk %s break: cable, slot or controller", "" },
	{ HALE_DISK_TIMEOUT, HALE_CAUSE_HOST_IO,
	  "disk %s did not answer in time", SPARE_LEG },
	{ HALE_DISK_STALLED, HALE_CAUSE_HOST_IO, "disk %s does not answer",
	  SPARE_LEG },
	{ HALE_DISK_OFFLINE, HALE_CAUSE_HOST_IO, "disk %s is gone", SPARE_LEG },
	{ HALE_DISK_HOT, HALE_CAUSE_HOST_IO, "disk %s is too hot", "" },
	{ HALE_ARRAY_FAILED, HALE_CAUSE_HOST_IO, "array %s is lost",
	  "replacing its first broken member when array.degraded warned" },
	{ HALE_ARRAY_DEGRADED, HALE_CAUSE_HOST_IO,
	  "array %s runs without a member", "" },
	{ HALE_FS_ERROR, HALE_CAUSE_HOST_IO,
	  "the filesystem %s found itself damaged", "" },
	{ HALE_FS_READONLY, HALE_CAUSE_HOST_READONLY_FS,
	  "%s takes no writes any more", "" },
	{ HALE_FS_HUNG, HALE_CAUSE_HOST_IO, "%s does not answer", "" },
	{ HALE_BUS_PCIE_ERROR, HALE_CAUSE_HOST_IO, "transfers on %s fail", "" },
	{ HALE_BUS_USB_DISCONNECT, HALE_CAUSE_HOST_IO,
	  "the USB device %s was disconnected",
	  "builds on disks that are not behind USB" },
	{ HALE_MEMORY_UNCORRECTED, HALE_CAUSE_HOST_MEMORY,
	  "memory %s returned data that could not be corrected", ECC },
	{ HALE_MEMORY_POISONED, HALE_CAUSE_HOST_MEMORY,
	  "memory of %s is broken: the kernel took a page out of use", ECC },
	{ HALE_MEMORY_CORRECTED, HALE_CAUSE_HOST_MEMORY,
	  "memory %s needs correcting too often", "" },
	{ HALE_MEMORY_SUSPECT, HALE_CAUSE_HOST_MEMORY,
	  "the memory of %s may be bad", "ECC memory" },
	{ HALE_MEMORY_OOM, HALE_CAUSE_HOST_MEMORY, "%s ran out of memory",
	  "fewer jobs at once, or `hale check --need-memory` before them" },
	{ HALE_MEMORY_PRESSURE, HALE_CAUSE_HOST_MEMORY, "%s is short of memory",
	  "fewer jobs at once, or `hale check --need-memory` before them" },
	{ HALE_MEMORY_LIMIT, HALE_CAUSE_BUILD_LIMIT,
	  "a job reached the memory limit that was set for it", "" },
	{ HALE_ENGINE_DOWN, HALE_CAUSE_ENGINE_DOWN, "%s does not answer", "" },
	{ HALE_ENGINE_STORAGE, HALE_CAUSE_ENGINE_DOWN,
	  "the storage of %s is in trouble", "pruning on a schedule" },
	{ HALE_ENGINE_PLUGIN_BROKEN, HALE_CAUSE_ENGINE_DOWN,
	  "a plugin of %s dies when started", "" },
	{ HALE_NET_LINK_DOWN, HALE_CAUSE_NETWORK, "%s has no link", "" },
	{ HALE_NET_LINK_FLAP, HALE_CAUSE_NETWORK, "the link of %s flaps", "" },
	{ HALE_NET_TX_TIMEOUT, HALE_CAUSE_NETWORK, "%s stopped sending", "" },
	{ HALE_NET_ERRORS, HALE_CAUSE_NETWORK, "%s damages packets", "" },
	{ HALE_LIMIT_CONNTRACK, HALE_CAUSE_NETWORK,
	  "the connection table of %s is full", "" },
	{ HALE_LIMIT_PIDS, HALE_CAUSE_HOST_MEMORY,
	  "%s is running out of process numbers", "" },
	{ HALE_LIMIT_FILES, HALE_CAUSE_UNKNOWN,
	  "%s is running out of open files", "" },
	{ HALE_SENSOR_FAN, HALE_CAUSE_UNKNOWN, "a fan of %s turns too slowly",
	  "" },
	{ HALE_SENSOR_TEMPERATURE, HALE_CAUSE_UNKNOWN, "%s is too hot", "" },
	{ HALE_SENSOR_VOLTAGE, HALE_CAUSE_UNKNOWN,
	  "a voltage of %s is not what it should be", "" },
	{ HALE_POWER_SUPPLY, HALE_CAUSE_UNKNOWN,
	  "the power supply of %s fails or sags", "a second power supply" },
	{ HALE_CPU_THROTTLED, HALE_CAUSE_UNKNOWN,
	  "the processors of %s are slowed down", "" },
	{ HALE_CPU_LOCKUP, HALE_CAUSE_UNKNOWN,
	  "%s was stuck in the kernel for many seconds", "" },
	{ HALE_CPU_MACHINE_CHECK, HALE_CAUSE_UNKNOWN,
	  "%s reported a hardware error", "" },
	{ HALE_KERNEL_OOPS, HALE_CAUSE_UNKNOWN,
	  "the kernel of %s tripped over itself", "" },
	{ HALE_KERNEL_HUNG_TASK, HALE_CAUSE_UNKNOWN,
	  "a task on %s waits and waits", "" },
	{ HALE_CLOCK_STEPPED, HALE_CAUSE_UNKNOWN, "the clock of %s was set",
	  "a clock kept by NTP from boot on" },
};

static const char *const owns[CAUSE_OWN_COUNT] = {
	[CAUSE_OWN_NOT] = "%s died",
	[CAUSE_OWN_SENT] = "%s: sent by a process, not by the host",
	[CAUSE_OWN_ALIGNED] = "%s made a misaligned access: its own fault",
	[CAUSE_OWN_STACK] = "%s used a bad stack address: its own fault",
	[CAUSE_OWN_CUT] = "%s read behind the end of a file that it had "
			  "mapped: its own fault",
	[CAUSE_OWN_FILTER] = "%s made a system call that its sandbox forbids",
	[CAUSE_OWN_CRASH] = "%s: nothing on this host explains it: its own "
			    "fault",
	[CAUSE_OWN_BLIND] = "%s: nothing that was seen explains it, but errors "
			    "of disks are not seen here",
	[CAUSE_OWN_POISON] = "%s touched memory that is broken",
	[CAUSE_OWN_FULL] = "%s found no room for what it wrote to a mapped "
			   "file",
	[CAUSE_OWN_OOM] = "%s was chosen when memory ran out",
	[CAUSE_OWN_LIMIT] = "%s was chosen when its cgroup was at its memory "
			    "limit",
};

static const struct about *about(enum hale_condition c)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(abouts); i++) {
		if (abouts[i].condition == c)
			return &abouts[i];
	}
	return NULL;
}

static enum hale_build_cause own_build(enum cause_own own)
{
	switch (own) {
	case CAUSE_OWN_POISON:
	case CAUSE_OWN_OOM:
		return HALE_CAUSE_HOST_MEMORY;
	case CAUSE_OWN_LIMIT:
		return HALE_CAUSE_BUILD_LIMIT;
	case CAUSE_OWN_FULL:
		return HALE_CAUSE_HOST_DISK_FULL;
	case CAUSE_OWN_BLIND:
	case CAUSE_OWN_SENT:
	case CAUSE_OWN_NOT:
	case CAUSE_OWN_COUNT:
		return HALE_CAUSE_UNKNOWN;
	case CAUSE_OWN_ALIGNED:
	case CAUSE_OWN_STACK:
	case CAUSE_OWN_CUT:
	case CAUSE_OWN_FILTER:
	case CAUSE_OWN_CRASH:
		break;
	}
	return HALE_CAUSE_CODE;
}

enum hale_build_cause cause_build(const struct middle *m, uint32_t root)
{
	const struct cause_node *n = &m->causes.nodes[root];
	const struct about *a = about((enum hale_condition)n->condition);

	if (n->condition == CAUSE_DEATH)
		return own_build((enum cause_own)n->own);
	return a ? a->build : HALE_CAUSE_UNKNOWN;
}

const char *cause_prevents(const struct middle *m, uint32_t root)
{
	const struct about *a =
		about((enum hale_condition)m->causes.nodes[root].condition);

	return a ? a->prevents : "";
}

/* Pressure that ended in a kill is told as what it ended in. */
static enum hale_condition told_as(const struct middle *m, uint32_t root)
{
	const struct cause_work *w = &m->causes;
	enum hale_condition c = (enum hale_condition)w->nodes[root].condition;

	for (uint32_t i = 0; c == HALE_MEMORY_PRESSURE && i < w->n; i++) {
		if (w->nodes[i].root == root &&
		    w->nodes[i].condition == HALE_MEMORY_OOM)
			return HALE_MEMORY_OOM;
	}
	return c;
}

/* " (97 %)" of a measure, or "". */
static void print_used(const struct ledger_entry *e, char *ret_text,
		       size_t size)
{
	uint64_t used = e->total > e->value ? e->total - e->value : 0;

	ret_text[0] = '\0';
	if (e->total == 0 || (e->condition != HALE_FS_FULL &&
			      e->condition != HALE_FS_INODES_FULL &&
			      e->condition != HALE_VIRT_BACKING_FULL))
		return;
	/* 18 EB do not overflow a hundred times a hundredth */
	snprintf(ret_text, size, " (%u %%)",
		 e->total < 100
			 ? (unsigned int)(used * 100 / e->total)
			 : (unsigned int)(used / (e->total / 100) > 100
						  ? 100
						  : used / (e->total / 100)));
}

/* "drive C: (/mnt/c, 9p) has …": the store's own name stands before its place,
 * drivers/virt/drive.c. Return: its length; 0: it has none. */
static size_t store_name(const struct ledger_entry *e)
{
	const char *end = strstr(e->evidence, " (");

	if (e->condition != HALE_VIRT_BACKING_FULL || !end ||
	    (strncmp(e->evidence, "drive ", 6) != 0 &&
	     strncmp(e->evidence, "host drive", 10) != 0))
		return 0;
	return (size_t)(end - e->evidence);
}

/* The one that stands first in the alphabet speaks for all of a store. */
bool cause_is_one_store(const struct ledger_entry *c,
			const struct ledger_entry *e)
{
	size_t len = store_name(e);

	return len > 0 && store_name(c) == len &&
	       strncmp(c->evidence, e->evidence, len) == 0 &&
	       strcmp(c->part, e->part) < 0;
}

static void print_store(const struct ledger_entry *e, const char *used,
			char *ret_text, size_t size)
{
	int len = (int)store_name(e);

	snprintf(ret_text, size, "%s%.*s is %sfull%s",
		 strncmp(e->evidence, "host", 4) == 0 ? "" : "host ", len,
		 e->evidence, e->level == HALE_EFFECT_BLOCKS ? "" : "nearly ",
		 used);
}

/* What is over is not told as if it stood; @name keeps its own words. */
static void tell_past(char *text, size_t size, const char *name)
{
	char *at = strstr(text, name), tail[HALE_EVIDENCE_MAX];

	at = strstr(at ? at + strlen(name) : text, " is ");
	if (!at) {
		snprintf(tail, sizeof(tail), "%s", text);
		snprintf(text, size, "%.200s; it is over", tail);
		return;
	}
	snprintf(tail, sizeof(tail), "%s", at + 4);
	snprintf(at, size - (size_t)(at - text), " was %s", tail);
}

/* The row's own words around the part's name. */
static void print_row(const char *says, const char *name, char *ret_text,
		      size_t size)
{
	const char *hole = strstr(says, "%s");

	if (hole)
		snprintf(ret_text, size, "%.*s%s%s", (int)(hole - says), says,
			 name, hole + 2);
	else
		snprintf(ret_text, size, "%s", says);
}

/* A sentence's beginning stands in the midst of one here; "GPU" stays. */
static void print_meaning(const char *name, const char *meaning, char *ret_text,
			  size_t size)
{
	bool upper = meaning[0] >= 'A' && meaning[0] <= 'Z';
	bool word = meaning[0] && (meaning[1] < 'A' || meaning[1] > 'Z');
	char first =
		upper && word ? (char)(meaning[0] - 'A' + 'a') : meaning[0];

	snprintf(ret_text, size, "%.120s: %c%.110s", name, first,
		 meaning[0] ? meaning + 1 : "");
}

static void print_finding(const struct middle *m, uint32_t root,
			  const char *name, char *ret_text, size_t size)
{
	const struct ledger_entry *e = cause_entry(m, &m->causes.nodes[root]);
	enum hale_condition c = told_as(m, root);
	const struct about *a = about(c);
	char used[16], row[HALE_EVIDENCE_MAX];

	print_used(e, used, sizeof(used));
	if (store_name(e) > 0) {
		print_store(e, used, ret_text, size);
		return;
	}
	if (c == HALE_FS_FULL && e->level != HALE_EFFECT_BLOCKS)
		print_row("%s is nearly full", name, row, sizeof(row));
	else if (a)
		print_row(a->says, name, row, sizeof(row));
	else
		print_meaning(name, hale_condition_info(c)->meaning, row,
			      sizeof(row));
	snprintf(ret_text, size, "%s%s", row, used);
}

void cause_headline(const struct middle *m, uint32_t root, char *ret_text,
		    size_t size)
{
	const struct cause_node *n = &m->causes.nodes[root];
	char name[HALE_EVIDENCE_MAX];

	cause_name(m, n, name, sizeof(name));
	if (n->condition == CAUSE_DEATH)
		print_row(owns[n->own < CAUSE_OWN_COUNT ? n->own : 0], name,
			  ret_text, size);
	else
		print_finding(m, root, name, ret_text, size);
	if (n->kind == CAUSE_ENDED && n->condition != CAUSE_DEATH)
		tell_past(ret_text, size, name);
}

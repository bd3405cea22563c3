/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a disk hangs: requests wait in it, and nothing has come back for longer
 * than any healthy disk takes for one. Decides that from looks some seconds
 * apart. A busy disk, however slow, always finishes something between them.
 * Invariant: time in which nobody looked is no time in which a disk hung.
 */
#include <errno.h>

#include "diskstats_line.h"

/*
 * SCSI and ATA disks, which are those that sleep: one takes up to 30 s to spin
 * up, and the kernel itself waits 30 s for a command (drivers/scsi/sd.h,
 * SD_TIMEOUT) before it says so and resets. What is still silent after that has
 * a longer time limit, as virtual machines set it, or is in the reset.
 */
#define SCSI_NS (40 * HALE_NS_PER_S)
/*
 * All others: virtio, nbd and Xen have no time limit at all, NVMe's is often
 * lifted. None of them spins up, but the disk of a host beneath may, in 10 to
 * 15 s.
 */
#define OTHER_NS (20 * HALE_NS_PER_S)

/*
 * What empties a part of a disk at once: the kernel itself waits 120 s for it
 * (drivers/scsi/sd.h, SD_WRITE_SAME_TIMEOUT), and in the one request there is
 * nothing that moves meanwhile.
 */
#define DISCARD_NS (130 * HALE_NS_PER_S)

enum column {
	READS,
	READ_SECTORS = 2,
	WRITES = 4,
	WRITE_SECTORS = 6,
	IN_FLIGHT = 8,
	DISCARDS = 11, /* Linux 4.18 */
	DISCARD_SECTORS = 13,
	FLUSHES = 15, /* Linux 5.5 */
	COLUMNS,
	COLUMNS_LEAST = 11
};

static const enum column done[] = { READS,    READ_SECTORS,
				    WRITES,   WRITE_SECTORS,
				    DISCARDS, DISCARD_SECTORS,
				    FLUSHES };

/* Return: what follows it, or NULL where there is none. */
static const char *number(const char *text, uint64_t *ret)
{
	char *end;

	text += strspn(text, " \t");
	if (*text < '0' || *text > '9')
		return NULL;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return errno == 0 && (*end == '\0' || strchr(" \t\n", *end)) ? end
								     : NULL;
}

static const char *word(const char *text, char *dst, size_t size)
{
	size_t len;

	text += strspn(text, " \t");
	len = strcspn(text, " \t\n");
	return len > 0 && hale_copy(dst, size, text, len) ? text + len : NULL;
}

/* Newer kernels add columns; of those that are not there nothing is done. */
static bool numbers(const char *text, uint64_t columns[COLUMNS])
{
	int n = 0;

	while (n < COLUMNS && (text = number(text, &columns[n])))
		n++;
	return n >= COLUMNS_LEAST;
}

bool diskstats_parse(const char *line, struct diskstats_line *ret_line)
{
	struct diskstats_line l = { 0 };
	uint64_t columns[COLUMNS] = { 0 };
	uint64_t major, minor;

	line = number(line, &major);
	line = line ? number(line, &minor) : NULL;
	line = line ? word(line, l.name, sizeof(l.name)) : NULL;
	if (!line || major > UINT32_MAX || minor > UINT32_MAX ||
	    !numbers(line, columns))
		return false;
	l.major = (uint32_t)major;
	l.minor = (uint32_t)minor;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(done); i++)
		l.done += columns[done[i]];
	l.waiting = columns[IN_FLIGHT];
	*ret_line = l;
	return true;
}

/* A whole disk's name: @prefix, then letters or a number, then @rest likewise.
 * What has a number behind its letters, or a p and a number, is a partition. */
struct shape {
	const char *prefix, *then, *infix;
};

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS	"0123456789"

static const struct shape shapes[] = {
	{ "sd", LETTERS, NULL },    { "vd", LETTERS, NULL },
	{ "xvd", LETTERS, NULL },   { "nvme", DIGITS, "n" },
	{ "mmcblk", DIGITS, NULL }, { "nbd", DIGITS, NULL },
	{ "rbd", DIGITS, NULL },
};

/* Return: what follows @prefix and one or more of @set; NULL: they do not. */
static const char *past(const char *name, const char *prefix, const char *set)
{
	size_t len = strlen(prefix), n;

	if (strncmp(name, prefix, len) != 0)
		return NULL;
	n = strspn(name + len, set);
	return n > 0 ? name + len + n : NULL;
}

bool diskstats_is_disk(const char *name)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(shapes); i++) {
		const struct shape *s = &shapes[i];
		const char *end = past(name, s->prefix, s->then);

		if (end && s->infix)
			end = past(end, s->infix, DIGITS);
		if (end && *end == '\0')
			return true;
	}
	return false;
}

uint64_t diskstats_patience_ns(const char *name)
{
	return strncmp(name, "sd", 2) == 0 ? SCSI_NS : OTHER_NS;
}

bool diskstats_parse_inflight(const char *text,
			      struct diskstats_inflight *ret_waits)
{
	struct diskstats_inflight w;

	text = number(text, &w.reads);
	text = text ? number(text, &w.writes) : NULL;
	if (!text)
		return false;
	*ret_waits = w;
	return true;
}

bool diskstats_is_long(const struct diskstats_disk *d,
		       const struct diskstats_inflight *waits, bool discards)
{
	if (waits && waits->reads == 0 && waits->writes == 0)
		return false; /* the disk has nothing to answer */
	if (waits && (waits->reads > 0 || !discards))
		return true;
	return d->still_ns >= DISCARD_NS;
}

/* How much of the time since the last look it may have been silent. */
static uint64_t silence_ns(const struct diskstats_disk *d, uint64_t now_ns)
{
	uint64_t since_ns = now_ns > d->looked_ns ? now_ns - d->looked_ns : 0;

	return since_ns < DISKSTATS_APART_NS ? since_ns : DISKSTATS_APART_NS;
}

enum diskstats_word diskstats_look(struct diskstats_disk *d,
				   const struct diskstats_line *now,
				   uint64_t now_ns)
{
	const struct diskstats_line last = d->last;
	bool first = d->looked_ns == 0;
	bool moved = !first && now->done != last.done;

	/* What came since the last look has waited for nobody knows how long;
	 * where fewer wait, some came back and were not counted. */
	if (first || moved || last.waiting == 0 || now->waiting < last.waiting)
		d->still_ns = 0;
	else
		d->still_ns += silence_ns(d, now_ns);
	d->moved |= moved;
	d->last = *now;
	d->looked_ns = now_ns;
	if (moved || now->waiting == 0)
		return DISKSTATS_ANSWERS;
	return d->still_ns >= diskstats_patience_ns(now->name)
		       ? DISKSTATS_HANGS
		       : DISKSTATS_NOTHING;
}

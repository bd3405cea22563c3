/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as lines of /proc/diskstats, each one a look at the same disk: names
 * are whole, and no disk hangs that was not looked at for its patience. And as
 * what waits in one: over a read no disk is given longer.
 */
#include "drivers/diskstats_line.h"

#define PERIOD_NS (10 * HALE_NS_PER_S)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void see(struct diskstats_disk *d, const char *line, uint64_t *looks)
{
	struct diskstats_inflight waits;
	struct diskstats_line l;
	enum diskstats_word word;

	if (diskstats_parse_inflight(line, &waits) && waits.reads > 0 &&
	    !diskstats_is_long(d, &waits, true))
		abort();
	if (!diskstats_parse(line, &l))
		return;
	if (l.name[0] == '\0' || strpbrk(l.name, " \t\n"))
		abort();
	diskstats_is_disk(l.name);
	word = diskstats_look(d, &l, HALE_NS_PER_S + *looks * PERIOD_NS);
	++*looks;
	if (word == DISKSTATS_HANGS &&
	    (*looks < 3 || l.waiting == 0 ||
	     d->still_ns < diskstats_patience_ns(l.name)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diskstats_disk disk = { 0 };
	char *text = malloc(size + 1);
	uint64_t looks = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		see(&disk, line, &looks);
	}
	free(text);
	return 0;
}

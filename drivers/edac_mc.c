/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the counters of one memory controller: of each DIMM by its label where
 * the kernel keeps them so, else of each row of chips and its channels, and
 * what the controller could lay at no door. Each error is in exactly one of the
 * counters that are said. A label is the board maker's or the kernel's; an
 * empty one is made of the place.
 */
#include "edac.h"

/* Which counter of which controller: it keeps its number over restarts. */
#define COUNTER(mc, kind, n) ((mc) << 20 | (uint32_t)(kind) << 16 | (n))

enum kind {
	KIND_DIMM,
	KIND_ROW,
	KIND_CHANNEL,
	KIND_NOWHERE,
};

/* "csrow 0 channel 1 " to "mc0-csrow0-channel1" */
static void place(const struct edac_mc *mc, const char *folder, char *part,
		  size_t size)
{
	char path[64], said[80], text[80];
	size_t at = (size_t)snprintf(part, size, "mc%u", mc->number);
	int len;

	snprintf(path, sizeof(path), "%s/dimm_location", folder);
	len = hale_read_at(mc->fd, path, said, sizeof(said));
	if (len <= 0) {
		snprintf(part + at, size - at, "-%s", folder);
		return;
	}
	hale_print_text(text, sizeof(text), said, (size_t)len);
	for (char *save, *word = strtok_r(text, " ", &save); word && at < size;
	     word = strtok_r(NULL, " ", &save)) {
		bool number = *word >= '0' && *word <= '9';

		at += (size_t)snprintf(part + at, size - at, "%s%s",
				       number ? "" : "-", word);
	}
}

/* Two boards of one label are one part with two counters. */
static bool label(const struct edac_mc *mc, const char *path, char *part,
		  size_t size)
{
	char text[HALE_PART_MAX];
	int len = hale_read_at(mc->fd, path, text, sizeof(text));

	while (len > 0 && text[len - 1] == ' ')
		text[--len] = '\0';
	if (len <= 0)
		return false;
	hale_print_text(part, size, text, (size_t)len);
	return true;
}

static bool say(struct edac_mc *mc, const char *file, const char *part,
		enum hale_condition condition, uint32_t counter)
{
	uint64_t value;

	if (!edac_number(mc->fd, file, &value))
		return false;
	edac_say(mc->p, condition, part, counter, value);
	mc->counters++;
	return true;
}

static void see_dimm(void *ctx, const char *name, unsigned int number)
{
	struct edac_mc *mc = ctx;
	uint32_t counter = COUNTER(mc->number, KIND_DIMM, number);
	char part[HALE_PART_MAX], path[64];

	snprintf(path, sizeof(path), "%s/dimm_label", name);
	if (!label(mc, path, part, sizeof(part)))
		place(mc, name, part, sizeof(part));
	snprintf(path, sizeof(path), "%s/dimm_ce_count", name);
	say(mc, path, part, HALE_MEMORY_CORRECTED, counter);
	snprintf(path, sizeof(path), "%s/dimm_ue_count", name);
	say(mc, path, part, HALE_MEMORY_UNCORRECTED, counter);
}

/* Kernels before 4.19 count by row and channel only, and uncorrected errors
 * by row: both of its DIMMs took part. */
static void see_row(void *ctx, const char *name, unsigned int number)
{
	struct edac_mc *mc = ctx;
	char part[HALE_PART_MAX], path[64];

	for (uint32_t channel = 0; channel < 16; channel++) {
		snprintf(path, sizeof(path), "%s/ch%u_dimm_label", name,
			 channel);
		if (!label(mc, path, part, sizeof(part)))
			snprintf(part, sizeof(part), "mc%u-%s-channel%u",
				 mc->number, name, channel);
		snprintf(path, sizeof(path), "%s/ch%u_ce_count", name, channel);
		if (!say(mc, path, part, HALE_MEMORY_CORRECTED,
			 COUNTER(mc->number, KIND_CHANNEL,
				 number << 4 | channel)))
			break;
	}
	snprintf(part, sizeof(part), "mc%u-%s", mc->number, name);
	snprintf(path, sizeof(path), "%s/ue_count", name);
	say(mc, path, part, HALE_MEMORY_UNCORRECTED,
	    COUNTER(mc->number, KIND_ROW, number));
}

void edac_mc_read(struct edac_mc *mc)
{
	const uint32_t counter = COUNTER(mc->number, KIND_NOWHERE, 0);

	edac_each(mc->fd, ".", "dimm", see_dimm, mc);
	edac_each(mc->fd, ".", "rank", see_dimm, mc);
	if (mc->counters == 0)
		edac_each(mc->fd, ".", "csrow", see_row, mc);
	say(mc, "ce_noinfo_count", mc->name, HALE_MEMORY_CORRECTED, counter);
	say(mc, "ue_noinfo_count", mc->name, HALE_MEMORY_UNCORRECTED, counter);
}

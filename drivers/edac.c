/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory's errors as the kernel counts them: EDAC's counters of each DIMM,
 * and the pages that it has taken out of use. They are readings of running
 * totals; what has grown, and whether the log told it before, is the middle's
 * to say. Where there is no EDAC it says why, since most machines that build
 * are virtual and none of their errors are seen here. Reads sysfs only.
 *
 * Observations of this driver: COUNTERs, from 0 in every boot.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>

#include "edac.h"

#define MC_FOLDER "sys/devices/system/edac/mc"

enum {
	ENTRIES_MAX = 256, /* 128 controllers were never seen */
};

/* What one pass found. */
struct pass {
	struct hale_probe *p;
	int fd; /* MC_FOLDER or the folder of nodes */
	unsigned int controllers, mute, nodes;
};

static bool is_numbered(const char *name, const char *prefix,
			unsigned int *ret_number)
{
	const size_t len = strlen(prefix);
	const size_t digits = strspn(name + strnlen(name, len), "0123456789");

	if (strncmp(name, prefix, len) != 0 || digits == 0 || digits > 4 ||
	    name[len + digits])
		return false;
	*ret_number = (unsigned int)strtoul(name + len, NULL, 10);
	return true;
}

int edac_each(int dirfd, const char *path, const char *prefix,
	      void (*see)(void *ctx, const char *name, unsigned int number),
	      void *ctx)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	unsigned int number;

	if (!dir) {
		n = -errno;
		hale_cleanup_fd(&fd);
		return n;
	}
	while (n < ENTRIES_MAX && (entry = readdir(dir))) {
		if (!is_numbered(entry->d_name, prefix, &number))
			continue;
		see(ctx, entry->d_name, number);
		n++;
	}
	closedir(dir);
	return n;
}

bool edac_number(int dirfd, const char *path, uint64_t *ret_number)
{
	char text[32], *end;
	uint64_t n;

	if (hale_read_at(dirfd, path, text, sizeof(text)) <= 0 ||
	    text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end)
		return false;
	*ret_number = n;
	return true;
}

void edac_say(struct hale_probe *p, enum hale_condition condition,
	      const char *part, uint32_t counter, uint64_t value)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_COUNTER,
				      .condition = condition,
				      .time_ns = p->now_ns,
				      .counter = counter,
				      .value = value };

	snprintf(o.part, sizeof(o.part), "dimm/%.*s", HALE_PART_MAX - 6, part);
	snprintf(o.evidence, sizeof(o.evidence),
		 "EDAC counts %llu %s errors of %.80s since boot",
		 (unsigned long long)value,
		 condition == HALE_MEMORY_CORRECTED ? "corrected"
						    : "uncorrected",
		 part);
	hale_emit_observation(p, &o);
}

static void see_mc(void *ctx, const char *name, unsigned int number)
{
	struct pass *pass = ctx;
	struct edac_mc mc = { .p = pass->p, .number = number };

	mc.fd = openat(pass->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mc.fd < 0)
		return;
	HALE_SET(mc.name, name);
	edac_mc_read(&mc);
	close(mc.fd);
	pass->controllers++;
	if (mc.counters)
		return;
	pass->mute++;
	hale_emit_part_coverage(
		pass->p, HALE_SENSE_MEMORY_ERRORS,
		&(struct hale_part_sight){ .part = name,
					   .sight = HALE_SIGHT_BLIND,
					   .why = "its counters cannot be "
						  "read" });
}

/* Only those that the hardware struck, since Linux 6.3; not those that the
 * kernel gave up beforehand (mm/memory-failure.c). */
static void see_node(void *ctx, const char *name, unsigned int number)
{
	struct pass *pass = ctx;
	struct hale_observation o = { .kind = HALE_OBSERVED_COUNTER,
				      .condition = HALE_MEMORY_POISONED,
				      .time_ns = pass->p->now_ns,
				      .counter = 1 + number,
				      .part = "host" };
	char path[64];

	snprintf(path, sizeof(path), "%s/memory_failure/total", name);
	if (!edac_number(pass->fd, path, &o.value))
		return;
	snprintf(o.evidence, sizeof(o.evidence),
		 "the kernel counts %llu poisoned pages of %s since boot",
		 (unsigned long long)o.value, name);
	hale_emit_observation(pass->p, &o);
	pass->nodes++;
}

/* All pages out of use, in kB; before Linux 6.3 there is nothing closer. */
static bool say_corrupted(struct hale_probe *p)
{
	static const char key[] = "HardwareCorrupted:";
	struct hale_observation o = { .kind = HALE_OBSERVED_COUNTER,
				      .condition = HALE_MEMORY_POISONED,
				      .time_ns = p->now_ns,
				      .part = "host" };
	long page_kb = sysconf(_SC_PAGESIZE) / 1024;
	char text[3072], *end;
	const char *at;

	hale_read_at(p->root_fd, "proc/meminfo", text, sizeof(text));
	at = strstr(text, key);
	if (!at)
		return false;
	o.value = strtoull(at + sizeof(key) - 1, &end, 10);
	if (strncmp(end, " kB", 3) != 0)
		return false;
	o.value /= (uint64_t)(page_kb > 0 ? page_kb : 4);
	snprintf(o.evidence, sizeof(o.evidence),
		 "the kernel counts %llu pages out of use after memory errors",
		 (unsigned long long)o.value);
	hale_emit_observation(p, &o);
	return true;
}

static bool poisoned_pages(struct pass *pass)
{
	pass->fd = openat(pass->p->root_fd, "sys/devices/system/node",
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (pass->fd >= 0) {
		edac_each(pass->fd, ".", "node", see_node, pass);
		close(pass->fd);
	}
	return pass->nodes > 0 || say_corrupted(pass->p);
}

static void controllers(struct pass *pass)
{
	pass->fd = openat(pass->p->root_fd, MC_FOLDER,
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (pass->fd < 0)
		return;
	edac_each(pass->fd, ".", "mc", see_mc, pass);
	close(pass->fd);
}

static void cover(struct hale_probe *p, enum hale_sight sight, const char *why,
		  const char *remedy)
{
	hale_emit_coverage(p, HALE_SENSE_MEMORY_ERRORS, sight, why, remedy);
}

/* The sense as a whole comes before its parts, so this asks twice. */
static void say_coverage(struct hale_probe *p, unsigned int n, bool pages)
{
	const char *why = "", *remedy = "";

	if (n > 0) {
		cover(p, HALE_SIGHT_LIVE, "", "");
		return;
	}
	edac_why(p, &why, &remedy);
	cover(p, pages ? HALE_SIGHT_PARTIAL : HALE_SIGHT_BLIND, why, remedy);
}

static void count_mc(void *ctx, const char *name, unsigned int number)
{
	unsigned int *n = ctx;

	(void)name;
	(void)number;
	++*n;
}

static int edac_sample(struct hale_probe *p)
{
	struct pass pass = { .p = p };
	unsigned int n = 0;
	bool pages = poisoned_pages(&pass);

	edac_each(p->root_fd, MC_FOLDER, "mc", count_mc, &n);
	say_coverage(p, n, pages);
	controllers(&pass);
	return 0;
}

HALE_DRIVER(edac) = {
	.name = "edac",
	.about = "memory errors by DIMM, and poisoned pages, as the kernel "
		 "counts them",
	.period_ms = 5 * 60 * 1000,
	.deadline_ms = 2000,
	.senses = 1U << HALE_SENSE_MEMORY_ERRORS,
	/* the firmware's table of DIMMs is root's to read */
	.capabilities = UINT64_C(1) << CAP_DAC_READ_SEARCH,
	.may_block = true,
	.scans = true,
	.sample = edac_sample,
};

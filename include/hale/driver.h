/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DRIVER_H
#define HALE_DRIVER_H

/*
 * The contract between a driver and its host. A driver is one file of static
 * functions and one HALE_DRIVER() at its end; it states facts about one kernel
 * interface and knows nothing of ledgers, verdicts or sockets.
 *
 *   HALE_DRIVER(space) = { .name = "space", … };
 *
 * Life: probe once; sample each period or when event_fd is ready; remove.
 * With may_block, sample runs in a short-lived child that the host gives
 * deadline_ms: the driver's state is then a copy, and facts are its only way
 * out. Without it, sample must never block. With helper, too, sample runs in
 * libexec/hale-probe-<name>, which ends after it (hale/helper.h).
 *
 * Before it turns to a part that may not answer, it says "fs.hung" or
 * "disk.stalled" of it, a STATE that does not hold. If it does not come back,
 * the host says that it does hold, and has @skip name the part until it ends.
 */

#include <stddef.h>

#include "hale/fact.h"
#include "hale/text.h"

struct hale_option {
	const char *key, *value; /* from the driver's config section */
};

#define HALE_LOGS 2 /* drivers/kmsg_log.h */
struct hale_probe {
	void *state;	  /* state_size bytes, zeroed by the host */
	int root_fd;	  /* "/", or a fixture: all is opened below it */
	int event_fd;	  /* the driver sets it in probe; -1: none */
	short event_mask; /* POLLIN (default), POLLPRI */
	bool once;	  /* scan: say what is there now, do not wait */
	uint64_t now_ns;  /* agent time of this call */
	int64_t boot_to_agent_ns; /* CLOCK_BOOTTIME + this = agent time */
	int64_t mono_to_agent_ns; /* CLOCK_MONOTONIC (kmsg) + this, likewise */
	uint64_t resume_seq;	  /* skip records up to it; 0: from the start */
	uint64_t lineage; /* whose work in the kernel is ours; 0: nobody's */
	const int *logs;  /* the kernel's, as that one left them, or NULL */
	const struct hale_option *options;
	size_t n_options;
	/* Parts in which a child of an earlier run is still stuck. */
	const char (*skip)[HALE_PART_MAX];
	size_t n_skip;
	bool retried; /* an earlier probe() of this one failed */
	bool asked;   /* somebody waits for this run: measure all anew */
	const struct hale_looks *looks; /* who is dying, HALE_SENSE_VICTIMS */
	void (*emit)(void *sink, const struct hale_fact *f);
	void *sink;
};

#define HALE_CHECK_ERROR_MAX 256

struct hale_driver {
	const char *name;  /* Kconfig suffix, config section, log tag */
	const char *about; /* one line: what it sees */
	size_t state_size;
	uint32_t period_ms;   /* 0: only when event_fd is ready */
	uint32_t deadline_ms; /* of sample, with may_block */
	uint32_t senses; /* 1 << HALE_SENSE_…: blind in these if it fails */
	bool may_block;
	bool helper; /* sample is NULL: it is the helper's */
	bool scans;  /* takes part in the one-time scan without an agent */
	uint64_t capabilities; /* 1 << CAP_…: its process needs, may_block */
	/* 0 present; -ENODEV absent here; else it failed (negative errno).
	 * Never blocks. Emits its coverage. NULL: always present. */
	int (*probe)(struct hale_probe *p);
	/* 0, or negative errno: the host reports the driver as blind. */
	int (*sample)(struct hale_probe *p);
	/* Is its config section usable? For `haled -n`: may block, no state.
	 * -EINVAL and one line about what is wrong; NULL: nothing to check. */
	int (*check)(const struct hale_probe *p,
		     char ret_error[HALE_CHECK_ERROR_MAX]);
	void (*remove)(struct hale_probe *p); /* accepts half-probed state */
};

/* Declares and defines x_driver; the table takes it from there. */
#define HALE_DRIVER(x)                                                         \
	extern const struct hale_driver x##_driver;                            \
	const struct hale_driver x##_driver

/* NULL-terminated; built from the configuration (drivers/registry.c). */
extern const struct hale_driver *const hale_drivers[];

/* Helpers for drivers (drivers/fact.c). All emit one fact. */
void hale_emit_observation(struct hale_probe *p,
			   const struct hale_observation *o);
void hale_emit_coverage(struct hale_probe *p, enum hale_sense sense,
			enum hale_sight sight, const char *why,
			const char *remedy);

/* Of one part only; say the sense as a whole first. NULL texts are "". */
struct hale_part_sight {
	const char *part, *why, *remedy;
	enum hale_sight sight;
};
void hale_emit_part_coverage(struct hale_probe *p, enum hale_sense sense,
			     const struct hale_part_sight *s);

/* Is this part, as the driver names it, not to be asked now? */
bool hale_skips(const struct hale_probe *p, const char *part);

/* The value of a key in the driver's config section; NULL: it is not set. */
const char *hale_option(const struct hale_probe *p, const char *key);

/**
 * hale_read_at() - a small file (sysfs, procfs) whole, as text
 * @dirfd, @path: as openat(2); opened O_RDONLY | O_CLOEXEC | O_NONBLOCK.
 * @buf: @size bytes; always terminated; one trailing newline is cut.
 *
 * Return: length, -EMSGSIZE where @size was too small, or negative errno.
 */
int hale_read_at(int dirfd, const char *path, char *buf, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_STORIES_H
#define TESTS_UNIT_STORIES_H

/*
 * What build hosts go through: facts in their order, and what is to be said of
 * them. One machine: "/" on sda1, swap on sda2; "/var/lib/docker" on sdb1, with
 * the engine's data; "/home/ci" on nvme0n1; "/raid" on a mirror of sdc and sdd;
 * "/img" on loop0, a file on "/"; "/thin" on dm-0, whose pool is dm-1 on sde;
 * "/usb" on sdf; "/nfs" from a server; a tmpfs.
 */
#include "causes.h"

enum verb {
	END = 0,
	HAPPENS, /* an event; @n of them at once, 0: 1 */
	BEGINS,	 /* a state */
	STOPS,
	LEFT,	/* of a filesystem @n MiB of 100 GiB */
	INODES, /* of a filesystem @n of 1000000 */
	STORE,	/* under a disk @n MiB of 100 GiB */
	DIES,	/* @part by signal @n, code @code, of a file on @file */
	OOMS,	/* @what kills @part, which dies as well */
};

struct event {
	enum verb verb;
	uint32_t after_s; /* since the one before */
	enum hale_condition what;
	const char *part; /* "sdb", "sdb1", "engine/docker" */
	uint32_t n;
	int32_t code; /* 0: not known; SENT: of kill(2) */
	const char *file;
	const char *text; /* evidence, or the death's cgroup */
};

#define SENT -1000

struct root {
	const char *headline;
	enum hale_build_cause build;
	enum hale_confidence sure;
	enum hale_condition leads_to[6];
	const char *kills; /* "" or a process */
	enum hale_confidence killed;
};

struct story {
	const char *name;
	const char *asks; /* NULL: the whole story */
	struct event events[10];
	struct root roots[4];
};

/* Tells them one by one; says which one has failed and how it came out. */
void stories_check(const struct story *stories, size_t n);

#define MEM   HALE_CAUSE_HOST_MEMORY
#define IO    HALE_CAUSE_HOST_IO
#define ROOM  HALE_CAUSE_HOST_DISK_FULL
#define OWN   HALE_CAUSE_CODE
#define NOT   HALE_CAUSE_UNKNOWN
#define SURE  HALE_CONFIDENCE_CERTAIN
#define LIKE  HALE_CONFIDENCE_LIKELY
#define MAYBE HALE_CONFIDENCE_POSSIBLE
#define DOCK  "engine/docker"

#define AT(s, v, c, ...)                                                       \
	{                                                                      \
		.after_s = s, .verb = v, .what = c, .part = __VA_ARGS__        \
	}
#define ROOT(h, b, s, ...)                                                     \
	{                                                                      \
		.headline = h, .build = b, .sure = s, .leads_to = {            \
			__VA_ARGS__                                            \
		}                                                              \
	}
/* A root that leads to @p's death as well. */
#define KILLS(h, b, s, p, k, ...)                                              \
	{                                                                      \
		.headline = h, .build = b, .sure = s, .kills = p, .killed = k, \
		.leads_to = {                                                  \
			__VA_ARGS__                                            \
		}                                                              \
	}

#endif

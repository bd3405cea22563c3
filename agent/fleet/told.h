/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_TOLD_H
#define HALE_FLEET_TOLD_H

/*
 * What the fleet's pure rooms are told, as plain values: who reads messages
 * fills them in (told_read.h does it from fleet.proto). All texts are the
 * caller's, need live for the call only, may be NULL for "", and may hold
 * anything: they are cut and made printable here. Times named host_* are by a
 * host's own clock: only differences of two of one message mean something.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hale/words.h"

/* What is kept of a host; more is cut, and counted where it is a row. */
#define TOLD_ID_MAX	64 /* bytes, with the NUL */
#define TOLD_NAME_MAX	254
#define TOLD_WHY_MAX	200
#define TOLD_WORD_MAX	128 /* a label's value, a model, who, a condition */
#define TOLD_LABELS_MAX 16
#define TOLD_DISKS_MAX	64
#define TOLD_OPEN_MAX	32

struct told_label {
	const char *key, *value; /* "rack", "7" */
};

struct told_disk {
	const char *part; /* "disk/naa.5000c500a1b2c3d4" */
	const char *model, *firmware;
};

/* A finding that stands. */
struct told_open {
	const char *condition; /* "disk.medium_error" */
	const char *part;
	enum hale_effect effect;
	uint64_t host_first_ns; /* 0: not known */
};

/* In the order of a host's own words: a later one of the same spool has a
 * higher number; another spool is a later one. */
struct told_order_no {
	uint64_t spool; /* random, born with the spool; 0: not known */
	uint64_t seq;
};

struct told_state {
	const char *id;	  /* whose: by the subject that it came by */
	const char *name; /* what it calls itself */
	const char *boot, *version;
	struct told_order_no no;
	uint64_t host_sent_ns;	/* when it was sent, by the host's clock */
	uint64_t host_since_ns; /* its verdict holds since; 0: not known */
	uint32_t period_s;	/* the next one comes within; 0: not known */
	enum hale_fitness fitness;
	bool agent_silent; /* the reporter lives, the agent does not answer */
	const char *why;   /* the worst reason, in one line; "" if FIT */
	uint32_t findings; /* that stand, in all */
	uint32_t cpus;	   /* 0: not known */
	uint64_t memory_bytes; /* 0: not known */
	uint64_t dropped;      /* findings and builds that it could not keep */
	const struct told_label *labels;
	const struct told_disk *disks;
	const struct told_open *open; /* worst first */
	uint32_t n_labels, n_disks, n_open;
	bool quarantined; /* its gate is shut by an order or by itself */
	bool quarantined_itself;
	const char *quarantine_who, *quarantine_why;
};

struct told_finding {
	const char *id; /* of the host */
	struct told_order_no no;
	const char *condition, *part;
	const char *model; /* of a disk; "" else */
	enum hale_effect effect;
	bool opened, closed; /* neither: its effect changed */
	uint64_t host_at_ns; /* when it opened or closed; 0: not known */
};

struct told_build {
	const char *id; /* of the host */
	struct told_order_no no;
	const void *repo; /* a hash of its name, @repo_len bytes */
	size_t repo_len;
	bool ok;
	const char *cause; /* "host-io"; of a failed one */
	uint64_t duration_ms;
	uint64_t host_ended_ns; /* 0: not known */
};

struct told_order {
	const char *id;	 /* of the host */
	bool quarantine; /* else: release */
	bool automatic;	 /* by a judgment: the cap holds for it */
	const char *who, *why;
	uint64_t
		issued_ns; /* by an operator's clock; orders among themselves */
	uint64_t until_ns; /* 0: until it is released */
};

#endif

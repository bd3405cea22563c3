/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SANDBOX_RULES_H
#define HALE_SANDBOX_RULES_H

/*
 * The system calls of each role, as tables. Read when hale is built, by
 * generate.c: what is in the agent is the program of BPF that comes out of it,
 * and no library has to be mapped into the core to make it.
 */

#include <stdint.h>

enum rule_verdict {
	RULE_END = 0,
	RULE_ALLOW,
	RULE_SOFT,   /* EACCES: libc tries it without need, or an honest process
		      * by accident */
	RULE_ROFS,   /* EROFS, as of a filesystem that is read-only */
	RULE_ABSENT, /* ENOSYS: libc takes the call that was before it */
	RULE_KILL,   /* no honest process of this role does it */
};

/* Of argument @arg, from 0. */
struct rule_if {
	enum {
		RULE_ANY = 0,
		RULE_EQ,
		RULE_NE,
		RULE_GE,
		RULE_MASKED
	} how;
	unsigned int arg;
	uint64_t mask, value; /* MASKED: arg & mask == value */
};

#define ANY                                                                    \
	{                                                                      \
		{                                                              \
			.how = RULE_ANY                                        \
		}                                                              \
	}
/* socket(2) of that family. */
#define FAMILY(n)                                                              \
	{                                                                      \
		{                                                              \
			RULE_EQ, 0, 0, n                                       \
		}                                                              \
	}

struct rule {
	const char *calls; /* names, with blanks between them */
	enum rule_verdict verdict;
	const char *why;
	struct rule_if when[2]; /* all of them */
};

/* Each ends with one of RULE_END. */
extern const struct rule rules_basic[];	  /* a process that runs */
extern const struct rule rules_hostile[]; /* no process of ours */
extern const struct rule rules_others[];  /* leaves other processes alone */
extern const struct rule rules_core[];
extern const struct rule rules_no_write[]; /* changes no file by its name */
extern const struct rule rules_probe[];
extern const struct rule rules_driver[];
extern const struct rule rules_helper[];
extern const struct rule rules_look[];
extern const struct rule rules_reader[];
extern const struct rule rules_writer[];
extern const struct rule rules_ship[];
extern const struct rule rules_reporter[];
extern const struct rule rules_doors[]; /* before the reporter's */
extern const struct rule rules_files[]; /* writes below its folder */

#endif

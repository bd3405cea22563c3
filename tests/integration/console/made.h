/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONSOLE_MADE_H
#define TESTS_CONSOLE_MADE_H

/* A fleet that a seed makes: hosts with names, labels and troubles, so that a
 * page can be looked at and measured without ten thousand machines. */

#include "agent/console/supply.h"

#define MADE_MAX 20000

/* What can be wrong with a host. */
struct made_trouble {
	enum row_state state;
	const char *condition, *part, *alias, *via, *why, *evidence;
};

extern const struct made_trouble made_troubles[];

struct made_host {
	char id[64], name[96], rack[32], zone[32], part[64];
	enum row_state state;
	unsigned int flags;
	uint64_t since_ns;
	unsigned int trouble; /* index + 1; 0: none */
};

struct made {
	struct made_host *hosts;
	size_t n;
	uint64_t seed, state;
	uint64_t now_ns; /* when it was made */
};

int made_init(struct made *m, size_t n, uint64_t seed, uint64_t now_ns);
void made_done(struct made *m);

/* A number below @n; the same ones for the same seed. */
uint64_t made_number(struct made *m, uint64_t n);

/* @i gets another state, with a trouble to match it. */
void made_turn(struct made *m, size_t i, enum row_state state, uint64_t now_ns);
void made_row(const struct made *m, size_t i, struct row *ret_row,
	      const char *labels[3]);
/* The page of one: good until the next call. -ENOENT. */
int made_page(struct made *m, const char *id, struct supply_host *ret);
/* What it judges: JSON, to be freed. */
char *made_judgments(const struct made *m);

#endif

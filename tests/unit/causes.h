/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_CAUSES_H
#define TESTS_UNIT_CAUSES_H

/* Questions to the cause engine about a host made of facts, and its answers. */

#include "agent/core/explain.h"

#include "world_hosts.h"

struct causes {
	struct hale_cause_query query;
	struct hale_verdict verdict;
	struct hale_explained told;
	uint32_t n;
	struct hale_cause list[EXPLAIN_CAUSES_MAX];
};

/* Asks what c->query says; zero it before the first time. */
void causes_ask(struct causes *c, struct world *w);
/* The same about everything there is. */
void causes_of_all(struct causes *c, struct world *w);
/* A path in the question's scope. */
void causes_path(struct causes *c, const char *path, uint32_t major,
		 uint32_t minor);

/* A machine: "/" on sda1, "/home/ci" on sdb1, and a tmpfs. */
void causes_machine(struct world *w);
/* Asks about everything; the cause in which this process died. */
const struct hale_cause *causes_of(struct causes *c, struct world *w,
				   const char *comm);
/* A death is its root, and no host's fault. */
void causes_assert_own(const struct hale_cause *x, enum hale_build_cause build,
		       enum hale_confidence confidence);
/* The step of a cause with this condition, or NULL. */
const struct hale_cause_step *causes_step(const struct hale_cause *c,
					  enum hale_condition condition);
/* The step of a cause in which this process died, or NULL. */
const struct hale_cause_step *causes_death(const struct hale_cause *c,
					   const char *comm);
/* The cause whose root is this, or NULL. */
const struct hale_cause *causes_rooted(const struct causes *c,
				       enum hale_condition root);
/* The cause in which this process died; there must be one. */
const struct hale_cause *causes_killing(const struct causes *c,
					const char *comm);

/* A process that died by SIGBUS just now; @code 0: not known. */
struct hale_victim causes_victim(const struct world *w, const char *comm,
				 int32_t code);
void causes_maps(struct hale_victim *v, enum hale_held held, uint32_t major,
		 uint32_t minor);
void causes_died(struct world *w, const struct hale_victim *v);

/* Prints them, for who looks at a test. */
void causes_print(const struct causes *c);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_BACKOFF_H
#define HALE_BACKOFF_H

/* When a process that ended is started again. Pure: told how long it lived. */

#include <stdbool.h>
#include <stdint.h>

struct backoff_rule {
	uint64_t first_ns;   /* the second try in a row; each doubles it */
	uint64_t longest_ns; /* at most */
	uint64_t useful_ns;  /* and this of one that had been of use */
	uint64_t healthy_ns; /* who lived for so long did not fail in a row */
	uint32_t at_once;    /* so many tries in a row come without delay */
};

struct backoff {
	uint32_t failures; /* in a row */
};

/* @useful: it had done what it is there for. How long to wait now, ns. */
uint64_t backoff_next(struct backoff *b, const struct backoff_rule *rule,
		      uint64_t lived_ns, bool useful);

#endif

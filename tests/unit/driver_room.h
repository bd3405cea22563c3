/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_DRIVER_ROOM_H
#define TESTS_UNIT_DRIVER_ROOM_H

/* A driver of the agent's loop over a root of its own; what it says as text. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hale/base.h"

#include "facts.h"
#include "tree.h"

struct host {
	struct tree tree;
	struct hale_probe probe;
	const struct hale_driver *driver;
	char *facts;
	size_t len;
	FILE *out;
};

static void host_print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(((struct host *)sink)->out, f));
}

/* Over h->tree, which is there. */
static void host_init(struct host *h, const struct hale_driver *driver)
{
	h->probe = (struct hale_probe){ .event_fd = -1,
					.now_ns = 1000 * HALE_NS_PER_S,
					.emit = host_print,
					.sink = h };
	h->driver = driver;
	h->facts = NULL;
	h->probe.root_fd = h->tree.root_fd;
	h->probe.state = calloc(1, driver->state_size);
	assert_non_null(h->probe.state);
}

/* What it says in @call, as h->facts; returns what it returned. */
static int host_hear(struct host *h, int (*call)(struct hale_probe *p))
{
	int r;

	free(h->facts);
	h->out = open_memstream(&h->facts, &h->len);
	assert_non_null(h->out);
	r = call(&h->probe);
	fclose(h->out);
	return r;
}

/* What it says in a sample @after_ns the one before. */
static const char *host_sample(struct host *h, uint64_t after_ns)
{
	h->probe.now_ns += after_ns;
	assert_int_equal(host_hear(h, h->driver->sample), 0);
	return h->facts;
}

static void host_end(struct host *h)
{
	h->driver->remove(&h->probe);
	free(h->probe.state);
	free(h->facts);
	tree_remove(&h->tree);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TRACE_ROOM_H
#define TESTS_TRACE_ROOM_H

/* The driver trace in a tracefs of files, and all that it says. */

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "drivers/trace_block.h"

#include "fake_trace.h"

extern const struct hale_driver trace_driver;

#define SAID_MAX 64
#define NOW	 (UINT64_C(1700000000) * HALE_NS_PER_S)
#define AT	 (UINT64_C(500) * HALE_NS_PER_S) /* by the trace's clock */

static struct hale_observation said[SAID_MAX];
static struct hale_coverage covered[SAID_MAX];
static struct hale_victim victims[SAID_MAX];
static size_t n_said, n_covered, n_victims;
static struct tree tree;
static struct hale_probe probe;
static struct fake_page page;

static void emit(void *sink, const struct hale_fact *f)
{
	(void)sink;
	assert_true(hale_fact_valid(f));
	if (f->kind == HALE_FACT_COVERAGE) {
		assert_true(n_covered < SAID_MAX);
		covered[n_covered++] = f->u.coverage;
	} else if (f->kind == HALE_FACT_OBSERVATION) {
		assert_true(n_said < SAID_MAX);
		said[n_said++] = f->u.observation;
	} else if (f->kind == HALE_FACT_VICTIM) {
		assert_true(n_victims < SAID_MAX);
		victims[n_victims++] = f->u.victim;
	}
}

static inline const struct hale_coverage *sight_of(enum hale_sense sense)
{
	for (size_t i = n_covered; i-- > 0;) {
		if (covered[i].sense == sense)
			return &covered[i];
	}
	fail_msg("nothing was said about this sense");
	return NULL;
}

static inline void begin_without(const char *missing)
{
	n_said = n_covered = n_victims = 0;
	memset(&page, 0, sizeof(page));
	fake_trace_tree(&tree, missing);
	probe = (struct hale_probe){
		.state = calloc(1, trace_driver.state_size),
		.root_fd = tree.root_fd,
		.event_fd = -1,
		.now_ns = NOW,
		.mono_to_agent_ns = (int64_t)(NOW - 2 * AT),
		.emit = emit,
	};
	assert_non_null(probe.state);
}

static inline void begin(void)
{
	begin_without(NULL);
	assert_int_equal(trace_driver.probe(&probe), 0);
	fake_page_begin(&page, AT);
}

static inline void end(void)
{
	trace_driver.remove(&probe);
	free(probe.state);
	fake_trace_remove(&tree);
}

static inline bool is_ready(void)
{
	struct pollfd p = { .fd = probe.event_fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static inline void deliver(void)
{
	fake_trace_say(1, &page);
	assert_true(is_ready());
	assert_int_equal(trace_driver.sample(&probe), 0);
	assert_false(is_ready());
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAKE_TRACE_H
#define TESTS_FAKE_TRACE_H

/*
 * A tracefs of files, with the layouts that Linux 6.1 has on a 64-bit machine,
 * and pages of records as its ring buffer writes them. An instance's
 * trace_pipe_raw is a FIFO.
 */

#include "drivers/trace_format.h"

#include "tree.h"

#define FAKE_TRACE_CPUS 2
#define FAKE_PAGE	4096

struct fake_page {
	unsigned char bytes[FAKE_PAGE];
	unsigned long at, begin;
	int long_records; /* write the length as a word of its own */
};

/* All that trace_probe() looks for. @missing: "mce/mce_record", or NULL. */
void fake_trace_tree(struct tree *ret_tree, const char *missing);
/* What the driver wrote into a file of its instance. */
void fake_trace_read(const struct tree *t, const char *file, char *ret_text,
		     unsigned long size);
void fake_trace_say(unsigned int cpu, const struct fake_page *page);
void fake_trace_remove(struct tree *t);

void fake_page_begin(struct fake_page *p, unsigned long long time_ns);
void fake_page_lost(struct fake_page *p, unsigned long n);
/* @delta_ns after the record before it; an event's record without its head. */
void fake_page_add(struct fake_page *p, enum trace_event event,
		   unsigned int delta_ns, const void *body, unsigned int len);
/* Told by this thread, 1 ms after the record before it. */
void fake_page_add_by(struct fake_page *p, enum trace_event event, int thread,
		      const void *body, unsigned int len);
void fake_page_block(struct fake_page *p, unsigned int dev,
		     unsigned long long sector, int error, const char *rwbs);
void fake_page_signal(struct fake_page *p, int code, const char *comm, int pid);
/* The number that an event has in this tree. */
unsigned int fake_trace_id(enum trace_event event);

#endif

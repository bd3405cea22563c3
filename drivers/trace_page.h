/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TRACE_PAGE_H
#define HALE_TRACE_PAGE_H

/*
 * A page of the kernel's trace buffer, as trace_pipe_raw gives it (kernel:
 * include/linux/ring_buffer.h, kernel/trace/ring_buffer.c; the layout is that
 * of events/header_page and events/header_event). Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One record; @data lies in the page and holds @len bytes. */
struct trace_raw {
	const uint8_t *data;
	size_t len;
	uint64_t time_ns; /* by the instance's clock */
	bool after_loss;  /* some before it were lost, of whatever kind */
};

struct trace_page {
	const uint8_t *data;
	size_t len, at;
	uint64_t time_ns;
	bool overran;  /* records before this page were overwritten */
	uint64_t lost; /* how many; 0 where the kernel does not say */
};

/**
 * trace_page_open() - begin to walk a page
 * @buf: @len bytes of anything; must outlive the walk.
 * @commit_size: of the header's second field: 4 or 8 bytes, as the kernel's
 *               long is.
 *
 * Return: 0, or -EBADMSG: more is said to be in it than there is.
 */
int trace_page_open(const void *buf, size_t len, size_t commit_size,
		    struct trace_page *ret_page);

/* The next record; false at the end, or where the page makes no sense. */
bool trace_page_next(struct trace_page *page, struct trace_raw *ret_raw);

#endif

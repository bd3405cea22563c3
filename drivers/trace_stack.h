/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TRACE_STACK_H
#define HALE_TRACE_STACK_H

/*
 * Was it the host that ran out of memory, or a cgroup? The tracepoint does not
 * say, but the stack below it does: it holds mem_cgroup_out_of_memory or not.
 */

#include "trace_event.h"

struct trace_symbol {
	uint64_t begin, end; /* 0: not known */
};

/**
 * trace_symbol_find() - where a function lies
 * @fd: of /proc/kallsyms, opened by who may see its addresses; read from its
 *      beginning. Takes some 50 ms, once.
 *
 * Return: 0; -ENOENT: no such symbol; -EACCES: addresses are hidden.
 */
int trace_symbol_find(int fd, const char *name, struct trace_symbol *ret);

/* The verdict of a kernel_stack record. */
enum trace_oom_scope trace_stack_scope(const struct trace_symbol *cgroup,
				       const struct trace_formats *f,
				       const struct trace_raw *raw);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TRACE_INSTANCE_H
#define HALE_TRACE_INSTANCE_H

/*
 * A tracefs instance of our own: its buffers, its events, and nobody else's
 * tracing is touched (kernel: Documentation/trace/ftrace.rst, "Instances").
 */

#include "trace_format.h"

#define TRACE_CPUS_MAX 4096

struct trace_cpu {
	int fd;	      /* trace_pipe_raw; -1: cannot be read */
	bool waiting; /* no buffer yet: it was never online */
};

struct trace_setup {
	uint32_t buffer_kib; /* for each CPU */
	uint64_t lineage;    /* as hale_probe.lineage */
};

struct tracefs_instance;

struct trace_instance {
	int tracefs_fd; /* all paths of the library begin here */
	struct tracefs_instance *own;
	int wait_fd;  /* ready when any CPU's buffer is */
	int timer_fd; /* runs while a CPU is waiting */
	uint32_t n_cpus;
	struct trace_cpu *cpus;
	uint32_t enabled; /* 1 << TRACE_… */
	bool stacks;	  /* a victim's record is followed by its stack */
	bool inherited;	  /* it was there, and records */
};

/* Of no instance: safe to close. */
#define TRACE_INSTANCE_NULL                                                    \
	((struct trace_instance){                                              \
		.tracefs_fd = -1, .wait_fd = -1, .timer_fd = -1 })

/**
 * trace_instance_open() - make one, and record into it
 * @tracefs_fd: where tracefs is mounted.
 * @formats: which events this kernel has.
 *
 * Those of agents that are dead are removed; that of our lineage is taken over
 * as it is, with what is not read yet: to make one takes some 50 ms, and what
 * happens meanwhile would be lost. Return: 0 or negative errno; -ESRCH: there
 * is no /proc, -EBUSY: another agent has one of our name.
 */
int trace_instance_open(struct trace_instance *t, int tracefs_fd,
			const struct trace_formats *formats,
			const struct trace_setup *setup);

/* Writes into our buffer; its record tells when that was. */
int trace_instance_mark(const struct trace_instance *t, const char *text);

/* Which CPUs have records, @max of them at most: how many are written. The
 * kernel takes them in turn. Also looks, now and then, whether one that was
 * never online has come. */
int trace_instance_ready(struct trace_instance *t, uint32_t *ret_cpus, int max);

/* Stops recording and removes it. */
void trace_instance_close(struct trace_instance *t);

#endif

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

struct trace_instance {
	int root_fd;  /* the folder "instances", -1: none */
	int fd;	      /* our own */
	int wait_fd;  /* ready when any CPU's buffer is */
	int timer_fd; /* runs while a CPU is waiting */
	uint32_t n_cpus;
	struct trace_cpu *cpus;
	uint32_t enabled; /* 1 << TRACE_… */
	bool stacks;	  /* a victim's record is followed by its stack */
	char name[32];
};

/* Of no instance: safe to close. */
#define TRACE_INSTANCE_NULL                                                    \
	((struct trace_instance){                                              \
		.root_fd = -1, .fd = -1, .wait_fd = -1, .timer_fd = -1 })

/**
 * trace_instance_open() - make one, and record into it
 * @tracefs_fd: where tracefs is mounted.
 * @formats: which events this kernel has.
 * @buffer_kib: for each CPU.
 *
 * Those of agents that are dead are removed. Return: 0 or negative errno.
 */
int trace_instance_open(struct trace_instance *t, int tracefs_fd,
			const struct trace_formats *formats,
			uint32_t buffer_kib);

/* Writes into our buffer; its record tells when that was. */
int trace_instance_mark(const struct trace_instance *t, const char *text);

/* Looks whether a CPU that was never online has come. */
void trace_instance_poll_cpus(struct trace_instance *t);

/* Stops recording and removes it. */
void trace_instance_close(struct trace_instance *t);

#endif

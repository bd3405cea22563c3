/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TRACE_FORMAT_H
#define HALE_TRACE_FORMAT_H

/*
 * Which tracepoints hale reads, and where their fields lie in a record of this
 * kernel: learnt once from the events' format files, with libtraceevent, which
 * is let go again. What is kept is a few bytes a field.
 */

#include "trace_page.h"

enum trace_event {
	TRACE_BLOCK_ERROR = 0,
	TRACE_BLOCK_COMPLETE, /* before Linux 5.18 there is no other */
	TRACE_SIGNAL,
	TRACE_DEATH, /* signal_deliver, where nobody handles it */
	TRACE_OOM,
	TRACE_MEMORY_FAILURE,
	TRACE_MC,
	TRACE_MCE,
	TRACE_EXTLOG,
	TRACE_AER,
	TRACE_DEVLINK,
	TRACE_STACK, /* what the trigger on TRACE_OOM adds */
	TRACE_MARK,  /* what was written to trace_marker */
	TRACE_EVENT_COUNT
};

#define TRACE_FIELDS_MAX 7

struct trace_field {
	uint16_t offset, size; /* size 0: this kernel does not have it */
	bool is_signed;
	bool indirect; /* __data_loc: where the text is and how long */
};

struct trace_layout {
	bool known; /* the kernel has the event */
	uint16_t id;
	struct trace_field fields[TRACE_FIELDS_MAX];
};

struct trace_formats {
	uint16_t type_offset, type_size; /* of the record's number */
	uint16_t commit_size;		 /* for trace_page_open() */
	size_t page_size;		 /* of the buffer, its head included */
	struct trace_layout layouts[TRACE_EVENT_COUNT];
};

/* The row of the table that describes an event. */
struct trace_event_info {
	const char *group, *name;
	const char *filter; /* the kernel's, or NULL */
	const char *fields[TRACE_FIELDS_MAX];
};

extern const struct trace_event_info trace_events[TRACE_EVENT_COUNT];

/**
 * trace_formats_load() - learn the layouts
 * @events_fd: the folder "events" of tracefs.
 *
 * Return: 0, also where some events are missing; -ENOMEM; else negative errno:
 * nothing can be read in this kernel.
 */
int trace_formats_load(int events_fd, struct trace_formats *ret_formats);

/* Which event a record is; TRACE_EVENT_COUNT: none that hale knows. */
enum trace_event trace_event_of(const struct trace_formats *f,
				const struct trace_raw *raw);

/* A number, 0 where the record or the kernel has none; signed ones extended. */
uint64_t trace_number(const struct trace_raw *raw, const struct trace_field *f);

/* Text, printable, "" where there is none. */
void trace_text(const struct trace_raw *raw, const struct trace_field *f,
		char *ret_text, size_t size);

#endif

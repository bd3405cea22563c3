/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_MEMORY_H
#define HALE_MEMORY_H

/* What survives a restart beside the findings (hale/verdict.h): what counts
 * growth has to be held against. */

#include <stdbool.h>
#include <stdint.h>

#define HALE_MEMORY_COUNTS 5 /* HALE_DISK_COUNTS of disk_health.h */

struct hale_memory_counts {
	uint64_t time_ns;
	uint32_t known;
	uint64_t count[HALE_MEMORY_COUNTS];
};

/* A disk's counters, of two earlier times (agent/core/readings.h). */
struct hale_memory_disk {
	uint64_t key; /* of the part; 0: no row */
	struct hale_memory_counts old, recent;
};

/* A build tool that crashed lately (agent/core/crashes.h). */
struct hale_memory_crash {
	uint64_t key;	  /* of its name; 0: no row */
	uint64_t last_ns; /* its last crash, explained or not */
	uint64_t hour_ns; /* begin of the hour that is counted */
	uint32_t in_hour;
	bool each_time;	  /* it crashed too often to be chance */
	bool retested;	  /* the same input gave another result */
	bool trusted;	  /* by the word of who may control the agent */
	uint32_t signal;  /* of the sign */
	uint32_t uid;	  /* likewise */
	uint64_t place;	  /* likewise: which job it was part of */
	uint64_t sign_ns; /* 0: it has given no sign */
	char name[16];
};

/* A running total (agent/core/counter.h). */
struct hale_memory_counter {
	uint64_t key;	  /* of part, condition and counter; 0: no row */
	uint64_t value;	  /* as last read */
	uint64_t time_ns; /* when */
	uint64_t credit, debt;
	bool from_zero; /* it counts from 0 in every boot */
	bool shared;	/* by all counters of a part and condition */
};

/* What a room of the middle keeps while it runs, for the core after this one:
 * which room, its numbers and its texts, as agent/core/running.h says. Numbers
 * and texts that are not there are 0 and "". */
#define HALE_NOTE_NUMBERS  24
#define HALE_NOTE_TEXTS	   7
#define HALE_NOTE_TEXT_MAX 256

struct hale_memory_note {
	uint32_t room;
	uint32_t n_numbers, n_texts;
	uint64_t number[HALE_NOTE_NUMBERS];
	const char *text[HALE_NOTE_TEXTS]; /* borrowed */
};

/* Where saving of notes has come to; zero it to start. */
struct hale_memory_at {
	uint32_t room, i;
};

#endif

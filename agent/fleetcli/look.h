/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_LOOK_H
#define HALE_FLEETCLI_LOOK_H

/*
 * A look at a fleet: what the servers hold, read into the picture and, where
 * they are asked for, the judgments. Each subcommand that looks begins with
 * look_open() and look_past().
 */

#include "agent/cli/args.h"
#include "agent/fleet/judge.h"
#include "agent/fleet/told_read.h"
#include "agent/fleet/view.h"
#include "rows.h"
#include "source.h"

#define LOOK_PATIENCE_MS 15000 /* a cluster has a new leader in 6 s */

/* Options of every subcommand that looks. */
struct look_options {
	const char *context; /* --context */
	const char *format;  /* --format; NULL: text */
	enum rows_format rows;
};

/* A message that was read; @m by @stream: HostState, FindingEvent,
 * BuildOutcome, Order. It is gone when this returns. */
typedef void (*look_message_fn)(void *data, const struct source_event *e,
				const void *m);

struct look {
	const struct cli *cli;
	struct fleet_settings settings;
	struct source *source;
	struct picture *picture;
	struct judge *judge;	 /* NULL: not asked for */
	look_message_fn message; /* NULL */
	void *data;
	uint32_t followed; /* bits 1 << stream */
	uint32_t behind;   /* of them, whose past has not come yet */
	uint64_t spoiled;  /* messages that nobody can read */
	char spoiled_id[FLEET_ID_SIZE], spoiled_why[FLEET_WHY_MAX];
	int fatal; /* exit code; what is wrong has been said */
	uint8_t *memory;
	struct told_rows rows;
};

/* Connects. 0; else an exit code, and what is wrong has been said. */
int look_open(struct look *l, const struct cli *cli,
	      const struct look_options *o);
void look_close(struct look *l);
int look_follow(struct look *l, enum source_stream stream,
		const struct source_ask *ask);
/* Takes the past of all that is followed. 0 or an exit code. */
int look_past(struct look *l);
/* One event into the picture; what is trouble is said on stderr. */
void look_take(struct look *l, const struct source_event *e);
/* Says of messages that could not be read, once, on stderr. */
void look_spoiled(struct look *l);

/* Each "KEY=VALUE" into the filter; false: said what is wrong with one. */
bool look_labels(const struct cli *cli, const struct args_list *labels,
		 struct view_filter *f, int *ret_exit);
/* "7d" is so long ago, a date is midnight here. 0 or -EINVAL. */
int look_time(const char *text, uint64_t now_ns, uint64_t *ret_ns);
/* A host by its name or id: its index; PICTURE_NONE, and that has been said. */
uint32_t look_host(struct look *l, const char *word);

#endif

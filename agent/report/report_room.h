/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_REPORT_ROOM_H
#define HALE_REPORT_ROOM_H

/* What the reporter's files ask of each other. Part of report.h. */

#include <sys/types.h>

#include "agent/report/spool.h"

struct report;

/* run.c: an exit status. */
int report_run(struct report *r);
/* One line on stderr, as haled's own are. @level: of syslog(3). */
void report_log(int level, const char *text, ...)
	__attribute__((format(printf, 2, 3)));
uint64_t report_mono_ns(void);
uint64_t report_real_ns(void);
uint32_t report_dice(void);

/* identity.c: who this host is, out of the files. 0, or negative errno after a
 * line in the log. */
int report_identify(struct report *r);

/* confine.c: once, before anything of a stranger's is read. Negative errno: do
 * not go on. */
int report_confine(struct report *r);

/* watch.c: the gate's reports */
int report_gate_fd(const struct report *r);
void report_watch(struct report *r);

/* builds.c: what the history says of builds, since it was asked last */
void report_builds(struct report *r);

/* room.c: what there is to build with */
void report_open_rooms(struct report *r);
/* In @a; NULL: no memory. */
Hale__Fleet__V1__Capacity *report_capacity(const struct report *r,
					   struct codec_arena *a);

/* state.c: a HostState as bytes. Its length, or negative errno. */
ssize_t report_state(struct report *r, void *buf, size_t size);
/* What is the same in all its messages; NULL: no memory. */
Hale__Fleet__V1__Label **report_labels(const struct report *r,
				       struct codec_arena *a);
/* What in a report is worth telling at once: a number of it. */
uint64_t report_digest(const Hale__V1__HostReport *m);

/* outbox.c: what has to reach the fleet, in the spool. 0, or a line was said:
 * go on without. */
int report_open_outbox(struct report *r);
/* Events of a report; told is kept behind them. */
void report_tell(struct report *r, const Hale__V1__HostReport *m);
int report_tell_builds(struct report *r,
		       Hale__Fleet__V1__BuildOutcome *const *m, size_t n);
/* What was told is remembered. */
void report_save(const struct report *r);
/* The fleet had one of this id, which nobody but us can know: once more, under
 * another. */
void report_tell_anew(struct report *r, const struct spool_id *id);
/* When due: what is too old goes, the disk is tried. */
void report_tidy(struct report *r);

/* send.c: to the server, and what it says */
void report_send(struct report *r);
void report_answers(struct report *r);
void report_connect(struct report *r);
/* Is there anything to say in a state? */
bool report_knows(const struct report *r);

#endif

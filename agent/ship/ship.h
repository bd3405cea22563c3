/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SHIP_SHIP_H
#define HALE_SHIP_SHIP_H

/*
 * `haled: ship` as a whole: one loop over the agent that started it, the gate
 * whose findings it follows, and those who have a build to tell or a question.
 * It may block on its disk; nobody but its own clients waits for it then.
 */

#include <poll.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "agent/ship/client.h"
#include "agent/ship/db.h"
#include "agent/ship/missed.h"
#include "agent/ship/pending.h"

struct ship {
	const char *run_dir;
	struct db_setup setup;
	bool group_known;
	gid_t group;
	bool confined; /* our own user's processes are no better than others */
	bool readers_known;
	gid_t readers; /* hale/kernel_log.h, as the next */
	int log_fd;
	int agent_fd;  /* its end closes ours; -1: none */
	int listen_fd; /* given, and its name its giver's; or -1 */
	int gate_fd;
	bool bound;	/* its name is ours */
	struct db *db;	/* NULL: it cannot be opened now */
	bool reading;	/* it can only be read */
	bool unchecked; /* of a long file a part is to be read through */
	int trouble;	/* negative errno of the store; 0: it is well */
	uint64_t retry_ns, retry_delay_ns; /* CLOCK_MONOTONIC; 0: not due */
	uint64_t gate_ns;		   /* connect, or read on, from then */
	uint64_t started_ns;		   /* CLOCK_MONOTONIC */
	bool report_lost; /* one was not stored: ask for all anew */
	bool busy;	  /* did something: rest before sleeping */
	char said[DB_SAID_MAX], told[DB_SAID_MAX + 1];
	char host[65];
	struct stat folder; /* as it was when we were confined to it */
	bool opened;	    /* the store was, since */
	bool renew;	    /* end, so that another takes over */
	int mounts_fd;	    /* /proc/self/mountinfo; -1: none */
	int waiting_fd;	    /* given, or -1 */
	struct waiting waiting;
	struct pending pending;
	struct missed missed;
	unsigned int waited, refused; /* builds, since it takes nothing */
	struct ship_user users[SHIP_USERS_MAX];
	struct ship_client clients[SHIP_CLIENTS_MAX];
	/* of the report that is coming in */
	Hale__V1__Reply **report;
	size_t n_report;
};

/* ship.c: an exit status. */
int ship_run(struct ship *s);
/* One line on stderr, as haled's own are. @level: of syslog(3). */
void ship_log(int level, const char *text);

/* trouble.c: opens the store, and sets what is asked of it below. */
void ship_open(struct ship *s);
/* What waited, in its order; then the findings that were missed. */
void ship_retry(struct ship *s);
/* Something was mounted: what is to be tried later is tried soon. */
void ship_hasten(struct ship *s);
/* The store said so: is it in trouble, and when is it tried again? */
void ship_judge(struct ship *s, int r);
/* The agent may be another than the one that was told last. */
void ship_tell_anew(struct ship *s);

/* clock.c: agent time; until the first report the time of day. */
uint64_t ship_now_ns(void);
uint64_t ship_mono_ns(void);
/* An agent said just now that it is @as_of_ns; 0: it did not. */
void ship_follow(uint64_t as_of_ns);
bool ship_time_known(void);

/* rest.c: gives back all that idling does not need. */
void ship_rest(struct ship *s);

/* inherit.c: what the one before left, and for the next what we leave. */
void ship_inherit(struct ship *s);
/* Is it our own confinement that keeps us from the store's folder? */
bool ship_is_outdated(const struct ship *s);

/* confine.c: where the store's folder is; false: too long. */
bool ship_folder(const struct ship *s, char *ret_dir, size_t size);
/* Once, before anything of a stranger's is read; one line where
 * something is lacking. Negative errno: do not go on. */
int ship_confine(struct ship *s);

/* told.c: a build as a stranger may see it; in place. */
void told_to_others(Hale__V1__BuildResult *m);
/* Without the kernel's own words; in place. */
void told_without_log(Hale__V1__BuildResult *m);
void told_finding_without_log(Hale__V1__Finding *m);
/* Checks and cleans what a client says; NULL: it is fine. Texts are put into
 * @arena, where they have to be changed. */
struct codec_arena;
const char *told_clean(struct codec_arena *a, Hale__V1__BuildResult *m,
		       const char *host, uid_t uid, uint64_t now_ns);

/* watch.c: the gate's findings */
void watch_connect(struct ship *s);
void watch_read(struct ship *s);
void watch_lose(struct ship *s, uint64_t delay_ns);

/* record.c: one build from stdin into a user's own store: an exit status. */
int record_once(const struct db_setup *setup);
/* --needs: likewise; silent where nothing is known. needs.c */
int needs_once(const struct db_setup *setup, const char *repo);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_REPORT_REPORT_H
#define HALE_REPORT_REPORT_H

/*
 * `haled: fleet`, the reporter: one loop over the agent that started it, the
 * gate whose reports it follows, and one server of the fleet. It may block, on
 * its disk and while it connects; nobody waits for it.
 */

#include <sys/types.h>

#include "hale/hale.h"

#include "agent/report/flight.h"
#include "agent/report/link.h"
#include "agent/report/plan.h"
#include "agent/report/spool.h"
#include "agent/report/told.h"

#define REPORT_SERVERS_MAX 32
#define REPORT_ROOMS_MAX   16
#define REPORT_SAID_MAX	   240
/* Of a seed or a PEM file. */
#define REPORT_FILE_MAX (64 * 1024)

struct report_setup {
	const char *run_dir, *dir; /* dir: the spool's folder */
	const char *servers[REPORT_SERVERS_MAX];
	char *labels[FLEET_LABELS_MAX]; /* "rack=7" */
	const char *rooms[REPORT_ROOMS_MAX];
	size_t n_servers, n_labels, n_rooms;
	uint64_t heartbeat_ns, spool_bytes, spool_age_ns; /* 0: the default */
	/* descriptors; -1: none. Files are read and closed before the sandbox.
	 */
	int agent_fd, seed_fd, ca_fd, certificate_fd, key_fd;
};

/* On which builds write; opened before the sandbox. */
struct report_room {
	const char *where;
	int fd;
};

struct report {
	struct report_setup setup;
	struct link_setup who;
	char id[FLEET_ID_SIZE];
	char host[FLEET_HOST_MAX + 1], boot_id[40];

	struct hale *gate;
	struct hale_reply *last; /* the agent's last report; NULL: none yet */
	bool silent;		 /* the agent does not answer */
	uint64_t gate_ns;	 /* CLOCK_MONOTONIC: look there again then */
	uint64_t away_ns;	 /* it is away since; 0: it is there */
	uint64_t builds_ns;	 /* likewise of the history's builds */
	uint64_t digest;	 /* of what matters in the last report */
	struct told told;

	struct spool *spool; /* NULL: it cannot be opened now */
	uint64_t tidy_ns;    /* it is looked after then */
	uint8_t *buf;	     /* FLEET_STATE_MAX, and memory to pack in */
	uint8_t *arena;

	struct plan plan;
	struct flight flight;
	struct link link;
	uint32_t server;   /* the one that is tried next */
	uint64_t cursor;   /* the spool was sent up to there */
	uint64_t known_at; /* what lies behind it was never sent */
	uint64_t started_ns;
	uint64_t acked_ns; /* the last thing was taken then; 0: nothing yet */
	bool told_down;	   /* that none does was said */
	struct link_answer answer;
	bool renew; /* end, so that another takes over */
	struct report_room rooms[REPORT_ROOMS_MAX + 1];
	size_t n_rooms;
	int meminfo_fd;
	char said[REPORT_SAID_MAX]; /* the last line in the log */
};

#include "agent/report/report_room.h"

#endif

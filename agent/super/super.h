/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SUPER_H
#define HALE_SUPER_H

/*
 * The supervisor: all that runs as root for good. It owns what outlives a core
 * (the run directory, the listening sockets, the fit link, the state folder's
 * descriptor), starts the others and starts them again. It reads no file, no
 * text and no protobuf message; what comes from the core is fixed structs
 * (agent/daemon/wire.h), and from ship a line that it passes on unread.
 */

#include "agent/daemon/agent.h"
#include "agent/daemon/fit.h"
#include "agent/daemon/notify.h"
#include "agent/daemon/options.h"
#include "agent/daemon/state_disk.h"
#include "agent/super/alive.h"
#include "agent/super/backoff.h"
#include "agent/super/distrust.h"
#include "agent/super/pace.h"

#define SUPER_WHY_MAX 96

/* One of the five. */
struct super_process {
	struct child child;
	struct loop_timer timer; /* its next start */
	struct backoff backoff;
	uint64_t began_ns; /* CLOCK_BOOTTIME */
};

/* One that is a program of its own and that nothing of the agent needs. */
struct super_program {
	struct super_process process;
	const struct super_kind *kind;
	struct super *super;
	bool missing; /* and the log has it */
};

struct super {
	struct options options;
	struct loop loop;
	struct loop_source signals;
	struct notify notify;
	struct loop_timer watchdog;
	int run_fd, lock_fd, state_fd, gate_fd, ship_fd, waiting_fd;
	int logs[HALE_LOGS]; /* of the kernel, for each core; not read here */
	char gate_path[108], ship_path[108]; /* sockaddr_un's sun_path */
	struct vault vault;
	struct state_disk disk;
	struct fit fit;
	bool fit_failed, told_ready, told_bad, stopping;

	struct super_process core;
	struct child dying; /* one whose place is taken already */
	uint64_t lineage;   /* of all cores; of no other agent's, ever */
	struct alive alive;
	struct loop_timer pulse;
	bool core_ready, core_silent, core_babbles, core_replaced;
	uint32_t unready;	    /* so many ended that never were */
	struct loop_timer handover; /* the link waits for a successor's word */
	struct backoff replacing;
	struct loop_timer replace; /* when a successor is due */
	struct child tester;	   /* is an absent driver there? */
	uint64_t tested;	   /* WIRE_REOPEN's value */
	struct child rescuer;	   /* makes RUN/bin/hale */
	uint8_t core_bytes[sizeof(struct wire_up_message)];
	struct pace saves, reloads, reopens; /* what cores ask for */
	struct loop_timer reload;	     /* one is due then */

	struct super_process probe;
	bool probe_ended; /* by us, with its core: that is no failure */
	bool probe_given_up;
	enum wire_reason probe_reason;
	char probe_why[SUPER_WHY_MAX]; /* there is none; "": there is */

	struct super_process ship;
	struct backoff renewing; /* of ships that ask for another */
	bool ship_missing;
	char ship_bytes[320];
	char ship_said[320]; /* its last line, for each core */
	struct loop_timer ship_told;

	struct super_program fleet, doors;

	struct sandbox_user user; /* who the others are */
	struct config config;	  /* in use */
	struct config fresh;	  /* what the reader hands over */
	struct child reader;
	bool fresh_whole, read_again;
	char read_error[CONFIG_ERROR_MAX];
};

/* super.c: 0, or a process exit status after one line on stderr. */
int super_start(struct super *s, const struct options *options);
void super_stop(struct super *s);
/* How a process ended, "the process haled: probe was ended by SIGKILL". */
void super_how(char why[SUPER_WHY_MAX], const char *name, int status);
/* In a child that is not exec'd: closes what is the supervisor's alone. A lock
 * that a child in D state kept would keep the next agent out. @data: super. */
void super_in_child(void *data);
/* In a child: confines it; 0 or negative errno: it is to end. */
int super_confine(struct super *s, enum sandbox_role role);

#include "agent/super/super_room.h"

#endif

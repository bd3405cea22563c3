/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_AGENT_H
#define HALE_AGENT_H

/*
 * The core as a whole: what its rooms share. Facts come in through
 * agent_sink(), questions through agent_request(), and at the end of each turn
 * agent_turn() draws the consequences: the fit link, kept answers, watchers,
 * what is remembered. Whoever started it is at the other end of a wire
 * (wire.h).
 */

#include "agent/daemon/answer.h"
#include "agent/daemon/config.h"
#include "agent/daemon/confirm.h"
#include "agent/daemon/gate.h"
#include "agent/daemon/host.h"
#include "agent/daemon/keep.h"
#include "agent/daemon/probe.h"
#include "agent/daemon/wire.h"

#define AGENT_DRIVERS_MAX PROBE_DRIVERS_MAX
/* Runs of the map that questions may cause, in AGENT_DEMAND_NS. */
#define AGENT_DEMANDS	8
#define AGENT_DEMAND_NS (2 * HALE_NS_PER_S)
/* By then a host has said all that it will; the rest is told as blind. */
#define AGENT_PATIENCE_NS (10 * HALE_NS_PER_S)
#define AGENT_REFUSALS	  8 /* users whose refused requests are logged */
#define AGENT_SPENDERS	  8 /* users whose time for questions is counted */

struct agent_refusal {
	uid_t uid;
	uint64_t said_ns; /* CLOCK_BOOTTIME; 0: free */
};

/* What a user's questions why took of the loop's time. */
struct agent_spender {
	uid_t uid;
	uint64_t at_ns; /* CLOCK_BOOTTIME; 0: free */
	uint64_t spent_ns;
};

struct agent_setup { /* all that it will ever have */
	const struct config *config;
	int wire_fd, gate_fd, vault_fd;
	const struct sandbox_user *user;
	bool successor;	     /* not the first of this supervisor's */
	uint64_t lineage;    /* of all of them: hale_probe.lineage */
	int logs[HALE_LOGS]; /* hale_probe.logs; -1: there is none */
};

struct agent {
	struct agent_setup setup;
	struct config *config, *other; /* in use, and the one before */
	struct driver_option driver_options[CONFIG_OPTIONS_MAX];
	struct loop loop;
	struct hale_clock clock;
	struct middle *middle;
	struct host *host;  /* of the drivers that never block */
	struct probe probe; /* and of the others */
	struct gate gate;
	struct answer answer;
	struct vault vault; /* what outlives this process */
	struct keep keep;
	struct loop_source wire; /* to the supervisor */
	struct loop_timer tick;	 /* of the middle */
	struct loop_timer watch; /* reports to watchers */
	struct loop_timer wait;	 /* for deferred questions */
	struct loop_timer why;	 /* for those that are paced */
	struct loop_timer room;	 /* a look at filesystems is due */
	struct loop_timer patience;
	uint64_t began_ns; /* CLOCK_BOOTTIME */
	bool ready;	   /* knows what a check rests on */
	bool settled;	   /* every driver has spoken */
	bool resumed;	/* one before did; until settled its knowledge counts */
	bool fit_shown; /* as the supervisor was told */
	bool wire_failed; /* the link may not say what was last sent */
	bool save_told, save_again; /* WIRE_SAVE is under way; and more came */
	bool released;		    /* the host's hold, see agent_probe.c */
	uint32_t n_deferred, next_demand;
	uint64_t generation, fit_generation; /* acted on, shown by the link */
	uint64_t demands[AGENT_DEMANDS]; /* CLOCK_BOOTTIME of the last runs */
	uint64_t engine_ns, plugins_ns, fresh_ns, room_ns; /* likewise */
	uint64_t fresh, fresh_paid_ns; /* its trigger; see agent_ask_all() */
	struct confirm confirm;
	struct agent_refusal refusals[AGENT_REFUSALS];
	struct agent_spender spenders[AGENT_SPENDERS];
	uint32_t refused_unsaid;   /* refusals since, that were not logged */
	enum hale_fitness fitness; /* of the host, as last logged */
	uint32_t gists[AGENT_DRIVERS_MAX][HALE_SENSE_COUNT]; /* as logged */
};

/* agent.c: the process's whole life, to its exit status; one line on stderr
 * where it cannot begin. */
int agent_run(const struct agent_setup *setup);

/* agent_facts.c */
void agent_sink(void *data, const char *driver, const struct hale_fact *f,
		uint64_t now_ns);
void agent_turn(void *data);
void agent_init_timers(struct agent *a);

/* agent_wire.c: what the supervisor says, and what it is told */
int agent_open_wire(struct agent *a);
void agent_tell(struct agent *a, enum wire_up kind, uint64_t value);
void agent_save(struct agent *a, bool now);
/* agent_reload.c: those who asked for it are told how it went */
void agent_take_config(struct agent *a, const struct config *config);
void agent_keep_config(struct agent *a, const char *why);
/* agent_history.c: how well it is kept, as ship says */
void agent_take_history(struct agent *a, const char *text);

#include "agent/daemon/agent_asked.h"
#include "agent/daemon/agent_drivers.h"

#endif

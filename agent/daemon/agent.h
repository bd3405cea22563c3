/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_AGENT_H
#define HALE_AGENT_H

/*
 * The agent as a whole: what main.c owns, and what its rooms share. Facts come
 * in through agent_sink(), questions through agent_request(), and at the end of
 * each turn agent_turn() draws the consequences: the fit link, kept answers,
 * watchers, the state file.
 */

#include "agent/daemon/answer.h"
#include "agent/daemon/config.h"
#include "agent/daemon/confirm.h"
#include "agent/daemon/fit.h"
#include "agent/daemon/gate.h"
#include "agent/daemon/host.h"
#include "agent/daemon/notify.h"
#include "agent/daemon/options.h"
#include "agent/daemon/probe.h"
#include "agent/daemon/ship.h"
#include "agent/daemon/state.h"

#define AGENT_DRIVERS_MAX PROBE_DRIVERS_MAX
/* Runs of the map that questions may cause, in AGENT_DEMAND_NS. */
#define AGENT_DEMANDS	8
#define AGENT_DEMAND_NS (2 * HALE_NS_PER_S)
#define AGENT_REFUSALS	8 /* users whose refused requests are logged */
#define AGENT_SPENDERS	8 /* users whose time for questions is counted */

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

struct agent {
	struct options options;
	struct config *config;
	struct driver_option driver_options[CONFIG_OPTIONS_MAX];
	struct loop loop;
	struct hale_clock clock;
	struct middle *middle;
	struct host *host;  /* of the drivers that never block */
	struct probe probe; /* and of the others */
	struct ship ship;   /* keeps the history */
	struct gate gate;
	char gate_path[108]; /* sockaddr_un's sun_path */
	struct answer answer;
	struct state state;
	struct fit fit;
	struct notify notify;
	struct loop_source signals;
	struct loop_timer tick;	 /* of the middle */
	struct loop_timer watch; /* reports to watchers */
	struct loop_timer wait;	 /* for deferred questions */
	struct loop_timer why;	 /* for those that are paced */
	struct loop_timer watchdog, patience;
	struct child reloader;
	struct config *reloaded; /* what the reloader's child sends */
	bool reload_whole, reload_again;
	char reload_error[CONFIG_ERROR_MAX];
	int run_fd, lock_fd, state_fd;
	bool ready, fit_failed,
		released; /* the host's hold, see agent_probe.c */
	uint32_t n_deferred, next_demand;
	uint64_t generation, fit_generation; /* acted on, shown by the link */
	uint64_t demands[AGENT_DEMANDS]; /* CLOCK_BOOTTIME of the last runs */
	uint64_t engine_ns, plugins_ns, fresh_ns; /* likewise */
	uint64_t fresh, fresh_paid_ns; /* its trigger; see agent_ask_all() */
	struct confirm confirm;
	struct agent_refusal refusals[AGENT_REFUSALS];
	struct agent_spender spenders[AGENT_SPENDERS];
	uint32_t refused_unsaid;   /* refusals since, that were not logged */
	enum hale_fitness fitness; /* of the host, as last logged */
	uint32_t gists[AGENT_DRIVERS_MAX][HALE_SENSE_COUNT]; /* as logged */
};

/* agent.c: 0, or a process exit status after one line on stderr. */
int agent_start(struct agent *a, const struct options *options);
void agent_stop(struct agent *a);
/* In a child: closes what belongs to the agent alone. */
void agent_in_child(void *data);

/* agent_facts.c */
void agent_sink(void *data, const char *driver, const struct hale_fact *f,
		uint64_t now_ns);
void agent_turn(void *data);
void agent_init_timers(struct agent *a);

/* agent_probe.c: both halves of the drivers, as one */
void agent_start_probe(struct agent *a);
void agent_trigger(struct agent *a, uint32_t senses, uint64_t delay_ns);
bool agent_busy(const struct agent *a, uint32_t senses);
bool agent_settled(struct agent *a);
void agent_configure_drivers(struct agent *a);
/* Looks into what the log said of a disk or a filesystem, if that is new. */
void agent_confirm(struct agent *a, const struct hale_observation *o);
/* Runs all that can be asked, for a client that waits; what to wait for. */
uint64_t agent_ask_all(struct agent *a, const struct gate_client *c);

/* agent_ship.c: begins, or after a reload begins anew, to keep the history. */
void agent_start_ship(struct agent *a);

/* agent_reload.c: in a child; those who asked for it are told how it went. */
void agent_reload(struct agent *a);

#include "agent/daemon/agent_asked.h"

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_HOST_H
#define HALE_HOST_H

/*
 * Runs the drivers of the table: probes them, waits for their events, samples
 * them in their periods, those that may block in children with a deadline, and
 * hands every fact to a sink. What a driver cannot see is a fact too: a driver
 * that is absent, fails or stalls is told as blind in its senses.
 */

#include "hale/driver.h"

#include "agent/daemon/clock.h"
#include "agent/daemon/loop.h"
#include "agent/daemon/scan.h"
#include "agent/sandbox/sandbox.h"

#define HOST_OPTIONS_MAX 16 /* keys in one driver's section */
/* Why a driver is blind whose first look is put off: not worth a log line. */
#define HOST_NOT_YET HALE_NOT_YET

/* The agent's drivers live in two hosts: the core's, which never blocks, and
 * that of the probe process (probe.h). A scan has all in one. */
enum host_which {
	HOST_ALL = 0,
	HOST_EVENTS,   /* those that never block */
	HOST_BLOCKING, /* those that may */
};

struct host_setup {
	struct loop *loop;
	const struct hale_clock *clock;
	const struct hale_driver *const *drivers; /* NULL-terminated */
	void (*sink)(void *data, const char *driver, const struct hale_fact *f,
		     uint64_t now_ns);
	void *sink_data;
	/* In a driver's child: close what it must not keep. May be NULL. */
	void (*in_child)(void *data);
	void *in_child_data;
	const struct driver_option *options; /* their texts outlive the host */
	size_t n_options;
	uint64_t resume_seq, lineage; /* as struct hale_probe has them, */
	const int *logs;	      /* and these */
	bool once; /* a scan: only drivers that scan, each once */
	enum host_which which;
	bool hold; /* the others wait for host_release(), too */
	/* All are opened by host_start(); who has to be opened later is told
	 * here: one whose next try is due, or, with @now, one whose options
	 * have changed. NULL: they are opened by this process. */
	void (*reopen)(void *data, const struct hale_driver *d, bool now);
	void *reopen_data;
	/* Whom runs in children become, confined; NULL: they are not. */
	const struct sandbox_user *user;
	/* Drivers of these senses are woken by host_wake(), and not by the
	 * event_fd of their own. */
	uint32_t woken;
};
/* 1 << CAP_… of all that may block */
uint64_t host_capabilities(const struct hale_driver *const *drivers);

/* How a driver stands; what the core knows of one in the probe process. */
struct host_stand {
	const char *driver;
	bool live;	   /* runs, or waits for its next run */
	uint64_t answered; /* triggers up to this number */
	uint64_t whole_ns; /* CLOCK_BOOTTIME at the begin of the last run that
			    * told all, or failed to */
	uint32_t runs, parked;
};

/* A reason to run drivers. */
struct host_call {
	uint32_t senses; /* of any of these, 1 << HALE_SENSE_… */
	uint64_t delay_ns;
	uint64_t number; /* grows; 0: nobody waits for the answer */
	bool asked;	 /* measure all anew (hale_probe.asked) */
};

struct host;

/* -ENOMEM only. @setup is copied, what it points to is not. */
int host_new(const struct host_setup *setup, struct host **ret_host);
struct host *host_free(struct host *h);

/* Those that say what disks there are begin; the others follow when these are
 * done, so that the first line of the log already finds its disk. */
void host_start(struct host *h);
/* @setup.hold ends: what disks there are is known from elsewhere. */
void host_release(struct host *h);
/* Are the drivers done that say what disks there are? */
bool host_mapped(const struct host *h);

/* Run drivers with any of @senses (1 << HALE_SENSE_…) after @delay_ns; several
 * calls within it are one run. A driver that runs just now runs again. */
void host_trigger(struct host *h, uint32_t senses, uint64_t delay_ns);
void host_call(struct host *h, const struct host_call *call);
/* What they look at has changed. @asked: and somebody waits for it. */
void host_wake(struct host *h, uint32_t senses, bool asked);
/* The driver at place @i; false: there are no more. */
bool host_stand(const struct host *h, size_t i, struct host_stand *ret_stand);
/* A process is dying: those that look at such (HALE_SENSE_VICTIMS) run now. A
 * user whose processes die in a storm is looked at now and then. host_look.c */
void host_look(struct host *h, const struct hale_victim *v);
/* Is a run of any of @senses going on, or due within a millisecond? A stuck
 * one is not waited for. */
bool host_busy(const struct host *h, uint32_t senses);
/* Has every driver said all that it can say at first? */
bool host_settled(const struct host *h);
/* Reads failed block requests now, without waiting to be woken: the kernel
 * wakes a reader of its log at the next tick, up to 4 ms after the fault. */
void host_refresh(struct host *h);
/* Drivers that were not on this host are probed again after @delay_ns, where
 * that is sooner than they are anyway. */
void host_look_again(struct host *h, uint64_t delay_ns);
/* New options: drivers whose own ones changed are probed again. */
void host_configure(struct host *h, const struct driver_option *options,
		    size_t n_options, uint64_t resume_seq);

#endif

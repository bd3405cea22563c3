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

#define HOST_OPTIONS_MAX 16 /* keys in one driver's section */

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
	uint64_t resume_seq;
	bool once; /* a scan: only drivers that scan, each once */
};

struct host;

/* -ENOMEM only. @setup is copied, what it points to is not. */
int host_new(const struct host_setup *setup, struct host **ret_host);
struct host *host_free(struct host *h);

/* Those that say what disks there are begin; the others follow when these are
 * done, so that the first line of the log already finds its disk. */
void host_start(struct host *h);

/* Run drivers with any of @senses (1 << HALE_SENSE_…) after @delay_ns; several
 * calls within it are one run. A driver that runs just now runs again. */
void host_trigger(struct host *h, uint32_t senses, uint64_t delay_ns);
/* Is a run of any of @senses going on, or due within a millisecond? A stuck
 * one is not waited for. */
bool host_busy(const struct host *h, uint32_t senses);
/* CLOCK_BOOTTIME up to which changes that drivers of @senses are woken for are
 * in their facts; UINT64_MAX: none is outstanding. Asking hastens a run that is
 * held back. */
uint64_t host_seen_until(struct host *h, uint32_t senses);
/* Has every driver said all that it can say at first? */
bool host_settled(const struct host *h);
/* Reads failed block requests now, without waiting to be woken: the kernel
 * wakes a reader of its log at the next tick, up to 4 ms after the fault. */
void host_refresh(struct host *h);
/* New options: drivers whose own ones changed are probed again. */
void host_configure(struct host *h, const struct driver_option *options,
		    size_t n_options, uint64_t resume_seq);
/* How many children are given up as stuck. */
uint32_t host_stuck(const struct host *h);

#endif

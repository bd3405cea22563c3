/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_PROBE_H
#define HALE_PROBE_H

/*
 * `haled: probe`, the process that runs the drivers that may block, as the core
 * sees it: their facts come out of it into the same sink, and what one asks of
 * a host (host.h) can be asked of it. They talk over a SOCK_SEQPACKET pair,
 * ProbeCommand one way and ProbeReport the other (proto/hale.proto). Whoever
 * starts it hands over the core's end of that; it ends with the core; where it
 * dies or hangs, its drivers are told as blind until another is here.
 */

#include "agent/daemon/host.h"
#include "agent/daemon/wire.h"
#include "proto/codec_fact.h"

#define PROBE_DRIVERS_MAX 32

/* A driver over there. */
struct probe_driver {
	const struct hale_driver *driver;
	bool live;	   /* runs, or waits for its next run */
	uint64_t asked;	   /* the last trigger that is to be run at once */
	uint64_t promised; /* the last one that its asker waits for */
	uint64_t answered; /* triggers up to this one */
	bool overstepped;  /* it said what is not for it to say */
	uint64_t whole_ns; /* CLOCK_BOOTTIME: what it told is true at least of
			    * this moment */
};

struct probe_setup {
	struct loop *loop;
	const struct hale_clock *clock;
	const struct hale_driver *const *drivers; /* NULL-terminated */
	void (*sink)(void *data, const char *driver, const struct hale_fact *f,
		     uint64_t now_ns);
	void *sink_data;
	/* It is to be ended; probe_lose() follows. */
	void (*give_up)(void *data, enum wire_reason why);
	void *give_up_data;
};

struct probe {
	struct probe_setup setup;
	struct loop_source peer;   /* the socket to it; -1: there is none */
	struct loop_source mounts; /* the core's own view of their changes */
	struct loop_timer timer;   /* is it well? */
	const struct driver_option *options;
	size_t n_options;
	bool configured, mapped, settled;
	bool given_up, held; /* its end is not told yet */
	char lost[96];	     /* why there is none, as last heard */
	uint64_t number;     /* of the last trigger */
	/* CLOCK_MONOTONIC, these three: */
	uint64_t heard_ns;     /* its last report */
	uint64_t pinged_ns;    /* when it was asked for a sign; 0: it gave it */
	uint64_t full_ns;      /* since when its socket is full; 0: it is not */
	struct host_call owed; /* of the commands that found it so, as one */
	bool owed_wake;
	/* CLOCK_BOOTTIME: */
	uint64_t event_ns;   /* mounts last changed */
	uint64_t hurried_ns; /* the change that somebody waits for already */
	uint8_t message[CODEC_FACTS_MAX];
	uint8_t arena[CODEC_ARENA_FACTS];
	size_t n_drivers;
	struct probe_driver drivers[PROBE_DRIVERS_MAX];
};

/* There is none yet. */
void probe_init(struct probe *p, const struct probe_setup *setup);
void probe_done(struct probe *p);
/* @fd: the socket to a new one, which is owned from now on. It is told its
 * options, if they are known by then. */
void probe_attach(struct probe *p, int fd);
/* It ended, hangs for good or could not be started: its drivers are blind, and
 * @why is told with them; with @soon, where another will be here in a moment,
 * not before probe_missed(). */
void probe_lose(struct probe *p, const char *why, bool soon);
/* There should have been one by now. */
void probe_missed(struct probe *p);
/* @options: their texts stay until the next call. The first call starts the
 * drivers; @setup's clock holds by then. */
void probe_configure(struct probe *p, const struct driver_option *options,
		     size_t n_options);

/* As host_trigger(). @asked: as hale_probe.asked. Returns its number. */
uint64_t probe_trigger(struct probe *p, uint32_t senses, uint64_t delay_ns,
		       bool asked);
/* Has a process that is dying looked at, at once or not at all. */
void probe_look(struct probe *p, const struct hale_victim *v);
/* Is there a driver that has not run since trigger @number? Their names, with
 * commas, into @ret_names if that is not NULL. */
bool probe_pending(const struct probe *p, uint64_t number, char *ret_names,
		   size_t size);
/* As host_busy(), host_seen_until(), host_mapped(), host_settled(). */
bool probe_busy(const struct probe *p, uint32_t senses);
uint64_t probe_seen_until(struct probe *p, uint32_t senses);
bool probe_mapped(const struct probe *p);
bool probe_settled(const struct probe *p);

/* Bytes of a command: options may be long. */
#define PROBE_COMMAND_MAX (16 * 1024)

/* probe_serve.c: the process itself, from its begin to its exit status. @fd:
 * its end of the pair. @user: who its children become, see host_setup. */
int probe_serve(const struct hale_driver *const *drivers, int fd,
		const struct sandbox_user *user);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_PROBE_H
#define HALE_PROBE_H

/*
 * `haled: probe`, the process that runs the drivers that may block, as the core
 * sees it: their facts come out of it into the same sink, and what one asks of
 * a host (host.h) can be asked of it. They talk over a SOCK_SEQPACKET pair,
 * ProbeCommand one way and ProbeReport the other (proto/hale.proto). It ends
 * with the core; where it dies or hangs, its drivers are told as blind and it
 * is started again.
 */

#include "agent/daemon/child.h"
#include "agent/daemon/host.h"
#include "proto/codec_fact.h"

#define PROBE_DRIVERS_MAX 32

/* A driver over there. */
struct probe_driver {
	const struct hale_driver *driver;
	bool live;	   /* runs, or waits for its next run */
	uint64_t asked;	   /* the last trigger that somebody waits for */
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
	/* In the new process: lets go of what is the core's. May be NULL. */
	void (*in_child)(void *data);
	void *in_child_data;
};

struct probe {
	struct probe_setup setup;
	struct child child;
	struct loop_source mounts; /* the core's own view of their changes */
	struct loop_timer timer;   /* is it well? Or: the next start */
	const struct driver_option *options;
	size_t n_options;
	bool configured, mapped, settled;
	bool bad;	   /* what it sent is no report */
	bool silent;	   /* it did not answer */
	uint32_t failures; /* in a row */
	uint64_t number;   /* of the last trigger */
	uint64_t began_ns; /* CLOCK_BOOTTIME */
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

/* Forks it; it waits for probe_configure(). Before this process has taken much
 * memory, since the other one begins as its copy. Where that fails, its drivers
 * are blind and it is tried again later. */
void probe_start(struct probe *p, const struct probe_setup *setup);
/* @options: their texts stay until the next call. The first call starts the
 * drivers; @setup's clock holds by then. */
void probe_configure(struct probe *p, const struct driver_option *options,
		     size_t n_options);
/* It ends; waits for that up to @timeout_ms, then kills it. */
void probe_stop(struct probe *p, int timeout_ms);
/* In a child of the core: closes what is the core's. */
void probe_close_fds(const struct probe *p);

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
 * its end of the pair. */
int probe_serve(const struct hale_driver *const *drivers, int fd);

#endif

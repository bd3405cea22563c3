/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_ENGINE_H
#define DRIVERS_ENGINE_H

/* Private to the driver engine: what its rooms hand each other. */

#include "hale/base.h"
#include "hale/driver.h"

#include "json.h"

/* Of a whole run; the rooms below bound each of their waits. */
#define ENGINE_DEADLINE_MS 40000
/* Behind "/proc/self/fd/N" it must fit into sun_path. */
#define ENGINE_SOCKET_MAX 80

struct engine_place {
	const char *name;	 /* "docker": of the part, the unit */
	const char *socket;	 /* below root_fd, without the first "/" */
	const char *programs[2]; /* either proves that it is installed */
	const char *root;	 /* where it keeps its data by default */
	bool served; /* useless without a daemon behind the socket */
};

#define ENGINE_PLACES 2

static const struct engine_place engine_places[ENGINE_PLACES] = {
	{ "docker",
	  "run/docker.sock",
	  { "usr/bin/dockerd", "usr/sbin/dockerd" },
	  "/var/lib/docker",
	  true },
	{ "podman",
	  "run/podman/podman.sock",
	  { "usr/bin/podman", "usr/local/bin/podman" },
	  "/var/lib/containers/storage",
	  false },
};

enum engine_presence {
	ENGINE_ABSENT = 0,
	ENGINE_SLEEPS, /* to connect would start it; or it needs no daemon */
	ENGINE_FAILED, /* systemd tried to run it and gave up */
	ENGINE_LEFT,   /* only its socket's file is there, as far as is known */
	ENGINE_SERVED, /* somebody ought to answer on its socket */
};

/* place.c: what is known about an engine without a word to it. */
enum engine_presence engine_presence(const struct hale_probe *p,
				     const struct engine_place *place);
/* Where an engine that is not to be asked keeps its data: its configuration, or
 * the default. */
void engine_configured_root(const struct hale_probe *p,
			    const struct engine_place *place, char *ret_path,
			    size_t size);

/* http.c */
struct engine_answer {
	int error;    /* 0, or negative errno: there is no answer */
	long status;  /* of HTTP */
	bool podman;  /* says so in its header */
	uint32_t api; /* 141 is version 1.41; 0: not said */
	size_t len;
	char *body; /* terminated; never NULL where error is 0 */
};

/**
 * engine_get() - one GET over a unix socket
 * @socket: below p->root_fd. @ms: for all of it, also to be accepted.
 *
 * Errors: -ETIMEDOUT no answer in time, or the queue is full; -ECONNREFUSED,
 * -EACCES, -ENOENT as connect(2); -EMSGSIZE longer than anything we ask for
 * should be; -EPIPE hung up without an answer; -EPROTO not HTTP.
 */
void engine_get(const struct hale_probe *p, const char *socket,
		const char *path, long ms, struct engine_answer *ret_answer);
void engine_answer_done(struct engine_answer *a);

/* plugin.c: starts all CLI plugins that builds use, and says how it went.
 * Return: 0, or -EPERM: some were not, for they would have had our rights. */
int engine_try_plugins(struct hale_probe *p);

/* say.c: @part "engine/docker". */
void engine_state(struct hale_probe *p, const char *part,
		  enum hale_condition condition, bool holds,
		  const char *evidence);
void engine_rests(struct hale_probe *p, const char *part, const char *path,
		  bool elsewhere);
/* It rests, or does not, on a disk that is mounted elsewhere. */
void engine_rests_unmounted(struct hale_probe *p, const char *part, bool holds);
void engine_say_usage(struct hale_probe *p, const char *part,
		      const struct engine_usage *usage);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helper's one run: finds the engines, asks those that ought to answer, and
 * tries the plugins. Decides what makes an alarm: somebody listens and is mute,
 * or nobody does, or the answer is an error of the server. An engine that is
 * not there, or that its owner stopped, is coverage and no fault. Sends GETs
 * only; what costs an engine something is asked once an hour.
 */
#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "hale/helper.h"

#include "engine.h"

/* A builder under full load answers in 100 ms; in 8 s, in two tries, any does
 * that still works. A scan has 1.5 s in all. */
#define PING_MS	   4000
#define PING_TRIES 2
#define INFO_MS	   8000 /* it starts three programs to ask their versions */
#define USAGE_MS   5000
#define SCAN_MS	   700
#define HOUR_NS	   (3600 * HALE_NS_PER_S)
#define PERIOD_NS  (600 * HALE_NS_PER_S)
/* API 1.42: /system/df may be asked for what does not walk all volumes. */
#define API_USAGE    142
#define ROOTLESS_MAX 8

static const char containerd_root[] = "/var/lib/containerd";

/* To be asked for its usage, last of all: that may take its time. */
struct due {
	const char *socket, *part;
};

struct run {
	struct hale_probe *p;
	struct due due[ENGINE_PLACES];
	size_t n_due;
	bool dear; /* also what costs more is due */
	bool left; /* its socket may be what a stopped unit has left */
	unsigned int known, sleeping, silent;
	char why[ENGINE_PLACES + 1][128]; /* of the parts' coverage */
	char part[ENGINE_PLACES + 1][HALE_PART_MAX];
	char remedy[ENGINE_PLACES + 1][64];
	size_t n_notes;
};

static void note(struct run *r, const char *part, const char *why,
		 const char *remedy)
{
	if (r->n_notes == HALE_ARRAY_SIZE(r->why))
		return;
	HALE_SET(r->part[r->n_notes], part);
	HALE_SET(r->why[r->n_notes], why);
	HALE_SET(r->remedy[r->n_notes], remedy);
	r->n_notes++;
}

static const char *part_of(const char *name, bool podman)
{
	return podman || strstr(name, "podman") ? "engine/podman"
						: "engine/docker";
}

/* --- no answer --- */

static void say_mute(struct run *r, const char *socket,
		     const struct engine_answer *a, long waited_ms)
{
	const char *part = part_of(socket, false);
	char text[HALE_EVIDENCE_MAX];

	if (a->error == -ENOENT) {
		engine_state(r->p, part, HALE_ENGINE_DOWN, false, "");
		return; /* stopped: it took its socket along */
	}
	if (a->error == -ECONNREFUSED && r->left) {
		engine_state(r->p, part, HALE_ENGINE_DOWN, false, "");
		r->silent++;
		note(r, part, "it is stopped: nobody listens on its socket",
		     "");
		return;
	}
	if (a->error == -EACCES || a->error == -EPERM) {
		r->silent++;
		note(r, part, "its socket is not open to this user",
		     "run haled as root");
		return;
	}
	if (a->error == -ETIMEDOUT && r->p->once) {
		/* too short a time to call it down */
		r->silent++;
		note(r, part, "it did not answer within 0.7 s", "");
		return;
	}
	r->known++;
	if (a->error == -ETIMEDOUT)
		snprintf(text, sizeof(text),
			 "/%s: it does not answer, not within %.1f s", socket,
			 (double)waited_ms / 1000);
	else if (a->error == -ECONNREFUSED)
		snprintf(text, sizeof(text),
			 "/%s is there, but nobody serves it", socket);
	else
		snprintf(text, sizeof(text), "/%s: no answer to GET /_ping: %s",
			 socket, strerror(-a->error));
	engine_state(r->p, part, HALE_ENGINE_DOWN, true, text);
}

/* --- answers --- */

/* Return: it is a good answer. Else what it says is told as a fault. */
static bool is_good(struct run *r, const char *part, const char *path,
		    const struct engine_answer *a)
{
	char message[160], text[HALE_EVIDENCE_MAX];

	if (a->status < 500)
		return a->status == 200;
	engine_read_error(a->body, a->len, message, sizeof(message));
	snprintf(text, sizeof(text), "GET %.40s: %ld %s", path, a->status,
		 message);
	engine_state(r->p, part, HALE_ENGINE_DOWN, true, text);
	if (engine_tells_storage(message))
		engine_state(r->p, part, HALE_ENGINE_STORAGE, true, text);
	return false;
}

/* In WSL all distributions share one kernel, which has all their disks. */
static bool is_our_kernel(const struct hale_probe *p, const char *release)
{
	char ours[HALE_PATH_MAX];

	return hale_read_at(p->root_fd, "proc/sys/kernel/osrelease", ours,
			    sizeof(ours)) > 0 &&
	       strcmp(ours, release) == 0;
}

static void say_info(struct run *r, const char *part,
		     const struct engine_info *info)
{
	engine_state(r->p, part, HALE_ENGINE_DOWN, false, "");
	engine_state(r->p, part, HALE_ENGINE_STORAGE, info->trouble[0],
		     info->trouble);
	if (info->root[0])
		engine_rests(r->p, part, info->root, info->elsewhere);
	engine_rests_unmounted(r->p, part,
			       info->elsewhere &&
				       is_our_kernel(r->p, info->kernel));
	if (info->containerd && !info->elsewhere)
		engine_rests(r->p, part, containerd_root, false);
}

static void ask_usage(struct hale_probe *p, const struct due *due)
{
	struct engine_usage usage;
	struct engine_answer a;

	engine_get(p, due->socket, "/system/df?type=build-cache&type=image",
		   USAGE_MS, &a);
	/* late or refused is no fault: it has much to count, or is at it */
	if (a.error == 0 && a.status == 200 &&
	    engine_read_usage(a.body, a.len, &usage) == 0)
		engine_say_usage(p, due->part, &usage);
	engine_answer_done(&a);
}

static void ask_info(struct run *r, const char *socket, const char *part,
		     uint32_t api)
{
	char text[HALE_EVIDENCE_MAX];
	struct engine_info info;
	struct engine_answer a;
	bool good;

	engine_get(r->p, socket, "/info", r->p->once ? SCAN_MS : INFO_MS, &a);
	/* it pings, so it lives; but what it is to count hangs: its storage */
	if (a.error == -ETIMEDOUT && !r->p->once) {
		snprintf(text, sizeof(text),
			 "/%s: answers a ping, but not GET /info", socket);
		engine_state(r->p, part, HALE_ENGINE_DOWN, true, text);
	}
	good = a.error == 0 && is_good(r, part, "/info", &a) &&
	       engine_read_info(a.body, a.len, &info) == 0;
	engine_answer_done(&a);
	if (!good)
		return;
	say_info(r, part, &info);
	if (r->dear && api >= API_USAGE && r->n_due < ENGINE_PLACES)
		r->due[r->n_due++] = (struct due){ socket, part };
}

static void ask(struct run *r, const char *socket)
{
	long ms = r->p->once ? SCAN_MS : PING_MS, waited = 0;
	int tries = r->p->once ? 1 : PING_TRIES;
	struct engine_answer a = { .error = -ETIMEDOUT };
	const char *part;

	for (int i = 0; i < tries && a.error == -ETIMEDOUT; i++) {
		engine_answer_done(&a);
		engine_get(r->p, socket, "/_ping", ms, &a);
		waited += ms;
	}
	if (a.error) {
		say_mute(r, socket, &a, waited);
		return;
	}
	part = part_of(socket, a.podman);
	r->known++;
	if (is_good(r, part, "/_ping", &a))
		ask_info(r, socket, part, a.api);
	engine_answer_done(&a);
}

/* --- those not to be asked --- */

static void sleeps(struct run *r, const struct engine_place *place)
{
	const char *part = part_of(place->name, false);
	char path[HALE_PATH_MAX];

	r->sleeping++;
	engine_configured_root(r->p, place, path, sizeof(path));
	engine_rests(r->p, part, path, false);
	engine_state(r->p, part, HALE_ENGINE_DOWN, false, "");
	if (place->served)
		note(r, part,
		     "it is stopped; systemd starts it at the first request, "
		     "so it was not asked",
		     "");
	else
		note(r, part, "no service of it runs: only its storage is seen",
		     "");
}

static void failed(struct run *r, const struct engine_place *place)
{
	char text[HALE_EVIDENCE_MAX];

	r->known++;
	snprintf(text, sizeof(text),
		 "%s.service has failed: `journalctl -u %s` says why",
		 place->name, place->name);
	engine_state(r->p, part_of(place->name, false), HALE_ENGINE_DOWN, true,
		     text);
}

/* podman-docker makes docker's socket a link to podman's, which is asked by its
 * own name. Other links (Docker Desktop's in WSL) lead to an engine. */
static bool leads_to_podman(const struct hale_probe *p, const char *path)
{
	char target[HALE_PATH_MAX];
	ssize_t n = readlinkat(p->root_fd, path, target, sizeof(target) - 1);

	if (n <= 0)
		return false;
	target[n] = '\0';
	return strstr(target, "podman") != NULL;
}

/* What was said of it, if it was here, is over: somebody removed it. */
static void absent(struct hale_probe *p, const char *part)
{
	engine_state(p, part, HALE_ENGINE_DOWN, false, "");
	engine_state(p, part, HALE_ENGINE_STORAGE, false, "");
	engine_state(p, part, HALE_ENGINE_RECLAIMABLE, false, "");
}

static void look_at(struct run *r, const struct engine_place *place)
{
	if (leads_to_podman(r->p, place->socket))
		return;
	r->left = false;
	switch (engine_presence(r->p, place)) {
	case ENGINE_ABSENT:
		absent(r->p, part_of(place->name, false));
		return;
	case ENGINE_SLEEPS:
		sleeps(r, place);
		return;
	case ENGINE_FAILED:
		failed(r, place);
		return;
	case ENGINE_LEFT:
		r->left = true;
		ask(r, place->socket);
		return;
	case ENGINE_SERVED:
		ask(r, place->socket);
		return;
	}
}

/* --- coverage --- */

static void cover(struct run *r)
{
	struct hale_probe *p = r->p;
	enum hale_sight sight = r->known      ? HALE_SIGHT_LIVE
				: r->sleeping ? HALE_SIGHT_PARTIAL
					      : HALE_SIGHT_BLIND;
	const char *why = r->known || r->n_notes == 0 ? "" : r->why[0];

	if (!r->known && !r->sleeping && !r->silent)
		why = "no container engine runs here";
	hale_emit_coverage(p, HALE_SENSE_ENGINE, sight, why,
			   r->known || !r->n_notes ? "" : r->remedy[0]);
	for (size_t i = 0; i < r->n_notes; i++)
		hale_emit_part_coverage(
			p, HALE_SENSE_ENGINE,
			&(struct hale_part_sight){ r->part[i], r->why[i],
						   r->remedy[i],
						   HALE_SIGHT_PARTIAL });
}

/* Engines of single users are theirs: named, not asked. */
static void cover_rootless(struct hale_probe *p)
{
	static const char *const sockets[] = { "docker.sock",
					       "podman/podman.sock" };
	int fd = openat(p->root_fd, "run/user",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *users = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	char path[HALE_PART_MAX];
	unsigned int n = 0;

	while (users && n < ROOTLESS_MAX && (e = readdir(users)) != NULL) {
		for (size_t i = 0;
		     e->d_name[0] != '.' && i < HALE_ARRAY_SIZE(sockets); i++) {
			snprintf(path, sizeof(path), "run/user/%.20s/%s",
				 e->d_name, sockets[i]);
			if (faccessat(p->root_fd, path, F_OK, 0) < 0)
				continue;
			n++;
			hale_emit_part_coverage(
				p, HALE_SENSE_ENGINE,
				&(struct hale_part_sight){
					path,
					"an engine of one user: not asked",
					"give its storage with --path",
					HALE_SIGHT_BLIND });
		}
	}
	if (users)
		closedir(users);
}

static void try_plugins(struct run *r)
{
	if (engine_try_plugins(r->p) == -EPERM && r->known + r->sleeping > 0)
		note(r, "engine/docker",
		     "its plugins are not tried: not permitted to become "
		     "nobody",
		     "give haled CAP_SETUID and CAP_SETGID");
}

static int sample(struct hale_probe *p)
{
	const char *socket = hale_option(p, "socket");
	struct run r = { .p = p };

	r.dear = p->asked || (!p->once && p->now_ns % HOUR_NS < PERIOD_NS);
	if (curl_global_init(CURL_GLOBAL_NOTHING) != 0)
		return -ENOMEM;
	if (socket && socket[0] == '/')
		ask(&r, socket + 1);
	for (size_t i = 0; !socket && i < ENGINE_PLACES; i++)
		look_at(&r, &engine_places[i]);
	if (r.dear)
		try_plugins(&r);
	cover(&r);
	cover_rootless(p);
	for (size_t i = 0; i < r.n_due; i++)
		ask_usage(p, &r.due[i]);
	curl_global_cleanup();
	return 0;
}

const struct hale_helper hale_helper = {
	.name = "engine",
	.sample = sample,
};

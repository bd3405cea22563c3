/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What container engines keep that nothing uses, by their own API (Docker
 * Engine API 1.41 and later; podman serves the same). The engine decides what
 * is in use, when it frees. Volumes are data, and no matter of this command.
 */
#include <errno.h>
#include <time.h>

#include "agent/cli/reclaim.h"
#include "agent/cli/reclaim_http.h"
#include "hale/base.h"
#include "hale/text.h"

#define API	    "/v1.41"
#define ASK_S	    60	 /* /system/df walks all layers */
#define FREE_S	    1800 /* removing a hundred GiB of small files */
#define USUAL_AGE   (7 * 24 * 3600 * HALE_NS_PER_S)
#define NS_PER_HOUR (3600 * HALE_NS_PER_S)

static void answer_done(struct reclaim_answer *a)
{
	json_decref(a->body);
}

#define _cleanup_answer_ __attribute__((cleanup(answer_done)))

static uint64_t number_of(const json_t *object, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(object, key));

	return n > 0 ? (uint64_t)n : 0;
}

/* "2026-11-21T10:00:00.123Z": the time; 0: there is none. */
static uint64_t time_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	struct tm tm = { 0 };
	time_t t;

	if (!text || !strptime(text, "%Y-%m-%dT%H:%M:%S", &tm))
		return 0;
	t = timegm(&tm);
	return t > 0 ? (uint64_t)t * HALE_NS_PER_S : 0;
}

/* --- images and containers --- */

static bool has_name(const json_t *image)
{
	const json_t *tags = json_object_get(image, "RepoTags");
	const char *first = json_string_value(json_array_get(tags, 0));

	return first && strncmp(first, "<none>", 6) != 0;
}

static void add_images(struct reclaim *r, struct reclaim_engine *e,
		       const json_t *images, enum reclaim_kind kind)
{
	struct reclaim_step *s = reclaim_add(r, kind);
	const json_t *image;
	size_t i;

	if (!s)
		return;
	s->engine = e;
	json_array_foreach(images, i, image)
	{
		uint64_t size = number_of(image, "Size");
		uint64_t shared = number_of(image, "SharedSize");
		bool used = number_of(image, "Containers") > 0;

		if ((kind == RECLAIM_DANGLING) == has_name(image))
			continue;
		s->shared |= shared > 0 && !used;
		size -= shared < size ? shared : size;
		*(used ? &s->kept : &s->count) += 1;
		*(used ? &s->kept_bytes : &s->bytes) += size;
	}
}

static bool has_ended(const json_t *container)
{
	const char *state =
		json_string_value(json_object_get(container, "State"));

	return state &&
	       (strcmp(state, "exited") == 0 || strcmp(state, "dead") == 0 ||
		strcmp(state, "created") == 0);
}

static void add_containers(struct reclaim *r, struct reclaim_engine *e,
			   const json_t *containers)
{
	struct reclaim_step *s = reclaim_add(r, RECLAIM_CONTAINERS);
	const json_t *container;
	size_t i;

	if (!s)
		return;
	s->engine = e;
	json_array_foreach(containers, i, container)
	{
		bool ended = has_ended(container);
		uint64_t size = number_of(container, "SizeRw");

		*(ended ? &s->count : &s->kept) += 1;
		*(ended ? &s->bytes : &s->kept_bytes) += size;
	}
}

/* --- the build cache --- */

static uint64_t unused_ns(const json_t *entry, uint64_t now_ns)
{
	uint64_t used = time_of(entry, "LastUsedAt");

	used = used ? used : time_of(entry, "CreatedAt");
	return used < now_ns ? now_ns - used : 0;
}

/* Those not used for @age_ns, and for less than @older_ns. */
static void add_cache(struct reclaim *r, struct reclaim_engine *e,
		      const json_t *cache, const uint64_t *age, size_t at)
{
	struct reclaim_step *s = reclaim_add(r, RECLAIM_BUILD_CACHE);
	const json_t *entry;
	size_t i;

	if (!s)
		return;
	s->engine = e;
	s->age_ns = age[at];
	json_array_foreach(cache, i, entry)
	{
		uint64_t idle = unused_ns(entry, r->now_ns);
		bool used = json_is_true(json_object_get(entry, "InUse"));
		bool stays = used || idle < age[at];

		if (!used && at > 0 && idle >= age[at - 1])
			continue; /* an earlier step's */
		/* its bytes are an image's */
		if (json_is_true(json_object_get(entry, "Shared"))) {
			s->shared = true;
			continue;
		}
		*(stays ? &s->kept : &s->count) += 1;
		*(stays ? &s->kept_bytes : &s->bytes) +=
			number_of(entry, "Size");
	}
}

/* --- asking --- */

static void add_steps(struct reclaim *r, struct reclaim_engine *e,
		      const json_t *df)
{
	const json_t *images = json_object_get(df, "Images");
	uint64_t ages[4];
	size_t n = reclaim_ages(&r->options, USUAL_AGE, ages);

	add_images(r, e, images, RECLAIM_DANGLING);
	for (size_t i = 0; i < n; i++)
		add_cache(r, e, json_object_get(df, "BuildCache"), ages, i);
	if (!r->options.aggressive)
		return;
	add_containers(r, e, json_object_get(df, "Containers"));
	add_images(r, e, images, RECLAIM_IMAGES);
}

static void read_root(struct reclaim_engine *e, const json_t *info)
{
	const char *root =
		json_string_value(json_object_get(info, "DockerRootDir"));

	if (root && root[0] == '/')
		hale_print_text(e->root, sizeof(e->root), root, strlen(root));
}

static void ask(struct reclaim *r, struct reclaim_engine *e)
{
	_cleanup_answer_ struct reclaim_answer info = { 0 }, df = { 0 };
	int error =
		reclaim_http(e->socket, RECLAIM_GET, API "/info", ASK_S, &info);

	if (error == 0) {
		read_root(e, info.body);
		error = reclaim_http(e->socket, RECLAIM_GET, API "/system/df",
				     ASK_S, &df);
	}
	if (error == 0) {
		add_steps(r, e, df.body);
		return;
	}
	snprintf(e->why, sizeof(e->why), "%.120s: %.90s", e->socket,
		 df.text[0] ? df.text : info.text);
}

static void look_at(struct reclaim *r, const char *name, const char *socket)
{
	struct reclaim_engine *e = &r->engines[r->n_engines];

	if (r->n_engines == RECLAIM_ENGINES_MAX || access(socket, F_OK) < 0)
		return;
	for (size_t i = 0; i < r->n_engines; i++) {
		if (strcmp(r->engines[i].socket, socket) == 0)
			return;
	}
	HALE_SET(e->name, name);
	HALE_SET(e->socket, socket);
	r->n_engines++;
	ask(r, e);
}

/* An engine on another machine is not this host's to free. */
void reclaim_engines(struct reclaim *r)
{
	static const char scheme[] = "unix://";
	const char *host = getenv("DOCKER_HOST");
	const char *own = getenv("XDG_RUNTIME_DIR");
	char path[HALE_PATH_MAX];

	for (size_t i = 0; i < r->n_engines; i++)
		ask(r, &r->engines[i]); /* the configuration's */
	if (r->n_engines > 0)
		return;
	if (host && host[0]) {
		if (strncmp(host, scheme, strlen(scheme)) == 0)
			look_at(r, "docker", host + strlen(scheme));
		return;
	}
	look_at(r, "docker", "/run/docker.sock");
	look_at(r, "podman", "/run/podman/podman.sock");
	if (!own || own[0] != '/')
		return;
	snprintf(path, sizeof(path), "%.200s/docker.sock", own);
	look_at(r, "docker", path);
	snprintf(path, sizeof(path), "%.200s/podman/podman.sock", own);
	look_at(r, "podman", path);
}

/* --- freeing --- */

/* Filters are JSON in a URL: {"until":["168h"]}, {"dangling":["false"]}. */
static void request_of(const struct reclaim_step *s, char *path, size_t size)
{
	switch (s->kind) {
	case RECLAIM_DANGLING:
	case RECLAIM_IMAGES:
		snprintf(path, size,
			 API "/images/prune?filters="
			     "%%7B%%22dangling%%22%%3A%%5B%%22%s%%22%%5D%%7D",
			 s->kind == RECLAIM_IMAGES ? "false" : "true");
		return;
	case RECLAIM_BUILD_CACHE:
		snprintf(path, size,
			 API "/build/prune?all=1&filters="
			     "%%7B%%22until%%22%%3A%%5B%%22%lluh%%22%%5D%%7D",
			 (unsigned long long)(s->age_ns / NS_PER_HOUR));
		if (s->age_ns == 0)
			snprintf(path, size, API "/build/prune?all=1");
		return;
	case RECLAIM_CONTAINERS:
		snprintf(path, size, API "/containers/prune");
		return;
	case RECLAIM_TOOL_CACHE:
	case RECLAIM_KIND_COUNT:
		break;
	}
	path[0] = '\0';
}

int reclaim_engine_do(struct reclaim_step *s)
{
	_cleanup_answer_ struct reclaim_answer a = { 0 };
	char path[256];
	int r;

	request_of(s, path, sizeof(path));
	r = reclaim_http(s->engine->socket, RECLAIM_POST, path, FREE_S, &a);
	s->freed = number_of(a.body, "SpaceReclaimed");
	if (r < 0)
		HALE_SET(s->why, a.text);
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What hale.conf(5) says of caches: [reclaim] cache = PATH [AGE], any number of
 * lines, and [engine] socket. What else stands there is the agent's to read.
 */
#include <errno.h>

#include <ini.h>

#include "agent/cli/reclaim.h"
#include "agent/core/parse.h"
#include "hale/base.h"

#define CONFIG_DEFAULT "/etc/hale/hale.conf"

struct reading {
	struct reclaim *r;
	const char *wrong;
};

static int add_cache(struct reading *at, const char *value)
{
	struct reclaim *r = at->r;

	if (r->n_caches == RECLAIM_CACHES_MAX) {
		at->wrong = "more than 32 caches";
		return 0;
	}
	if (hale_cache_parse(value, r->caches[r->n_caches].path,
			     &r->caches[r->n_caches].age_ns) < 0) {
		at->wrong = "expected an absolute path and an age like 14d";
		return 0;
	}
	r->n_caches++;
	return 1;
}

static void add_socket(struct reclaim *r, const char *value)
{
	struct reclaim_engine *e = &r->engines[0];

	HALE_SET(e->socket, value);
	HALE_SET(e->name, strstr(value, "podman") ? "podman" : "docker");
	r->n_engines = 1;
}

static int on_key(void *data, const char *section, const char *key,
		  const char *value)
{
	struct reading *at = data;

	if (strcmp(section, "reclaim") == 0 && strcmp(key, "cache") == 0)
		return add_cache(at, value);
	if (strcmp(section, "engine") == 0 && strcmp(key, "socket") == 0)
		add_socket(at->r, value);
	return 1;
}

int reclaim_config(struct reclaim *r, char ret_error[HALE_EVIDENCE_MAX])
{
	const char *path =
		r->options.config ? r->options.config : CONFIG_DEFAULT;
	struct reading at = { .r = r, .wrong = "not a line of a section" };
	_cleanup_file_ FILE *f = fopen(path, "re");
	int line;

	if (!f && errno == ENOENT && !r->options.config)
		return 0;
	if (!f) {
		snprintf(ret_error, HALE_EVIDENCE_MAX, "%.180s: %s", path,
			 strerrordesc_np(errno));
		return -EINVAL;
	}
	line = ini_parse_file(f, on_key, &at);
	if (line == 0)
		return 0;
	snprintf(ret_error, HALE_EVIDENCE_MAX, "%.140s:%d: %s", path, line,
		 at.wrong);
	return -EINVAL;
}

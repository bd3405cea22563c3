/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A context: where a fleet's servers are, and the keys to them. Decides which
 * file counts and what each line may be. Must never take half a file: what is
 * wrong is one line that names file and line.
 */
#include "settings.h"

#include <errno.h>
#include <ini.h>
#include <sys/stat.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/fleetcli/files.h"

#define FILE_NAME   "fleet.conf"
#define FILE_MAX    (64 * 1024)
#define SYSTEM_HOME "/etc/hale/fleet"

struct reading {
	struct fleet_settings *s;
	char folder[FLEET_PATH_MAX];
	char fault[200]; /* "": none */
};

static int set_text(struct reading *r, const char *value, char *to, size_t size)
{
	if (!hale_text_printable(value, strlen(value) + 1) || !value[0])
		snprintf(r->fault, sizeof(r->fault), "is empty or no text");
	else if (!hale_copy(to, size, value, strlen(value)))
		snprintf(r->fault, sizeof(r->fault), "is too long");
	return r->fault[0] ? -EINVAL : 0;
}

/* From the file's own folder, where it is no whole path. */
static int set_path(struct reading *r, const char *value, char *to, size_t size)
{
	_cleanup_free_ char *path = NULL;

	if (value[0] == '/' || !value[0])
		return set_text(r, value, to, size);
	if (asprintf(&path, "%s/%s", r->folder, value) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	return set_text(r, path, to, size);
}

static bool server_valid(const char *url)
{
	static const char *const schemes[] = { "nats://", "tls://" };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(schemes); i++) {
		size_t n = strlen(schemes[i]);

		if (strncmp(url, schemes[i], n) == 0 && url[n])
			return true;
	}
	return false;
}

/* A list by commas; a bare host is taken for TLS, the way of a real fleet. */
static int set_servers(struct reading *r, const char *value)
{
	struct fleet_settings *s = r->s;
	const char *at = value;

	for (s->n_servers = 0; *at;) {
		size_t len;
		char *to;

		at += strspn(at, ", \t");
		len = strcspn(at, ", \t");
		if (len == 0)
			break;
		if (s->n_servers == FLEET_SERVERS_MAX) {
			snprintf(r->fault, sizeof(r->fault),
				 "more than %d servers", FLEET_SERVERS_MAX);
			return -EINVAL;
		}
		to = s->servers[s->n_servers];
		if (!hale_copy(to, FLEET_SERVER_MAX, at, len))
			return set_text(r, value, to, 1);
		at += len;
		if (!server_valid(to)) {
			snprintf(r->fault, sizeof(r->fault),
				 "%.80s: wants nats://HOST:PORT or "
				 "tls://HOST:PORT",
				 to);
			return -EINVAL;
		}
		s->n_servers++;
	}
	if (s->n_servers == 0)
		snprintf(r->fault, sizeof(r->fault), "names no server");
	return s->n_servers ? 0 : -EINVAL;
}

static int set(struct reading *r, const char *key, const char *value)
{
	struct fleet_settings *s = r->s;
	const struct {
		const char *key;
		char *to;
		size_t size;
	} paths[] = {
		{ "seed", s->seed, sizeof(s->seed) },
		{ "ca", s->ca, sizeof(s->ca) },
		{ "certificate", s->certificate, sizeof(s->certificate) },
		{ "key", s->key, sizeof(s->key) },
		{ "operator", s->operator_seed, sizeof(s->operator_seed) },
	};

	if (strcmp(key, "servers") == 0)
		return set_servers(r, value);
	if (strcmp(key, "name") == 0)
		return set_text(r, value, s->name, sizeof(s->name));
	for (size_t i = 0; i < HALE_ARRAY_SIZE(paths); i++) {
		if (strcmp(key, paths[i].key) == 0)
			return set_path(r, value, paths[i].to, paths[i].size);
	}
	snprintf(r->fault, sizeof(r->fault),
		 "is no key of [fleet]: servers, seed, ca, certificate, key, "
		 "operator or name");
	return -EINVAL;
}

/* inih: 1 goes on. Only the first fault is told. */
static int line(void *data, const char *section, const char *key,
		const char *value)
{
	struct reading *r = data;
	char fault[sizeof(r->fault)];

	if (strcmp(section, "fleet") != 0) {
		snprintf(r->fault, sizeof(r->fault),
			 "%.60s is in section [%.40s], not in [fleet]", key,
			 section);
		return 0;
	}
	if (set(r, key, value) == 0)
		return 1;
	memcpy(fault, r->fault, sizeof(fault));
	snprintf(r->fault, sizeof(r->fault), "%.40s %.150s", key, fault);
	return 0;
}

static int whole(const struct fleet_settings *s, const char *path,
		 char said[FLEET_SAID_MAX])
{
	const char *what = NULL;

	if (s->n_servers == 0)
		what = "servers = is missing";
	else if (!s->certificate[0] != !s->key[0])
		what = "certificate = and key = belong together";
	if (!what)
		return 0;
	snprintf(said, FLEET_SAID_MAX, "%.200s: %s", path, what);
	return -EINVAL;
}

int settings_parse(const char *text, const char *path,
		   struct fleet_settings *ret, char said[FLEET_SAID_MAX])
{
	_cleanup_free_ struct fleet_settings *s = calloc(1, sizeof(*s));
	struct reading r = { .s = s, .folder = "." };
	const char *slash = strrchr(path, '/');
	int n;

	said[0] = '\0';
	if (!s)
		return -ENOMEM;
	HALE_SET(s->from, path);
	if (slash)
		hale_copy(r.folder, sizeof(r.folder), path,
			  slash > path ? (size_t)(slash - path) : 1);
	n = ini_parse_string(text, line, &r);
	if (n != 0) {
		snprintf(said, FLEET_SAID_MAX, "%.160s:%d: %.200s", path, n,
			 r.fault[0] ? r.fault : "is no \"key = value\"");
		return -EINVAL;
	}
	if (whole(s, path, said) < 0)
		return -EINVAL;
	*ret = *s;
	return 0;
}

/* --- which file --- */

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Of a folder its fleet.conf; of all that `hale fleet init` made, the
 * operator's. */
static void of_folder(const char *path, char ret[FLEET_PATH_MAX])
{
	snprintf(ret, FLEET_PATH_MAX, "%.480s%s", path,
		 is_folder(path) ? "/" FILE_NAME : "");
	if (is_folder(path) && !is_there(ret)) {
		snprintf(ret, FLEET_PATH_MAX, "%.470s/operator/" FILE_NAME,
			 path);
		if (!is_there(ret))
			snprintf(ret, FLEET_PATH_MAX, "%.480s/" FILE_NAME,
				 path);
	}
}

/* The one asked for, or the first that is there; else where it was looked for.
 */
static void choose(const char *context, char ret[FLEET_PATH_MAX])
{
	const char *home = getenv("HOME"), *xdg = getenv("XDG_CONFIG_HOME");
	const char *env = getenv("HALE_FLEET");
	char folder[FLEET_PATH_MAX];

	if (!context && env && env[0])
		context = env;
	if (!context) {
		if (xdg && xdg[0])
			snprintf(folder, sizeof(folder), "%.450s/hale/fleet",
				 xdg);
		else
			snprintf(folder, sizeof(folder),
				 "%.440s/.config/hale/fleet", home ? home : "");
		context =
			is_there(folder) || !is_there(SYSTEM_HOME "/" FILE_NAME)
				? folder
				: SYSTEM_HOME;
	}
	of_folder(context, ret);
}

int settings_load(const char *context, struct fleet_settings *ret,
		  char said[FLEET_SAID_MAX])
{
	char path[FLEET_PATH_MAX];
	_cleanup_free_ char *text = NULL;
	int r;

	choose(context, path);
	text = malloc(FILE_MAX);
	r = text ? (int)files_read(path, text, FILE_MAX) : -ENOMEM;
	if (r == -ENOENT) {
		snprintf(said, FLEET_SAID_MAX,
			 "no fleet is known here: %.180s is not there; give "
			 "--context DIR of `hale fleet init DIR`, or copy its "
			 "fleet.conf",
			 path);
		return r;
	}
	if (r < 0) {
		snprintf(said, FLEET_SAID_MAX, "%.300s: %s", path,
			 strerrordesc_np(-r));
		return r;
	}
	return settings_parse(text, path, ret, said);
}

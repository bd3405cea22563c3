/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells from a command's words whether it is work for a container engine, so
 * that the engine and its data-root belong to what the build rests on. A wrong
 * yes may refuse a build for an engine that it does not use, so only a program
 * that is known, with a verb that is known, is one. Pure.
 */
#include "container.h"

#include <string.h>

#include "hale/base.h"

#define DEPTH_MAX  4 /* sudo env nice sh -c */
#define SCRIPT_MAX 4096
#define WORDS_MAX  128

/* A program that starts the one that its words go on with. */
struct wrapper {
	const char *name;
	const char *valued; /* letters of short options with a value apart */
	int operands;	    /* words of its own before the command */
};

static const struct wrapper wrappers[] = {
	{ "sudo", "ugpChrtDRTU", 0 }, { "doas", "uC", 0 },
	{ "env", "uCS", 0 },	      { "nice", "n", 0 },
	{ "ionice", "cnt", 0 },	      { "time", "fo", 0 },
	{ "nohup", "", 0 },	      { "setsid", "", 0 },
	{ "stdbuf", "ioe", 0 },	      { "timeout", "ks", 1 },
	{ "chrt", "TPD", 1 },	      { "taskset", "", 1 },
	{ "exec", "a", 0 },	      { "command", "", 0 },
};

static const char *const shells[] = { "sh", "bash", "dash", "zsh", "ksh" };

/* Programs that do nothing else, whatever they are told. */
static const char *const builders[] = {
	"buildah",	  "buildctl", "docker-buildx",
	"docker-compose", "earthly",  "podman-compose",
};

static const char *const engines[] = { "docker", "podman", "nerdctl" };

static const char *const verbs[] = {
	"bake",	 "build", "builder", "buildx", "compose", "create", "exec",
	"image", "load",  "pull",    "push",   "run",	  "start",
};

/* Their global options whose value is the next word. */
static const char *const valued[] = {
	"-H",
	"--host",
	"-c",
	"--context",
	"--config",
	"-l",
	"--log-level",
	"--root",
	"--url",
	"--connection",
	"--namespace",
	"-n",
	/* docker-global-flags, podman(1) */
	"--tlscacert",
	"--tlscert",
	"--tlskey",
	"--runroot",
	"--storage-driver",
	"--storage-opt",
	"--cgroup-manager",
	"--runtime",
	"--runtime-flag",
	"--tmpdir",
	"--conmon",
	"--events-backend",
	"--hooks-dir",
	"--identity",
	"--imagestore",
	"--module",
	"--network-cmd-path",
	"--network-config-dir",
	"--volumepath",
	"--out",
	"--ssh",
};

static const char *base(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash ? slash + 1 : word;
}

static bool one_of(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(word, list[i]) == 0)
			return true;
	}
	return false;
}
#define ONE_OF(word, list) one_of((word), (list), HALE_ARRAY_SIZE(list))

static bool elsewhere(const char *host)
{
	return host && host[0] && strncmp(host, "unix:", 5) != 0 &&
	       strncmp(host, "fd:", 3) != 0;
}

const char *container_root(char *const *command)
{
	const char *root = NULL;
	char *const *w = command;

	while (*w && strcmp(base(*w), "podman") != 0 &&
	       strcmp(base(*w), "buildah") != 0)
		w++;
	for (w += *w != NULL; *w && (*w)[0] == '-'; w++) {
		if (strncmp(*w, "--root=", 7) == 0)
			root = *w + 7;
		else if (strcmp(*w, "--root") == 0)
			root = w[1];
		w += ONE_OF(*w, valued) && w[1];
	}
	return root && root[0] == '/' ? root : NULL;
}

/* @w: the words after the engine's name. */
static bool engine_works(char *const *w, const char *docker_host)
{
	for (; *w && (*w)[0] == '-'; w++) {
		bool host = strcmp(*w, "-H") == 0 || strcmp(*w, "--host") == 0;

		if (strncmp(*w, "--host=", 7) == 0)
			docker_host = *w + 7;
		if (!ONE_OF(*w, valued) || !w[1])
			continue;
		w++;
		docker_host = host ? *w : docker_host;
	}
	return *w && ONE_OF(*w, verbs) && !elsewhere(docker_host);
}

/* --- what stands before it --- */

static const struct wrapper *wrapper_of(const char *name)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(wrappers); i++) {
		if (strcmp(name, wrappers[i].name) == 0)
			return &wrappers[i];
	}
	return NULL;
}

static bool assignment(const char *word)
{
	size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz_0123456789");

	return n > 0 && word[n] == '=';
}

/* The words of the command that @p starts; @w: those after its name. */
static char *const *skip(const struct wrapper *p, char *const *w,
			 const char **docker_host)
{
	int operands = p->operands;

	for (; *w; w++) {
		if (strncmp(*w, "DOCKER_HOST=", 12) == 0)
			*docker_host = *w + 12;
		if (assignment(*w))
			continue;
		if ((*w)[0] == '-' && (*w)[1]) {
			bool apart = (*w)[1] != '-' && !(*w)[2] &&
				     strchr(p->valued, (*w)[1]);

			w += apart && w[1];
			continue;
		}
		if (operands-- == 0)
			return w;
	}
	return w;
}

static bool looks(char *const *w, const char *docker_host, int depth);

/* Words of a script, one command after the other; quotes are not read. */
static bool script_looks(const char *script, const char *docker_host, int depth)
{
	_cleanup_free_ char *text = strndup(script, SCRIPT_MAX);
	char *words[WORDS_MAX + 1], *at = text;
	size_t n = 0;
	bool found = false;

	while (at && *at && !found) {
		size_t len;

		at += strspn(at, " \t\"'");
		len = strcspn(at, " \t\"'\n;&|()");
		if (len > 0 && n < WORDS_MAX)
			words[n++] = at;
		at += len;
		if (*at && !strchr(" \t\"'", *at)) {
			*at++ = '\0';
			words[n] = NULL;
			found = looks(words, docker_host, depth);
			n = 0;
		} else if (*at) {
			*at++ = '\0';
		}
	}
	words[n] = NULL;
	return found || looks(words, docker_host, depth);
}

/* sh -c SCRIPT, bash -lc SCRIPT, bash -eo pipefail -c SCRIPT */
static bool shell_looks(char *const *w, const char *docker_host, int depth)
{
	for (; *w && (*w)[0] == '-'; w++) {
		size_t len = strlen(*w);

		if ((*w)[1] != '-' && (*w)[len - 1] == 'c' && w[1])
			return script_looks(w[1], docker_host, depth);
		if ((*w)[1] != '-' && (*w)[len - 1] == 'o' && w[1])
			w++;
	}
	return false;
}

static bool looks(char *const *w, const char *docker_host, int depth)
{
	const struct wrapper *p;
	const char *name;

	while (*w && assignment(*w)) {
		if (strncmp(*w, "DOCKER_HOST=", 12) == 0)
			docker_host = *w + 12;
		w++;
	}
	if (!*w || depth > DEPTH_MAX)
		return false;
	name = base(*w);
	if (ONE_OF(name, builders))
		return w[1] && !elsewhere(docker_host);
	if (ONE_OF(name, engines))
		return engine_works(w + 1, docker_host);
	if (ONE_OF(name, shells))
		return shell_looks(w + 1, docker_host, depth + 1);
	p = wrapper_of(name);
	if (!p)
		return false;
	w = skip(p, w + 1, &docker_host);
	return looks(w, docker_host, depth + 1);
}

bool container_build(char *const *command, const char *docker_host)
{
	return looks(command, docker_host, 0);
}

bool container_wanted(const struct run_options *o, char *const *command,
		      const char *docker_host)
{
	return o->container_known ? o->container
				  : container_build(command, docker_host);
}

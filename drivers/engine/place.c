/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be known of an engine without a word to it. Decides whether somebody
 * ought to answer on its socket: one that systemd holds for a service which
 * does not run is not asked, because asking would start it. Silence is never an
 * alarm by itself; a unit that has failed is, and so is a socket that nobody
 * serves, unless it is a unit's, which its owner may have stopped.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>

#include "engine.h"
#include "run.h"

#define SYSTEMCTL_MS 1000
/* A busy host has some thousand sockets, of about 80 bytes each. */
#define SOCKETS_MAX (1u << 20)
#define CONFIG_MAX  (64u << 10)

static bool is_socket(const struct hale_probe *p, const char *path)
{
	struct stat st;

	return fstatat(p->root_fd, path, &st, 0) == 0 && S_ISSOCK(st.st_mode);
}

static bool is_there(const struct hale_probe *p, const char *path)
{
	return faccessat(p->root_fd, path, F_OK, 0) == 0;
}

/* Whole files of kernel and configuration, up to @max; NULL: not to be had. */
static char *read_all(const struct hale_probe *p, const char *path, size_t max)
{
	_cleanup_fd_ int fd =
		openat(p->root_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0, size = 4096;
	char *text = NULL, *more;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && size <= max) {
		more = realloc(text, size);
		if (!more)
			break;
		text = more;
		n = read(fd, text + len, size - len - 1);
		len += n > 0 ? (size_t)n : 0;
		text[len] = '\0';
		if (len + 1 == size)
			size *= 2;
	}
	return text;
}

/* Its process, as the engine itself left word of. */
static bool runs_by_pidfile(const struct hale_probe *p, const char *name)
{
	char path[64], text[32], comm[32];
	unsigned long pid;

	snprintf(path, sizeof(path), "run/%s.pid", name);
	if (hale_read_at(p->root_fd, path, text, sizeof(text)) <= 0)
		return false;
	pid = strtoul(text, NULL, 10);
	snprintf(path, sizeof(path), "proc/%lu/comm", pid);
	return hale_read_at(p->root_fd, path, comm, sizeof(comm)) > 0 &&
	       strncmp(comm, name, strlen(name)) == 0;
}

/* Or its service's processes, by their control group. */
static bool runs_by_unit(const struct hale_probe *p, const char *name)
{
	static const char *const folders[] = { "", "systemd/", "unified/" };
	char path[96], text[32];

	for (size_t i = 0; i < HALE_ARRAY_SIZE(folders); i++) {
		int r;

		snprintf(path, sizeof(path),
			 "sys/fs/cgroup/%ssystem.slice/%s.service/cgroup.procs",
			 folders[i], name);
		r = hale_read_at(p->root_fd, path, text, sizeof(text));
		if (r > 0 || r == -EMSGSIZE)
			return true;
	}
	return false;
}

static bool has_unit(const struct hale_probe *p, const char *name,
		     const char *kind)
{
	static const char *const folders[] = { "etc/systemd/system",
					       "run/systemd/system",
					       "usr/lib/systemd/system",
					       "lib/systemd/system" };
	char path[96];

	for (size_t i = 0; i < HALE_ARRAY_SIZE(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s.%s", folders[i], name,
			 kind);
		if (is_there(p, path))
			return true;
	}
	return false;
}

/* "… 00010000 0001 01 4711 /run/docker.sock": the flag is __SO_ACCEPTCON. */
static bool is_listener(const char *line, const char *socket)
{
	const char *end = line + strcspn(line, "\n"), *at = line;
	const char *path = memchr(line, '/', (size_t)(end - line));

	for (int i = 0; i < 3 && at < end; i++)
		at += strcspn(at, " \n") + strspn(at + strcspn(at, " \n"), " ");
	if (!path || at >= end || strncmp(at, "00010000 ", 9) != 0)
		return false;
	path += strncmp(path, "/var/", 5) == 0 ? 5 : 1;
	return (size_t)(end - path) == strlen(socket) &&
	       strncmp(path, socket, strlen(socket)) == 0;
}

/* Does somebody of this network namespace listen on it? */
static bool is_listened(const struct hale_probe *p, const char *socket)
{
	_cleanup_free_ char *text =
		read_all(p, "proc/self/net/unix", SOCKETS_MAX);

	for (const char *line = text; line && *line;) {
		if (is_listener(line, socket))
			return true;
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return false;
}

static bool has_failed(const struct hale_probe *p, const char *name)
{
	char unit[32];
	const struct engine_program systemctl = { .path = "usr/bin/systemctl",
						  .argument = "is-failed",
						  .second = unit,
						  .ours = true,
						  .ms = SYSTEMCTL_MS };
	struct engine_end end;

	if (!has_unit(p, name, "service"))
		return false;
	snprintf(unit, sizeof(unit), "%s.service", name);
	engine_run(p->root_fd, &systemctl, &end);
	return end.error == 0 && !end.late && end.signal == 0 &&
	       end.status == 0;
}

enum engine_presence engine_presence(const struct hale_probe *p,
				     const struct engine_place *place)
{
	const char *name = place->name;
	bool booted = is_there(p, "run/systemd/system");

	if (is_socket(p, place->socket)) {
		if (!booted || !has_unit(p, name, "socket") ||
		    runs_by_unit(p, name) || runs_by_pidfile(p, name))
			return ENGINE_SERVED;
		if (!place->served)
			return ENGINE_SLEEPS;
		if (has_failed(p, name))
			return ENGINE_FAILED;
		/* systemd leaves the file when it stops a socket unit; or it is
		 * served out of another network namespace */
		return is_listened(p, place->socket) ? ENGINE_SLEEPS
						     : ENGINE_LEFT;
	}
	if (!is_there(p, place->programs[0]) &&
	    !is_there(p, place->programs[1]))
		return ENGINE_ABSENT;
	if (place->served)
		return booted && has_failed(p, name) ? ENGINE_FAILED
						     : ENGINE_ABSENT;
	return ENGINE_SLEEPS;
}

static bool docker_root(const struct hale_probe *p, char *ret_path, size_t size)
{
	_cleanup_free_ char *text =
		read_all(p, "etc/docker/daemon.json", CONFIG_MAX);
	json_t *config = text ? json_loads(text, 0, NULL) : NULL;
	const char *root =
		json_string_value(json_object_get(config, "data-root"));
	bool found = root && root[0] == '/' && strlen(root) < size;

	if (found)
		hale_print_text(ret_path, size, root, strlen(root));
	json_decref(config);
	return found;
}

static bool podman_root(const struct hale_probe *p, char *ret_path, size_t size)
{
	static const char *const files[] = {
		"etc/containers/storage.conf",
		"usr/share/containers/storage.conf"
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(files); i++) {
		_cleanup_free_ char *text = read_all(p, files[i], CONFIG_MAX);

		if (text && engine_read_graphroot(text, ret_path, size))
			return true;
	}
	return false;
}

void engine_configured_root(const struct hale_probe *p,
			    const struct engine_place *place, char *ret_path,
			    size_t size)
{
	bool found = place->served ? docker_root(p, ret_path, size)
				   : podman_root(p, ret_path, size);

	if (!found)
		hale_copy(ret_path, size, place->root, strlen(place->root));
}

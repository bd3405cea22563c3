/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the servers of a fleet learn that their lists changed. It decides how
 * each is reached: a process of this machine by a signal, others by the
 * operator's own DIR/push, or by the operator. It must never signal a process
 * that is not that server, nor say that a server knows what it was only told.
 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "agent/fleetcli/fleet_dir.h"
#include "agent/fleetcli/fleetcli.h"

#define PATH_BYTES (LAYOUT_PATH_SIZE + 320)

/* Is process @pid a nats-server with @conf on its command line? */
static bool serves(pid_t pid, const char *conf)
{
	char path[64], words[2048];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	n = files_read(path, words, sizeof(words));
	for (ssize_t at = 0; at < n; at += (ssize_t)strlen(words + at) + 1) {
		if (strcmp(words + at, conf) == 0)
			return true;
	}
	return false;
}

pid_t fleet_dir_server(const struct fleet_dir *d, size_t i)
{
	char path[PATH_BYTES], text[24];
	long pid;

	snprintf(path, sizeof(path), "%s/nodes/%s/nats.pid", d->path,
		 d->layout.nodes[i].name);
	if (files_read(path, text, sizeof(text)) <= 0)
		return 0;
	pid = strtol(text, NULL, 10);
	if (pid <= 1 || pid > INT32_MAX)
		return 0;
	snprintf(path, sizeof(path), "%s/nodes/%s/nats.conf", d->path,
		 d->layout.nodes[i].name);
	return serves((pid_t)pid, path) ? (pid_t)pid : 0;
}

/* 0, or negative errno; by a descriptor, so that it is the process looked at.
 */
static int hang_up(const struct fleet_dir *d, size_t i)
{
	pid_t pid = fleet_dir_server(d, i);
	_cleanup_fd_ int fd = -1;

	if (pid == 0)
		return -ESRCH;
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		return -errno;
	if (fleet_dir_server(d, i) != pid)
		return -ESRCH;
	return syscall(SYS_pidfd_send_signal, fd, SIGHUP, NULL, 0) < 0 ? -errno
								       : 0;
}

/* Runs DIR/push NODE ADDRESS FOLDER. Its exit status, or negative errno. */
static int push(const char *program, const struct layout_node *n,
		const char *folder)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		execl(program, program, n->name, n->address, folder,
		      (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void say_by_hand(const struct fleet_dir *d, const struct layout_node *n)
{
	printf("  %s does not know yet: copy %s/nodes/%s/*.conf to %s:%s/, and "
	       "there: systemctl reload nats-hale\n",
	       n->name, d->path, n->name, n->address,
	       d->layout.at[0] ? d->layout.at : d->path);
}

static int reload_remote(const struct fleet_dir *d, size_t i)
{
	const struct layout_node *n = &d->layout.nodes[i];
	char program[PATH_BYTES], folder[PATH_BYTES];
	int r;

	snprintf(program, sizeof(program), "%s/push", d->path);
	snprintf(folder, sizeof(folder), "%s/nodes/%s", d->path, n->name);
	if (access(program, X_OK) < 0) {
		say_by_hand(d, n);
		return FLEET_NOTHING;
	}
	fflush(stdout);
	r = push(program, n, folder);
	if (r == 0)
		printf("  %s: %s brought it there\n", n->name, program);
	else
		fleet_fail(0, "%s does not know yet: %s failed (%d)", n->name,
			   program, r);
	return r == 0 ? 0 : FLEET_NOTHING;
}

int fleet_dir_reload(struct fleet_dir *d)
{
	int worst = 0;

	for (size_t i = 0; i < d->layout.n_nodes; i++) {
		const struct layout_node *n = &d->layout.nodes[i];
		int r;

		if (d->layout.at[0]) {
			r = reload_remote(d, i);
			worst = r ? r : worst;
			continue;
		}
		r = hang_up(d, i);
		if (r == 0)
			printf("  %s was told to read it\n", n->name);
		else if (r == -ESRCH)
			printf("  %s does not run: it reads it when it "
			       "starts\n",
			       n->name);
		else
			worst = fleet_fail(FLEET_NOPERM, "%s: %s", n->name,
					   strerrordesc_np(-r));
	}
	return worst;
}

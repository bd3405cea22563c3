/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale fleet init --dev`: one server on loopback, started, with its streams.
 * It decides when that server is ready. It must never take another's server for
 * its own, and starts none where one runs from this folder. Invariant: at its
 * end either the server answers or it does not run.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "agent/fleetcli/fleetcli.h"
#include "agent/fleetcli/init.h"

#define PATH_BYTES (LAYOUT_PATH_SIZE + 160)
#define READY_MS   60000 /* on a machine that is busy; it takes 100 ms */

static int open_socket(const struct fleet_dir *d, struct sockaddr_in *ret)
{
	*ret = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(d->layout.nodes[0].port),
	};
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static bool port_is_free(const struct fleet_dir *d)
{
	struct sockaddr_in a;
	_cleanup_fd_ int fd = open_socket(d, &a);
	int on = 1;

	return fd >= 0 &&
	       setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	       bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
}

static bool port_answers(const struct fleet_dir *d)
{
	struct sockaddr_in a;
	_cleanup_fd_ int fd = open_socket(d, &a);

	return fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
}

/* In the child. */
static void become_server(const struct fleet_dir *d, bool foreground)
{
	char conf[PATH_BYTES], log[PATH_BYTES];
	int fd;

	snprintf(conf, sizeof(conf), "%s/nodes/dev/nats.conf", d->path);
	snprintf(log, sizeof(log), "%s/nodes/dev/nats.log", d->path);
	if (foreground)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	else
		setsid();
	signal(SIGPIPE, SIG_DFL);
	fd = open("/dev/null", O_RDONLY);
	dup2(fd, STDIN_FILENO);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, FILES_SECRET);
	if (fd < 0)
		_exit(126);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	execlp("nats-server", "nats-server", "-c", conf, (char *)NULL);
	execl("/usr/sbin/nats-server", "nats-server", "-c", conf, (char *)NULL);
	_exit(127);
}

/* 0, or an exit code: it ended, or is not ready in time and was ended. */
static int await_ready(const struct fleet_dir *d, pid_t pid)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int status = 0;

	for (int ms = 0; ms < READY_MS; ms += 20) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return fleet_fail(
				HALE_EXIT_UNKNOWN,
				WIFEXITED(status) && WEXITSTATUS(status) == 127
					? "nats-server is not installed: "
					  "apt-get install nats-server"
					: "nats-server ended; %s/nodes/dev/"
					  "nats.log says why",
				d->path);
		if (fleet_dir_server(d, 0) == pid && port_answers(d))
			return 0;
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return fleet_fail(HALE_EXIT_UNKNOWN,
			  "nats-server is not ready after %d s; "
			  "%s/nodes/dev/nats.log may say why",
			  READY_MS / 1000, d->path);
}

static int start(const struct init_options *o, const struct fleet_dir *d,
		 pid_t *ret_pid)
{
	pid_t pid;

	if (!port_is_free(d))
		return fleet_fail(HALE_EXIT_UNKNOWN,
				  "port %u is another's: --port N --replace "
				  "takes another, 0 a free one",
				  d->layout.nodes[0].port);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return fleet_fail(FLEET_OSERR, "fork: %s",
				  strerrordesc_np(errno));
	if (pid == 0)
		become_server(d, o->foreground);
	*ret_pid = pid;
	return await_ready(d, pid);
}

/* So that `hale fleet ls` finds it unasked; not where there is one. */
static bool link_context(const char *context)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char folder[PATH_BYTES], path[PATH_BYTES + 16];

	if ((config && config[0]) || !home || home[0] != '/')
		return false;
	snprintf(folder, sizeof(folder), "%s/.config", home);
	if (files_folder(folder, 0700) < 0)
		return false;
	snprintf(path, sizeof(path), "%s/hale", folder);
	if (files_folder(path, 0755) < 0)
		return false;
	snprintf(path, sizeof(path), "%s/hale/fleet", folder);
	return symlink(context, path) == 0;
}

static void say(const struct init_options *o, const struct fleet_dir *d,
		const char *context, pid_t pid)
{
	char usual[LAYOUT_PATH_SIZE];
	bool linked = fleet_dir_of_dev(usual) && strcmp(usual, d->path) == 0 &&
		      link_context(context);

	printf("server on 127.0.0.1:%u, process %d; its log: "
	       "%s/nodes/dev/nats.log\n",
	       d->layout.nodes[0].port, (int)pid, d->path);
	puts("next:");
	if (linked)
		puts("  hale fleet enroll --here   lets this host in\n"
		     "  hale fleet ls              shows it; ~/.config/hale/"
		     "fleet is this fleet now");
	else
		printf("  hale fleet enroll --here --dir %s\n"
		       "  export HALE_FLEET=%s\n",
		       d->path, context);
	if (!o->foreground)
		printf("  kill %d%*s ends it; this command again starts it\n",
		       (int)pid, 20, "");
	fflush(stdout);
}

static int await_end(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return FLEET_OSERR;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

int init_dev(const struct init_options *o, struct fleet_dir *d)
{
	char context[LAYOUT_PATH_SIZE + 16];
	struct streams_ask ask = { .context = context,
				   .replicas = 1,
				   .wait_ms = READY_MS };
	pid_t there = fleet_dir_server(d, 0), pid = there;
	int r;

	if (there && o->foreground)
		return fleet_fail(HALE_EXIT_UNKNOWN,
				  "it runs already, as process %d", (int)there);
	r = there ? 0 : start(o, d, &pid);
	if (r != 0)
		return r;
	snprintf(context, sizeof(context), "%s/operator", d->path);
	r = streams_apply(&ask);
	if (r != 0 && !there) {
		kill(pid, SIGTERM);
		await_end(pid);
	}
	if (r != 0)
		return r;
	say(o, d, context, pid);
	/* the next command may come in while this one waits */
	fleet_dir_close(d);
	return o->foreground ? await_end(pid) : 0;
}

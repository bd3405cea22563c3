/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of `haled: ship`. Decides when it turns and when it ends. Sleeps
 * without end where nothing is to do: an idle ship wakes nobody. Must end with
 * its agent, and must never take the agent along: nothing here is waited for
 * there. Invariant: whatever has a time set is looked at when that has come.
 */
#include "agent/ship/ship.h"
#include "agent/sandbox/patience.h"
#include "agent/sandbox/successor.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "hale/base.h"

#define BACKLOG 64
/* Between two pieces of a long file's check: some 3000 rows a second. */
#define PIECE_NS (20 * HALE_NS_PER_MS)
#define OWN_FDS	 4
#define FDS_MAX	 (SHIP_CLIENTS_MAX + OWN_FDS)
/* What a client tells is judged by the agent's time: so long that is waited
 * for, while clients wait at the door. */
#define TIME_NS (500 * HALE_NS_PER_MS)

void ship_log(int level, const char *text)
{
	char line[DB_SAID_MAX + 64];
	int n = isatty(STDERR_FILENO)
			? snprintf(line, sizeof(line), "haled: ship: %s\n",
				   text)
			: snprintf(line, sizeof(line), "<%d>haled: ship: %s\n",
				   level, text);

	if (n > 0 &&
	    write(STDERR_FILENO, line,
		  (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1) < 0)
		return; /* nobody reads the log */
}

/* --- the loop --- */

static int listen_at(const char *run_dir)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int n = snprintf(address.sun_path, sizeof(address.sun_path),
			 "%s/ship.sock", run_dir);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);
	mode_t mask;
	int r;

	if (fd < 0 || (size_t)n >= sizeof(address.sun_path))
		return fd < 0 ? -errno : -ENAMETOOLONG;
	unlink(address.sun_path);
	/* everyone may tell a build; whose it is the kernel says */
	fchmod(fd, 0666);
	mask = umask(0);
	r = bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
			    listen(fd, BACKLOG) < 0
		    ? -errno
		    : fd;
	umask(mask);
	if (r < 0)
		close(fd);
	return r;
}

/* From when on clients are let in; 0: they are. */
static uint64_t closed_until(const struct ship *s)
{
	uint64_t until = s->started_ns + TIME_NS;

	return ship_time_known() || ship_mono_ns() >= until ? 0 : until;
}

static int add_fd(struct pollfd *fds, int n, int fd, short events)
{
	fds[n] = (struct pollfd){ .fd = fd, .events = events };
	return n + 1;
}

/* Its own, then one for each client's place. A mount wakes who waits for a
 * disk, and nobody else. */
static void fill(const struct ship *s, struct pollfd fds[FDS_MAX])
{
	int n = add_fd(fds, 0, s->agent_fd, POLLIN);

	n = add_fd(fds, n, closed_until(s) ? -1 : s->listen_fd, POLLIN);
	n = add_fd(fds, n, s->gate_ns == 0 ? s->gate_fd : -1, POLLIN);
	n = add_fd(fds, n, s->trouble < 0 ? s->mounts_fd : -1, POLLPRI);
	for (size_t i = 0; i < SHIP_CLIENTS_MAX; i++)
		n = add_fd(fds, n, s->clients[i].fd,
			   s->clients[i].asking ? POLLIN | POLLOUT : POLLIN);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

static int wait_ms(struct ship *s)
{
	uint64_t now = ship_mono_ns();
	uint64_t next = sooner(client_expire(s, now), s->retry_ns);

	next = sooner(next, s->gate_ns);
	next = sooner(next, closed_until(s));
	if (s->unchecked)
		next = sooner(next, now + PIECE_NS);
	if (next == 0)
		return -1;
	return next <= now ? 0 : (int)((next - now) / HALE_NS_PER_MS) + 1;
}

static void serve_client(struct ship *s, struct ship_client *c, short events)
{
	if (c->fd < 0 || events == 0)
		return;
	if ((events & POLLIN) != 0)
		client_read(s, c);
	else if ((events & (POLLERR | POLLHUP)) != 0)
		client_drop(c);
	if (c->fd >= 0 && c->asking && (events & POLLOUT) != 0)
		client_write(s, c);
	s->busy = true;
}

/* A long file is read through while nobody wants anything of it. */
static void check_on(struct ship *s)
{
	int r = s->db ? db_check_on(s->db) : 0;

	s->unchecked = r == 1;
	if (r == -EBADMSG)
		ship_judge(s, r);
}

static void on_time(struct ship *s)
{
	uint64_t now = ship_mono_ns();

	if (s->retry_ns != 0 && s->retry_ns <= now)
		ship_retry(s);
	if (s->gate_ns != 0 && s->gate_ns <= now) {
		s->gate_ns = 0;
		if (s->gate_fd < 0)
			watch_connect(s);
	}
}

/* Before a long sleep: what a burst took is given back. */
static void rest(struct ship *s, int ms)
{
	if (!s->busy || (ms >= 0 && ms < 900))
		return;
	s->busy = false;
	ship_rest(s);
}

/* False where the agent is gone. */
static bool turn(struct ship *s)
{
	struct pollfd fds[FDS_MAX];
	int ms = wait_ms(s), n;

	rest(s, ms);
	fill(s, fds);
	n = poll(fds, FDS_MAX, ms);
	if (n < 0)
		return errno == EINTR;
	if (n == 0 && s->unchecked)
		check_on(s);
	if (fds[0].fd >= 0 && fds[0].revents != 0)
		return false;
	if (fds[2].revents != 0)
		watch_read(s);
	if (fds[3].revents != 0)
		ship_hasten(s);
	for (size_t i = 0; i < SHIP_CLIENTS_MAX; i++)
		serve_client(s, &s->clients[i], fds[OWN_FDS + i].revents);
	/* last: a place that was read above may be another's from here on */
	if (fds[1].revents != 0)
		client_accept(s);
	on_time(s);
	return true;
}

static void finish(struct ship *s)
{
	if (s->db && s->pending.n > 0 && !s->renew)
		ship_retry(s);
	client_drain(s);
	if (s->pending.n > 0 && s->waiting.fd < 0)
		ship_log(4, "builds that waited for room are lost");
	pending_done(&s->pending);
	missed_done(&s->missed);
	waiting_close(&s->waiting);
	watch_lose(s, 0);
	s->db = db_close(s->db);
	if (s->listen_fd >= 0)
		close(s->listen_fd);
}

int ship_run(struct ship *s)
{
	char path[108];

	for (size_t i = 0; i < SHIP_CLIENTS_MAX; i++)
		s->clients[i].fd = -1;
	s->gate_fd = -1;
	s->gate_ns = 1;
	s->started_ns = ship_mono_ns();
	gethostname(s->host, sizeof(s->host) - 1);
	signal(SIGPIPE, SIG_IGN);
	s->bound = s->listen_fd < 0;
	if (s->bound)
		s->listen_fd = listen_at(s->run_dir);
	if (s->listen_fd < 0) {
		ship_log(3, "cannot listen at ship.sock");
		return EXIT_FAILURE;
	}
	patience_init(s->listen_fd);
	ship_inherit(s);
	ship_open(s);
	if (s->pending.n > 0)
		ship_retry(s);
	s->unchecked = s->db != NULL;
	s->busy = true;
	while (!s->renew && turn(s))
		;
	finish(s);
	if (s->bound && (size_t)snprintf(path, sizeof(path), "%s/ship.sock",
					 s->run_dir) < sizeof(path))
		unlink(path);
	return s->renew ? SUCCESSOR_WANTED : EXIT_SUCCESS;
}

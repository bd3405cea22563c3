/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts the agent together and takes it apart. Decides the order: the sockets
 * are there before a core is, so that who asks too early waits instead of
 * hearing that nobody is there. Must never leave anything behind that says FIT.
 * Invariant: one line on stderr for each way in which a start can fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/daemon/process.h"
#include "agent/super/super.h"

/* The last write of the state. */
#define LAST_WORDS_MS 2000
/* The core's last words; systemd waits 90 s before it kills. */
#define CORE_END_MS 3000
/* It kills its children and goes. */
#define PROBE_END_MS 500
/* What it has acknowledged is on the disk: nothing is lost with it. */
#define SHIP_END_MS 500
/* What it has to tell is in its spool. */
#define FLEET_END_MS 200
#define LOCK_TRIES   25
#define LOCK_MS	     10

static int fail(const char *what, const char *which, int err)
{
	log_line(LOG_LEVEL_ERROR, "%s %s: %s", what, which, strerror(-err));
	return EXIT_FAILURE;
}

void super_how(char why[SUPER_WHY_MAX], const char *name, int status)
{
	const char *signal_name = status < 0 ? sigabbrev_np(-status) : NULL;

	if (status < 0)
		snprintf(why, SUPER_WHY_MAX,
			 "the process %s was ended by SIG%s%s", name,
			 signal_name ? signal_name : "NAL",
			 status == -SIGSYS ? ": a system call it must not make"
					   : "");
	else
		snprintf(why, SUPER_WHY_MAX,
			 "the process %s ended with status %d", name, status);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void super_in_child(void *data)
{
	const struct super *s = data;

	process_in_child();
	close_fd(s->lock_fd);
	close_fd(s->run_fd);
	close_fd(s->gate_fd);
	close_fd(s->ship_fd);
	close_fd(s->waiting_fd);
	for (int i = 0; i < HALE_LOGS; i++)
		close_fd(s->logs[i]);
	close_fd(s->signals.fd);
	close_fd(s->notify.fd);
	close_fd(s->loop.epoll_fd);
	close_fd(s->loop.timer_fd);
	close_fd(s->core.child.message_source.fd);
	close_fd(s->dying.exit_source.fd);
	close_fd(s->ship.child.message_source.fd);
	close_fd(s->fleet.process.child.message_source.fd);
	close_fd(s->doors.process.child.message_source.fd);
}

int super_confine(struct super *s, enum sandbox_role role)
{
	const char *const folder[] = { s->options.state_dir, NULL };
	const struct sandbox_setup setup = {
		.user = &s->user,
		.capabilities = host_capabilities(hale_drivers),
		.writable = role == SANDBOX_WRITER ? folder : NULL,
	};
	char lacks[SANDBOX_TEXT_MAX];
	int r = sandbox_enter(role, &setup, lacks);

	if (r < 0)
		log_line(LOG_LEVEL_ERROR, "%s cannot be confined: %s",
			 sandbox_role_name(role), strerror(-r));
	else if (lacks[0] && role == SANDBOX_PROBE)
		log_line(LOG_LEVEL_NOTICE, "the sandbox lacks %s", lacks);
	return r;
}

static void on_signal(void *data, uint32_t events)
{
	struct super *s = data;
	struct signalfd_siginfo info;

	(void)events;
	if (read(s->signals.fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		super_reload(s);
	else
		s->loop.quit = true;
}

/* A child of one that was killed just now may hold it until it is dead, too. */
static int lock_patiently(int run_fd, int *ret_pid)
{
	int fd = process_lock(run_fd, ret_pid);

	for (int i = 0; fd == -EEXIST && i < LOCK_TRIES; i++) {
		poll(NULL, 0, LOCK_MS);
		fd = process_lock(run_fd, ret_pid);
	}
	return fd;
}

static int take_run_dir(struct super *s)
{
	const char *wrong, *dir = s->options.run_dir;
	int other = 0;

	s->run_fd = process_open_dir(dir);
	if (s->run_fd < 0)
		return fail("run directory", dir, s->run_fd);
	wrong = process_dir_wrong(s->run_fd);
	if (wrong) {
		log_line(LOG_LEVEL_ERROR, "run directory %s: %s", dir, wrong);
		return EXIT_FAILURE;
	}
	s->lock_fd = lock_patiently(s->run_fd, &other);
	if (s->lock_fd == -EEXIST) {
		log_line(LOG_LEVEL_ERROR,
			 "another haled, pid %d, runs on %s already", other,
			 dir);
		return EXIT_FAILURE;
	}
	if (s->lock_fd < 0)
		return fail("lock in", dir, s->lock_fd);
	fit_init(&s->fit, s->run_fd);
	return 0;
}

/* Opens it; without a memory the agent still works, and says so. */
static void take_state_dir(struct super *s)
{
	const char *wrong, *dir = s->options.state_dir;

	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		wrong = strerror(errno);
	else
		s->state_fd = super_open_state(s, &wrong);
	if (s->state_fd >= 0)
		return;
	log_line(LOG_LEVEL_WARNING,
		 "state directory %s: %s; findings and clears will not "
		 "survive a restart",
		 dir, wrong);
}

static int open_gate(struct super *s)
{
	int n = snprintf(s->gate_path, sizeof(s->gate_path), "%s/gate.sock",
			 s->options.run_dir);
	int fd = (size_t)n < sizeof(s->gate_path) ? gate_listen(s->gate_path)
						  : -ENAMETOOLONG;

	s->gate_fd = fd;
	return fd < 0 ? fail("gate", s->gate_path, fd) : 0;
}

static void on_watchdog(void *data)
{
	struct super *s = data;

	if (super_core_runs(s) && alive_answers(&s->alive))
		notify_send(&s->notify, "WATCHDOG=1");
	loop_timer_set(&s->loop, &s->watchdog, s->notify.watchdog_ns / 2);
}

static int start_loop(struct super *s)
{
	int fd = process_signals();
	int r = fd < 0 ? fd : loop_init(&s->loop);

	s->signals =
		(struct loop_source){ .ready = on_signal, .data = s, .fd = -1 };
	if (r == 0)
		r = loop_add(&s->loop, fd, EPOLLIN, &s->signals);
	if (r < 0)
		return fail("cannot start:", "event loop", r);
	s->watchdog = (struct loop_timer){ .due = on_watchdog, .data = s };
	if (s->notify.watchdog_ns != 0)
		loop_timer_set(&s->loop, &s->watchdog,
			       s->notify.watchdog_ns / 2);
	super_init_config(s);
	super_init_core(s);
	super_init_reopen(s);
	super_init_probe(s);
	super_init_ship(s);
	super_init_fleet(s);
	super_init_doors(s);
	return 0;
}

/* A core that cannot have them opens it itself, and says why it cannot. */
static void open_logs(struct super *s)
{
	for (int i = 0; i < HALE_LOGS; i++)
		s->logs[i] =
			open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

int super_start(struct super *s, const struct options *options)
{
	int r;

	s->options = *options;
	s->run_fd = s->lock_fd = s->state_fd = s->gate_fd = s->ship_fd = -1;
	s->waiting_fd = s->logs[0] = s->logs[1] = -1;
	s->signals.fd = -1;
	s->vault = (struct vault)VAULT_NULL;
	notify_init(&s->notify);
	r = start_loop(s);
	if (r == 0)
		r = super_read_config(s);
	if (r == 0)
		r = take_run_dir(s);
	if (r == 0)
		r = open_gate(s);
	if (r != 0)
		return r;
	take_state_dir(s);
	open_logs(s);
	super_take_memory(s);
	super_start_core(s);
	super_open_waiting(s);
	super_configure_ship(s, NULL);
	super_configure_program(&s->fleet);
	super_configure_program(&s->doors);
	super_start_rescue(s);
	process_lock_memory(); /* the core says where it is not permitted */
	return 0;
}

static void end(struct super_process *p, int timeout_ms)
{
	p->child.job.ended = NULL;
	p->child.job.message = NULL;
	child_hang_up(&p->child);
	child_wait(&p->child, timeout_ms);
	child_done(&p->child);
}

void super_stop(struct super *s)
{
	int r;

	s->stopping = true;
	notify_send(&s->notify, "STOPPING=1");
	fit_done(&s->fit);
	unlink(s->gate_path);
	if (s->ship_fd >= 0)
		unlink(s->ship_path);
	super_tell(s, WIRE_STOP, NULL, 0);
	end(&s->core, CORE_END_MS);
	child_done(&s->dying);
	r = state_disk_flush(&s->disk, LAST_WORDS_MS);
	if (r == 0)
		vault_unlink(s->run_fd);
	else
		log_line(LOG_LEVEL_WARNING, "state not written at the end: %s",
			 strerror(-r));
	end(&s->probe, PROBE_END_MS);
	end(&s->ship, SHIP_END_MS);
	end(&s->fleet.process, FLEET_END_MS);
	end(&s->doors.process, FLEET_END_MS);
	super_close_waiting(s);
	child_done(&s->reader);
	child_done(&s->tester);
	super_stop_rescue(s);
	state_disk_done(&s->disk);
	notify_done(&s->notify);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of an attempt, in the words of run.h. The command's own status is
 * never changed here, only named; what is not known stays UINT64_MAX.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "hale/base.h"
#include "hale/text.h"

#include "attempt_own.h"
#include "clock.h"

static uint64_t to_ns(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * HALE_NS_PER_S +
	       (uint64_t)t->tv_usec * HALE_NS_PER_US;
}

/* Of the command and all that was waited for below it. */
static void usage_of(const struct rusage *ru, struct run_usage *u)
{
	u->user_ns = to_ns(&ru->ru_utime);
	u->system_ns = to_ns(&ru->ru_stime);
	u->peak_memory_bytes = (uint64_t)ru->ru_maxrss * HALE_KIB;
	u->read_bytes = (uint64_t)ru->ru_inblock * 512;
	u->written_bytes = (uint64_t)ru->ru_oublock * 512;
	u->dirtied_bytes = u->written_bytes;
}

static void read_comm(pid_t pid, char ret[HALE_NAME_MAX])
{
	char path[40], text[HALE_NAME_MAX];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	if (n > 0)
		hale_print_text(ret, HALE_NAME_MAX, text, (size_t)n - 1);
}

static void add_file(struct hale_victim *v, enum hale_held held,
		     const char *path, uint32_t major, uint32_t minor)
{
	struct hale_victim_file *f = &v->files[v->n_files];

	if (!path[0])
		return;
	f->held = held;
	f->major = major;
	f->minor = minor;
	HALE_SET(f->path, path);
	v->n_files++;
}

static void died(struct attempt *a, int status)
{
	const struct tree_process *p = tree_find(&a->tree, a->pid);
	struct hale_victim *v = &a->out->deaths[0];

	a->out->n_deaths = 1;
	v->time_ns = clock_agent_ns();
	v->pid = (uint32_t)a->pid;
	v->parent = (uint32_t)getpid();
	v->group = (uint32_t)a->pid;
	v->session = (uint32_t)getsid(0);
	v->signal = (uint32_t)WTERMSIG(status);
	v->dumped = WCOREDUMP(status);
	v->witnesses = HALE_WITNESS_PARENT;
	read_comm(a->pid, v->comm);
	if (!p)
		return;
	v->witnesses |= HALE_WITNESS_PROC;
	HALE_SET(v->exe, p->exe);
	add_file(v, HALE_HELD_EXE, p->exe, p->exe_major, p->exe_minor);
	add_file(v, HALE_HELD_CWD, p->cwd, p->cwd_major, p->cwd_minor);
}

/* Its zombie is still there; afterwards it is waited for. */
void attempt_exited(struct attempt *a)
{
	siginfo_t i = { 0 };
	struct rusage ru;
	int status = 0;

	waitid(P_PID, (id_t)a->pid, &i, WEXITED | WNOHANG | WNOWAIT);
	if (i.si_code != CLD_EXITED)
		died(a, i.si_status | (i.si_code == CLD_DUMPED ? 0x80 : 0));
	a->held_terminal =
		a->terminal.given && terminal_of(&a->terminal, a->pid);
	if (wait4(a->pid, &status, 0, &ru) == a->pid)
		usage_of(&ru, &a->out->usage);
	a->out->wait_status = status;
	a->exited = true;
	terminal_take(&a->terminal);
}

/* Was it ended by one who told hale, or pressed a key, to end it? */
static void interrupted(struct attempt *a)
{
	struct run_attempt *o = a->out;
	bool signaled = WIFSIGNALED(o->wait_status);
	int sig = signaled ? WTERMSIG(o->wait_status) : 0;

	if (a->held_terminal && (sig == SIGINT || sig == SIGQUIT)) {
		o->end = RUN_INTERRUPTED;
		o->signal = sig;
		o->keyboard = true;
		terminal_tell_others(&a->terminal, sig);
	} else if (a->told && (sig == a->told || o->status != 0)) {
		o->end = RUN_INTERRUPTED;
		o->signal = a->told;
		o->keyboard = a->told_by_key && sig == a->told;
	}
}

static void tell_end(struct attempt *a)
{
	struct run_attempt *o = a->out;
	int status = o->wait_status;

	if (o->error) {
		o->end = RUN_NOT_STARTED;
		o->status = (uint32_t)launch_status(o->error);
		return;
	}
	o->status = (uint32_t)(WIFSIGNALED(status)
				       ? RUN_EXIT_SIGNAL(WTERMSIG(status))
				       : WEXITSTATUS(status));
	if (o->end == RUN_TIMED_OUT || o->end == RUN_STALLED) {
		o->status = RUN_EXIT_TIMEOUT;
		return;
	}
	o->end = WIFSIGNALED(status) ? RUN_SIGNALED : RUN_EXITED;
	o->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	interrupted(a);
}

void attempt_tell(struct attempt *a)
{
	struct run_attempt *o = a->out;
	struct run_usage *u = &o->usage;

	o->ended_ns = clock_agent_ns();
	o->wall_ns = clock_mono_ns() - a->started;
	relay_look(&a->relay);
	o->left = !a->exited;
	tell_end(a);
	if (a->peak_rss > u->peak_memory_bytes)
		u->peak_memory_bytes = a->peak_rss;
	u->disk_bytes = u->inodes = UINT64_MAX;
	cgroup_read(&a->cgroup, o);
	if (o->n_deaths > 0)
		HALE_SET(o->deaths[0].cgroup, o->cgroup);
	u->output_bytes = a->relay.bytes;
	o->steps = a->relay.progress.percent ? 0 : a->relay.progress.steps;
	o->cached = a->relay.progress.cached;
}

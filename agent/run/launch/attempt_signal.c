/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals: what came for hale is the command's, and what became of the command
 * is heard here. A command that stops stops hale's group in its turn, where a
 * shell can see and continue it; without a terminal nobody would, so hale goes
 * on and keeps time.
 */
#include <errno.h>
#include <sys/wait.h>

#include "hale/base.h"

#include "attempt_own.h"
#include "clock.h"

static void go_on(struct attempt *a)
{
	terminal_give(&a->terminal, a->pid);
	a->paused = a->wants_terminal = false;
	kill(-a->pid, SIGCONT);
	stall_start(&a->stall, a->setup->options->stall_ns, clock_mono_ns());
}

static bool is_want(int sig)
{
	return sig == SIGTTIN || sig == SIGTTOU;
}

/* It wanted the terminal, and that can be had. */
static bool terminal_helps(const struct attempt *a, int sig)
{
	return is_want(sig) && (terminal_ours(&a->terminal) ||
				terminal_of(&a->terminal, a->pid));
}

void attempt_terminal(struct attempt *a)
{
	if (a->wants_terminal && terminal_helps(a, SIGTTIN))
		go_on(a);
}

static void stopped(struct attempt *a, int sig)
{
	a->paused = true;
	if (a->terminal.fd < 0)
		return;
	if (terminal_helps(a, sig)) {
		go_on(a);
		return;
	}
	if (is_want(sig) && terminal_lent(&a->terminal)) {
		a->wants_terminal = true;
		return;
	}
	terminal_take(&a->terminal);
	/* orphaned: nothing was stopped; waiting for the terminal would be
	 * tried again for ever */
	if (terminal_stop(&a->terminal, sig) || !is_want(sig))
		go_on(a);
}

static void children(struct attempt *a)
{
	const int any = WEXITED | WSTOPPED | WNOHANG | WNOWAIT;

	while (!a->exited) {
		siginfo_t i = { 0 };

		if (waitid(P_PID, (id_t)a->pid, &i, any) == 0 && i.si_pid == 0)
			return;
		if (i.si_code != CLD_STOPPED && i.si_code != CLD_TRAPPED) {
			attempt_exited(a);
			return;
		}
		waitid(P_PID, (id_t)a->pid, &i, WSTOPPED | WNOHANG);
		stopped(a, i.si_status);
	}
}

static void came(struct attempt *a, const struct signalfd_siginfo *i)
{
	int sig = (int)i->ssi_signo;

	if (sig == SIGCHLD)
		return; /* looked at below */
	if (signals_ends(sig)) {
		a->told = sig;
		a->told_at = a->now;
		a->told_by_key = i->ssi_code == SI_KERNEL &&
				 (sig == SIGINT || sig == SIGQUIT);
	}
	attempt_forward(a, sig);
}

void attempt_signals(struct attempt *a)
{
	struct signalfd_siginfo i;

	while (signals_next(&a->signals, &i))
		came(a, &i);
	children(a);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is looked at in turns while a command runs: its process tree, files that
 * it writes by itself, the terminal's size, whether it stalls, and what is said
 * of its progress. Looking costs the build: a tree is looked at so rarely that
 * it stays under a two-hundredth of one processor's time.
 */
#include <errno.h>
#include <poll.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/run/text/build_line.h"
#include "attempt_own.h"
#include "clock.h"

#define TICK_NS	   HALE_NS_PER_S
#define TREE_SHARE 200
/* How soon a size of the terminal is followed where nothing is printed. */
#define SIZE_NS	     (250 * HALE_NS_PER_MS)
#define QUESTION_MAX 80

static void look_at_tree(struct attempt *a)
{
	uint64_t from = clock_mono_ns(), took;

	if (tree_sample(&a->tree) == 0 && a->tree.rss_bytes > a->peak_rss)
		a->peak_rss = a->tree.rss_bytes;
	if (a->setup->container && a->stall.limit_ns > 0)
		tree_engine(a->tree.proc_fd, a->tree.root_start, &a->engine);
	took = clock_mono_ns() - from;
	a->look_at = a->now + TICK_NS;
	if (took * TREE_SHARE > TICK_NS)
		a->look_at = a->now + took * TREE_SHARE;
}

static bool has_stalled(struct attempt *a)
{
	return stall_feed(&a->stall, a->relay.bytes,
			  a->tree.cpu_ticks + a->engine.cpu_ticks,
			  a->tree.io_bytes + a->engine.io_bytes, a->now);
}

/* Whoever waits for a terminal has mostly asked on it: what, in its words. */
static void quote_question(struct attempt *a)
{
	struct run_stall *s = &a->out->stall;
	char asked[QUESTION_MAX];
	size_t len, from, at = strlen(s->what);
	_cleanup_free_ struct build_line *l = malloc(sizeof(*l));
	const char *text;
	uint64_t line;

	if (!l)
		return;
	text = tail_text(a->out->tail, &len, &line);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		len--;
	from = len;
	while (from > 0 && !strchr("\r\n", text[from - 1]))
		from--;
	build_line_read(text + from, len - from, l);
	if (l->at >= l->len)
		return;
	hale_print_text(asked, sizeof(asked), l->text + l->at, l->len - l->at);
	snprintf(s->what + at, sizeof(s->what) - at, " It printed last: %s",
		 asked);
}

static void look_for_stall(struct attempt *a)
{
	if (!a->stall.limit_ns || a->paused || a->exited || a->kill_at ||
	    !has_stalled(a))
		return;
	/* on a busy host the tree is looked at rarely: not before a last look
	 * is it said to do nothing */
	look_at_tree(a);
	if (!has_stalled(a))
		return;
	tree_waits(&a->tree, &a->out->stall);
	if (a->out->stall.wait == RUN_WAIT_TERMINAL)
		quote_question(a);
	a->out->stall.still_ns = a->now - a->stall.moved_mono_ns;
	attempt_finish(a, RUN_STALLED);
}

bool attempt_shares_stderr(const struct attempt *a)
{
	return a->relay.one || a->relay.streams[1].kind == STREAM_PTY;
}

static void say_progress(struct attempt *a)
{
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };
	char text[256], line[300];
	int n;

	if (!a->setup->options->progress || a->exited ||
	    !progress_due(&a->pace, &a->relay.progress,
			  attempt_shares_stderr(a), a->now - a->started,
			  a->now))
		return;
	progress_print(&a->relay.progress, a->now - a->started,
		       a->setup->expected_ns, text, sizeof(text));
	n = snprintf(line, sizeof(line), "hale run: %s\n", text);
	/* what cannot be said at once is not said */
	if (n <= 0 || poll(&room, 1, 0) != 1 || !(room.revents & POLLOUT) ||
	    write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

void attempt_modes(struct attempt *a)
{
	bool mirror;

	/* whose the terminal was when it ended decides about its last modes,
	 * though by now the terminal is taken back */
	if (!relay_has_pty(&a->relay) || a->exited)
		return;
	mirror = terminal_of(&a->terminal, a->pid);
	/* it heard of the new size from the real terminal before it was here
	 * to be read */
	if (relay_modes(&a->relay, mirror))
		kill(-a->pid, SIGWINCH);
}

void attempt_tick(struct attempt *a)
{
	attempt_modes(a);
	attempt_terminal(a);
	if (a->now < a->tick_at)
		return;
	a->tick_at = a->now + TICK_NS;
	relay_look(&a->relay);
	if (!a->exited && a->now >= a->look_at)
		look_at_tree(a);
	look_for_stall(a);
	say_progress(a);
	if (a->setup->tick)
		a->setup->tick(a->setup->data, a->now);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return b && b < a ? b : a;
}

uint64_t attempt_due(const struct attempt *a)
{
	uint64_t due = a->tick_at;

	if (relay_has_pty(&a->relay) || a->wants_terminal)
		due = earlier(due, a->now + SIZE_NS);
	due = earlier(due, a->deadline);
	due = earlier(due, a->killed ? a->give_up_at : a->kill_at);
	return earlier(due, a->exited ? a->leave_at : 0);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale run`: the order of things, from the options to the exit status. Decides
 * only whether to start, and when it is over. The one rule above all: a build
 * is never harmed by what hale lacks. Where hale cannot do its part it says so
 * once, and at worst becomes the command itself.
 */
#include <errno.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/run/again/retry.h"
#include "agent/run/judge/container.h"
#include "agent/run/launch/attempt.h"
#include "agent/run/launch/clock.h"
#include "agent/run/launch/launch.h"
#include "agent/run/text/build_rules.h"
#include "agent/run/text/classify.h"
#include "learn.h"
#include "options.h"
#include "retest.h"
#include "story.h"

struct conductor {
	struct run_options options;
	struct strategies strategies;
	struct retry retry;
	struct watch *watch;
	struct run_story story;
	struct run_attempt attempt;
	struct run_text text;
	struct learned learned;
	bool keyboard; /* the last attempt was ended by a key */
	char exec_dir[1024];
	struct tail tail;
};

static void say(const char *what, const char *why)
{
	dprintf(STDERR_FILENO, "hale run: %s%s%s\n", what, why[0] ? ": " : "",
		why);
}

/* Where hale's other programs lie: beside this one. */
static void find_exec_dir(struct conductor *c)
{
	const char *given = getenv("HALE_EXEC_PATH");
	ssize_t n;
	char *slash;

	c->options.exec_dir = given && given[0] ? given : NULL;
	if (c->options.exec_dir)
		return;
	n = readlink("/proc/self/exe", c->exec_dir, sizeof(c->exec_dir) - 1);
	if (n > 0) /* else a root without /proc */
		c->exec_dir[n] = '\0';
	else if (!HALE_SET(c->exec_dir, (const char *)getauxval(AT_EXECFN)))
		return;
	slash = strrchr(c->exec_dir, '/');
	if (!slash)
		return;
	*slash = '\0';
	c->options.exec_dir = c->exec_dir;
}

/* --- without hale --- */

static int become(char **command, const char *why)
{
	int status;

	say("the build runs without hale", why);
	execvp(command[0], command);
	status = launch_status(errno);
	say(command[0], strerrordesc_np(errno));
	return status;
}

/* --- before --- */

static bool may_start(const struct run_options *o, enum hale_fitness f)
{
	if (o->force || f == HALE_FIT)
		return true;
	return f != HALE_UNFIT && !o->strict;
}

static bool host_allows(struct conductor *c, const struct hale_reply **ret)
{
	struct hale_summary sum;

	if (watch_before(c->watch, ret) < 0)
		return true; /* not known, which is no reason to refuse */
	hale_reply_summary(*ret, &sum);
	return may_start(&c->options, sum.fitness);
}

/* Those whom it would surprise hear it at once; a log that is compared with
 * another hears it when it matters. */
static void doubts(const struct conductor *c, bool at_start)
{
	bool passed = !at_start && c->story.judgement.status == 0;

	if (!c->options.quiet && !passed &&
	    at_start == (isatty(STDERR_FILENO) == 1))
		report_doubts(&c->story, STDERR_FILENO);
}

/* --- one attempt --- */

static const struct strategy *strategy_now(const struct conductor *c)
{
	return c->retry.strategies > 0
		       ? &c->strategies.strategy[c->retry.strategy]
		       : NULL;
}

static void tick(void *data, uint64_t mono_ns)
{
	(void)mono_ns;
	watch_tick(data);
}

static int run_one(struct conductor *c)
{
	const struct strategy *s = strategy_now(c);
	const struct run_options *o = &c->options;
	char **command = s ? s->command : o->command;
	const struct attempt_setup setup = {
		.options = o,
		.command = command,
		.strategy = s ? s->name : "",
		.number = c->story.n + 1,
		.timeout_ns = s && s->timeout_ns ? s->timeout_ns
						 : c->options.timeout_ns,
		.expected_ns = c->learned.expected_ns,
		.container =
			container_wanted(o, command, getenv("DOCKER_HOST")),
		.tail = &c->tail,
		.tick = tick,
		.data = c->watch,
	};

	return attempt_run(&setup, &c->attempt);
}

/* The host's own rules first. A file that is broken is said once and costs its
 * rules, not the built-in ones. */
static struct classify *new_reader(void)
{
	struct classify *reader = NULL;
	struct build_rules more = { .n = 0 };
	char error[256] = "";
	int r = build_rules_load(&more, BUILD_RULES_DIR, NULL, 0, error);

	if (r == 0)
		r = classify_new(more.sources, more.n, error, &reader);
	build_rules_done(&more);
	if (r == 0)
		return reader;
	say("only the built-in rules are asked",
	    error[0] ? error : strerrordesc_np(-r));
	return classify_new(NULL, 0, error, &reader) == 0 ? reader : NULL;
}

/* What the output says; only of what failed. False: not looked at. */
static bool read_output(struct conductor *c)
{
	struct classify *reader;
	const char *text;
	uint64_t line;
	size_t len;

	c->text = (struct run_text){ 0 };
	if (c->attempt.status == 0 || c->attempt.end == RUN_NOT_STARTED)
		return false;
	reader = new_reader();
	if (!reader)
		return false;
	text = tail_text(&c->tail, &len, &line);
	classify_begin(reader, line);
	classify_put(reader, text, len);
	classify_end(reader, (int)c->attempt.status, &c->text);
	classify_free(reader);
	return true;
}

static struct run_record *judge(struct conductor *c)
{
	bool known = read_output(c);
	struct run_record *r = story_add(&c->story, c->watch, &c->attempt,
					 known ? &c->text : NULL);

	c->keyboard = c->attempt.keyboard;
	if (c->attempt.end == RUN_NOT_STARTED)
		say(c->attempt.command[0], strerrordesc_np(c->attempt.error));
	if (r)
		retest(&c->options, r);
	return r;
}

/* --- another one --- */

static void pause_for(uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / HALE_NS_PER_S),
			      .tv_nsec = (long)(ns % HALE_NS_PER_S) };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static void say_again(const struct conductor *c, const struct run_record *r,
		      uint64_t delay_ns)
{
	const struct strategy *s = strategy_now(c);
	char when[32] = "now";

	if (c->options.quiet)
		return;
	if (delay_ns > 0)
		snprintf(when, sizeof(when), "in %llu s",
			 (unsigned long long)((delay_ns + HALE_NS_PER_S - 1) /
					      HALE_NS_PER_S));
	dprintf(STDERR_FILENO,
		"%shale run: attempt %u failed (%s); again %s%s%s\n",
		r->attempt.mid_line ? "\n" : "", r->attempt.number,
		hale_build_cause_name(r->judgement.cause), when,
		s ? " as " : "", s ? s->name : "");
}

/* False: it was told to end meanwhile, or the host is no longer fit. */
static bool prepare_next(struct conductor *c, enum retry_verdict verdict,
			 uint64_t delay_ns)
{
	const struct strategy *s = strategy_now(c);
	char note[HALE_EVIDENCE_MAX] = "";
	const struct hale_reply *reply;

	pause_for(delay_ns);
	if (verdict == RETRY_NEXT && s && s->cleanup &&
	    strategy_cleanup(s, note) != 0)
		return false;
	if (note[0])
		say(note, "");
	return host_allows(c, &reply);
}

static bool again(struct conductor *c, const struct run_record *r)
{
	enum retry_verdict verdict;
	uint64_t delay_ns = 0;
	uint32_t chance = 0;

	if (!r || c->attempt.status == 0 || c->attempt.end == RUN_INTERRUPTED ||
	    c->attempt.left || c->story.n >= RUN_ATTEMPTS_MAX)
		return false;
	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
		chance = (uint32_t)clock_mono_ns();
	verdict = retry_next(&c->retry, &r->judgement, chance, &delay_ns);
	if (verdict == RETRY_STOP)
		return false;
	say_again(c, r, delay_ns);
	return prepare_next(c, verdict, delay_ns);
}

/* --- after --- */

static int tell(struct conductor *c)
{
	const struct run_options *o = &c->options;

	if (!o->no_store)
		store_record(&c->story);
	if (o->result) {
		int r = result_write(&c->story, o->result);

		if (r < 0)
			say(o->result, strerrordesc_np(-r));
	}
	return (int)c->story.judgement.status;
}

/* A shell ends its script when a key ended the command, and looks for just
 * that: a death by the key's signal. */
static void die_as(int sig)
{
	sigset_t set;

	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
}

static int refuse(struct conductor *c, const struct hale_reply *reply)
{
	story_refuse(&c->story, reply);
	report_refused(&c->story, STDERR_FILENO);
	return tell(c);
}

static int build(struct conductor *c)
{
	const struct hale_reply *reply = NULL;
	const struct run_record *r;
	int status, error;

	if (!host_allows(c, &reply))
		return refuse(c, reply);
	doubts(c, true);
	do {
		error = run_one(c);
		if (error < 0 && c->story.n == 0)
			return become(c->options.command,
				      strerrordesc_np(-error));
		if (error < 0)
			break;
		r = judge(c);
	} while (again(c, r));
	story_end(&c->story, c->watch);
	doubts(c, false);
	if (!c->options.quiet)
		report_print(&c->story, STDERR_FILENO);
	status = tell(c);
	if (c->keyboard)
		die_as(c->attempt.signal);
	return status;
}

static int load_strategies(struct conductor *c)
{
	char error[256] = "";
	int r;

	if (!c->options.strategies)
		return 0;
	r = strategies_load(c->options.strategies, c->options.command,
			    &c->strategies, error);
	if (r < 0) {
		say(error[0] ? error : c->options.strategies,
		    error[0] ? "" : strerrordesc_np(-r));
		return HALE_EXIT_USAGE;
	}
	if (c->options.best_first)
		strategies_prefer(&c->strategies, c->learned.strategy);
	c->retry.strategies = c->strategies.n;
	return 0;
}

static int conduct(struct conductor *c)
{
	int r;

	learn(&c->options, &c->learned);
	r = load_strategies(c);
	if (r)
		return r;
	c->retry.left = c->options.retries;
	r = watch_new(&c->options, &c->watch);
	if (r == 0)
		r = story_begin(&c->story, &c->options, c->watch);
	if (r < 0)
		return become(c->options.command, strerrordesc_np(-r));
	return build(c);
}

int main(int argc, char **argv)
{
	static struct conductor c;
	int status;

	if (!options_parse(argc, argv, &c.options, &status))
		return status;
	if (launch_hold_standard() < 0)
		return become(c.options.command, "no descriptors");
	find_exec_dir(&c);
	status = conduct(&c);
	story_done(&c.story);
	strategies_done(&c.strategies);
	watch_free(c.watch);
	return status;
}

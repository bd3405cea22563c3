/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compiler or linker that crashed. Decides whether one did, and what its
 * being run again says: the same input must give the same result, so one that
 * crashed and then passes is evidence of bad memory; one that crashes again has
 * a bug, or the code meets one. Must never call it different where it only
 * failed in another way, was killed, or took too long. Invariant: a verdict
 * other than CRASH_NOT_RETESTED stands on at least one run that was counted.
 */
#include "crash.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/run/launch/tail.h"
#include "crash_run.h"
#include "crash_tool.h"
#include "words.h"

/* One that crashes now and then is told from one that always does. */
#define RUNS	   3
#define OUTPUT_MAX (64 * 1024)
/* CMD again takes as long as it did, and what an idle cache adds. */
#define WHOLE_SLACK_NS (60 * HALE_NS_PER_S)

enum outcome {
	PASSED,
	CRASHED,
	OTHER
};

static bool is_crash(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGILL;
}

bool crash_happened(const struct run_attempt *a, const struct run_text *text)
{
	if (a->status == 0)
		return false;
	for (uint32_t i = 0; i < a->n_deaths; i++) {
		if (is_crash((int)a->deaths[i].signal) &&
		    crash_tool_is_known(a->deaths[i].comm))
			return true;
	}
	if (a->end == RUN_SIGNALED && is_crash(a->signal) &&
	    crash_tool_is_known(a->command[0]))
		return true;
	return text && (text->cause == HALE_CAUSE_TOOLCHAIN_CRASH ||
			text->crashed[0] != '\0');
}

static enum outcome outcome_of(const struct aside_end *end, const char *output)
{
	int w = end->wait_status;

	if (end->error < 0 || end->timed_out || end->told)
		return OTHER;
	if (WIFSIGNALED(w))
		return is_crash(WTERMSIG(w)) || WTERMSIG(w) == SIGABRT ? CRASHED
								       : OTHER;
	if (WEXITSTATUS(w) == 0)
		return PASSED;
	return (WEXITSTATUS(w) > 128 && is_crash(WEXITSTATUS(w) - 128)) ||
			       crash_is_told(output, end->used)
		       ? CRASHED
		       : OTHER;
}

__attribute__((format(printf, 2, 3))) static void note(struct crash_retest *ret,
						       const char *format, ...)
{
	char text[HALE_EVIDENCE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	hale_print_text(ret->note, sizeof(ret->note), text, strlen(text));
}

/* --- the very command
 * ---------------------------------------------------------------- */

static void say_command(char *const *words, struct crash_retest *ret)
{
	char text[sizeof(ret->command)];
	size_t used = 0;

	for (; *words && used < sizeof(text) - 1; words++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%s%s", used > 0 ? " " : "", *words);
	if (used > sizeof(text) - 1)
		used = sizeof(text) - 1;
	hale_print_text(ret->command, sizeof(ret->command), text, used);
}

static void judge_runs(struct crash_retest *ret, uint32_t passed)
{
	if (passed > 0) {
		ret->verdict = CRASH_DIFFERENT;
		note(ret,
		     "the same command, run again %u times, crashed %u times "
		     "and passed %u times: bad memory is likely",
		     ret->runs, ret->crashed, passed);
	} else if (ret->crashed == ret->runs && ret->runs > 0) {
		ret->verdict = CRASH_SAME;
		note(ret,
		     "the same command crashes each time (%u of %u): a bug of "
		     "the compiler, not of this host",
		     ret->crashed, ret->runs);
	} else {
		note(ret, "the command was run again and failed in another "
			  "way: that says nothing of its crash");
	}
}

static int run_again(const struct crash_run *run, struct crash_retest *ret)
{
	_cleanup_free_ char *output = malloc(OUTPUT_MAX);
	uint32_t passed = 0;

	if (!output)
		return -ENOMEM;
	for (int i = 0; i < RUNS; i++) {
		struct aside_end end;
		enum outcome o;

		crash_run_once(run, output, OUTPUT_MAX, &end);
		if (end.told)
			return -EINTR;
		o = outcome_of(&end, output);
		ret->runs++;
		ret->crashed += o == CRASHED;
		passed += o == PASSED;
		/* what fails in another way will do so again */
		if (o == OTHER)
			break;
	}
	judge_runs(ret, passed);
	return 0;
}

/* --- all of CMD
 * ------------------------------------------------------------------------ */

static void judge_whole(struct crash_retest *ret, enum outcome o,
			const char *why)
{
	static const char *const said[] = {
		[PASSED] = "passed: bad memory is likely",
		[CRASHED] = "crashed as before: a bug of what crashed, not of "
			    "this host",
		[OTHER] = "failed in another way, which says nothing of the "
			  "crash",
	};

	ret->runs = 1;
	ret->crashed = o == CRASHED;
	ret->verdict = o == PASSED    ? CRASH_DIFFERENT
		       : o == CRASHED ? CRASH_SAME
				      : CRASH_NOT_RETESTED;
	note(ret, "%s, so all of the build was run again: it %s", why, said[o]);
}

static int run_whole(const struct run_options *o, const struct run_attempt *a,
		     const char *why, struct crash_retest *ret)
{
	_cleanup_free_ char *output = malloc(OUTPUT_MAX);
	struct aside again = { .command = a->command,
			       .output = output,
			       .room = OUTPUT_MAX };
	struct aside_end end;

	if (!output)
		return -ENOMEM;
	again.timeout_ns = o->timeout_ns > 0 ? o->timeout_ns
					     : 2 * a->wall_ns + WHOLE_SLACK_NS;
	ret->whole = true;
	say_command(a->command, ret);
	aside_run(&again, &end);
	if (end.told)
		return -EINTR;
	judge_whole(ret, outcome_of(&end, output), why);
	return 0;
}

/* The output of a container tells of the compiler, files and folders inside of
 * it. */
static bool is_from_elsewhere(const struct run_options *o,
			      const struct run_text *text)
{
	static const char *const engines[] = { "docker", "podman", "buildah",
					       "nerdctl" };

	for (size_t i = 0; text && i < HALE_ARRAY_SIZE(engines); i++) {
		if (strncmp(text->tool, engines[i], strlen(engines[i])) == 0)
			return true;
	}
	return o->container_known && o->container;
}

static int find(const struct run_options *o, const struct run_attempt *a,
		const struct run_text *text, struct crash_found *ret)
{
	size_t len = 0;
	uint64_t line;
	const char *output = a->tail ? tail_text(a->tail, &len, &line) : NULL;

	*ret = (struct crash_found){ 0 };
	if (is_from_elsewhere(o, text))
		HALE_SET(ret->why, "it crashed inside of a container");
	else if (!output || len == 0)
		HALE_SET(ret->why, "it printed nothing that names its command");
	else
		return crash_find(output, len, ret);
	return 0;
}

int crash_retest(const struct run_options *o, const struct run_attempt *a,
		 const struct run_text *text, struct crash_retest *ret)
{
	struct crash_found found;
	struct crash_run run = { 0 };
	int r = find(o, a, text, &found);

	*ret = (struct crash_retest){ 0 };
	if (r < 0)
		return r;
	if (found.passed) {
		ret->verdict = CRASH_DIFFERENT;
		ret->runs = 1;
		note(ret, "gcc ran the same command again itself, and it did "
			  "not crash: bad memory is likely");
	} else if (found.words && crash_run_new(&found, found.why, &run) == 0) {
		say_command(found.words, ret);
		r = run_again(&run, ret);
		crash_run_done(&run);
	} else {
		r = run_whole(o, a, found.why, ret);
	}
	words_free(found.words);
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cleans up before a strategy. Decides nothing about the build: a cleanup that
 * fails is told and no more, because the strategy may well work without it.
 */
#include <string.h>
#include <sys/wait.h>

#include "hale/base.h"
#include "hale/text.h"

#include "aside.h"
#include "retry.h"

static void say(const struct strategy *s, const struct aside_end *end,
		char ret_note[HALE_EVIDENCE_MAX])
{
	char text[HALE_EVIDENCE_MAX], what[96] = "";
	int w = end->wait_status;

	ret_note[0] = '\0';
	if (end->error < 0)
		snprintf(what, sizeof(what), "cannot be run: %s",
			 strerror(-end->error));
	else if (end->timed_out)
		snprintf(what, sizeof(what), "was ended after %llu s",
			 (unsigned long long)(s->cleanup_timeout_ns /
					      HALE_NS_PER_S));
	else if (WIFSIGNALED(w))
		snprintf(what, sizeof(what), "died by signal %d", WTERMSIG(w));
	else if (WEXITSTATUS(w) != 0)
		snprintf(what, sizeof(what), "failed with status %d",
			 WEXITSTATUS(w));
	if (what[0] == '\0')
		return;
	snprintf(text, sizeof(text),
		 "cleanup of strategy %.48s (%.48s) %s; "
		 "going on without it",
		 s->name, s->cleanup[0], what);
	hale_print_text(ret_note, HALE_EVIDENCE_MAX, text, strlen(text));
}

int strategy_cleanup(const struct strategy *s, char ret_note[HALE_EVIDENCE_MAX])
{
	struct aside a = { .command = s->cleanup,
			   .timeout_ns = s->cleanup_timeout_ns };
	struct aside_end end;

	ret_note[0] = '\0';
	if (!s->cleanup)
		return 0;
	aside_run(&a, &end);
	if (end.told == 0)
		say(s, &end, ret_note);
	return end.told;
}

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TESTS_RUN_REPORT_ROOM_H
#define HALE_TESTS_RUN_REPORT_ROOM_H

/* A story of `hale run`, and what a person is told of it. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/lib/answer.h"
#include "agent/run/judge/watch_own.h"
#include "agent/run/result.h"

struct world {
	struct run_options options;
	struct watch *watch;
	struct run_record *record;
	struct run_story story;
	struct hale_cause *cause;
	char said[4096];
};

static inline int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	w->watch = calloc(1, sizeof(*w->watch));
	w->record = calloc(1, sizeof(*w->record));
	w->cause = calloc(1, sizeof(*w->cause));
	w->story.options = &w->options;
	w->story.watch = w->watch;
	w->story.records = w->record;
	w->story.n = 1;
	w->story.started = true;
	w->record->attempt.end = RUN_EXITED;
	w->record->host.agent = true;
	*state = w;
	return w->watch && w->record && w->cause ? 0 : -1;
}

static inline int tear_down(void **state)
{
	struct world *w = *state;

	free(w->watch);
	free(w->record);
	free(w->cause);
	free(w);
	return 0;
}

static inline void read_back(struct world *w, FILE *f)
{
	size_t n;

	rewind(f);
	n = fread(w->said, 1, sizeof(w->said) - 1, f);
	w->said[n] = '\0';
	fclose(f);
}

static inline void report(struct world *w)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	report_print(&w->story, fileno(f));
	read_back(w, f);
}

static inline void fails(struct world *w, enum hale_build_cause cause,
			 uint32_t status, const char *headline)
{
	w->record->attempt.status = status;
	w->story.judgement = (struct run_judgement){
		.cause = cause,
		.confidence = HALE_CONFIDENCE_LIKELY,
		.status = status,
	};
	HALE_SET(w->story.judgement.headline, headline);
}

static inline bool says(const struct world *w, const char *text)
{
	return strstr(w->said, text) != NULL;
}

/* Every line can be told from the build's own. */
static inline void assert_marked(const struct world *w)
{
	const char *at = w->said;

	while (*at) {
		assert_int_equal(strncmp(at, "hale: ", 6), 0);
		at = strchr(at, '\n');
		assert_non_null(at);
		at++;
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif

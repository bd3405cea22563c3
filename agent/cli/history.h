/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_HISTORY_H
#define HALE_CLI_HISTORY_H

/*
 * `hale history`: what its files share. Builds come in, newest first, from
 * `haled: ship` or from a store's file; they go out as they are (JSON, CSV), or
 * are kept as short rows, counted, and printed.
 */

#include "cli.h"
#include "hale.pb-c.h"
#include "hale/repo.h"
#include "history_columns.h"

enum history_by {
	HISTORY_ALL = 0,
	HISTORY_REPO,
	HISTORY_HOST,
	HISTORY_CAUSE,
	HISTORY_DAY,
};

enum history_format {
	HISTORY_TEXT = 0,
	HISTORY_JSON,
	HISTORY_CSV,
};

struct history_options {
	const char *store; /* a file; NULL: who keeps it here */
	char repo[HALE_REPO_MAX];
	const char *host, *cause;    /* "": any */
	uint64_t since_ns, until_ns; /* ns since the epoch; 0 */
	bool failed, findings, mine;
	uint32_t limit;
	enum history_by by;
	enum history_format format;
};

#define HISTORY_LIMIT	  1000
#define HISTORY_LIMIT_MAX 10000

/* What is counted of a build. */
struct history_row {
	uint64_t started_ns, wall_ns, memory, disk;
	Hale__V1__BuildResult__Outcome outcome;
	uint32_t cached, steps, attempts, status;
	bool host_fault;
	char repo[HALE_REPO_MAX], host[65], cause[32], strategy[32];
	char headline[240];
};

struct history_rows {
	struct history_row *rows; /* the newest first */
	size_t n, room;
	bool cut; /* there are more than --limit */
};

static inline bool history_passed(const struct history_row *r)
{
	return r->outcome == HALE__V1__BUILD_RESULT__OUTCOME__PASSED ||
	       r->outcome == HALE__V1__BUILD_RESULT__OUTCOME__SUSPECT;
}

/* Where it comes from. @said: for people: where that was. */
typedef bool (*history_build_fn)(void *data, Hale__V1__BuildResult *m);
typedef bool (*history_finding_fn)(void *data, Hale__V1__Finding *m);

struct history_sink {
	history_build_fn build;
	history_finding_fn finding;
	void *data;
};

/* history_source.c: 0; 1: nobody has kept anything yet; negative errno with a
 * line in @ret_said, or on 0 where it came from. */
int history_fetch(const struct cli *cli, const struct history_options *o,
		  const struct history_sink *sink, char ret_said[320]);

/* history_options.c */
bool history_options_read(struct cli *cli, int argc, char **argv,
			  struct history_options *ret, int *ret_exit);

/* history_export.c: as they come; @out is written when it grows. */
struct history_export {
	struct out *out;
	enum history_format format;
	bool begun;
};
bool history_export_build(void *data, Hale__V1__BuildResult *m);
bool history_export_finding(void *data, Hale__V1__Finding *m);
void history_export_group(struct history_export *e,
			  const Hale__V1__HistoryGroup *m);
/* A field of RFC 4180, quoted where it has to be; no formula of a spreadsheet.
 */
void history_csv(struct out *o, const char *text);

/* history_text.c: all of it, or with --by a table of groups. */
void history_text(struct out *o, const struct history_options *opt,
		  const struct history_rows *rows, size_t width);
/* history_failed.c: causes, and up to @max of the builds. */
void history_failed(struct out *o, const struct history_rows *rows, size_t max,
		    size_t width);
/* history_groups.c */
void history_groups(struct out *o, const struct history_options *opt,
		    const struct history_rows *rows, size_t width);
/* history_findings.c */
bool history_print_finding(void *data, Hale__V1__Finding *m);

/* "21 Nov 14:02", with the year where that is another than @now_ns's; in the
 * local time zone. @ret: 20 bytes */
void history_time(char ret[20], uint64_t ns, uint64_t now_ns);
/* "2 min 3 s", rounded to two units */
void history_duration(struct out *o, uint64_t ns);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How `hale triage build` says why a build failed: one line with the cause in
 * words, the lines that prove it, the next step. Decides nothing about the
 * cause. Must never say that a host is at fault as if it had been seen: a log
 * is hearsay, and the next step is to look.
 */
#include <inttypes.h>
#include <string.h>

#include "agent/cli/triage_build.h"
#include "hale.pb-c.h"
#include "proto/json.h"

struct words {
	const char *what, *next;
};

static const struct words words[HALE_CAUSE_COUNT] = {
	[HALE_CAUSE_UNKNOWN] = { "nothing in it is known to fail a build",
				 "read its end; hale-rules(5) says how to "
				 "teach "
				 "hale a new text" },
	[HALE_CAUSE_HOST_IO] = { "the host could not read or write its disk",
				 "build elsewhere; `hale scope` there says "
				 "which disk it is" },
	[HALE_CAUSE_HOST_DISK_FULL] = { "a disk of the host was full",
					"build elsewhere; `hale reclaim` there "
					"frees space" },
	[HALE_CAUSE_HOST_INODES] = { "a filesystem of the host had no inodes "
				     "left",
				     "build elsewhere; `df -i` there says "
				     "which" },
	[HALE_CAUSE_HOST_MEMORY] = { "memory ran out, and a program was killed "
				     "or gave up",
				     "build elsewhere or with fewer jobs; "
				     "`hale explain memory.oom` there" },
	[HALE_CAUSE_HOST_SIGBUS] = { "a program died by SIGBUS: a page that "
				     "its file or memory did not give",
				     "build elsewhere; `hale explain "
				     "process.sigbus` there: a bad or full "
				     "disk, or bad memory" },
	[HALE_CAUSE_HOST_READONLY_FS] = { "a filesystem of the host could not "
					  "be written",
					  "build elsewhere; `hale scope` there "
					  "says which and why" },
	[HALE_CAUSE_ENGINE_DOWN] = { "the container engine or its builder was "
				     "not there",
				     "start it, then try again; `hale check` "
				     "asks it" },
	[HALE_CAUSE_NETWORK] = { "the network did not get it through",
				 "try again; if it stays, look at DNS, proxy "
				 "and route of that host" },
	[HALE_CAUSE_REGISTRY_OUTAGE] = { "a registry refused or failed",
					 "try again later; a login or a mirror "
					 "raises pull limits" },
	[HALE_CAUSE_AUTH] = { "access was refused",
			      "check the credentials and what they may do" },
	[HALE_CAUSE_CACHE] = { "the build cache failed",
			       "try again; if it stays, without the remote "
			       "cache" },
	[HALE_CAUSE_TIMEOUT] = { "its time was up, or it was cancelled",
				 "find where it stood still, or give it more "
				 "time" },
	[HALE_CAUSE_INTERACTIVE_STALL] = { "it waited for an answer that "
					   "nobody could give",
					   "answer in advance: -y, "
					   "DEBIAN_FRONTEND=noninteractive, "
					   "known_hosts" },
	[HALE_CAUSE_DEPENDENCY] = { "something that it needs is not there or "
				    "does not fit",
				    "pin, add or correct the dependency" },
	[HALE_CAUSE_CODE] = { "the build's own code, tests or settings",
			      "correct it; another try changes nothing" },
	[HALE_CAUSE_TOOLCHAIN_CRASH] = { "a tool of the build crashed",
					 "run it again with the same input: if "
					 "it then passes, suspect the memory "
					 "(`hale explain memory.suspect`)" },
	[HALE_CAUSE_BUILD_LIMIT] = { "it ran into a limit that is set for it",
				     "raise the limit, or need less" },
};

static const char *strong(bool colour)
{
	return colour ? "\033[1m" : "";
}

static const char *plain(bool colour)
{
	return colour ? "\033[0m" : "";
}

void triage_build_text(FILE *out, const struct run_text *t, uint64_t lines,
		       bool colour)
{
	const struct words *w = &words[t->cause];

	fprintf(out, "%s%s%s", strong(colour), hale_build_cause_name(t->cause),
		plain(colour));
	if (t->cause != HALE_CAUSE_UNKNOWN)
		fprintf(out, " (%s)", hale_confidence_name(t->confidence));
	fprintf(out, ": %s", w->what);
	if (t->crashed[0])
		fprintf(out, " (%s)", t->crashed);
	else if (t->tool[0])
		fprintf(out, " (%s)", t->tool);
	fprintf(out, "\n");
	for (uint32_t i = 0; i < t->n_evidence; i++)
		fprintf(out, "%7" PRIu32 "  %s\n", t->evidence[i].line,
			t->evidence[i].text);
	if (t->n_evidence == 0)
		fprintf(out, "         (%" PRIu64 " lines read)\n", lines);
	fprintf(out, "      -> %s.\n", w->next);
}

static void fill(Hale__V1__BuildTriage *m, const struct run_text *t)
{
	/* protobuf-c has no const strings, and does not write to these */
	union {
		const char *from;
		char *to;
	} text;

	text.from = hale_build_cause_name(t->cause);
	m->cause = text.to;
	text.from = hale_confidence_name(t->confidence);
	m->confidence = text.to;
	text.from = hale_retry_name(t->retry);
	m->retry = text.to;
	text.from = t->tool;
	m->tool = text.to;
}

int triage_build_json(FILE *out, const struct run_text *t)
{
	Hale__V1__BuildTriage m;
	Hale__V1__BuildTriage__Evidence of[RUN_EVIDENCE_MAX];
	Hale__V1__BuildTriage__Evidence *list[RUN_EVIDENCE_MAX];
	char texts[RUN_EVIDENCE_MAX][HALE_EVIDENCE_MAX];

	hale__v1__build_triage__init(&m);
	fill(&m, t);
	for (uint32_t i = 0; i < t->n_evidence; i++) {
		hale__v1__build_triage__evidence__init(&of[i]);
		memcpy(texts[i], t->evidence[i].text, sizeof(texts[i]));
		of[i].line = t->evidence[i].line;
		of[i].text = texts[i];
		list[i] = &of[i];
	}
	m.n_evidence = t->n_evidence;
	m.evidence = list;
	return json_print_file(&m.base, 0, out);
}

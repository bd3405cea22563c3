/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what was seen to a verdict in words. Decides: bad where anything failed,
 * unknown where what was asked for could not be done, good else. Must never
 * call good what was not looked at. Text from disks and the agent is printable
 * before it comes here.
 */
#include <inttypes.h>
#include <stdarg.h>

#include "verify.h"

#include "agent/core/middle.h"
#include "proto/json.h"

void result_init(struct verify_result *r, Hale__V1__Verification__Tested what)
{
	memset(r, 0, sizeof(*r));
	hale__v1__verification__init(&r->m);
	hale__v1__part__init(&r->part);
	for (size_t i = 0; i < VERIFY_BAD_MAX; i++)
		r->bad_list[i] = r->bad[i];
	for (size_t i = 0; i < VERIFY_NOTES_MAX; i++)
		r->note_list[i] = r->notes[i];
	r->m.tested = what;
	r->m.part = &r->part;
	r->part.id = r->id;
	r->part.alias = r->alias;
	r->part.model = r->model;
	r->part.serial = r->serial;
	r->m.bad = r->bad_list;
	r->m.notes = r->note_list;
	r->m.evidence = r->evidence;
	r->m.outcome = r->outcome;
}

void result_bad(struct verify_result *r, const char *text, ...)
{
	va_list args;

	if (r->m.n_bad == VERIFY_BAD_MAX) {
		r->bad_left++;
		return;
	}
	va_start(args, text);
	vsnprintf(r->bad[r->m.n_bad], VERIFY_TEXT, text, args);
	va_end(args);
	if (r->m.n_bad++ == 0)
		HALE_SET(r->evidence, r->bad[0]);
}

void result_note(struct verify_result *r, const char *text, ...)
{
	va_list args;

	if (r->m.n_notes == VERIFY_NOTES_MAX)
		return;
	va_start(args, text);
	vsnprintf(r->notes[r->m.n_notes++], VERIFY_TEXT, text, args);
	va_end(args);
}

int result_end(struct verify_result *r, const struct verify *v)
{
	r->m.wall_ns = verify_now_ns() - v->began_ns;
	if (r->m.n_bad > 0) {
		r->m.verdict = HALE__V1__VERIFICATION__VERDICT__BAD;
		return VERIFY_BAD;
	}
	if (v->interrupted)
		return VERIFY_INTERRUPTED;
	if (r->unknown)
		return VERIFY_UNKNOWN;
	r->m.verdict = HALE__V1__VERIFICATION__VERDICT__GOOD;
	return VERIFY_GOOD;
}

static void print_disk(const struct verify_result *r)
{
	static const char *const tests[] = {
		[HALE__V1__VERIFICATION__SELF_TEST__NONE] = NULL,
		[HALE__V1__VERIFICATION__SELF_TEST__SHORT_PASSED] =
			"short self-test passed",
		[HALE__V1__VERIFICATION__SELF_TEST__EXTENDED_PASSED] =
			"extended self-test passed",
		[HALE__V1__VERIFICATION__SELF_TEST__FAILED] =
			"self-test FAILED",
	};
	const char *test = tests[r->m.self_test];
	char bytes[HALE_SIZE_TEXT], total[HALE_SIZE_TEXT];

	hale_size_print(bytes, r->m.bytes_read);
	hale_size_print(total, r->m.bytes_total);
	if (r->m.sectors > 0)
		printf("  %" PRIu64 " of %" PRIu64
		       " sectors that had failed read back%s\n",
		       r->m.sectors_good, r->m.sectors,
		       r->m.sectors_whole ? ""
					  : "; more failed than are known");
	if (r->m.bytes_total > 0)
		printf("  %s of %s read%s\n", bytes, total,
		       r->m.full ? ", all of it" : "");
	if (test)
		printf("  %s\n", test);
}

static void print_memory(const struct verify_result *r)
{
	char bytes[HALE_SIZE_TEXT], total[HALE_SIZE_TEXT];

	hale_size_print(bytes, r->m.bytes_read);
	hale_size_print(total, r->m.bytes_total);
	printf("  %s of %s tested, %u whole pass%s\n", bytes, total,
	       r->m.passes, r->m.passes == 1 ? "" : "es");
}

static void print_text(const struct verify_result *r, const struct verify *v)
{
	bool disk = r->m.tested == HALE__V1__VERIFICATION__TESTED__DISK;
	const char *name = !disk	 ? "memory"
			   : r->alias[0] ? r->alias
					 : v->o->operand;

	printf("%s: %s%s%s%s%s\n", name,
	       r->m.verdict == HALE__V1__VERIFICATION__VERDICT__GOOD
		       ? disk ? "good" : "no fault found in what was tested"
	       : r->m.verdict == HALE__V1__VERIFICATION__VERDICT__BAD ? "BAD"
	       : v->interrupted ? "interrupted"
				: "could not tell",
	       r->model[0] || r->serial[0] ? "  " : "", r->model,
	       r->serial[0] ? "  " : "", r->serial);
	if (disk)
		print_disk(r);
	else
		print_memory(r);
	for (size_t i = 0; i < r->m.n_bad; i++)
		printf("  bad: %s\n", r->bad[i]);
	if (r->bad_left > 0)
		printf("  bad: %" PRIu64 " more\n", r->bad_left);
	for (size_t i = 0; i < r->m.n_notes; i++)
		printf("  note: %s\n", r->notes[i]);
	if (r->outcome[0])
		printf("  findings: %s\n", r->outcome);
}

void result_print(const struct verify_result *r, const struct verify *v)
{
	if (v->o->json)
		json_print_file(&r->m, JSON_DEFAULTS, stdout);
	else
		print_text(r, v);
	fflush(stdout);
}

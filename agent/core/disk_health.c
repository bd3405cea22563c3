/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The word over a disk. Decides by what proves damage: the disk's own failed
 * status, its own limits passed, data that it could not read, tests that it
 * failed, flash that is used up, and growth of these. Must never blame a disk
 * for its age, for how often it was switched on, or for a number whose format
 * is the vendor's secret. Invariant: the worst word is that of the first
 * reason, and no reason gives no worse a word than healthy.
 */
#include <inttypes.h>
#include <stdarg.h>

#include "disk_health.h"

/* One bad physical sector of 4 KiB is eight of the logical ones that most disks
 * count: more is more than one accident. */
#define REALLOCATED_SANE 8
/* SCSI disks are made to be run with a grown list; it fills to thousands. */
#define GROWN_SANE 32
/* Replugging and power cuts leave a few; a bad cable leaves hundreds. */
#define CRC_SANE 100
/* Six weeks of operation: an unreadable sector that was rewritten since then
 * and left no other trace is history. */
#define RECENT_HOURS 1000
/* A century: such a clock is none. */
#define HOURS_MAX 1000000
/* Rated life: wear is linear, 5 % is months of planning time. */
#define ENDURANCE_LIMIT 95
#define NS_PER_HOUR	(3600 * HALE_NS_PER_S)

const char *hale_assessment_name(enum hale_assessment a)
{
	static const char *const names[HALE_ASSESSMENT_COUNT] = {
		[HALE_DISK_UNREAD] = "",
		[HALE_DISK_HEALTHY] = "healthy",
		[HALE_DISK_LINK] = "link",
		[HALE_DISK_WORN] = "worn",
		[HALE_DISK_PREFAIL] = "prefail",
		[HALE_DISK_FAILING] = "failing",
	};

	return (unsigned int)a < HALE_ASSESSMENT_COUNT ? names[a] : "";
}

static enum hale_assessment word_of(enum hale_condition c)
{
	if (c == HALE_DISK_SMART_FAILING)
		return HALE_DISK_FAILING;
	if (c == HALE_DISK_SMART_PREFAIL)
		return HALE_DISK_PREFAIL;
	if (c == HALE_DISK_WORN_OUT)
		return HALE_DISK_WORN;
	return c == HALE_DISK_LINK_ERROR ? HALE_DISK_LINK : HALE_DISK_HEALTHY;
}

void judging_add(struct judging *j, enum hale_condition condition,
		 const char *format, ...)
{
	struct hale_disk_assessment *out = j->out;
	enum hale_assessment word = word_of(condition);
	uint32_t at = out->n_reasons, n;
	va_list args;

	while (at > 0 && word_of(out->reasons[at - 1].condition) < word)
		at--;
	if (word > out->worst)
		out->worst = word;
	if (at == HALE_DISK_REASONS_MAX)
		return;
	n = out->n_reasons < HALE_DISK_REASONS_MAX ? out->n_reasons
						   : HALE_DISK_REASONS_MAX - 1;
	memmove(&out->reasons[at + 1], &out->reasons[at],
		(n - at) * sizeof(out->reasons[0]));
	out->n_reasons = n + 1;
	out->reasons[at].condition = condition;
	va_start(args, format);
	vsnprintf(out->reasons[at].text, sizeof(out->reasons[at].text), format,
		  args);
	va_end(args);
}

static uint64_t growth(const struct judging *j, enum hale_disk_count which)
{
	return hale_disk_growth(&j->counts, j->before, which);
}

/* ", 3 more than 26 h ago", or "" */
static const char *more(const struct judging *j, enum hale_disk_count which,
			char *buf, size_t size)
{
	uint64_t hours, by = growth(j, which);

	if (by == 0)
		return "";
	hours = (j->counts.time_ns - j->before->time_ns) / NS_PER_HOUR;
	if (hours == 0)
		snprintf(buf, size, ", %" PRIu64 " more within the hour", by);
	else
		snprintf(buf, size, ", %" PRIu64 " more than %" PRIu64 " h ago",
			 by, hours);
	return buf;
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static bool counted(const struct judging *j, enum hale_disk_count which,
		    uint64_t *ret_n)
{
	*ret_n = j->counts.count[which];
	return (j->counts.known >> which & 1) != 0 && *ret_n > 0;
}

static void judge_reallocated(struct judging *j)
{
	uint64_t n, sane = j->d->protocol == HALE_DISK_SCSI ? GROWN_SANE
							    : REALLOCATED_SANE;
	char text[64];

	/* flash retires blocks all its life: what is left is judged there */
	if (!counted(j, HALE_DISK_COUNT_REALLOCATED, &n) || !j->d->rotational)
		return;
	if (n > sane || growth(j, HALE_DISK_COUNT_REALLOCATED) > 0)
		judging_add(j, HALE_DISK_SMART_PREFAIL, "%" PRIu64 " %s%s%s", n,
			    j->d->protocol == HALE_DISK_SCSI
				    ? "grown defect"
				    : "reallocated sector",
			    plural(n),
			    more(j, HALE_DISK_COUNT_REALLOCATED, text,
				 sizeof(text)));
}

static void judge_counts(struct judging *j)
{
	static const struct {
		enum hale_disk_count which;
		const char *what;
	} rows[] = {
		{ HALE_DISK_COUNT_PENDING, "sector%s that cannot be read now" },
		{ HALE_DISK_COUNT_UNCORRECTABLE,
		  "error%s that could not be corrected" },
		{ HALE_DISK_COUNT_OFFLINE,
		  "sector%s that the disk's own scan could not read" },
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		const char *mark = strstr(rows[i].what, "%s");
		char text[64];
		uint64_t n;

		if (!counted(j, rows[i].which, &n))
			continue;
		judging_add(
			j, HALE_DISK_SMART_PREFAIL, "%" PRIu64 " %.*s%s%s%s", n,
			(int)(mark - rows[i].what), rows[i].what, plural(n),
			mark + 2, more(j, rows[i].which, text, sizeof(text)));
	}
	judge_reallocated(j);
}

/* Hours of operation since then; false where the clocks do not agree. */
static bool hours_ago(const struct hale_disk_reading *d,
		      enum hale_disk_value when, uint64_t *ret_hours)
{
	uint64_t now = d->value[HALE_DISK_POWER_ON_HOURS];
	uint64_t then = d->value[when];

	if (!hale_disk_knows(d, HALE_DISK_POWER_ON_HOURS) ||
	    !hale_disk_knows(d, when) || then > now || now > HOURS_MAX)
		return false;
	/* the logs of ATA keep 16 bits of it */
	*ret_hours = now > UINT16_MAX && then <= UINT16_MAX
			     ? (now - then) & UINT16_MAX
			     : now - then;
	return true;
}

static void judge_error_log(struct judging *j)
{
	uint64_t n = j->d->value[HALE_DISK_ERROR_LOG_UNC], hours;

	if (!hale_disk_knows(j->d, HALE_DISK_ERROR_LOG_UNC) || n == 0 ||
	    !hours_ago(j->d, HALE_DISK_ERROR_LOG_LAST_HOURS, &hours) ||
	    hours > RECENT_HOURS)
		return;
	judging_add(j, HALE_DISK_SMART_PREFAIL,
		    "%" PRIu64 " unreadable sector%s in its error log, the "
		    "last %" PRIu64 " h of operation ago",
		    n, plural(n), hours);
}

static void judge_self_tests(struct judging *j)
{
	const struct hale_disk_reading *d = j->d;
	uint64_t n = d->value[HALE_DISK_SELF_TEST_FAILED], hours;
	char when[48] = "", where[48] = "";

	if (!hale_disk_knows(d, HALE_DISK_SELF_TEST_FAILED) || n == 0)
		return;
	if (hours_ago(d, HALE_DISK_SELF_TEST_HOURS, &hours))
		snprintf(when, sizeof(when), ", the last %" PRIu64 " h ago",
			 hours);
	if (hale_disk_knows(d, HALE_DISK_SELF_TEST_LBA) &&
	    !judging_is_filler(d->value[HALE_DISK_SELF_TEST_LBA]))
		snprintf(where, sizeof(where), ", at sector %" PRIu64,
			 d->value[HALE_DISK_SELF_TEST_LBA]);
	judging_add(j, HALE_DISK_SMART_PREFAIL,
		    "%" PRIu64 " failed self-test%s%s%s", n, plural(n), when,
		    where);
}

static void judge_scan(struct judging *j)
{
	uint64_t n = j->d->value[HALE_DISK_SCAN_ERRORS];

	if (hale_disk_knows(j->d, HALE_DISK_SCAN_ERRORS) && n > 0)
		judging_add(j, HALE_DISK_SMART_PREFAIL,
			    "%" PRIu64 " medium error%s found by its "
			    "background scan",
			    n, plural(n));
}

static void judge_wear(struct judging *j)
{
	const struct hale_disk_reading *d = j->d;
	uint64_t used = d->value[HALE_DISK_ENDURANCE_USED];
	uint64_t spare = d->value[HALE_DISK_SPARE];
	uint64_t limit = d->value[HALE_DISK_SPARE_LIMIT];

	/* page 7 of rotating disks exists, too, and means nothing */
	if (d->rotational)
		return;
	if (judging_endurance(d) && used >= ENDURANCE_LIMIT)
		judging_add(j, HALE_DISK_WORN_OUT,
			    "%" PRIu64 " %% of its rated endurance is used",
			    used);
	if (hale_disk_knows(d, HALE_DISK_SPARE) &&
	    hale_disk_knows(d, HALE_DISK_SPARE_LIMIT) && limit <= 100 &&
	    spare < limit)
		judging_add(j, HALE_DISK_WORN_OUT,
			    "%" PRIu64 " %% of its spare blocks left, its "
			    "limit is %" PRIu64 " %%",
			    spare, limit);
}

static void judge_link(struct judging *j)
{
	uint64_t n;
	char text[64];

	if (!counted(j, HALE_DISK_COUNT_CRC, &n))
		return;
	if (n >= CRC_SANE || growth(j, HALE_DISK_COUNT_CRC) > 0)
		judging_add(j, HALE_DISK_LINK_ERROR,
			    "%" PRIu64 " transfer%s corrupted on the cable%s",
			    n, plural(n),
			    more(j, HALE_DISK_COUNT_CRC, text, sizeof(text)));
}

static bool tells_something(const struct judging *j)
{
	const struct hale_disk_reading *d = j->d;

	return d->n_attributes > 0 || j->counts.known != 0 ||
	       hale_disk_knows(d, HALE_DISK_PASSED) ||
	       hale_disk_knows(d, HALE_DISK_CRITICAL_WARNING) ||
	       hale_disk_knows(d, HALE_DISK_IE_ASC) ||
	       hale_disk_knows(d, HALE_DISK_ENDURANCE_USED) ||
	       hale_disk_knows(d, HALE_DISK_SELF_TEST_FAILED);
}

void hale_disk_judge(const struct hale_disk_reading *now,
		     const struct hale_disk_counts *before,
		     struct hale_disk_assessment *ret_assessment)
{
	struct judging j = { now, before, { 0 }, ret_assessment };

	memset(ret_assessment, 0, sizeof(*ret_assessment));
	if (now->asleep)
		return;
	hale_disk_count(now, &j.counts);
	if (!tells_something(&j))
		return;
	ret_assessment->worst = HALE_DISK_HEALTHY;
	judging_status(&j);
	judging_attributes(&j);
	judge_counts(&j);
	judge_self_tests(&j);
	judge_error_log(&j);
	judge_scan(&j);
	judge_wear(&j);
	judge_link(&j);
	judging_temperature(&j);
}

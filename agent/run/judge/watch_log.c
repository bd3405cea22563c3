/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Did the kernel say anything while a build ran? Where no agent runs, looking
 * at the host again is a scan, which costs more than many a command; after one
 * that passed while the kernel was silent it would find what it found before.
 * Decides only that: what was said is the scan's to read. A log that may not be
 * read is one that the scan could not read either.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "watch_own.h"

/* What tells of a fault is a notice at least: "nfs: server not responding". */
#define LEVEL_NOTICE 5
/* More than so many are looked at by whoever is made for it. */
#define RECORDS_MAX 256
#define RECORD_MAX  8192 /* the kernel's CONSOLE_EXT_LOG_MAX */

void watch_log_begin(struct watch *w)
{
	hale_cleanup_fd(&w->log_fd);
	w->log_ns = 0;
	w->log_fd = openat(w->root_fd, "dev/kmsg",
			   O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (w->log_fd >= 0 && lseek(w->log_fd, 0, SEEK_END) < 0)
		hale_cleanup_fd(&w->log_fd);
}

/* "6,1234,5678,-;text": the kernel's own facility is 0, so that the number is
 * the level. */
static bool matters(const char *record)
{
	return strtoul(record, NULL, 10) <= LEVEL_NOTICE;
}

/* As read(2), of the next record; terminated. */
static ssize_t next(struct watch *w, char *record)
{
	ssize_t n = read(w->log_fd, record, RECORD_MAX - 1);
	const char *stamp;

	if (n <= 0)
		return n;
	record[n] = '\0';
	stamp = strchr(record, ',');
	stamp = stamp ? strchr(stamp + 1, ',') : NULL;
	if (stamp && w->log_ns == 0)
		w->log_ns = strtoul(stamp + 1, NULL, 10) * HALE_NS_PER_US;
	return n;
}

uint64_t watch_log_first(struct watch *w)
{
	_cleanup_free_ char *record = malloc(RECORD_MAX);

	if (w->log_ns == 0 && w->log_fd >= 0 && record)
		next(w, record);
	return w->log_ns ? w->log_ns : UINT64_MAX;
}

bool watch_log_silent(struct watch *w)
{
	_cleanup_free_ char *record = malloc(RECORD_MAX);

	if (w->log_fd < 0 || !record)
		return record != NULL;
	for (int i = 0; i < RECORDS_MAX; i++) {
		ssize_t n = next(w, record);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			return true;
		if (n < 0) /* EPIPE: some was overwritten before it was read */
			return errno == EAGAIN;
		if (matters(record))
			return false;
	}
	return false;
}

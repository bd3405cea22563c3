/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log's descriptors. Decides where a core that takes another's place reads
 * on, and how far behind the mark for the next one stays: always some records,
 * so that one that stands right has something to show for it. Must never
 * believe a position that cannot be shown. Invariant: no record after
 * hale_probe.resume_seq that the kernel still has is passed over.
 */
#include "kmsg_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "hale/base.h"

#include "kmsg_record.h"

/* What comes between two writes of the vault, in a busy moment: where more had
 * come the next core reads all. */
#define BEHIND 64
/* Overwritten records are skipped with one error, then there is one. */
#define TRIES 4

/* "6,339,5140900,-;...": kmsg_record_parse() changes what it reads. */
static bool seq_of(const char *buf, size_t len, uint64_t *ret_seq)
{
	const char *at = memchr(buf, ',', len);
	uint64_t seq = 0;

	if (!at || at + 1 == buf + len || at[1] < '0' || at[1] > '9')
		return false;
	for (at++; at < buf + len && *at >= '0' && *at <= '9'; at++)
		seq = 10 * seq + (uint64_t)(*at - '0');
	*ret_seq = seq;
	return true;
}

static ssize_t read_from(int fd, char *buf)
{
	ssize_t n = read(fd, buf, KMSG_RECORD_MAX);

	if (n == 0)
		return -EAGAIN;
	return n < 0 ? -errno : n;
}

/* Bytes of the record that it gives, where that is none too late; else 0. */
static size_t stands(int fd, uint64_t resume_seq, char *buf)
{
	ssize_t n = -EPIPE;
	uint64_t seq;

	if (resume_seq == 0)
		return 0;
	for (int i = 0; n == -EPIPE && i < TRIES; i++)
		n = read_from(fd, buf);
	if (n <= 0 || !seq_of(buf, (size_t)n, &seq) || seq > resume_seq + 1)
		return 0;
	return (size_t)n;
}

/* The last core shared them, and may have made them block. */
static bool is_usable(const struct hale_probe *p)
{
	if (p->once || !p->logs)
		return false;
	for (int i = 0; i < HALE_LOGS; i++) {
		if (p->logs[i] < 0 ||
		    fcntl(p->logs[i], F_SETFL, O_NONBLOCK) < 0)
			return false;
	}
	return true;
}

static void choose(struct kmsg_log *l, const struct hale_probe *p, char *buf)
{
	int i = 0;

	while (i < HALE_LOGS &&
	       (l->first = stands(p->logs[i], p->resume_seq, buf)) == 0)
		i++;
	l->fd = p->logs[i % HALE_LOGS];
	l->mark = p->logs[(i + 1) % HALE_LOGS];
	if (i == HALE_LOGS)
		lseek(l->fd, 0, SEEK_SET);
	lseek(l->mark, 0, SEEK_SET);
}

int kmsg_log_open(struct kmsg_log *l, const struct hale_probe *p, char *buf)
{
	*l = (struct kmsg_log){ .fd = -1, .mark = -1 };
	if (is_usable(p)) {
		choose(l, p, buf);
		l->lent = true;
		return 0;
	}
	l->fd = openat(p->root_fd, "dev/kmsg",
		       O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return l->fd < 0 ? -errno : 0;
}

void kmsg_log_close(struct kmsg_log *l)
{
	if (l->fd > 0 && !l->lent)
		close(l->fd);
	l->fd = l->mark = -1;
}

ssize_t kmsg_log_read(struct kmsg_log *l, char *buf)
{
	size_t first = l->first;

	l->first = 0;
	return first ? (ssize_t)first : read_from(l->fd, buf);
}

int kmsg_log_rewind(struct kmsg_log *l)
{
	return lseek(l->fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

ssize_t kmsg_log_follow(struct kmsg_log *l, uint64_t last_seq, char *buf)
{
	ssize_t n;

	if (l->mark < 0 || l->mark_seq + BEHIND >= last_seq)
		return 0;
	n = read_from(l->mark, buf);
	if (n > 0)
		seq_of(buf, (size_t)n, &l->mark_seq);
	/* overwritten, or no record: behind it there is one */
	return n > 0 || n == -EPIPE || n == -EINVAL ? n : 0;
}

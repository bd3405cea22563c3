/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How near the host is to the ends of three tables: process numbers, open
 * files, tracked connections. What is full is told by its numbers; a limit is
 * left only some way below where it was met, so that a host on its edge does
 * not flicker. Runs inside the agent, so it opens its files once, at the start,
 * and only reads them again; connection tracking, which is loaded when somebody
 * needs it, is looked for anew.
 *
 * Observations of this driver: value is what is in use, total the limit.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "limits_read.h"

/* Percent points below the threshold at which the finding ends. */
#define HYSTERESIS 5

enum source {
	LOADAVG, /* threads of the whole host */
	PID_MAX,
	THREADS_MAX,
	CGROUP_PIDS, /* of this container, or namespace of cgroups */
	CGROUP_PIDS_MAX,
	FILE_NR,
	CONNTRACK,
	CONNTRACK_MAX,
	SOURCES
};

static const char *const paths[SOURCES] = {
	[LOADAVG] = "proc/loadavg",
	[PID_MAX] = "proc/sys/kernel/pid_max",
	[THREADS_MAX] = "proc/sys/kernel/threads-max",
	[CGROUP_PIDS] = "sys/fs/cgroup/pids.current",
	[CGROUP_PIDS_MAX] = "sys/fs/cgroup/pids.max",
	[FILE_NR] = "proc/sys/fs/file-nr",
	[CONNTRACK] = "proc/sys/net/netfilter/nf_conntrack_count",
	[CONNTRACK_MAX] = "proc/sys/net/netfilter/nf_conntrack_max",
};

enum what {
	PIDS,
	FILES,
	CONNECTIONS,
	WHATS
};

/* The defaults leave a large build room to start; a full table of connections
 * drops packets at once. */
static const struct {
	const char *key;
	enum hale_condition condition;
	unsigned int percent;
} whats[WHATS] = {
	[PIDS] = { "pids", HALE_LIMIT_PIDS, 90 },
	[FILES] = { "files", HALE_LIMIT_FILES, 90 },
	[CONNECTIONS] = { "conntrack", HALE_LIMIT_CONNTRACK, 95 },
};

struct limits_state {
	int root_fd;
	int fds[SOURCES];
	unsigned int percent[WHATS];
	bool near[WHATS];
};

static int read_options(const struct hale_probe *p, unsigned int percent[WHATS],
			char error[HALE_CHECK_ERROR_MAX])
{
	for (int i = 0; i < WHATS; i++) {
		const char *text = hale_option(p, whats[i].key);

		percent[i] = whats[i].percent;
		if (text && limits_percent(text, &percent[i]) < 0) {
			snprintf(error, HALE_CHECK_ERROR_MAX,
				 "%s: not a share from 1%% to 100%%",
				 whats[i].key);
			return -EINVAL;
		}
	}
	return 0;
}

static int limits_check(const struct hale_probe *p,
			char ret_error[HALE_CHECK_ERROR_MAX])
{
	unsigned int percent[WHATS];

	return read_options(p, percent, ret_error);
}

static void open_source(struct limits_state *s, enum source i)
{
	if (s->fds[i] < 0)
		s->fds[i] = openat(s->root_fd, paths[i], O_RDONLY | O_CLOEXEC);
}

static bool read_source(struct limits_state *s, enum source i, char text[128])
{
	ssize_t n = -1;

	if (s->fds[i] >= 0)
		n = pread(s->fds[i], text, 127, 0);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static bool read_number(struct limits_state *s, enum source i, uint64_t *ret)
{
	char text[128];

	return read_source(s, i, text) && limits_number(text, ret);
}

static void nearer(struct limits_use *use, uint64_t used, uint64_t limit,
		   const char *name)
{
	const struct limits_use other = { used, limit, name };

	if (limit && limits_permille(&other) >= limits_permille(use))
		*use = other;
}

/* The limit that will be met first. */
static struct limits_use pids(struct limits_state *s)
{
	struct limits_use use = { 0 };
	uint64_t used, limit;
	char text[128];

	if (read_source(s, LOADAVG, text) && limits_loadavg(text, &used)) {
		if (read_number(s, PID_MAX, &limit))
			nearer(&use, used, limit, "kernel.pid_max");
		if (read_number(s, THREADS_MAX, &limit))
			nearer(&use, used, limit, "kernel.threads-max");
	}
	if (read_number(s, CGROUP_PIDS, &used) &&
	    read_number(s, CGROUP_PIDS_MAX, &limit))
		nearer(&use, used, limit, "pids.max of hale's cgroup");
	return use;
}

static struct limits_use files(struct limits_state *s)
{
	struct limits_use use = { .name = "fs.file-max" };
	char text[128];

	if (!read_source(s, FILE_NR, text) ||
	    !limits_file_nr(text, &use.used, &use.limit))
		use.limit = 0;
	return use;
}

static void close_source(struct limits_state *s, enum source i)
{
	if (s->fds[i] >= 0)
		close(s->fds[i]);
	s->fds[i] = -1;
}

static struct limits_use connections(struct limits_state *s)
{
	struct limits_use use = { .name = "nf_conntrack_max" };

	open_source(s, CONNTRACK);
	open_source(s, CONNTRACK_MAX);
	if (read_number(s, CONNTRACK, &use.used) &&
	    read_number(s, CONNTRACK_MAX, &use.limit))
		return use;
	/* unloaded: the files are of a module that is gone */
	close_source(s, CONNTRACK);
	close_source(s, CONNTRACK_MAX);
	use.used = use.limit = 0;
	return use;
}

static void say(struct hale_probe *p, enum what what,
		const struct limits_use *use)
{
	static const char *const words[WHATS] = { "process numbers",
						  "open files",
						  "tracked connections" };
	struct limits_state *s = p->state;
	unsigned int bar = s->percent[what];
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = whats[what].condition,
				      .time_ns = p->now_ns,
				      .value = use->used,
				      .total = use->limit,
				      .part = "host" };

	if (s->near[what])
		bar = bar > HYSTERESIS ? bar - HYSTERESIS : 1;
	s->near[what] = use->limit && limits_permille(use) >= bar * 10;
	o.holds = s->near[what];
	o.count = o.holds;
	if (o.holds)
		snprintf(o.evidence, sizeof(o.evidence),
			 "%llu of %llu %s are in use (%s)",
			 (unsigned long long)use->used,
			 (unsigned long long)use->limit, words[what],
			 use->name);
	hale_emit_observation(p, &o);
}

static int limits_sample(struct hale_probe *p)
{
	struct limits_state *s = p->state;
	const struct limits_use uses[WHATS] = {
		[PIDS] = pids(s),
		[FILES] = files(s),
		[CONNECTIONS] = connections(s),
	};
	bool seen = uses[PIDS].limit && uses[FILES].limit;

	for (int i = 0; i < WHATS; i++) {
		/* no tracking, no limit: that is known, not unread */
		if (uses[i].limit || i == CONNECTIONS)
			say(p, (enum what)i, &uses[i]);
	}
	hale_emit_coverage(p, HALE_SENSE_LIMITS,
			   seen ? HALE_SIGHT_LIVE : HALE_SIGHT_PARTIAL,
			   seen ? "" : "some limits of /proc cannot be read",
			   seen ? "" : "mount proc without subset=pid");
	return 0;
}

static void limits_remove(struct hale_probe *p)
{
	struct limits_state *s = p->state;

	for (int i = 0; i < SOURCES; i++) {
		if (s->fds[i] > 0)
			close(s->fds[i]);
		s->fds[i] = -1;
	}
}

static int limits_probe(struct hale_probe *p)
{
	struct limits_state *s = p->state;
	char error[HALE_CHECK_ERROR_MAX];

	s->root_fd = p->root_fd;
	if (read_options(p, s->percent, error) < 0)
		return -EINVAL;
	for (int i = 0; i < SOURCES; i++) {
		s->fds[i] = -1;
		open_source(s, (enum source)i);
	}
	if (s->fds[LOADAVG] >= 0 || s->fds[FILE_NR] >= 0)
		return 0;
	limits_remove(p);
	hale_emit_coverage(p, HALE_SENSE_LIMITS, HALE_SIGHT_BLIND,
			   "/proc does not show the limits of the host",
			   "mount proc without subset=pid");
	return -ENODEV;
}

HALE_DRIVER(limits) = {
	.name = "limits",
	.about = "process numbers, open files, tracked connections near their "
		 "end",
	.state_size = sizeof(struct limits_state),
	.period_ms = 60 * 1000,
	.senses = 1U << HALE_SENSE_LIMITS,
	.scans = true,
	.probe = limits_probe,
	.check = limits_check,
	.sample = limits_sample,
	.remove = limits_remove,
};

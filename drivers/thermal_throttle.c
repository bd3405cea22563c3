/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches how long processors run throttled, by the counters that Intel's have
 * (drivers/thermal/intel/therm_throt.c). Any processor with a turbo throttles
 * for a millisecond now and then, and its counter then reads some hundreds: so
 * the share of the time decides. Keeps its files open, and reads them again.
 * Invariant: one row a core and one a package, whatever number share it.
 */
#include <errno.h>
#include <fcntl.h>

#include "thermal_parts.h"

/* Of the time: so much costs a build as much; and so little is over. */
#define BEGIN_PERCENT 5
#define END_PERCENT   1
/* Before Linux 5.8 there are only counts: crossings a minute. */
#define BEGIN_COUNT 30
/* Processors that are not there, in a row, before it is taken for the end. */
#define HOLES_MAX 32

/* The first of "0-3,8": who else shares it. */
static bool is_first(int root_fd, uint32_t cpu, const char *file)
{
	char path[96], text[16] = "";

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/topology/%s",
		 cpu, file);
	hale_read_at(root_fd, path, text, sizeof(text));
	return text[0] < '0' || text[0] > '9' || strtoul(text, NULL, 10) == cpu;
}

static int open_counter(int root_fd, uint32_t cpu, const char *what)
{
	char path[96];

	snprintf(path, sizeof(path),
		 "sys/devices/system/cpu/cpu%u/thermal_throttle/%s", cpu, what);
	return openat(root_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

static void open_row(int root_fd, struct throttle_row *row)
{
	row->in_ms = true;
	row->fd = open_counter(root_fd, row->cpu,
			       row->package ? "package_throttle_total_time_ms"
					    : "core_throttle_total_time_ms");
	if (row->fd >= 0)
		return;
	row->in_ms = false;
	row->fd = open_counter(root_fd, row->cpu,
			       row->package ? "package_throttle_count"
					    : "core_throttle_count");
}

static void add_row(int root_fd, struct throttle *t, uint32_t cpu, bool package)
{
	struct throttle_row row = { .cpu = cpu, .package = package };

	if (t->n == THROTTLE_ROWS_MAX) {
		t->cut = true;
		return;
	}
	open_row(root_fd, &row);
	if (row.fd >= 0)
		t->rows[t->n++] = row;
}

static bool is_there(int root_fd, uint32_t cpu)
{
	char path[64];

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u", cpu);
	return faccessat(root_fd, path, F_OK, 0) == 0;
}

static void open_all(int root_fd, struct throttle *t, bool package)
{
	const char *list =
		package ? "core_siblings_list" : "thread_siblings_list";

	uint32_t missing = 0;

	for (uint32_t cpu = 0; missing < HOLES_MAX && !t->cut; cpu++) {
		missing = is_there(root_fd, cpu) ? 0 : missing + 1;
		if (!missing && is_first(root_fd, cpu, list))
			add_row(root_fd, t, cpu, package);
	}
}

/* Packages first: they must all fit. */
void throttle_open(int root_fd, struct throttle *t)
{
	memset(t, 0, sizeof(*t));
	open_all(root_fd, t, true);
	open_all(root_fd, t, false);
}

void throttle_close(struct throttle *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		hale_cleanup_fd(&t->rows[i].fd);
	t->n = 0;
}

static bool read_row(const struct throttle_row *row, uint64_t *ret)
{
	char text[24], *end;
	ssize_t n = pread(row->fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return false;
	text[n] = '\0';
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return errno == 0 && end != text && (*end == '\n' || *end == '\0') &&
	       text[0] != '-';
}

/* A processor that is switched off has no counters, and gets other files when
 * it comes back, as all but the first do when a machine has slept. */
static void renew_row(int root_fd, struct throttle_row *row)
{
	hale_cleanup_fd(&row->fd);
	open_row(root_fd, row);
	row->known = read_row(row, &row->value);
}

/* A core and its package may be told of by the same processor's number. */
static bool holds_of(const struct throttle *t, uint32_t cpu)
{
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->rows[i].cpu == cpu && t->rows[i].holds)
			return true;
	}
	return false;
}

static void say(struct hale_probe *p, const struct throttle *t,
		struct throttle_row *row, uint64_t grown, uint64_t ms)
{
	bool holds = holds_of(t, row->cpu);
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = HALE_CPU_THROTTLED,
				      .holds = holds,
				      .count = holds,
				      .value = grown,
				      .time_ns = p->now_ns };
	const char *whose = row->package ? "its whole package" : "its core";

	snprintf(o.part, sizeof(o.part), "cpu/%u", row->cpu);
	if (row->holds && row->in_ms)
		snprintf(o.evidence, sizeof(o.evidence),
			 "CPU %u: %s ran throttled %llu %% of the last %llu s",
			 row->cpu, whose,
			 (unsigned long long)(grown * 100 / ms),
			 (unsigned long long)(ms / 1000));
	else if (row->holds)
		snprintf(o.evidence, sizeof(o.evidence),
			 "CPU %u: %s was throttled %llu times in %llu s",
			 row->cpu, whose, (unsigned long long)grown,
			 (unsigned long long)(ms / 1000));
	row->said = true;
	hale_emit_observation(p, &o);
}

/* Holds on while it is between the two limits. */
static bool judge(const struct throttle_row *row, uint64_t grown, uint64_t ms)
{
	uint64_t begin = row->in_ms ? ms * BEGIN_PERCENT / 100
				    : ms * BEGIN_COUNT / 60000;
	uint64_t end = row->in_ms ? ms * END_PERCENT / 100 : 0;

	return grown > (row->holds ? end : begin);
}

static void sample_row(struct hale_probe *p, const struct throttle *t,
		       struct throttle_row *row, uint64_t ms)
{
	uint64_t value, grown;
	bool held = row->holds, had = row->known;

	if (!read_row(row, &value)) {
		renew_row(p->root_fd, row);
		return;
	}
	grown = had && value > row->value ? value - row->value : 0;
	row->value = value;
	row->known = true;
	if (!had || ms == 0)
		return;
	row->holds = judge(row, grown, ms);
	/* what goes on is said again, or it would expire */
	if (!row->said || row->holds || held)
		say(p, t, row, grown, ms);
}

void throttle_sample(struct hale_probe *p, struct throttle *t)
{
	uint64_t ms = t->read_ns && p->now_ns > t->read_ns
			      ? (p->now_ns - t->read_ns) / HALE_NS_PER_MS
			      : 0;

	/* woken by an event: too soon to tell a share */
	if (t->read_ns && ms < 10000)
		return;
	t->read_ns = p->now_ns;
	for (uint32_t i = 0; i < t->n; i++)
		sample_row(p, t, &t->rows[i], ms);
}

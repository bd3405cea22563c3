/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reporter itself, its loop, spool and link, without an agent: what its
 *gate would say is made up here, as much as stdin orders. It keeps a book of
 *what the spool took and what the fleet acknowledged, an id a line, for a test
 *to hold against the stream. Invariant: what is in the book as acknowledged was
 * so before the spool forgot it.
 *
 *	fleet_outbox DIR SEED CA FIRST SERVER...
 *
 * FIRST: which of the servers is tried first. In DIR, next to the spool: made,
 * acked. Each line "tell N" on stdin makes N events more; "end" is the
 *program's end, once nothing waits, and so is that of stdin.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/report/report.h"
#include "agent/sandbox/successor.h"

#define PACE_NS	  (10 * HALE_NS_PER_MS)
#define AT_ONCE	  4 /* findings of a report */
#define PART_SIZE 64

static struct report report;

static struct {
	int made_fd, acked_fd;
	uint64_t ordered, made, reports;
	uint32_t first;
	bool begun, ended;
	char line[64];
	size_t len;
} book;

/* --- the book --- */

static void write_id(int fd, const struct spool_id *id)
{
	char hex[2 * FLEET_MESSAGE_ID + 2];

	for (size_t i = 0; i < FLEET_MESSAGE_ID; i++)
		snprintf(hex + 2 * i, 3, "%02x", id->bytes[i]);
	hex[2 * FLEET_MESSAGE_ID] = '\n';
	if (write(fd, hex, sizeof(hex) - 1) != (ssize_t)sizeof(hex) - 1)
		abort();
}

int __real_spool_put(struct spool *s, const struct spool_item *items, size_t n,
		     uint64_t now_ns);
int __wrap_spool_put(struct spool *s, const struct spool_item *items, size_t n,
		     uint64_t now_ns);
int __wrap_spool_put(struct spool *s, const struct spool_item *items, size_t n,
		     uint64_t now_ns)
{
	int r = __real_spool_put(s, items, n, now_ns);

	for (size_t i = 0; i < n && r >= 0; i++)
		write_id(book.made_fd, &items[i].id);
	if (r >= 0)
		book.made += n;
	return r;
}

void __real_spool_ack(struct spool *s, const struct spool_id *ids, size_t n);
void __wrap_spool_ack(struct spool *s, const struct spool_id *ids, size_t n);
void __wrap_spool_ack(struct spool *s, const struct spool_id *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		write_id(book.acked_fd, &ids[i]);
	__real_spool_ack(s, ids, n);
}

/* --- what the agent would say --- */

/* Findings of parts that no report named before: each opens, and those of the
 * report before have ended. */
static void tell(struct report *r)
{
	static char parts[AT_ONCE][PART_SIZE];
	Hale__V1__HostReport m;
	Hale__V1__Finding findings[AT_ONCE], *all[AT_ONCE];
	Hale__V1__Part part[AT_ONCE];

	hale__v1__host_report__init(&m);
	m.as_of_ns = report_real_ns();
	for (size_t i = 0; i < AT_ONCE; i++) {
		snprintf(parts[i], PART_SIZE, "disk/serial:%llu.%zu",
			 (unsigned long long)book.reports, i);
		hale__v1__part__init(&part[i]);
		part[i].id = parts[i];
		hale__v1__finding__init(&findings[i]);
		findings[i].part = &part[i];
		findings[i].condition = (char *)(uintptr_t) "disk.medium_error";
		findings[i].effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
		findings[i].first_ns = findings[i].last_ns = m.as_of_ns;
		findings[i].count = 1;
		all[i] = &findings[i];
	}
	m.findings = all;
	m.n_findings = AT_ONCE;
	book.reports++;
	report_tell(r, &m);
}

/* Takes all that stdin has now. */
static void read_orders(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	while (!book.ended && poll(&p, 1, 0) > 0) {
		char c;

		if (read(STDIN_FILENO, &c, 1) <= 0)
			book.ended = true;
		else if (c != '\n' && book.len + 1 < sizeof(book.line))
			book.line[book.len++] = c;
		if (book.ended || c != '\n')
			continue;
		book.line[book.len] = '\0';
		book.len = 0;
		if (strncmp(book.line, "tell ", 5) == 0)
			book.ordered += strtoull(book.line + 5, NULL, 10);
		book.ended = strcmp(book.line, "end") == 0;
	}
}

/* In the place of the history's builds: it has a turn of the loop now and then.
 */
void __wrap_report_builds(struct report *r);
void __wrap_report_builds(struct report *r)
{
	struct spool_item item;

	r->builds_ns = report_mono_ns() + PACE_NS;
	if (!book.begun)
		r->server = book.first % (uint32_t)r->setup.n_servers;
	book.begun = true;
	read_orders();
	if (book.made < book.ordered)
		tell(r);
	else if (book.ended && spool_peek(r->spool, 0, &item, 1) == 0)
		r->renew = true;
}

/* --- the command line --- */

static int open_book(const char *dir, const char *name)
{
	char path[1024];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		perror(path);
	return fd;
}

static int open_secret(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		perror(path);
	return fd;
}

int main(int argc, char **argv)
{
	struct report_setup *s = &report.setup;
	int r;

	if (argc < 6 || argc - 5 > REPORT_SERVERS_MAX) {
		fputs("usage: fleet_outbox DIR SEED CA FIRST SERVER...\n",
		      stderr);
		return HALE_EXIT_USAGE;
	}
	s->dir = s->run_dir = argv[1];
	s->agent_fd = s->certificate_fd = s->key_fd = -1;
	report.meminfo_fd = -1;
	s->seed_fd = open_secret(argv[2]);
	s->ca_fd = open_secret(argv[3]);
	book.first = (uint32_t)strtoul(argv[4], NULL, 10);
	for (int i = 5; i < argc; i++)
		s->servers[s->n_servers++] = argv[i];
	book.made_fd = open_book(s->dir, "made");
	book.acked_fd = open_book(s->dir, "acked");
	if (s->seed_fd < 0 || s->ca_fd < 0 || book.made_fd < 0 ||
	    book.acked_fd < 0 || report_identify(&report) < 0)
		return EXIT_FAILURE;
	r = report_run(&report);
	return r == SUCCESSOR_WANTED ? EXIT_SUCCESS : EXIT_FAILURE;
}

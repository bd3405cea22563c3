/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reporter's process: what it is told, and which files it gets. Those that
 * only root may read are opened here and handed over; must never read one of
 * them. Where no servers are configured it is not there. Invariant: as of any
 * such program (super_program.c).
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "agent/daemon/budget.h"
#include "agent/daemon/log.h"
#include "agent/super/super.h"

#define NAME	  "haled: fleet"
#define FILES	  4
#define OOM_SCORE "0"
/* Of 32 servers, 16 labels, 4 operators and 16 paths, two words each. */
#define WORDS_MAX 180

struct words {
	char *argv[WORDS_MAX];
	int n;
	char dir[CONFIG_VALUE_MAX + 64], numbers[3][24], fds[FILES][16];
	struct config_fleet fleet; /* its lists are cut into words here */
};

static void add(struct words *w, const char *name, const char *value)
{
	if (w->n + 3 > WORDS_MAX)
		return;
	w->argv[w->n++] = (char *)(uintptr_t)name;
	if (value)
		w->argv[w->n++] = (char *)(uintptr_t)value;
}

static void add_list(struct words *w, const char *name, char *list)
{
	char *word;

	while ((word = strsep(&list, " ")) != NULL) {
		if (word[0])
			add(w, name, word);
	}
}

static void add_number(struct words *w, const char *name, char text[24],
		       uint64_t number)
{
	if (number == 0)
		return;
	snprintf(text, 24, "%llu", (unsigned long long)number);
	add(w, name, text);
}

static void say_all(struct words *w, const struct super *s)
{
	const struct hale_policy *p = &s->config.policy;

	w->fleet = s->config.fleet;
	snprintf(w->dir, sizeof(w->dir), "%s/fleet", s->options.state_dir);
	add(w, NAME, NULL);
	add(w, "--agent", "3");
	add(w, "--run-dir", s->options.run_dir);
	add(w, "--dir", w->dir);
	add_list(w, "--server", w->fleet.servers);
	add_list(w, "--label", w->fleet.labels);
	add_list(w, "--obey", w->fleet.obey);
	add_number(w, "--heartbeat", w->numbers[0], w->fleet.heartbeat_s);
	add_number(w, "--spool-size", w->numbers[1], w->fleet.spool_bytes);
	add_number(w, "--spool-age", w->numbers[2],
		   w->fleet.spool_age_ns / HALE_NS_PER_S);
	for (size_t i = 0; i < p->n_host_paths; i++)
		add(w, "--room", p->host_paths[i]);
}

/* Root reads none of them; a pipe that nobody writes to waits for nobody. */
static size_t open_files(struct words *w, int fds[FILES])
{
	const struct {
		const char *option, *path;
	} files[FILES] = {
		{ "--seed", w->fleet.seed },
		{ "--ca", w->fleet.ca },
		{ "--certificate", w->fleet.certificate },
		{ "--key", w->fleet.key },
	};
	size_t n = 0;

	for (size_t i = 0; i < FILES; i++) {
		if (!files[i].path[0])
			continue;
		fds[n] = open(files[i].path,
			      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (fds[n] < 0) {
			log_line(LOG_LEVEL_ERROR, "[fleet] %s: %s",
				 files[i].path, strerror(errno));
			_exit(EXIT_FAILURE);
		}
		snprintf(w->fds[n], sizeof(w->fds[n]), "%zu",
			 SUPER_EXEC_FD + 1 + n);
		add(w, files[i].option, w->fds[n]);
		n++;
	}
	return n;
}

static int work(struct super *s, int fd)
{
	static struct words w;
	int fds[1 + FILES] = { fd };
	size_t n;

	say_all(&w, s);
	n = 1 + open_files(&w, fds + 1);
	budget_set_oom_score(OOM_SCORE);
	return super_exec(s, "hale-reporter", w.argv, fds, n);
}

static bool wanted(const struct super *s)
{
	return s->config.fleet.servers[0] != '\0';
}

void super_init_fleet(struct super *s)
{
	static const struct super_kind kind = {
		.name = NAME,
		.missing = "hale-reporter is not installed: no fleet hears of "
			   "this host",
		.work = work,
		.wanted = wanted,
	};

	super_init_program(s, &s->fleet, &kind);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the history is: with `haled: ship` where an agent keeps it, else in the
 * user's own store, or in the file that was named. Must never wait for long nor
 * change what it reads. Invariant: rows come the newest first, and no more of
 * them than were asked for.
 */
#include <errno.h>
#include <poll.h>

#include "hale/base.h"

#include "agent/lib/store_ask.h"
#include "agent/ship/db.h"
#include "history.h"

#define ANSWER_MS 3000

/* --- from the agent's --- */

static int ask(int fd, const struct history_options *o)
{
	Hale__V1__StoreRequest q = HALE__V1__STORE_REQUEST__INIT;
	Hale__V1__HistoryQuery h;

	hale__v1__history_query__init(&h);
	h.repo = (char *)(uintptr_t)o->repo;
	h.host = (char *)(uintptr_t)o->host;
	h.cause = (char *)(uintptr_t)o->cause;
	h.since_ns = o->since_ns;
	h.until_ns = o->until_ns;
	h.limit = o->limit;
	h.findings = o->findings;
	h.mine = o->mine;
	h.failed = o->failed;
	q.body_case = HALE__V1__STORE_REQUEST__BODY_HISTORY;
	q.history = &h;
	return store_send(fd, &q, ANSWER_MS);
}

static bool hand_on(const struct history_sink *sink, Hale__V1__StoreReply *m)
{
	if (m->body_case == HALE__V1__STORE_REPLY__BODY_BUILD)
		return sink->build(sink->data, m->build);
	if (m->body_case == HALE__V1__STORE_REPLY__BODY_FINDING)
		return sink->finding(sink->data, m->finding);
	return true;
}

static int receive(int fd, const struct history_sink *sink, char said[320])
{
	bool last = false;

	while (!last) {
		Hale__V1__StoreReply *m = NULL;
		int r = store_receive(fd, ANSWER_MS, &m);

		if (r < 0) {
			snprintf(said, 320, "the store does not answer: %s",
				 strerrordesc_np(-r));
			return r;
		}
		last = m->last;
		if (m->body_case == HALE__V1__STORE_REPLY__BODY_ERROR) {
			snprintf(said, 320, "%.300s", m->error->text);
			r = -EIO;
		} else if (!hand_on(sink, m)) {
			last = true;
		}
		hale__v1__store_reply__free_unpacked(m, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --- from a file --- */

static int read_db(struct db *db, const struct history_options *o,
		   const struct history_sink *sink)
{
	struct db_query q = { .repo = o->repo,
			      .host = o->host,
			      .cause = o->cause,
			      .since_ns = o->since_ns,
			      .until_ns = o->until_ns,
			      .uid = o->mine ? (int64_t)geteuid() : -1,
			      .failed = o->failed };
	int n;

	db_cursor_init(&q);
	n = o->findings
		    ? db_findings(db, &q, (int)o->limit, sink->finding,
				  sink->data)
		    : db_builds(db, &q, (int)o->limit, sink->build, sink->data);
	return n < 0 ? n : 0;
}

/* Its schema is brought to today's where it may be written. What is no store is
 * left where it is: who asks for a history wants to hear of that, not to begin
 * another. */
static int read_file(const struct history_options *o, const char *path,
		     const struct history_sink *sink, char said[320])
{
	struct db_setup setup = { .path = path,
				  .busy_ms = ANSWER_MS,
				  .stays = true };
	struct db *db = NULL;
	int r;

	if (access(path, F_OK) < 0) {
		snprintf(said, 320, "%.280s: %s", path, strerrordesc_np(errno));
		return errno == ENOENT && !o->store ? 1 : -errno;
	}
	setup.read_only = o->store || access(path, W_OK) < 0;
	r = db_open(&setup, said, &db);
	if (r < 0)
		return r;
	r = read_db(db, o, sink);
	db_close(db);
	snprintf(said, 320, r < 0 ? "%.200s cannot be read" : "from %.200s",
		 path);
	return r;
}

int history_fetch(const struct cli *cli, const struct history_options *o,
		  const struct history_sink *sink, char said[320])
{
	const char *run_dir = cli->run_dir ? cli->run_dir : HALE_RUN_DIR;
	char path[STORE_PATH_MAX];
	_cleanup_fd_ int fd = -1;
	int r;

	said[0] = '\0';
	if (o->store)
		return read_file(o, o->store, sink, said);
	r = store_connect(run_dir, ANSWER_MS, &fd);
	if (r == 0) {
		r = ask(fd, o);
		return r < 0 ? r : receive(fd, sink, said);
	}
	if (r != -ENOENT) {
		snprintf(said, 320, "the store at %.200s does not answer: %s",
			 run_dir, strerrordesc_np(-r));
		return r;
	}
	if (store_own_path(NULL, path) < 0)
		return 1;
	return read_file(o, path, sink, said);
}

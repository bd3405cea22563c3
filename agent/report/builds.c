/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How builds ended, as the history has recorded them. Decides that a fleet
 * hears of outcomes only, of repositories by a sum of their names, and of
 * nothing that was before this host joined it. Must never wait long for the
 * history: its disk may hang. Invariant: the history's number is moved on only
 * behind what the spool has.
 */
#include <errno.h>
#include <openssl/sha.h>

#include "hale/base.h"

#include "agent/lib/exchange.h"
#include "agent/lib/store_ask.h"
#include "agent/report/report.h"

/* No watcher sits at a build's end; and an idle history is woken by it. */
#define EVERY_NS  (30 * HALE_NS_PER_S)
#define BUSY_NS	  (2 * HALE_NS_PER_S)
#define ANSWER_MS 500
#define MAX	  32

struct answer {
	Hale__V1__StoreReply *replies[MAX];
	size_t n;
	uint64_t number;
};

static int ask(const struct report *r, int *ret_fd)
{
	Hale__V1__StoreRequest m = HALE__V1__STORE_REQUEST__INIT;
	Hale__V1__HistoryQuery q;
	int e = store_connect(r->setup.run_dir, ANSWER_MS, ret_fd);

	hale__v1__history_query__init(&q);
	q.recorded = true;
	q.after = r->told.build_known ? r->told.build : UINT64_MAX;
	q.limit = MAX;
	m.body_case = HALE__V1__STORE_REQUEST__BODY_HISTORY;
	m.history = &q;
	return e < 0 ? e : store_send(*ret_fd, &m, ANSWER_MS);
}

/* One more message. 1: that was the last, 0: it was not. */
static int take(int fd, struct answer *a)
{
	Hale__V1__StoreReply *m;
	int e = store_receive(fd, ANSWER_MS, &m);
	bool last, build;

	if (e < 0)
		return e;
	last = m->last;
	build = m->body_case == HALE__V1__STORE_REPLY__BODY_BUILD;
	if (m->body_case == HALE__V1__STORE_REPLY__BODY_ERROR)
		e = -EIO;
	a->number = m->number;
	if (build && a->n < MAX)
		a->replies[a->n++] = m;
	else
		hale__v1__store_reply__free_unpacked(m, NULL);
	return e < 0 ? e : last;
}

static int receive(int fd, struct answer *a)
{
	int e = 0;

	/* a history of another hale would answer without an end */
	for (int i = 0; e == 0 && i <= MAX; i++)
		e = take(fd, a);
	return e < 0 ? e : e == 1 ? 0 : -EPROTO;
}

static int digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

/* 32 hex digits; else it gets an id here. */
static size_t id_of(const char *text, uint8_t id[FLEET_MESSAGE_ID])
{
	if (strlen(text) != 2 * FLEET_MESSAGE_ID)
		return 0;
	for (size_t i = 0; i < FLEET_MESSAGE_ID; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return 0;
		id[i] = (uint8_t)(high << 4 | low);
	}
	return FLEET_MESSAGE_ID;
}

struct outcome {
	Hale__Fleet__V1__BuildOutcome m;
	uint8_t id[FLEET_MESSAGE_ID], repo[SHA256_DIGEST_LENGTH];
};

static void fill(struct outcome *o, const Hale__V1__BuildResult *b)
{
	Hale__Fleet__V1__BuildOutcome *m = &o->m;

	hale__fleet__v1__build_outcome__init(m);
	m->message_id.data = o->id;
	m->message_id.len = id_of(b->id, o->id);
	SHA256((const uint8_t *)b->repo, strlen(b->repo), o->repo);
	m->repo.data = o->repo;
	m->repo.len = FLEET_REPO_ID;
	m->boot_id = b->boot_id;
	m->outcome = b->outcome;
	m->cause = b->cause;
	m->confidence = b->confidence;
	m->host_fault = b->host_fault;
	m->started_ns = b->started_ns;
	m->ended_ns = b->ended_ns;
	m->status = b->status;
}

static int tell(struct report *r, const struct answer *a)
{
	_cleanup_free_ struct outcome *all = calloc(MAX, sizeof(*all));
	Hale__Fleet__V1__BuildOutcome *list[MAX];

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < a->n; i++) {
		fill(&all[i], a->replies[i]->build);
		list[i] = &all[i].m;
	}
	return report_tell_builds(r, list, a->n);
}

static void move_on(struct report *r, const struct answer *a)
{
	if (r->told.build_known && r->told.build == a->number)
		return;
	r->told.build = a->number;
	r->told.build_known = true;
	report_save(r);
}

void report_builds(struct report *r)
{
	struct answer a = { .n = 0 };
	int fd = -1, e = ask(r, &fd);

	if (e == 0)
		e = receive(fd, &a);
	if (e == 0 && a.n > 0)
		e = tell(r, &a);
	if (e == 0)
		move_on(r, &a);
	r->builds_ns = report_mono_ns() + (a.n == MAX ? BUSY_NS : EVERY_NS);
	for (size_t i = 0; i < a.n; i++)
		hale__v1__store_reply__free_unpacked(a.replies[i], NULL);
	if (fd >= 0)
		close(fd);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To the fleet, and what it answers. Decides which server is next, what is sent
 * when, and which answer forgets a message: one that names the right stream,
 * and no other. Must never send before the plan says so: a server that refuses,
 * or throws us out, or says nothing, costs it an answer's worth of work.
 * Invariant: a message leaves the spool by its own acknowledgement only.
 */
#include <errno.h>
#include <sys/random.h>

#include "hale/base.h"

#include "agent/report/report.h"

/* Places that are kept for states, which a full spool is not to hold up. */
#define FOR_STATES 4
/* Rows in memory have places beyond (spool.h). */
#define PLACE_MAX (UINT64_C(1) << 62)

static uint64_t token(void)
{
	uint64_t n = 0;

	while (n == 0 && getrandom(&n, sizeof(n), 0) == (ssize_t)sizeof(n))
		;
	return n;
}

/* --- the connection --- */

static void hang_up(struct report *r, const char *why)
{
	link_close(&r->link);
	flight_clear(&r->flight);
	plan_disconnected(&r->plan, (uint32_t)r->setup.n_servers,
			  report_mono_ns(), report_dice());
	r->server = (r->server + 1) % (uint32_t)r->setup.n_servers;
	if (!r->told_down)
		report_log(4, "the fleet is not reached: %s", why);
	r->told_down = true;
	/* a certificate may have been renewed, resolv.conf be another */
	if (plan_in_vain(&r->plan) &&
	    report_mono_ns() - r->started_ns >= 600 * HALE_NS_PER_S)
		r->renew = true;
}

void report_connect(struct report *r)
{
	const char *server = r->setup.servers[r->server];
	char said[LINK_SAID_MAX];

	if (link_connect(&r->link, server, said) < 0) {
		hang_up(r, said);
		return;
	}
	r->cursor = 0;
	plan_connected(&r->plan, report_mono_ns());
}

/* One that lets us in is none yet that takes something. */
static void prove(struct report *r, bool event)
{
	bool proven = r->plan.proven;

	plan_taken(&r->plan, event);
	r->acked_ns = report_mono_ns();
	if (proven)
		return;
	report_log(5, "reports to the fleet at %s",
		   r->setup.servers[r->server]);
	r->told_down = false;
}

/* --- sending --- */

static int send_one(struct report *r, struct link_message *m,
		    struct flight_item *item)
{
	int e;

	item->token = m->token = token();
	item->kind = m->kind;
	item->sent_ns = report_mono_ns();
	if (item->token == 0 || !flight_add(&r->flight, item))
		return -EAGAIN;
	e = link_publish(&r->link, m);
	if (e < 0)
		hang_up(r, "it takes no bytes");
	return e;
}

static void send_state(struct report *r)
{
	struct link_message m = { .kind = FLEET_STATE };
	struct flight_item item = { .fresh = false };
	ssize_t n = report_state(r, r->buf, FLEET_STATE_MAX);
	uint64_t now = report_mono_ns();

	plan_state_sent(&r->plan, now, report_dice());
	if (n < 0) {
		report_log(4, "a state cannot be told: %s", strerror((int)-n));
		return;
	}
	m.bytes = r->buf;
	m.len = (size_t)n;
	send_one(r, &m, &item);
}

/* What only memory holds gets another place on the disk later: from then on
 * nobody can say what was never sent. */
static bool is_fresh(struct report *r, const struct spool_item *row)
{
	bool fresh = row->at > r->known_at && row->at < PLACE_MAX;

	if (row->at > r->known_at)
		r->known_at = row->at;
	return fresh;
}

static int send_row(struct report *r, const struct spool_item *row)
{
	struct link_message m = {
		.kind = row->kind,
		.message_id = row->id.bytes,
		.bytes = row->bytes,
		.len = row->len,
	};
	struct flight_item item = { .fresh = is_fresh(r, row), .id = row->id };

	return send_one(r, &m, &item);
}

static void send_spool(struct report *r)
{
	struct spool_item rows[FLIGHT_MAX];
	size_t room = r->flight.n + FOR_STATES < FLIGHT_MAX
			      ? FLIGHT_MAX - FOR_STATES - r->flight.n
			      : 0;
	size_t n = room > 0 ? spool_peek(r->spool, r->cursor, rows, room) : 0;

	if (n == 0 && r->flight.n == 0 && r->cursor != 0) {
		r->cursor = 0; /* what was in memory may have a new place */
		n = spool_peek(r->spool, 0, rows, room);
	}
	for (size_t i = 0; i < n && link_is_up(&r->link); i++) {
		if (!flight_has(&r->flight, &rows[i].id) &&
		    send_row(r, &rows[i]) < 0)
			return;
		r->cursor = rows[i].at;
	}
}

/* A reporter that has just begun is not to say that the agent is silent. */
bool report_knows(const struct report *r)
{
	return r->last || r->silent;
}

static void not_taken(struct report *r, enum fleet_kind kind, uint64_t now)
{
	if (kind == FLEET_STATE)
		plan_state_not_taken(&r->plan, now, report_dice());
	else
		plan_not_taken(&r->plan, now, report_dice());
}

/* False where this server is none, or none any more. */
static bool is_worth_it(struct report *r, uint64_t now)
{
	uint64_t before = now > PLAN_ACK_NS ? now - PLAN_ACK_NS : 0;
	struct flight_item item;

	if (plan_silent(&r->plan, flight_oldest(&r->flight), now)) {
		hang_up(r, "it does not answer");
		return false;
	}
	while (flight_expire(&r->flight, before, &item))
		not_taken(r, item.kind, now);
	if (!plan_gives_up(&r->plan, now))
		return true;
	hang_up(r, "it takes nothing");
	return false;
}

void report_send(struct report *r)
{
	uint64_t now = report_mono_ns();

	if (!link_is_up(&r->link) || !is_worth_it(r, now))
		return;
	if (r->plan.again_ns != 0 && r->plan.again_ns <= now) {
		plan_again(&r->plan, now);
		r->cursor = 0;
	}
	if (report_knows(r) && plan_state_due(&r->plan, now))
		send_state(r);
	if (r->plan.again_ns == 0)
		send_spool(r);
}

/* --- answers --- */

/* Nobody but us knows the number before it is published: who used it has our
 * key, or reads along. */
static void on_used_id(struct report *r, const struct flight_item *item)
{
	report_log(3,
		   "the fleet had a message of the id %02x%02x%02x%02x… before "
		   "it was sent: somebody reports as this host. It is told "
		   "again; give this host a new key",
		   item->id.bytes[0], item->id.bytes[1], item->id.bytes[2],
		   item->id.bytes[3]);
	report_tell_anew(r, &item->id);
}

static void on_taken(struct report *r, const struct flight_item *item,
		     const struct ack *a)
{
	prove(r, item->kind != FLEET_STATE);
	if (item->kind == FLEET_STATE)
		return;
	if (a->kind == ACK_DUPLICATE && item->fresh &&
	    item->kind == FLEET_FINDING)
		on_used_id(r, item);
	else
		spool_ack(r->spool, &item->id, 1);
}

static void on_not_taken(struct report *r, const struct flight_item *item,
			 const struct ack *a)
{
	static const char *const why[] = {
		[ACK_GARBAGE] = "answers what is no acknowledgement",
		[ACK_REFUSED] = "refuses",
		[ACK_ELSEWHERE] = "puts it into another stream",
		[ACK_NOBODY] = "has nobody who takes it",
	};

	not_taken(r, item->kind, report_mono_ns());
	report_log(4,
		   "%s for %s: the server %s%s%s; it is kept and tried again",
		   item->kind == FLEET_STATE ? "the state" : "an event",
		   link_stream(item->kind), why[a->kind],
		   a->text[0] ? ": " : "", a->text);
}

static void on_answer(struct report *r, const struct link_answer *answer)
{
	struct flight_item item;
	struct ack a;

	if (!flight_take(&r->flight, answer->token, &item))
		return;
	plan_heard(&r->plan, report_mono_ns());
	a = ack_read(answer->bytes, answer->len, link_stream(item.kind));
	if (a.kind == ACK_TAKEN || a.kind == ACK_DUPLICATE)
		on_taken(r, &item, &a);
	else
		on_not_taken(r, &item, &a);
}

void report_answers(struct report *r)
{
	struct link_answer *answer = &r->answer;
	char said[LINK_SAID_MAX];

	while (link_take(&r->link, answer))
		on_answer(r, answer);
	if (link_refused(&r->link, said))
		report_log(4, "the fleet does not permit it: %s", said);
	if (link_lost(&r->link, said))
		hang_up(r, said[0] ? said : "the server hung up");
}

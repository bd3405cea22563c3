/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clients ask. Decides who may ask what; checks stand in agent_check.c.
 * Must never believe a request: it is decoded into bounds or refused with a
 * line that names the field. Invariant: facts that lie ready are taken in
 * before a question is answered, so that a fault that was logged before the
 * question is in the answer.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/core/victims.h"
#include "agent/daemon/agent.h"
#include "agent/daemon/log.h"

bool agent_out(void *client, const void *bytes, size_t len)
{
	return gate_send(client, bytes, len);
}

void agent_refuse(struct agent *a, struct gate_client *c, int error,
		  const char *text)
{
	answer_error(&a->answer, error, text, agent_out, c);
}

/* --- reports --- */

void agent_report_to(struct agent *a, struct gate_client *c)
{
	Hale__V1__StatusRequest all = HALE__V1__STATUS_REQUEST__INIT;

	all.findings = true;
	all.coverage = true;
	c->told = middle_generation(a->middle);
	answer_to(&a->answer, c->may_read_log);
	if (answer_report(&a->answer, &all, agent_out, c) == -ENOMEM)
		agent_refuse(a, c, ENOMEM, "out of memory");
}

static void on_status(struct agent *a, struct gate_client *c,
		      const Hale__V1__StatusRequest *m)
{
	if (answer_report(&a->answer, m, agent_out, c) == -ENOMEM)
		agent_refuse(a, c, ENOMEM, "out of memory");
}

static void on_scope(struct agent *a, struct gate_client *c,
		     const Hale__V1__ScopeRequest *m)
{
	struct hale_scope_path path;
	const char *why = "";

	if (codec_read_scope_path(m->path, &path, &why) < 0)
		agent_refuse(a, c, EBADMSG, why);
	else if (answer_scope(&a->answer, &path, agent_out, c) == -ENOMEM)
		agent_refuse(a, c, ENOMEM, "out of memory");
}

static void on_explain(struct agent *a, struct gate_client *c,
		       const Hale__V1__ExplainRequest *m)
{
	const struct answer_asker asker = { c->may_control, c->uid };

	if (answer_explain(&a->answer, m, &asker, agent_out, c) == -ENOMEM)
		agent_refuse(a, c, ENOMEM, "out of memory");
}

void agent_answer(struct agent *a, struct gate_client *c,
		  const Hale__V1__Request *m)
{
	if (m->body_case == HALE__V1__REQUEST__BODY_STATUS) {
		on_status(a, c, m->status);
	} else if (m->body_case == HALE__V1__REQUEST__BODY_SCOPE) {
		on_scope(a, c, m->scope);
	} else if (m->body_case == HALE__V1__REQUEST__BODY_EXPLAIN) {
		on_explain(a, c, m->explain);
	} else {
		c->wait = GATE_WATCHING;
		agent_report_to(a, c);
	}
}

/* --- control --- */

static void say_outcome(struct agent *a, struct gate_client *c, int error,
			const char *text)
{
	answer_control(&a->answer, (struct answer_outcome){ error, 0, text },
		       agent_out, c);
}

void agent_acknowledge(struct agent *a, struct gate_client *c, int kept,
		       struct answer_outcome outcome)
{
	if (kept < 0) {
		outcome.error = -kept;
		outcome.text = "done, but it could not be saved: a restart of "
			       "the agent undoes it; see haled's log";
	}
	answer_control(&a->answer, outcome, agent_out, c);
}

static const char *text_of(const char *text)
{
	return text ? text : "";
}

/* Who and why, for each part that goes by this name; "sda" may be two. */
static void note_clear(struct agent *a, const char *name, const char *by)
{
	struct hale_finding f;

	for (size_t i = 0;
	     middle_finding(a->middle, i, clock_now_ns(&a->clock), &f); i++) {
		if (strcmp(f.part, name) == 0 || strcmp(f.alias, name) == 0)
			keep_note_clear(&a->keep, f.part, by);
	}
}

const char *agent_cleared_by(void *data, const char *part)
{
	const struct agent *a = data;

	for (uint32_t i = 0; i < a->keep.clears.n; i++) {
		if (strcmp(a->keep.clears.list[i].part, part) == 0)
			return a->keep.clears.list[i].by;
	}
	return "";
}

static void clear(struct agent *a, struct gate_client *c,
		  const Hale__V1__ControlRequest *m)
{
	enum hale_condition condition = HALE_CONDITION_NONE;
	const char *name = text_of(m->condition);
	char part[HALE_PART_MAX], reason[96], by[KEEP_BY_MAX];
	uint32_t n;

	hale_print_text(part, sizeof(part), text_of(m->part),
			strlen(text_of(m->part)));
	hale_print_text(reason, sizeof(reason), text_of(m->reason),
			strlen(text_of(m->reason)));
	if (name[0] != '\0')
		condition = hale_condition_from_name(name, strlen(name));
	if (name[0] != '\0' && condition == HALE_CONDITION_NONE) {
		say_outcome(a, c, EINVAL, "no such condition");
		return;
	}
	snprintf(by, sizeof(by), "uid %u, pid %d: %s", (unsigned int)c->uid,
		 (int)c->pid, reason);
	note_clear(a, part, by);
	n = middle_clear(a->middle, part, condition, clock_now_ns(&a->clock));
	log_asked(LOG_LEVEL_NOTICE,
		  "cleared part=%s condition=%s findings=%u uid=%u pid=%d "
		  "reason=%s",
		  part,
		  condition ? hale_condition_info(condition)->name : "any", n,
		  (unsigned int)c->uid, (int)c->pid, reason);
	if (n == 0)
		say_outcome(a, c, ENOENT, "nothing to clear there");
	else
		agent_acknowledge(a, c, keep_save(&a->keep),
				  (struct answer_outcome){ 0, n, "cleared" });
}

/* Anybody's word, so it is only taken of deaths that the agent saw itself, and
 * weighed by whose it is: agent/core/crashes.h. */
static void retested(struct agent *a, struct gate_client *c, uint32_t pid)
{
	const struct middle_teller teller = { .pid = pid,
					      .uid = c->uid,
					      .trusted = c->may_control };

	if (middle_retested(a->middle, &teller, clock_now_ns(&a->clock))) {
		log_asked(LOG_LEVEL_NOTICE,
			  "told that a crash was by chance dead=%u uid=%u "
			  "pid=%d trusted=%d",
			  pid, (unsigned int)c->uid, (int)c->pid,
			  c->may_control);
		keep_before_answer(&a->keep);
		say_outcome(a, c, 0, "noted");
	} else {
		say_outcome(a, c, ENOENT,
			    "no death of such a process was seen here");
	}
}

static void on_control(struct agent *a, struct gate_client *c,
		       const Hale__V1__ControlRequest *m)
{
	if (m->action == HALE__V1__CONTROL_REQUEST__ACTION__RETESTED) {
		retested(a, c, m->pid);
		return;
	}
	if (!c->may_control) {
		agent_note_refused(a, c);
		say_outcome(a, c, EPERM,
			    "only root, the agent's own user and the group of "
			    "[agent] group = may");
		return;
	}
	switch (m->action) {
	case HALE__V1__CONTROL_REQUEST__ACTION__CLEAR:
		clear(a, c, m);
		return;
	case HALE__V1__CONTROL_REQUEST__ACTION__VERIFIED:
		agent_verified(a, c, m);
		return;
	case HALE__V1__CONTROL_REQUEST__ACTION__RELOAD:
		log_asked(LOG_LEVEL_NOTICE, "reload asked for uid=%u pid=%d",
			  (unsigned int)c->uid, (int)c->pid);
		c->wait = GATE_DEFERRED; /* agent_reload.c answers */
		agent_tell(a, WIRE_RELOAD, 0);
		return;
	case HALE__V1__CONTROL_REQUEST__ACTION__RETESTED:
	case HALE__V1__CONTROL_REQUEST__ACTION__NONE:
	case _HALE__V1__CONTROL_REQUEST__ACTION_IS_INT_SIZE:
		break;
	}
	say_outcome(a, c, EINVAL, "no such action");
}

/* --- all --- */

static void dispatch(struct agent *a, struct gate_client *c,
		     const Hale__V1__Request *m, const uint8_t *bytes,
		     size_t len)
{
	switch (m->body_case) {
	case HALE__V1__REQUEST__BODY_CHECK:
		agent_check(a, c, m->check, bytes, len);
		return;
	case HALE__V1__REQUEST__BODY_STATUS:
	case HALE__V1__REQUEST__BODY_WATCH:
	case HALE__V1__REQUEST__BODY_SCOPE:
	case HALE__V1__REQUEST__BODY_EXPLAIN:
		agent_later(a, c, bytes, len);
		return;
	case HALE__V1__REQUEST__BODY_CONTROL:
		on_control(a, c, m->control);
		return;
	case HALE__V1__REQUEST__BODY_VERIFY:
		agent_failing(a, c, m->verify);
		return;
	case HALE__V1__REQUEST__BODY__NOT_SET:
	case _HALE__V1__REQUEST__BODY__CASE_IS_INT_SIZE:
		break;
	}
	agent_refuse(a, c, EBADMSG,
		     "the request asks nothing that this agent knows");
}

void agent_request(void *data, struct gate_client *c, const uint8_t *bytes,
		   size_t len)
{
	struct agent *a = data;
	_cleanup_free_ uint8_t *mem = NULL;
	struct codec_arena arena = { .size = CODEC_ARENA_UNPACK };
	Hale__V1__Request *m;
	const uint8_t *reply;
	size_t n = 0;
	int r;

	answer_to(&a->answer, c->may_read_log);
	if (len > GATE_MESSAGE_MAX) {
		agent_refuse(a, c, EMSGSIZE,
			     "the request is longer than 64 KiB");
		return;
	}
	/* One question at a time: the one that waits is still to answer. */
	if (c->wait == GATE_DEFERRED || c->wait == GATE_PACED) {
		agent_refuse(a, c, EBUSY,
			     "the last request is not answered yet");
		return;
	}
	host_refresh(a->host);
	keep_before_answer(&a->keep);
	/* what was true of a number may be about another filesystem by now */
	reply = agent_map_until(a) == UINT64_MAX
			? answer_kept(&a->answer, bytes, len, &n)
			: NULL;
	if (reply) {
		gate_send(c, reply, n);
		return;
	}
	mem = malloc(CODEC_ARENA_UNPACK);
	arena.mem = mem;
	r = mem ? codec_unpack_request(&arena, bytes, len, &m) : -ENOMEM;
	if (r < 0)
		agent_refuse(a, c, -r,
			     r == -ENOMEM ? "out of memory"
					  : "not a request of hale.v1");
	else
		dispatch(a, c, m, bytes, len);
}

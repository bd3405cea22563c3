/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent is asked and told. It knows which sectors failed, and decides
 * what a test is worth. Must never fail a test because of it: without an agent
 * the disk is as good or as bad. Replies are bounded and checked as any.
 */
#include <errno.h>

#include "hale/text.h"

#include "verify.h"

#include "agent/lib/exchange.h"
#include "proto/codec_verify.h"

#define ANSWER_MS 2000

static int ask(const struct verify *v, const Hale__V1__Request *q,
	       Hale__V1__Reply **ret_reply)
{
	Hale__V1__Reply *reply = NULL;
	int fd, r;

	if (!q)
		return -ENOMEM;
	r = exchange_connect(v->o->run_dir, EXCHANGE_GATE, ANSWER_MS, &fd);
	if (r < 0)
		return r;
	r = exchange_send(fd, q);
	if (r == 0)
		r = exchange_receive(fd, ANSWER_MS, ANSWER_MS, &reply);
	close(fd);
	if (r < 0 || !reply)
		return r < 0 ? r : -EPROTO;
	*ret_reply = reply;
	return 0;
}

int ask_failing(const struct verify *v, const char *name,
		const struct hale_scope_path *path, Hale__V1__Reply **ret_reply)
{
	uint8_t mem[2048];
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	Hale__V1__Reply *reply = NULL;
	int r = ask(v, codec_request_verify(&a, name, path), &reply);

	if (r < 0 || !reply)
		return r;
	if (reply->body_case == HALE__V1__REPLY__BODY_VERIFY) {
		*ret_reply = reply;
		return 0;
	}
	/* an older agent does not know the question */
	hale__v1__reply__free_unpacked(reply, NULL);
	return -EPROTO;
}

static void take_answer(struct verify_result *r, const Hale__V1__Reply *reply)
{
	const char *text = "the agent does not know what a test is";

	if (reply->body_case == HALE__V1__REPLY__BODY_CONTROL) {
		text = reply->control->text;
		r->m.cleared = reply->control->affected;
	}
	hale_print_text(r->outcome, sizeof(r->outcome), text, strlen(text));
}

void ask_verified(const struct verify *v, struct verify_result *r)
{
	uint8_t mem[1024];
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	Hale__V1__ControlRequest c;
	Hale__V1__Reply *reply = NULL;
	int error;

	hale__v1__control_request__init(&c);
	c.action = HALE__V1__CONTROL_REQUEST__ACTION__VERIFIED;
	c.verification = &r->m;
	error = ask(v, codec_request_control(&a, &c), &reply);
	if (error == -ENOENT)
		return;
	if (error < 0 || !reply) {
		result_note(r, "the agent was not told: %s",
			    strerrordesc_np(-error));
		return;
	}
	take_answer(r, reply);
	hale__v1__reply__free_unpacked(reply, NULL);
}

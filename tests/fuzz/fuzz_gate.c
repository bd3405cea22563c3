/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a request, as far as an answer: decoded, judged by a middle that
 * knows a few things, and packed again. What comes out must be a reply.
 */
#include "hale/base.h"

#include "agent/daemon/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct hale_clock fuzz_clock;
static struct middle *middle;
static struct answer answer;
static uint8_t arena_mem[CODEC_ARENA_UNPACK];
static uint8_t reply_mem[CODEC_ARENA_UNPACK];

static void set_up(void)
{
	static struct hale_policy policy;
	struct hale_fact f = { .kind = HALE_FACT_OBSERVATION };

	hale_policy_default(&policy);
	clock_init(&fuzz_clock);
	if (middle_new(&policy, &middle) < 0)
		abort();
	answer_init(&answer, middle, &fuzz_clock);
	f.u.observation.condition = HALE_DISK_MEDIUM_ERROR;
	f.u.observation.ref = HALE_REF_DISK;
	f.u.observation.count = 1;
	HALE_SET(f.u.observation.part, "sda");
	middle_fact(middle, "kmsg", &f, clock_now_ns(&fuzz_clock));
}

static bool is_reply(void *data, const void *bytes, size_t len)
{
	struct codec_arena a = { .mem = reply_mem, .size = sizeof(reply_mem) };
	Hale__V1__Reply *m;

	(void)data;
	if (codec_unpack_reply(&a, bytes, len, &m) < 0)
		abort();
	return true;
}

static void check(const Hale__V1__Request *m, const uint8_t *data, size_t size)
{
	static struct hale_scope_request req;
	const char *why;
	const uint8_t *reply;
	size_t len = 0;

	if (codec_read_check(m->check, &req, &why) < 0)
		return;
	reply = answer_check(&answer, data, size, &req, &len);
	if (!reply)
		abort();
	is_reply(NULL, reply, len);
	reply = answer_kept(&answer, data, size, &len);
	if (reply)
		is_reply(NULL, reply, len);
}

static void scope(const Hale__V1__Request *m)
{
	static struct hale_scope_path path;
	const char *why;

	if (codec_read_scope_path(m->scope->path, &path, &why) == 0)
		answer_scope(&answer, &path, is_reply, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };
	Hale__V1__Request *m;

	if (!middle)
		set_up();
	if (size > CODEC_MESSAGE_MAX ||
	    codec_unpack_request(&a, data, size, &m) < 0)
		return 0;
	if (m->body_case == HALE__V1__REQUEST__BODY_CHECK)
		check(m, data, size);
	else if (m->body_case == HALE__V1__REQUEST__BODY_STATUS)
		answer_report(&answer, m->status, is_reply, NULL);
	else if (m->body_case == HALE__V1__REQUEST__BODY_SCOPE)
		scope(m);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes that died, between the agent's own: they arrive as they were said,
 * and what no kernel can have said is refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "proto/codec_fact.h"
#include "proto/codec_read.h"

static struct codec_facts out;
static uint8_t mem[CODEC_ARENA_FACTS];
static const char *why;

/* Over and back: nothing is lost on the way. */
static void same(const struct hale_fact *f)
{
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	static struct hale_fact got;
	Hale__V1__Facts *m = NULL;

	assert_true(hale_fact_valid(f));
	out.len = 0;
	assert_int_equal(codec_facts_add(&out, f, "x"), 0);
	assert_int_equal(codec_unpack(&hale__v1__facts__descriptor, &a,
				      out.bytes, out.len, &m),
			 0);
	assert_int_equal(m->n_facts, 1);
	assert_int_equal(codec_read_fact(m->facts[0], &got, &why), 0);
	assert_memory_equal(&got, f, sizeof(got));
}

static struct hale_fact *blank(enum hale_fact_kind kind)
{
	static struct hale_fact f;

	memset(&f, 0, sizeof(f));
	f.kind = kind;
	return &f;
}

static struct hale_fact *full_victim(void)
{
	struct hale_fact *f = blank(HALE_FACT_VICTIM);
	struct hale_victim *v = &f->u.victim;

	v->time_ns = UINT64_MAX;
	v->pid = v->thread = v->parent = v->group = v->session = UINT32_MAX;
	v->signal = 64;
	v->code_known = v->address_known = v->dumped = v->oom = true;
	v->uid_known = true;
	v->code = -6;
	v->uid = v->witnesses = UINT32_MAX;
	v->address = UINT64_MAX;
	memset(v->comm, 'c', sizeof(v->comm) - 1);
	memset(v->exe, 'e', sizeof(v->exe) - 1);
	memset(v->cgroup, 'g', sizeof(v->cgroup) - 1);
	v->n_files = HALE_VICTIM_FILES_MAX;
	for (uint32_t i = 0; i < v->n_files; i++) {
		struct hale_victim_file *file = &v->files[i];

		file->major = file->minor = UINT32_MAX - i;
		file->held = (enum hale_held)(i % HALE_HELD_COUNT);
		file->faulted = file->truncated = file->full = true;
		memset(file->path, 'p', sizeof(file->path) - 1);
	}
	return f;
}

static void test_a_process_that_died(void **state)
{
	struct hale_fact *f = full_victim();

	(void)state;
	same(f);
	assert_true(out.len <= CODEC_FACT_MAX);
	f = blank(HALE_FACT_VICTIM);
	f->u.victim.pid = 1;
	f->u.victim.time_ns = 1;
	same(f);
}

static void test_a_victim_that_cannot_be(void **state)
{
	struct hale_fact *f = full_victim();

	(void)state;
	f->u.victim.signal = 65;
	assert_false(hale_fact_valid(f));
	f = full_victim();
	f->u.victim.pid = 0;
	assert_false(hale_fact_valid(f));
	f = full_victim();
	f->u.victim.n_files = HALE_VICTIM_FILES_MAX + 1;
	assert_false(hale_fact_valid(f));
	f = full_victim();
	f->u.victim.files[7].held = HALE_HELD_COUNT;
	assert_false(hale_fact_valid(f));
	f = full_victim();
	memset(&f->u.victim.files[3].full, 2, 1);
	assert_false(hale_fact_valid(f));
	f = full_victim();
	memset(f->u.victim.files[0].path, 'p', HALE_VICTIM_PATH_MAX);
	assert_false(hale_fact_valid(f));
	f = full_victim();
	f->u.victim.comm[0] = '\n';
	assert_false(hale_fact_valid(f));
}

/* What a stranger sends of itself (hale/cause.h) is held to the same. */
static void test_a_message_that_lies(void **state)
{
	Hale__V1__Victim m;
	struct hale_victim v;

	(void)state;
	hale__v1__victim__init(&m);
	assert_int_equal(codec_read_victim(NULL, &v, &why), -EBADMSG);
	assert_int_equal(codec_read_victim(&m, &v, &why), -EBADMSG);
	m.pid = 7;
	assert_int_equal(codec_read_victim(&m, &v, &why), 0);
	m.signal = 65;
	assert_int_equal(codec_read_victim(&m, &v, &why), -EBADMSG);
	m.signal = 7;
	m.n_files = HALE_VICTIM_FILES_MAX + 1;
	assert_int_equal(codec_read_victim(&m, &v, &why), -EBADMSG);
	assert_string_equal(why, "victim: more than 8 files");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_process_that_died),
		cmocka_unit_test(test_a_victim_that_cannot_be),
		cmocka_unit_test(test_a_message_that_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

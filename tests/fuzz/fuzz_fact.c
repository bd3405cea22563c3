/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from a driver's process, or from the probe: they unpack within their
 * arena or they do not, and what passes both checks can be told again and comes
 * back the same. Likewise what a driver states that knows no bounds.
 */
#include "hale/base.h"

#include "proto/codec_fact.h"
#include "proto/codec_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t mem[CODEC_ARENA_FACTS], again_mem[CODEC_ARENA_FACTS];
static struct codec_facts out;

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* As it would be sent, in @out. */
static void tell(const struct hale_fact *f)
{
	out.len = 0;
	must(codec_facts_add(&out, f, "driver") == 0);
	must(out.len <= CODEC_FACT_MAX);
}

static void tell_again(const struct hale_fact *f)
{
	struct codec_arena a = { .mem = again_mem, .size = sizeof(again_mem) };
	static uint8_t first[CODEC_FACT_MAX];
	static struct hale_fact got;
	Hale__V1__Facts *m = NULL;
	const char *why;
	size_t len;

	tell(f);
	len = out.len;
	memcpy(first, out.bytes, len);
	must(codec_unpack(&hale__v1__facts__descriptor, &a, first, len, &m) ==
	     0);
	must(m->n_facts == 1);
	must(codec_read_fact(m->facts[0], &got, &why) == 0);
	must(hale_fact_valid(&got));
	tell(&got);
	must(out.len == len && memcmp(out.bytes, first, len) == 0);
}

/* Any bytes as a fact, as a driver with a bug may state one. */
static void try_struct(const uint8_t *data, size_t size)
{
	static struct hale_fact f;

	memset(&f, 0, sizeof(f));
	memcpy(&f, data, size < sizeof(f) ? size : sizeof(f));
	f.kind = (enum hale_fact_kind)((unsigned int)f.kind %
				       (HALE_FACT_KIND_END + 1));
	if (hale_fact_valid(&f))
		tell_again(&f);
}

static void try_fact(const Hale__V1__Fact *m)
{
	static struct hale_fact f;
	const char *why = "";

	if (codec_read_fact(m, &f, &why) < 0) {
		must(why[0] != '\0');
		return;
	}
	if (hale_fact_valid(&f))
		tell_again(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	Hale__V1__Facts *facts;
	Hale__V1__ProbeReport *report;

	if (codec_unpack(&hale__v1__facts__descriptor, &a, data, size,
			 &facts) == 0) {
		for (size_t i = 0; i < facts->n_facts; i++)
			try_fact(facts->facts[i]);
	}
	a.used = 0;
	if (codec_unpack(&hale__v1__probe_report__descriptor, &a, data, size,
			 &report) == 0) {
		for (size_t i = 0; i < report->n_facts; i++)
			try_fact(report->facts[i]);
	}
	try_struct(data, size);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which build tools crashed, to the state file and back. Decides nothing: what
 * makes no sense is for agent/core/crashes.c to refuse.
 */
#include "codec_crash.h"

#include "hale/text.h"

bool codec_memory_crashes(struct codec_arena *a,
			  const struct codec_memory *memory,
			  Hale__V1__Memory *m)
{
	m->crashes = codec_alloc(a, (memory->n_crashes + 1) * sizeof(void *));
	for (size_t i = 0; m->crashes && i < memory->n_crashes; i++) {
		const struct hale_memory_crash *from = &memory->crashes[i];
		Hale__V1__Memory__Crash *one =
			codec_new(a, &hale__v1__memory__crash__descriptor);

		if (!one)
			return false;
		one->name = codec_borrow(from->name);
		one->last_ns = from->last_ns;
		one->hour_ns = from->hour_ns;
		one->in_hour = from->in_hour;
		one->each_time = from->each_time;
		one->retested = from->retested;
		one->trusted = from->trusted;
		one->signal = from->signal;
		one->uid = from->uid;
		one->place = from->place;
		one->sign_ns = from->sign_ns;
		m->crashes[m->n_crashes++] = one;
	}
	return m->crashes != NULL;
}

void codec_read_memory_crash(const Hale__V1__Memory__Crash *m,
			     struct hale_memory_crash *ret_row)
{
	*ret_row = (struct hale_memory_crash){
		.last_ns = m->last_ns,
		.hour_ns = m->hour_ns,
		.in_hour = m->in_hour,
		.each_time = m->each_time,
		.retested = m->retested,
		.trusted = m->trusted,
		.signal = m->signal,
		.uid = m->uid,
		.place = m->place,
		.sign_ns = m->sign_ns,
	};
	hale_print_text(ret_row->name, sizeof(ret_row->name), m->name,
			strlen(m->name));
}

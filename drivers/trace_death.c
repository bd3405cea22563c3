/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread is about to die of a signal: the record is made by the thread
 * itself, on its way out, before its core is written and its memory given back
 * (kernel/signal.c, get_signal), so that who is quick may still look at it.
 * Decides nothing. Must never tell of a signal that is handled: the filter
 * leaves those out, and what it lets through by mistake is not here either.
 */
#include "hale/base.h"

#include "trace_event.h"

enum {
	DEATH_SIGNAL,
	DEATH_CODE,
	DEATH_PID
};

uint32_t trace_death_pid(const struct trace_layout *l,
			 const struct trace_raw *raw)
{
	return (uint32_t)(trace_number(raw, &l->fields[DEATH_PID]) &
			  UINT32_MAX);
}

void trace_death_say(struct hale_probe *p, const struct trace_layout *l,
		     const struct trace_raw *raw, const char *comm)
{
	struct hale_fact f = { .kind = HALE_FACT_VICTIM };
	struct hale_victim *v = &f.u.victim;
	uint64_t signal = trace_number(raw, &l->fields[DEATH_SIGNAL]);

	v->pid = v->thread = trace_death_pid(l, raw);
	if (v->pid == 0 || signal == 0 || signal > 64)
		return;
	v->signal = (uint32_t)signal;
	v->code_known = l->fields[DEATH_CODE].size != 0;
	v->code = (int32_t)trace_number(raw, &l->fields[DEATH_CODE]);
	v->time_ns = trace_agent_ns(p, raw->time_ns);
	v->witnesses = HALE_WITNESS_SIGNAL;
	HALE_SET(v->comm, comm);
	p->emit(p->sink, &f);
}

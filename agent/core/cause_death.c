/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a death follows from. Decides whether the machine is to blame for a
 * SIGBUS: the code of the signal tells poisoned memory, a misaligned access and
 * another process's wish from the rest. A bad disk, a full filesystem and a
 * file that was cut short all look the same then, so the machine is blamed for
 * certain only where what the process had mapped lies on what failed; nearness
 * in time alone is likely; with neither it is the program's own. Must never
 * blame a disk for a fault that is known to lie elsewhere.
 */
#include <signal.h>

#include "cause_case.h"

#define CODE_ALIGNED 1	  /* BUS_ADRALN, include/uapi/asm-generic/siginfo.h */
#define CODE_ADDRESS 2	  /* BUS_ADRERR */
#define CODE_OBJECT  3	  /* BUS_OBJERR: an abort on the bus, arm64 */
#define CODE_POISON  4	  /* BUS_MCEERR_AR */
#define CODE_POISONS 5	  /* BUS_MCEERR_AO */
#define CODE_KERNEL  0x80 /* SI_KERNEL: a fault of the stack segment, x86 */

static bool is_better(const struct blame *a, const struct blame *b)
{
	if (b->from == CAUSE_NONE || a->confidence != b->confidence)
		return b->from == CAUSE_NONE || a->confidence > b->confidence;
	if (a->row != b->row)
		return a->row < b->row;
	return a->apart_ns < b->apart_ns;
}

/* Rows of this kind between a finding and a death, within their time. */
void cause_weigh(struct case_of *k, uint32_t from, enum cause_needs needs,
		 const struct blame *how)
{
	const struct cause_work *w = &k->m->causes;
	enum hale_condition c = (enum hale_condition)w->nodes[from].condition;

	for (size_t r = cause_row(w, c, CAUSE_DEATH, 0); r < cause_n_edges;
	     r = cause_row(w, c, CAUSE_DEATH, r + 1)) {
		const struct cause_edge *row = &cause_edges[r];
		struct blame now = *how;

		if (row->needs != needs ||
		    !cause_in_time(k->m, row, &w->nodes[from], &w->nodes[k->i],
				   &now.apart_ns))
			continue;
		now.from = from;
		now.row = r;
		now.confidence =
			cause_at_most(how->confidence, row->confidence);
		if (is_better(&now, &k->blame) &&
		    cause_may_follow(w, k->i, from))
			k->blame = now;
	}
}

static void weigh_all(struct case_of *k, enum cause_needs needs,
		      enum hale_confidence most)
{
	const struct blame how = { .confidence = most };

	for (uint32_t i = 0; i < k->m->causes.n; i++)
		cause_weigh(k, i, needs, &how);
}

/* --- by its signal --- */

static void own(struct case_of *k, enum cause_own why,
		enum hale_confidence confidence)
{
	struct cause_node *n = &k->m->causes.nodes[k->i];

	n->own = (uint8_t)why;
	n->confidence = (uint8_t)confidence;
}

static bool settle(struct case_of *k)
{
	struct cause_node *n = &k->m->causes.nodes[k->i];

	if (k->blame.from == CAUSE_NONE)
		return false;
	n->parent = (uint16_t)k->blame.from;
	n->edge = (uint16_t)k->blame.row;
	n->confidence = (uint8_t)k->blame.confidence;
	n->held = k->blame.held;
	n->relation = (uint8_t)cause_relation(cause_edges[n->edge].needs);
	if (n->held == CAUSE_HELD_SWAP)
		n->relation = HALE_RELATION_HOST;
	return true;
}

static void by_poison(struct case_of *k, enum hale_confidence confidence)
{
	weigh_all(k, CAUSE_HOST, confidence);
	if (!settle(k))
		own(k, CAUSE_OWN_POISON, confidence);
}

/* The file that the fault is in, or may be in, has a full filesystem. */
static bool found_full(struct case_of *k)
{
	for (uint32_t i = 0; i < k->v.n_files; i++) {
		const struct hale_victim_file *f = &k->v.files[i];

		if (!f->full || f->held != HALE_HELD_MAPPED || f->truncated ||
		    (k->faulted && !f->faulted))
			continue;
		k->m->causes.nodes[k->i].held = (uint8_t)(i + 1);
		own(k, CAUSE_OWN_FULL,
		    f->faulted ? HALE_CONFIDENCE_CERTAIN
			       : HALE_CONFIDENCE_LIKELY);
		return true;
	}
	return false;
}

static void unexplained(struct case_of *k)
{
	char story[HALE_EVIDENCE_MAX];

	if (coverage_has(&k->m->coverage, HALE_SENSE_BLOCK_ERRORS, story,
			 sizeof(story)))
		own(k, CAUSE_OWN_CRASH, HALE_CONFIDENCE_LIKELY);
	else
		own(k, CAUSE_OWN_BLIND, HALE_CONFIDENCE_POSSIBLE);
}

static void by_mapping(struct case_of *k)
{
	for (uint32_t i = 0; i < k->v.n_files; i++)
		cause_weigh_file(k, i);
	cause_weigh_exe(k);
	if (settle(k) || found_full(k))
		return;
	if (k->cut) {
		own(k, CAUSE_OWN_CUT,
		    k->faulted ? HALE_CONFIDENCE_CERTAIN
			       : HALE_CONFIDENCE_LIKELY);
		return;
	}
	if (!k->faulted) {
		cause_weigh_swap(k);
		cause_weigh_near(k);
	}
	if (!settle(k))
		unexplained(k);
}

static void look_at_files(struct case_of *k)
{
	for (uint32_t i = 0; i < k->v.n_files; i++)
		k->faulted |= k->v.files[i].faulted;
	for (uint32_t i = 0; i < k->v.n_files; i++) {
		const struct hale_victim_file *f = &k->v.files[i];

		k->cut |= f->truncated && (f->faulted || !k->faulted);
	}
}

static void by_sigbus(struct case_of *k)
{
	look_at_files(k);
	if (!k->v.code_known || k->v.code == CODE_ADDRESS)
		by_mapping(k);
	else if (k->v.code <= 0)
		own(k, CAUSE_OWN_SENT, HALE_CONFIDENCE_CERTAIN);
	else if (k->v.code == CODE_ALIGNED)
		own(k, CAUSE_OWN_ALIGNED, HALE_CONFIDENCE_CERTAIN);
	else if (k->v.code == CODE_KERNEL)
		own(k, CAUSE_OWN_STACK, HALE_CONFIDENCE_LIKELY);
	else if (k->v.code == CODE_POISON || k->v.code == CODE_POISONS)
		by_poison(k, HALE_CONFIDENCE_CERTAIN);
	else if (k->v.code == CODE_OBJECT)
		by_poison(k, HALE_CONFIDENCE_LIKELY);
	else /* no kernel of today sends it */
		unexplained(k);
}

/* "process 71 (", "pid=71,": the number by itself. */
static bool names_pid(const char *text, uint32_t pid)
{
	char number[16];
	size_t len = (size_t)snprintf(number, sizeof(number), "%u", pid);

	for (const char *at = strstr(text, number); at;
	     at = strstr(at + 1, number)) {
		char before = at == text ? ' ' : at[-1], after = at[len];

		if ((before == ' ' || before == '=') &&
		    !(after >= '0' && after <= '9'))
			return true;
	}
	return false;
}

/* One of several that the kernel chose: the finding names the last of them. */
static void by_choice(struct case_of *k)
{
	const struct cause_work *w = &k->m->causes;
	const struct blame how = { .confidence = HALE_CONFIDENCE_CERTAIN };
	uint32_t condition =
		k->v.oom_limit ? HALE_MEMORY_LIMIT : HALE_MEMORY_OOM;

	for (uint32_t i = 0; i < w->n; i++) {
		if (w->nodes[i].condition == condition)
			cause_weigh(k, i, CAUSE_PROCESS, &how);
	}
}

static void by_kill(struct case_of *k)
{
	const struct cause_work *w = &k->m->causes;
	const struct blame how = { .confidence = HALE_CONFIDENCE_CERTAIN };

	for (uint32_t i = 0; i < w->n; i++) {
		const struct ledger_entry *e = cause_entry(k->m, &w->nodes[i]);

		if (e && names_pid(e->evidence, k->v.pid))
			cause_weigh(k, i, CAUSE_PROCESS, &how);
	}
	if (k->blame.from == CAUSE_NONE && k->v.oom)
		by_choice(k);
	else if (k->blame.from == CAUSE_NONE)
		weigh_all(k, CAUSE_SHORT, HALE_CONFIDENCE_LIKELY);
	if (settle(k))
		return;
	if (k->v.oom)
		own(k, k->v.oom_limit ? CAUSE_OWN_LIMIT : CAUSE_OWN_OOM,
		    HALE_CONFIDENCE_CERTAIN);
	else
		own(k, CAUSE_OWN_SENT, HALE_CONFIDENCE_LIKELY);
}

static bool is_fault(uint32_t signal)
{
	return signal == SIGSEGV || signal == SIGILL || signal == SIGFPE ||
	       signal == SIGTRAP;
}

/* What a program calls abort() for it has noticed itself: the heap's own checks
 * do so on bad memory, a test of it far more often. */
static void by_abort(struct case_of *k)
{
	const struct cause_work *w = &k->m->causes;
	const struct blame how = { .confidence = HALE_CONFIDENCE_POSSIBLE };

	for (uint32_t i = 0; i < w->n; i++) {
		if (w->nodes[i].condition == HALE_MEMORY_SUSPECT)
			cause_weigh(k, i, CAUSE_CRASH, &how);
	}
	if (!settle(k))
		own(k, CAUSE_OWN_CRASH, HALE_CONFIDENCE_LIKELY);
}

static void by_fault(struct case_of *k)
{
	if (k->v.code_known && k->v.code <= 0) {
		own(k, CAUSE_OWN_SENT, HALE_CONFIDENCE_CERTAIN);
		return;
	}
	weigh_all(k, CAUSE_CRASH, HALE_CONFIDENCE_LIKELY);
	if (!settle(k))
		own(k, CAUSE_OWN_CRASH, HALE_CONFIDENCE_LIKELY);
}

/* A rule of its own, or of whoever confined it: no bad memory makes it. */
static void by_filter(struct case_of *k)
{
	if (k->v.code_known && k->v.code <= 0)
		own(k, CAUSE_OWN_SENT, HALE_CONFIDENCE_CERTAIN);
	else
		own(k, CAUSE_OWN_FILTER, HALE_CONFIDENCE_LIKELY);
}

void cause_link_death(struct middle *m, uint32_t i)
{
	struct case_of k = { .m = m, .i = i, .blame = { .from = CAUSE_NONE } };

	cause_victim(m, &m->causes.nodes[i], &k.v);
	if (k.v.signal == SIGBUS)
		by_sigbus(&k);
	else if (k.v.signal == SIGKILL)
		by_kill(&k);
	else if (k.v.signal == SIGABRT)
		by_abort(&k);
	else if (k.v.signal == SIGSYS)
		by_filter(&k);
	else if (is_fault(k.v.signal))
		by_fault(&k);
	else
		own(&k, CAUSE_OWN_SENT, HALE_CONFIDENCE_LIKELY);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale verify memory`: how much is tested, by how many, and when to stop.
 * Decides that others come first: a reserve stays free, and where the host runs
 * short meanwhile all is given back at once. Invariant: whatever ends it, no
 * worker outlives it (PR_SET_PDEATHSIG), so that no memory stays taken.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "progress.h"
#include "worker.h"

#include "agent/core/middle.h"

/* What stays available to all others in any case: a tenth, and no less. */
#define RESERVE_MIN   (128 * HALE_MIB)
#define RESERVE_SHARE 10
#define PIECE_MIN     (4 * HALE_MIB)
#define PAGE	      4096
/* Some task stalled in a fifth of the last 10 s. */
#define PRESSURE_MOST 200

struct host {
	uint64_t total, available, reserve;
	uint64_t room; /* of our control group; UINT64_MAX: no limit */
};

static int read_host(struct host *ret)
{
	ret->total = meminfo_read("MemTotal");
	ret->available = meminfo_read("MemAvailable");
	ret->room = meminfo_group_room();
	ret->reserve = ret->total / RESERVE_SHARE;
	if (ret->reserve < RESERVE_MIN)
		ret->reserve = RESERVE_MIN;
	return ret->total && ret->available ? 0 : -ENODATA;
}

static uint64_t size_of_test(const struct verify_options *o,
			     const struct host *h)
{
	uint64_t most =
		h->available > h->reserve ? h->available - h->reserve : 0;
	uint64_t of = h->available < h->room ? h->available : h->room;
	uint64_t size = o->size ? o->size : of / 1000 * o->share;

	/* whose limit is reached is killed as one is whose memory is gone */
	if (h->room != UINT64_MAX && most > h->room - h->room / RESERVE_SHARE)
		most = h->room - h->room / RESERVE_SHARE;
	return (size < most ? size : most) / PAGE * PAGE;
}

/* One for each processor that we may use, as far as pieces are worth it. */
static void divide(struct workers *all, uint64_t size)
{
	cpu_set_t set;
	uint64_t most = size / PIECE_MIN;
	uint32_t n = 0;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		CPU_SET(0, &set);
	for (int cpu = 0; cpu < CPU_SETSIZE && n < WORKERS_MAX; cpu++) {
		if (CPU_ISSET((size_t)cpu, &set) && (n == 0 || n < most))
			all->list[n++].cpu = cpu;
	}
	all->n = n;
	for (uint32_t i = 0; i < n; i++)
		all->list[i].want = size / n / PAGE * PAGE;
}

static int start(struct workers *all)
{
	pid_t self = getpid();

	for (uint32_t i = 0; i < all->n; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			verify_child(self, false);
			worker_main(all, &all->list[i]);
		}
		if (pid < 0)
			return -errno;
		all->list[i].pid = pid;
	}
	return 0;
}

struct tally {
	uint64_t locked, words;
	uint32_t ready, ended, faults, passes;
};

static struct tally count(const struct workers *all)
{
	struct tally t = { .passes = UINT32_MAX };

	for (uint32_t i = 0; i < all->n; i++) {
		const struct worker *w = &all->list[i];

		t.ready += worker_flag(&w->ready);
		t.ended += worker_flag(&w->ended);
		t.locked += w->locked;
		t.words += __atomic_load_n(&w->words, __ATOMIC_RELAXED);
		t.faults += __atomic_load_n(&w->n_faults, __ATOMIC_ACQUIRE);
		if (w->locked > 0 && w->passes < t.passes)
			t.passes = w->passes;
	}
	if (t.passes == UINT32_MAX)
		t.passes = 0;
	return t;
}

/* Killed, by the kernel or a person: it will say nothing any more. */
static void reap(struct workers *all)
{
	for (uint32_t i = 0; i < all->n; i++) {
		struct worker *w = &all->list[i];
		int status = 0;

		if (w->pid > 0 && waitpid(w->pid, &status, WNOHANG) == w->pid) {
			if (!worker_flag(&w->ended))
				w->error = ECHILD;
			/* of memory that the hardware gave up, when touched */
			if (WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS)
				w->error = EHWPOISON;
			w->pid = 0;
			worker_set(&w->ready);
			worker_set(&w->ended);
		}
	}
}

static const char *why_stop(const struct host *h)
{
	if (meminfo_read("MemAvailable") < h->reserve / 2)
		return "stopped: the host runs short of memory";
	if (h->room != UINT64_MAX &&
	    meminfo_group_room() < h->room / RESERVE_SHARE / 2)
		return "stopped: its control group runs short of memory";
	if (memory_pressure() > PRESSURE_MOST)
		return "stopped: tasks stall for memory";
	return NULL;
}

static void say_progress(struct verify *v, const struct workers *all,
			 const struct tally *t, uint64_t since_ns)
{
	uint64_t whole = t->locked * pattern_phases();
	uint64_t now = verify_now_ns(), span;
	struct verify_progress p = {
		.what = "memory:", .errors = t->faults, .since_ns = since_ns
	};

	/* by the passes, or else by the time */
	span = v->deadline_ns > v->began_ns ? v->deadline_ns - v->began_ns : 0;
	if (all->passes && whole)
		p.percent = (uint32_t)((double)t->words * 8.0 * 100.0 /
				       ((double)whole * all->passes));
	else if (span)
		p.percent = (uint32_t)((now - v->began_ns) * 100 / span);
	verify_progress(v, &p);
}

/* Until all have done what they should, or it has to end. */
static void attend(struct verify *v, struct workers *all, const struct host *h,
		   struct verify_result *r)
{
	uint64_t since_ns = verify_now_ns();

	for (;;) {
		int n = verify_wait(v, -1, 100);
		const char *why = why_stop(h);
		struct tally t;

		reap(all);
		t = count(all);
		if (t.ready == all->n)
			worker_set(&all->go);
		say_progress(v, all, &t, since_ns);
		if (why)
			result_note(r, "%s", why);
		if (n < 0 || why || t.ended == all->n)
			break;
	}
	worker_set(&all->stop);
	verify_progress_end(v);
}

static void finish(struct workers *all)
{
	for (uint32_t i = 0; i < all->n; i++) {
		for (int k = 0; k < 50 && !worker_flag(&all->list[i].ended);
		     k++) {
			usleep(10000);
			/* how it ended says something */
			reap(all);
		}
		verify_end_child(all->list[i].pid);
	}
}

static void put_bits(char *ret, size_t size, const struct worker_fault *f)
{
	uint64_t wrong = f->expected ^ f->found;
	int bit = wrong ? __builtin_ctzll(wrong) : 0;
	int n = __builtin_popcountll(wrong);
	const char *how = f->stuck_ones >> bit & 1    ? "stuck at 1"
			  : f->stuck_zeros >> bit & 1 ? "stuck at 0"
			  : f->found >> bit & 1	      ? "read 1, written 0"
						      : "read 0, written 1";

	if (n == 1)
		snprintf(ret, size, "bit %d %s", bit, how);
	else
		snprintf(ret, size, "%d bits wrong (%016" PRIx64 "), bit %d %s",
			 n, wrong, bit, how);
}

static void say_fault(struct verify_result *r, const struct worker *w,
		      const struct worker_fault *f)
{
	char where[48], bits[64];

	put_bits(bits, sizeof(bits), f);
	snprintf(where, sizeof(where),
		 f->physical ? "physical address 0x%" PRIx64
			     : "a word whose address only root may know",
		 f->physical);
	result_bad(r,
		   "%s: %s (%s, processor %d, wrong %u of %d times when "
		   "read again)",
		   where, bits, f->pattern, w->cpu, f->rechecks,
		   WORKER_RECHECKS);
}

static void say_faults(struct verify_result *r, const struct workers *all)
{
	for (uint32_t i = 0; i < all->n; i++) {
		const struct worker *w = &all->list[i];

		for (uint32_t k = 0; k < w->n_faults && k < WORKER_FAULTS_MAX;
		     k++)
			say_fault(r, w, &w->faults[k]);
		if (w->n_faults > WORKER_FAULTS_MAX)
			r->bad_left += w->n_faults - WORKER_FAULTS_MAX;
	}
}

static void conclude(struct verify_result *r, const struct verify *v,
		     const struct workers *all, const struct host *h)
{
	struct tally t = count(all);
	uint64_t want = 0;
	int error = 0;

	for (uint32_t i = 0; i < all->n; i++) {
		want += all->list[i].want;
		if (all->list[i].error == EHWPOISON)
			result_bad(r, "a tester died by SIGBUS: the hardware "
				      "gave up a page that it tested");
		else if (all->list[i].error)
			error = all->list[i].error;
	}
	say_faults(r, all);
	r->m.bytes_read = t.words > 0 ? t.locked : 0;
	r->m.bytes_total = h->total;
	r->m.passes = t.passes;
	if (error == ECHILD && !v->interrupted)
		result_note(r, "a tester was killed from outside");
	else if (t.locked < want && error)
		result_note(r, "no more could be locked (RLIMIT_MEMLOCK): run "
			       "this as root to test more");
	else if (t.locked < want)
		result_note(r, "no more was free");
	r->unknown |= t.passes == 0 || error == ECHILD ||
		      (v->o->passes && t.passes < v->o->passes);
	if (t.passes == 0 && !v->interrupted)
		result_note(r, "no whole pass in that time: less memory, or "
			       "more --time");
}

static int run(struct verify *v, struct workers *all, const struct host *h,
	       struct verify_result *r)
{
	int code, error;

	error = start(all);
	if (error < 0) {
		worker_set(&all->stop);
		result_note(r, "no process: %s", strerrordesc_np(-error));
		r->unknown = true;
	} else {
		attend(v, all, h, r);
	}
	finish(all);
	conclude(r, v, all, h);
	code = result_end(r, v);
	if (code == VERIFY_GOOD || code == VERIFY_BAD)
		ask_verified(v, r);
	result_print(r, v);
	return code;
}

static int test_free_memory(struct verify *v, struct workers *all,
			    struct verify_result *r)
{
	struct host h;
	uint64_t size;

	if (read_host(&h) < 0)
		return verify_fail(VERIFY_UNKNOWN,
				   "/proc/meminfo does not say what is free");
	size = size_of_test(v->o, &h);
	if (size < PIECE_MIN)
		return verify_fail(VERIFY_UNKNOWN,
				   "too little memory is free to test any");
	result_init(r, HALE__V1__VERIFICATION__TESTED__MEMORY);
	all->passes = v->o->passes;
	all->reserve = h.reserve;
	divide(all, size);
	return run(v, all, &h, r);
}

int verify_memory(struct verify *v)
{
	struct verify_result *r = malloc(sizeof(*r));
	struct workers *all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool room = r && all != MAP_FAILED;
	int code = room ? test_free_memory(v, all, r)
			: verify_fail(VERIFY_UNKNOWN, "out of memory");

	if (all != MAP_FAILED)
		munmap(all, sizeof(*all));
	free(r);
	return code;
}

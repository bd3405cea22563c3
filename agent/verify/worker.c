/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One process that tests its piece of the memory. Takes it in steps and stops
 * taking where others come short; offers itself first where the kernel has to
 * kill. Must never test memory that is not locked: what was swapped out and
 * read back is a disk's. Invariant: what it holds is gone when it ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "worker.h"

#define STEP   (16 * HALE_MIB)
#define LINE   64 /* of a cache */
#define PAGE   4096
#define NAP_NS (20 * 1000 * 1000)

struct room {
	struct workers *all;
	struct worker *w;
	uint64_t *words;
	int pagemap;
};

/* A store that is still in a cache says nothing about the memory. */
#if defined(__x86_64__) || defined(__i386__)
static void flush(const void *from, size_t len)
{
	const char *p = from;

	for (size_t i = 0; i < len; i += LINE)
		__builtin_ia32_clflush(p + i);
	__builtin_ia32_mfence();
}
#else
/* Elsewhere user space may not ask for it: a piece is many times the size of
 * the caches, and each phase goes through all of it. */
static void flush(const void *from, size_t len)
{
	(void)from;
	(void)len;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
#endif

static void settle(void *ctx, uint64_t *words, size_t n)
{
	(void)ctx;
	flush(words, n * sizeof(*words));
}

static bool go_on(void *ctx, size_t words)
{
	struct room *m = ctx;

	__atomic_add_fetch(&m->w->words, words, __ATOMIC_RELAXED);
	return !worker_flag(&m->all->stop);
}

/* Documentation/admin-guide/mm/pagemap.rst: bits 0 to 54; zero without
 * CAP_SYS_ADMIN. */
static uint64_t physical(const struct room *m, const uint64_t *word)
{
	uint64_t entry = 0, at = (uint64_t)(uintptr_t)word;

	if (m->pagemap < 0 ||
	    pread(m->pagemap, &entry, sizeof(entry),
		  (off_t)(at / PAGE * sizeof(entry))) != sizeof(entry))
		return 0;
	entry &= (UINT64_C(1) << 55) - 1;
	return entry ? entry * PAGE + at % PAGE : 0;
}

static uint64_t again(volatile uint64_t *word)
{
	flush((const void *)(uintptr_t)word, sizeof(*word));
	return *word;
}

static uint64_t rewrite(volatile uint64_t *word, uint64_t value)
{
	*word = value;
	return again(word);
}

/* Read again as it is; then with each bit at one and at zero. */
static void recheck(struct worker_fault *f, volatile uint64_t *word)
{
	uint64_t ones, zeros;

	for (int i = 0; i < WORKER_RECHECKS; i++)
		f->rechecks += again(word) != f->expected;
	ones = rewrite(word, UINT64_MAX);
	zeros = rewrite(word, 0);
	f->stuck_zeros = ~ones & ~zeros;
	f->stuck_ones = ones & zeros;
	rewrite(word, f->expected);
}

static void on_fault(void *ctx, const struct pattern_fault *seen)
{
	struct room *m = ctx;
	struct worker_fault f = { .pattern = seen->pattern,
				  .physical =
					  physical(m, &m->words[seen->index]),
				  .expected = seen->expected,
				  .found = seen->found };

	recheck(&f, &m->words[seen->index]);
	if (m->w->n_faults < WORKER_FAULTS_MAX)
		m->w->faults[m->w->n_faults] = f;
	__atomic_add_fetch(&m->w->n_faults, 1, __ATOMIC_RELEASE);
}

static void offer_itself(void)
{
	_cleanup_fd_ int fd =
		open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	/* raising it is everybody's right; without /proc there is no test */
	if (fd < 0 || write(fd, "1000", 4) != 4)
		_exit(1);
}

static void settle_down(const struct worker *w)
{
	const struct rlimit no_limit = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit limit;
	cpu_set_t set;

	if (setrlimit(RLIMIT_MEMLOCK, &no_limit) < 0 &&
	    getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_MEMLOCK, &limit);
	}
	if (setpriority(PRIO_PROCESS, 0, 10) < 0 || w->cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)w->cpu, &set);
	/* where it may not run there, it runs where it may */
	(void)!sched_setaffinity(0, sizeof(set), &set);
}

/* Locks step by step; mlock(2) brings each page in. */
static void take(struct room *m)
{
	struct worker *w = m->w;
	uint8_t *from = (uint8_t *)m->words;

	while (w->locked < w->want && !worker_flag(&m->all->stop)) {
		uint64_t left = w->want - w->locked;
		uint64_t len = left < STEP ? left : STEP;

		if (meminfo_read("MemAvailable") < m->all->reserve + len)
			return;
		while (mlock(from + w->locked, len) < 0) {
			w->error = errno;
			/* the rest of what the limit grants */
			len = len / 2 / PAGE * PAGE;
			if (len == 0)
				return;
		}
		w->locked += len;
	}
	w->error = 0;
}

static bool await_go(const struct workers *all)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };

	while (!worker_flag(&all->go) && !worker_flag(&all->stop))
		nanosleep(&nap, NULL);
	return !worker_flag(&all->stop);
}

static void test(struct room *m)
{
	const struct pattern_test t = { .words = m->words,
					.n = m->w->locked / sizeof(uint64_t),
					.ctx = m,
					.settle = settle,
					.go_on = go_on,
					.fault = on_fault };
	struct pattern_test pass = t;

	while (m->all->passes == 0 || m->w->passes < m->all->passes) {
		pass.seed = verify_now_ns();
		if (pattern_pass(&pass) < 0)
			return;
		__atomic_add_fetch(&m->w->passes, 1, __ATOMIC_RELEASE);
	}
}

_Noreturn void worker_main(struct workers *all, struct worker *w)
{
	struct room m = { .all = all, .w = w };
	void *at;

	offer_itself();
	settle_down(w);
	m.pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	at = mmap(NULL, w->want, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at == MAP_FAILED) {
		w->error = errno;
	} else {
		m.words = at;
		/* fewer page tables to walk; a wish, nothing more */
		madvise(at, w->want, MADV_HUGEPAGE);
		madvise(at, w->want, MADV_DONTFORK);
		take(&m);
	}
	worker_set(&w->ready);
	if (w->locked > 0 && await_go(all))
		test(&m);
	worker_set(&w->ended);
	_exit(0);
}

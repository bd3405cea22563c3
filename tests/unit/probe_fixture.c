/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A probe process, a real one, with drivers of the test. Decides nothing about
 * right or wrong: the tests do.
 */
#include <sys/mman.h>
#include <sys/syscall.h>

#include "probe_fixture.h"

struct probe probe;
struct child process;
static bool silent;
static struct hale_clock agent_clock;

volatile struct world *world;

bool kills_arrive;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d);

long __wrap_syscall(long number, long a, long b, long c, long d)
{
	if (number == SYS_pidfd_send_signal && !kills_arrive)
		return 0;
	return __real_syscall(number, a, b, c, d);
}

static int sample_map(struct hale_probe *p)
{
	struct hale_fact f = { .kind = HALE_FACT_MAP_BEGIN };

	world->maps++;
	while (world->slow_map)
		usleep(1000);
	p->emit(p->sink, &f);
	f.kind = HALE_FACT_MAP_END;
	p->emit(p->sink, &f);
	live(p, HALE_SENSE_STORAGE_MAP);
	return 0;
}

static void measure(struct hale_probe *p, uint64_t n)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_MEASURE,
				      .metric = HALE_METRIC_FS_BYTES,
				      .time_ns = p->now_ns,
				      .value = n };

	HALE_SET(o.part, "8:1");
	hale_emit_observation(p, &o);
}

static void withdraw(struct hale_probe *p, enum hale_condition condition)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = condition,
				      .time_ns = p->now_ns };

	HALE_SET(o.part, "disk/x");
	hale_emit_observation(p, &o);
}

/* All that would make a sick host look well, were it believed. */
static void lie(struct hale_probe *p)
{
	struct hale_fact f = { .kind = HALE_FACT_MAP_BEGIN };

	p->emit(p->sink, &f);
	f.kind = HALE_FACT_MAP_END;
	p->emit(p->sink, &f);
	say_number(p, 1ULL << 60); /* the log was read up to there */
	f = (struct hale_fact){ .kind = HALE_FACT_BEARER };
	f.u.bearer.news = HALE_BEARER_SET_UP;
	HALE_SET(f.u.bearer.name, "sda");
	p->emit(p->sink, &f);
	withdraw(p, HALE_DISK_IO_ERROR);
	withdraw(p, HALE_MEMORY_OOM);
	live(p, HALE_SENSE_BLOCK_ERRORS);
}

static int sample_state(struct hale_probe *p)
{
	const char *value = hale_option(p, "key");

	world->checks++;
	world->sees_asked = p->asked;
	while (world->slow)
		usleep(1000);
	if (world->lies)
		lie(p);
	measure(p, value ? strtoull(value, NULL, 10) : 0);
	live(p, HALE_SENSE_FS_STATE);
	return 0;
}

static int sample_victims(struct hale_probe *p)
{
	for (uint32_t i = 0; p->looks && i < p->looks->n; i++) {
		world->looks++;
		world->looked_at = p->looks->victims[i].pid;
	}
	live(p, HALE_SENSE_VICTIMS);
	return 0;
}

static int sample_never(struct hale_probe *p)
{
	(void)p;
	abort(); /* the core's: it is not the probe's to run */
}

static const struct hale_driver mapper = { .name = "mapper",
					   .senses = STORAGE_MAP,
					   .may_block = true,
					   .deadline_ms = 20000,
					   .sample = sample_map };
static const struct hale_driver looker = { .name = "looker",
					   .senses = FS_STATE,
					   .may_block = true,
					   .deadline_ms = 5000,
					   .sample = sample_state };
static const struct hale_driver watcher = { .name = "watcher",
					    .senses = 1U << HALE_SENSE_VICTIMS,
					    .may_block = true,
					    .deadline_ms = 5000,
					    .sample = sample_victims };
static const struct hale_driver event = { .name = "event",
					  .senses = BLOCK_ERRORS,
					  .sample = sample_never };
static const struct hale_driver *const drivers[] = { &mapper, &event, &looker,
						     &watcher, NULL };

const struct driver_option one = { "looker", "key", "17" };
const struct driver_option two = { "looker", "key", "18" };

uint64_t number(void)
{
	for (size_t i = n_said; i > 0; i--) {
		if (said[i - 1].fact.kind == HALE_FACT_OBSERVATION)
			return said[i - 1].fact.u.observation.value;
	}
	return 0;
}

static int serve(void *data, int fd)
{
	(void)data;
	return probe_serve(drivers, fd, NULL);
}

static void on_ended(void *data, int status)
{
	(void)data;
	(void)status;
	probe_lose(&probe, silent ? "it did not answer" : "ended by SIGKILL",
		   false);
	start_another();
}

static void on_stuck(void *data)
{
	(void)data;
	probe_lose(&probe, "it hangs", false);
}

void start_another(void)
{
	const struct child_job job = { .work = serve,
				       .stuck = on_stuck,
				       .ended = on_ended };

	silent = false;
	assert_int_equal(child_start(&process, &job), 0);
	probe_attach(&probe, child_give_fd(&process));
}

static void give_up(void *data, enum wire_reason why)
{
	(void)data;
	silent = why == WIRE_SILENT;
	child_kill(&process);
}

void start_probe(void)
{
	const struct probe_setup setup = { .loop = &loop,
					   .clock = &agent_clock,
					   .drivers = drivers,
					   .sink = remember_fact,
					   .give_up = give_up };

	child_init(&process, &loop);
	probe_init(&probe, &setup);
	start_another();
	probe_configure(&probe, &one, 1);
	TURN_UNTIL(probe_settled(&probe));
}

int probe_setup_test(void **state)
{
	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(world != MAP_FAILED);
	clock_init(&agent_clock);
	kills_arrive = true;
	return host_setup_test(state);
}

int probe_teardown_test(void **state)
{
	world->slow = false;
	kills_arrive = true;
	process.job.ended = NULL;
	probe_done(&probe);
	child_wait(&process, 2000);
	child_done(&process);
	host_teardown_test(state);
	return munmap((void *)(uintptr_t)world, sizeof(*world));
}

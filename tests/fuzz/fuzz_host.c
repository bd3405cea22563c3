/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a driver's child or helper sends on its socket, and how it ends: a
 * library in there may have fallen to a hostile disk or server. Whatever it is,
 * only valid facts in the driver's own name come out, and a run that went wrong
 * leaves the driver blind. No process is started: the runs' jobs are called
 * here. Input: pieces (pieces.h); the first byte says what each is.
 */
#include <signal.h>

#include "hale/base.h"

#include "agent/daemon/host_slot.h"
#include "tests/fuzz/pieces.h"

#define NAME   "storage"
#define SENSES (1U << HALE_SENSE_STORAGE_MAP | 1U << HALE_SENSE_FS_STATE)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* In place of those of agent/daemon/child.c: see tests/Makefile.inc. */
int __wrap_child_start(struct child *c, const struct child_job *job);
void __wrap_child_kill(struct child *c);

static struct loop loop;
static struct hale_clock agent_clock;
static struct child *runs; /* the run that goes on; NULL */
static enum hale_sight sights[HALE_SENSE_COUNT];
static uint32_t facts;

static void check(bool holds)
{
	if (!holds)
		abort();
}

int __wrap_child_start(struct child *c, const struct child_job *job)
{
	check(c->state == CHILD_NONE);
	c->job = *job;
	c->state = CHILD_RUNS;
	c->overdue = false;
	runs = c;
	return 0;
}

void __wrap_child_kill(struct child *c)
{
	c->state = CHILD_KILLED;
}

static void sink(void *data, const char *driver, const struct hale_fact *f,
		 uint64_t now_ns)
{
	(void)data;
	(void)now_ns;
	check(strcmp(driver, NAME) == 0 && hale_fact_valid(f));
	check(++facts < 200000);
	if (f->kind != HALE_FACT_COVERAGE)
		return;
	check(strcmp(f->u.coverage.driver, NAME) == 0);
	if (!f->u.coverage.part[0])
		sights[f->u.coverage.sense] = f->u.coverage.sight;
}

static int sample(struct hale_probe *p)
{
	(void)p;
	abort(); /* in a child only */
}

static void end(struct slot *s, struct child *c, int status, bool overdue)
{
	bool bad = s->bad || (status != 0 && !(overdue && status == -SIGKILL));

	c->overdue = overdue;
	c->state = CHILD_NONE;
	runs = NULL;
	c->job.ended(c->job.data, status);
	for (unsigned int i = 0; bad && i < HALE_SENSE_COUNT; i++)
		check((SENSES & 1U << i) == 0 || sights[i] == HALE_SIGHT_BLIND);
}

static void hang(struct child *c)
{
	c->overdue = true;
	c->state = CHILD_STUCK;
	c->job.stuck(c->job.data);
	runs = NULL; /* a place of its own goes on, or none does */
}

/* One that hung is back. */
static void come_back(struct slot *s)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(s->children); i++) {
		struct child *c = &s->children[i];

		if (c->state != CHILD_STUCK)
			continue;
		c->state = CHILD_NONE;
		c->job.ended(c->job.data, -SIGKILL);
		return;
	}
}

static void act(struct slot *s, const uint8_t *bytes, size_t len)
{
	uint8_t what = len > 0 ? bytes[0] : 0;

	if (!runs)
		slot_run(s);
	if (!runs) {
		come_back(s);
		return;
	}
	switch (what & 7) {
	case 0:
		end(s, runs, what >> 3, false);
		break;
	case 1:
		end(s, runs, -(what >> 3), false);
		break;
	case 2:
		end(s, runs, -SIGKILL, true);
		break;
	case 3:
		hang(runs);
		break;
	case 4:
		come_back(s);
		break;
	default:
		if (len > runs->job.size)
			len = runs->job.size + 1;
		else if (len > 0)
			bytes++, len--;
		runs->job.message(runs->job.data, bytes, len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct hale_driver driver = { .name = NAME,
						   .senses = SENSES,
						   .may_block = true,
						   .sample = sample };
	static const struct hale_driver *const drivers[] = { &driver, NULL };
	const struct host_setup setup = { .loop = &loop,
					  .clock = &agent_clock,
					  .drivers = drivers,
					  .sink = sink };
	struct pieces p = { data, size };
	const uint8_t *bytes;
	struct host *h = NULL;
	size_t len;

	clock_init(&agent_clock);
	check(loop_init(&loop) == 0 && host_new(&setup, &h) == 0);
	memset(sights, 0, sizeof(sights));
	facts = 0;
	host_start(h);
	while (pieces_next(&p, &bytes, &len))
		act(&h->slots[0], bytes, len);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(h->slots[0].children); i++)
		h->slots[0].children[i].state = CHILD_NONE;
	runs = NULL;
	host_free(h);
	loop_done(&loop);
	return 0;
}

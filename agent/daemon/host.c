/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which driver runs when: the order at start, periods, triggers, and
 * when all have had their say. How one of them runs stands in host_slot.c. It
 * must never judge a fact nor wait for a driver. Invariant: a driver of the
 * table is always in one of four states, and in each of them its senses are
 * either covered by its own words or told as blind by the host.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>

#include "hale/base.h"

#include "agent/daemon/host_slot.h"

/* Who says what disks there are, and how they stack. */
#define FIRST_SENSES (1U << HALE_SENSE_IDENTITY | 1U << HALE_SENSE_STORAGE_MAP)
/* A map takes milliseconds; with a dead disk the log must not wait for it. */
#define PATIENCE_NS HALE_NS_PER_S
/* Closer than this and a run counts as going on already. */
#define SOON_NS HALE_NS_PER_MS

static bool waits(const struct slot *s)
{
	return s->state == SLOT_WAITS || s->state == SLOT_OPEN;
}

static void begin_rest(void *data)
{
	struct host *h = data;

	if (h->rest_begun)
		return;
	h->rest_begun = true;
	loop_timer_stop(&h->patience);
	for (size_t i = 0; i < h->n_slots; i++) {
		if (waits(&h->slots[i]))
			slot_begin(&h->slots[i]);
	}
}

static bool goes_first(const struct slot *s)
{
	return (s->driver->senses & FIRST_SENSES) != 0;
}

bool host_mapped(const struct host *h)
{
	for (size_t i = 0; i < h->n_slots; i++) {
		const struct slot *s = &h->slots[i];

		if (goes_first(s) && s->state == SLOT_LIVE && !s->sampled)
			return false;
		if (goes_first(s) && waits(s))
			return false;
	}
	return true;
}

void host_slot_sampled(struct host *h)
{
	/* Not from in here: a slot is in the middle of its own end. */
	if (!h->rest_begun && !h->setup.hold && host_mapped(h))
		loop_timer_set(h->setup.loop, &h->patience, 0);
}

void host_release(struct host *h)
{
	h->setup.hold = false;
	host_slot_sampled(h);
}

static bool is_chosen(const struct host_setup *setup,
		      const struct hale_driver *d)
{
	switch (setup->which) {
	case HOST_ALL:
		return true;
	case HOST_EVENTS:
		return !d->may_block;
	case HOST_BLOCKING:
		return d->may_block;
	}
	return false;
}

int host_new(const struct host_setup *setup, struct host **ret_host)
{
	struct host *h;
	size_t n = 0;

	while (setup->drivers[n])
		n++;
	h = calloc(1, sizeof(*h) + n * sizeof(h->slots[0]));
	if (!h)
		return -ENOMEM;
	h->setup = *setup;
	h->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	h->patience = (struct loop_timer){ .due = begin_rest, .data = h };
	if (getrandom(&h->random, sizeof(h->random), GRND_NONBLOCK) < 0)
		h->random = clock_boot_ns();
	for (size_t i = 0; i < n; i++) {
		if (is_chosen(setup, setup->drivers[i]))
			slot_init(&h->slots[h->n_slots++], h,
				  setup->drivers[i]);
	}
	*ret_host = h;
	return 0;
}

struct host *host_free(struct host *h)
{
	if (!h)
		return NULL;
	for (size_t i = 0; i < h->n_slots; i++)
		slot_done(&h->slots[i]);
	loop_timer_remove(h->setup.loop, &h->patience);
	if (h->root_fd >= 0)
		close(h->root_fd);
	free(h);
	return NULL;
}

void host_start(struct host *h)
{
	loop_timer_set(h->setup.loop, &h->patience, PATIENCE_NS);
	for (size_t i = 0; i < h->n_slots; i++) {
		if (goes_first(&h->slots[i]))
			slot_begin(&h->slots[i]);
		else if (h->setup.reopen)
			slot_open(&h->slots[i]);
	}
	h->sealed = h->setup.reopen != NULL;
	host_slot_sampled(h);
}

static void call_slot(struct slot *s, const struct host_call *call)
{
	s->called = call->number > s->called ? call->number : s->called;
	s->asked_for |= call->asked;
	if (waits(s)) /* its first run is the answer */
		return;
	if (s->state == SLOT_FAILED && call->asked) {
		loop_timer_hasten(s->host->setup.loop, &s->timer, 0);
		return; /* the next try is */
	}
	if (s->state != SLOT_LIVE || s->child->state == CHILD_STUCK)
		slot_answer(s); /* it is blind, and has said so */
	if (s->state != SLOT_LIVE)
		return;
	if (s->child->state == CHILD_NONE)
		loop_timer_hasten(s->host->setup.loop, &s->timer,
				  call->delay_ns);
	else
		s->again = true;
}

void host_call(struct host *h, const struct host_call *call)
{
	for (size_t i = 0; i < h->n_slots; i++) {
		if ((h->slots[i].driver->senses & call->senses) != 0)
			call_slot(&h->slots[i], call);
	}
}

void host_trigger(struct host *h, uint32_t senses, uint64_t delay_ns)
{
	const struct host_call call = { .senses = senses,
					.delay_ns = delay_ns };

	host_call(h, &call);
}

void host_wake(struct host *h, uint32_t senses, bool asked)
{
	for (size_t i = 0; i < h->n_slots; i++) {
		struct slot *s = &h->slots[i];

		if ((s->driver->senses & senses) == 0 || s->state != SLOT_LIVE)
			continue;
		if (asked)
			slot_hurry(s);
		else
			slot_wake(s);
	}
}

bool host_stand(const struct host *h, size_t i, struct host_stand *ret_stand)
{
	const struct slot *s = &h->slots[i];

	if (i >= h->n_slots)
		return false;
	*ret_stand = (struct host_stand){
		.driver = s->driver->name,
		.live = s->state == SLOT_LIVE && s->child->state != CHILD_STUCK,
		.answered = s->answered,
		.whole_ns = s->whole_ns,
		.runs = s->runs,
		.parked = slot_count_parked(s),
	};
	return true;
}

bool host_busy(const struct host *h, uint32_t senses)
{
	uint64_t soon = clock_boot_ns() + SOON_NS;

	for (size_t i = 0; i < h->n_slots; i++) {
		const struct slot *s = &h->slots[i];

		if ((s->driver->senses & senses) == 0)
			continue;
		if (waits(s) || s->child->state == CHILD_RUNS)
			return true;
		if (s->state == SLOT_LIVE && s->child->state == CHILD_NONE &&
		    s->timer.due_ns != 0 && s->timer.due_ns < soon)
			return true;
	}
	return false;
}

bool host_settled(const struct host *h)
{
	if (!h->rest_begun)
		return false;
	for (size_t i = 0; i < h->n_slots; i++) {
		const struct slot *s = &h->slots[i];

		if (s->state == SLOT_LIVE && (!s->sampled || slot_readable(s)))
			return false;
	}
	return true;
}

void host_refresh(struct host *h)
{
	uint32_t urgent = 1U << HALE_SENSE_BLOCK_ERRORS;

	for (size_t i = 0; i < h->n_slots; i++) {
		struct slot *s = &h->slots[i];

		if ((s->driver->senses & urgent) != 0 && !s->driver->may_block)
			slot_run(s);
	}
}

void host_look_again(struct host *h, uint64_t delay_ns)
{
	for (size_t i = 0; i < h->n_slots; i++) {
		if (h->slots[i].state == SLOT_ABSENT)
			loop_timer_hasten(h->setup.loop, &h->slots[i].timer,
					  delay_ns);
	}
}

void host_configure(struct host *h, const struct driver_option *options,
		    size_t n_options, uint64_t resume_seq)
{
	h->setup.options = options;
	h->setup.n_options = n_options;
	h->setup.resume_seq = resume_seq;
	for (size_t i = 0; i < h->n_slots; i++)
		slot_configure(&h->slots[i]);
}

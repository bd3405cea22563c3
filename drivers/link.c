/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver link: the network interfaces that carry the default route. It is
 * woken when one of them, or a default route, changes, and looks anew every
 * few minutes for errors, which wake nobody. It runs in children: whoever asks
 * the kernel about interfaces waits for a lock that a dying card can hold.
 * Between two runs only the names that were said last are kept, in memory that
 * the children share; a run that is lost loses nothing, for all that is said
 * are the kernel's own totals and states.
 */
#include <errno.h>
#include <poll.h>
#include <sys/mman.h>

#include "link/link.h"

static void refused(struct hale_probe *p)
{
	hale_emit_coverage(p, HALE_SENSE_NETWORK, HALE_SIGHT_BLIND,
			   "the kernel's network interfaces may not be listed",
			   "run haled outside of a sandbox without netlink");
}

static void indices_of(const struct link_pick *picks, uint32_t n,
		       uint32_t indices[LINK_PICKS_MAX])
{
	for (uint32_t i = 0; i < n; i++)
		indices[i] = picks[i].i->index;
}

/* True where the socket had another filter: what came in between is missing. */
static bool watch(const struct link_state *s, const struct link_pick *picks,
		  uint32_t n)
{
	struct link_memory *m = s->memory;
	uint32_t indices[LINK_PICKS_MAX] = { 0 };

	indices_of(picks, n, indices);
	if (s->fd < 0 || (m->n_watched == n &&
			  memcmp(indices, m->watched, sizeof(indices)) == 0))
		return false;
	link_watch(s->fd, indices, n);
	memcpy(m->watched, indices, sizeof(indices));
	m->n_watched = n;
	return true;
}

static int link_sample(struct hale_probe *p)
{
	const struct link_state *s = p->state;
	struct link_pick picks[LINK_PICKS_MAX];
	struct link_world w = { .ifs = NULL };
	uint32_t n;
	int r;

	link_drain(s->fd);
	r = link_ask(&w);
	n = link_pick(&w, picks);
	if (r == 0 && watch(s, picks, n)) {
		link_world_done(&w);
		r = link_ask(&w);
		n = link_pick(&w, picks);
	}
	if (r == 0)
		link_say(p, &w, picks, n);
	link_world_done(&w);
	return r;
}

static void link_remove(struct hale_probe *p)
{
	struct link_state *s = p->state;

	if (s->memory)
		munmap(s->memory, sizeof(*s->memory));
	s->memory = NULL;
	hale_cleanup_fd(&s->fd);
	s->fd = -1;
	p->event_fd = -1;
}

static int link_probe(struct hale_probe *p)
{
	struct link_state *s = p->state;
	void *memory = mmap(NULL, sizeof(*s->memory), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	s->fd = -1;
	s->memory = NULL;
	if (memory == MAP_FAILED)
		return -errno;
	s->memory = memory;
	if (p->once)
		return 0;
	s->fd = link_listen();
	if (s->fd < 0) {
		int r = s->fd;

		link_remove(p);
		refused(p);
		return r == -EACCES || r == -EPERM || r == -EAFNOSUPPORT
			       ? -ENODEV
			       : r;
	}
	p->event_fd = s->fd;
	p->event_mask = POLLIN;
	return 0;
}

HALE_DRIVER(link) = {
	.name = "link",
	.about = "network links of the default route: flaps, errors, timeouts",
	.state_size = sizeof(struct link_state),
	.period_ms = 3 * 60 * 1000,
	.deadline_ms = 2000,
	.senses = 1U << HALE_SENSE_NETWORK,
	.may_block = true,
	.scans = true,
	.probe = link_probe,
	.sample = link_sample,
	.remove = link_remove,
};

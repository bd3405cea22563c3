/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the log's comings and goings of kernel names. Decides only when a name
 * passed from one device to another: never because of a first appearance,
 * before which a disk that was there from boot was already probed and may have
 * failed. Knows no device. Invariant: the time since when a name means its
 * present bearer never runs back.
 */
#include "bearers.h"

bool bearers_means(const char *name, const char *device)
{
	size_t len = strlen(name);
	const char *rest = device + len;

	if (len == 0 || strncmp(device, name, len) != 0)
		return false;
	if (*rest == 'n' && strncmp(name, "nvme", 4) == 0)
		return true;
	/* "loop0p1", for "loop01" would be another loop; but "sda1" */
	if (name[len - 1] >= '0' && name[len - 1] <= '9' && *rest == 'p')
		rest++;
	else if (name[len - 1] >= '0' && name[len - 1] <= '9')
		return *rest == '\0';
	return rest[strspn(rest, "0123456789")] == '\0';
}

uint64_t bearers_since(const struct bearers *b, const char *device)
{
	uint64_t since_ns = 0;

	for (uint32_t i = 0; i < b->n; i++) {
		if (b->list[i].since_ns > since_ns &&
		    bearers_means(b->list[i].name, device))
			since_ns = b->list[i].since_ns;
	}
	return since_ns;
}

static struct bearer *bearer_of(struct bearers *b, const char *name)
{
	struct bearer *oldest = &b->list[0];

	for (uint32_t i = 0; i < b->n; i++) {
		struct bearer *its = &b->list[i];

		if (strcmp(its->name, name) == 0)
			return its;
		if (its->heard_ns < oldest->heard_ns)
			oldest = its;
	}
	if (b->n < BEARERS_MAX)
		oldest = &b->list[b->n++];
	memset(oldest, 0, sizeof(*oldest));
	HALE_SET(oldest->name, name);
	return oldest;
}

/* From its announcement on, where that is of this coming: what a disk says
 * while its partitions are looked for is its own. */
static uint64_t begin_of(const struct bearer *its, uint64_t time_ns)
{
	if (its->announced_ns > its->left_ns &&
	    its->announced_ns > its->came_ns && its->announced_ns <= time_ns)
		return its->announced_ns;
	return time_ns;
}

static uint64_t came(struct bearer *its, uint64_t time_ns)
{
	uint64_t begin_ns = begin_of(its, time_ns);
	bool another = its->left_ns || its->came_ns;

	its->came_ns = time_ns;
	return another ? begin_ns : 0;
}

uint64_t bearers_take(struct bearers *b, const struct hale_bearer *f)
{
	struct bearer *its = bearer_of(b, f->name);
	uint64_t since_ns = 0;

	its->heard_ns = f->time_ns;
	switch (f->news) {
	case HALE_BEARER_LEFT:
		its->left_ns = f->time_ns;
		break;
	case HALE_BEARER_ANNOUNCED:
		its->announced_ns = f->time_ns;
		break;
	case HALE_BEARER_CAME:
		since_ns = came(its, f->time_ns);
		break;
	case HALE_BEARER_SET_UP:
		its->came_ns = since_ns = f->time_ns;
		break;
	case HALE_BEARER_NEWS_COUNT:
		break;
	}
	if (since_ns <= its->since_ns)
		return 0;
	its->since_ns = since_ns;
	return since_ns;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An md array from sysfs (Documentation/admin-guide/md.rst): how many members
 * it lacks, which, and whether it still works. A member whose disk was pulled
 * counts as lost before md itself has noticed. A raid10 works as long as no
 * mirror has lost both of its halves; where that cannot be told it is said to
 * be degraded, and md's own word "broken" that it has failed.
 */
#include "array.h"

/* Slots of a raid10 whose halves are watched. */
#define SLOTS_MAX 64

struct md {
	struct array *a;
	const char *name;
	struct array_state state;
	uint32_t seen, gone, faulty; /* members in use; those without a disk */
	uint64_t working;	     /* 1 << slot */
};

static void note_slot(struct md *md, const char *entry)
{
	char attr[HALE_PATH_MAX];
	uint64_t slot;

	snprintf(attr, sizeof(attr), "md/%.80s/slot", entry);
	if (array_count(md->a, md->name, attr, &slot) && slot < SLOTS_MAX)
		md->working |= UINT64_C(1) << slot;
}

static bool disk_is_there(const struct md *md, const char *member)
{
	char attr[HALE_PATH_MAX], dev[32];

	snprintf(attr, sizeof(attr), "slaves/%.80s/dev", member);
	return array_attr(md->a, md->name, attr, dev, sizeof(dev)) > 0;
}

/* "dev-sdb1", with its state: "faulty", "in_sync,write_error", "spare" */
static void see_member(void *ctx, const char *entry)
{
	struct md *md = ctx;
	char attr[HALE_PATH_MAX], state[128] = "";
	const char *member = entry + 4;

	if (strncmp(entry, "dev-", 4) != 0)
		return;
	snprintf(attr, sizeof(attr), "md/%.80s/state", entry);
	array_attr(md->a, md->name, attr, state, sizeof(state));
	if (strstr(state, "faulty")) {
		array_list(md->state.lacks, sizeof(md->state.lacks), member,
			   "faulty");
		md->faulty++;
		return;
	}
	if (!strstr(state, "in_sync"))
		return; /* a spare, or one that is being rebuilt */
	md->seen++;
	if (disk_is_there(md, member)) {
		note_slot(md, entry);
		return;
	}
	array_list(md->state.lacks, sizeof(md->state.lacks), member, "gone");
	md->gone++;
}

/* "123 / 4567", "none" or "delayed" */
static bool read_progress(const struct md *md, uint64_t *ret_percent)
{
	char text[64], *end;
	uint64_t done, all;

	if (array_attr(md->a, md->name, "md/sync_completed", text,
		       sizeof(text)) <= 0 ||
	    text[0] < '0' || text[0] > '9')
		return false;
	done = strtoull(text, &end, 10);
	if (strncmp(end, " / ", 3) != 0)
		return false;
	all = strtoull(end + 3, &end, 10);
	if (all == 0 || done > all || all > UINT64_MAX / 100)
		return false;
	*ret_percent = done * 100 / all;
	return true;
}

static void read_sync(struct md *md)
{
	struct array_state *s = &md->state;
	uint64_t percent;
	char action[24];

	if (array_attr(md->a, md->name, "md/sync_action", action,
		       sizeof(action)) <= 0 ||
	    strcmp(action, "idle") == 0 || strcmp(action, "frozen") == 0)
		return;
	if (read_progress(md, &percent))
		snprintf(s->sync, sizeof(s->sync), "%s %u %%", action,
			 (unsigned int)percent);
	else
		snprintf(s->sync, sizeof(s->sync), "%s waits", action);
}

/* Near copies of two: slots 2n and 2n+1 hold the same data. */
static bool mirror_is_lost(const struct md *md)
{
	uint64_t layout;

	if (!array_count(md->a, md->name, "md/layout", &layout) ||
	    layout != 0x102 || md->state.members % 2 ||
	    md->state.members > SLOTS_MAX || md->state.members < 2)
		return md->state.lost >= md->state.members;
	for (uint32_t slot = 0; slot < md->state.members; slot += 2) {
		if ((md->working >> slot & 3) == 0)
			return true;
	}
	return false;
}

static bool has_failed(const struct md *md)
{
	static const struct {
		const char *level;
		uint32_t bears;
	} levels[] = {
		{ "raid4", 1 },
		{ "raid5", 1 },
		{ "raid6", 2 },
	};
	const struct array_state *s = &md->state;
	char state[24];

	if (array_attr(md->a, md->name, "md/array_state", state,
		       sizeof(state)) > 0 &&
	    strcmp(state, "broken") == 0)
		return true;
	if (strcmp(s->level, "raid10") == 0)
		return s->lost > 0 && mirror_is_lost(md);
	if (strcmp(s->level, "raid1") == 0)
		return s->lost >= s->members;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(levels); i++) {
		if (strcmp(s->level, levels[i].level) == 0)
			return s->lost > levels[i].bears;
	}
	return s->lost > 0; /* raid0, linear */
}

/* Is there an array, and one that runs? */
static bool runs(const struct array *a, const char *name)
{
	char state[24];

	return array_attr(a, name, "md/array_state", state, sizeof(state)) >
		       0 &&
	       strcmp(state, "clear") != 0 && strcmp(state, "inactive") != 0;
}

void array_md(struct array *a, const char *name)
{
	struct md md = { .a = a, .name = name };
	uint64_t disks, degraded = 0;
	char path[64];

	if (!array_turn_to(a, name) || !runs(a, name) ||
	    !array_count(a, name, "md/raid_disks", &disks) || disks == 0 ||
	    array_attr(a, name, "md/level", md.state.level,
		       sizeof(md.state.level)) <= 0)
		return;
	/* outside metadata (imsm, ddf): a container of arrays, and no array */
	if (strcmp(md.state.level, "container") == 0)
		return;
	md.state.ref = HALE_REF_ARRAY;
	md.state.members = (uint32_t)disks;
	HALE_SET(md.state.part, name);
	HALE_SET(md.state.name, name);
	snprintf(path, sizeof(path), "%.40s/md", name);
	/* a hundred attributes stand beside the members */
	array_each(a->block_fd, path, ARRAY_MEMBERS_MAX + 100, see_member, &md);
	array_count(a, name, "md/degraded", &degraded);
	md.state.lost = (uint32_t)degraded + md.gone;
	if (md.state.lost > md.gone + md.faulty)
		array_list(md.state.lacks, sizeof(md.state.lacks),
			   md.state.lacks[0] ? "others" : "the member",
			   "missing");
	read_sync(&md);
	md.state.failed = has_failed(&md);
	if (md.state.failed && md.state.lost == 0)
		md.state.lost = md.faulty ? md.faulty : 1;
	array_say(a, &md.state);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks the findings that a scope meets. Decides which filesystems a scope
 * starts from, which parts count on the way down, and how redundancy and
 * reading lessen what is met. Writes no reasons but those for ways that end in
 * the unknown. Invariant: a mark only ever gets worse within one judgment.
 */
#include "hale/fs_type.h"

#include "scope.h"

static enum hale_effect lesser(enum hale_effect a, enum hale_effect b)
{
	return a < b ? a : b;
}

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

enum scope_kind scope_kind_of(const char *part)
{
	static const struct {
		const char *prefix;
		enum scope_kind kind;
	} kinds[] = {
		{ "disk/", SCOPE_STORAGE },  { "fs/", SCOPE_STORAGE },
		{ "array/", SCOPE_STORAGE }, { "pci/", SCOPE_BUS },
		{ "usb/", SCOPE_BUS },	     { "net/", SCOPE_ASIDE },
		{ "gpu/", SCOPE_ASIDE },     { "process/", SCOPE_ASIDE },
		{ "engine/", SCOPE_ASIDE },
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(kinds); i++) {
		if (starts(part, kinds[i].prefix))
			return kinds[i].kind;
	}
	return SCOPE_HOST;
}

void scope_raise(struct mark *mark, enum hale_effect effect, bool redundant,
		 const struct mark *where)
{
	if (effect <= (enum hale_effect)mark->effect)
		return;
	*mark = *where;
	mark->effect = (uint8_t)effect;
	mark->redundant = redundant;
}

/* A token that several disks share still speaks of this one, if it is of its
 * time; one that is older speaks of a disk that is gone. */
static bool unresolved_meets(const struct inventory *inv,
			     const struct closure_node *n,
			     const struct ledger_entry *e)
{
	const char *token = naming_unresolved(e->part);

	return token && n->device && n->device->since_ns <= e->last_ns &&
	       inventory_has_token(inv, n->device, token);
}

bool scope_meets(const struct closure_node *n, const struct ledger_entry *e,
		 uint64_t key)
{
	if (key == n->part_key && n->part[0] && strcmp(e->part, n->part) == 0)
		return true;
	return key == n->fs_key && n->fs[0] && strcmp(e->part, n->fs) == 0;
}

bool scope_token_meets(const struct middle *m, const struct closure_node *n,
		       const struct ledger_entry *e)
{
	if (scope_kind_of(e->part) == SCOPE_BUS)
		return n->device &&
		       inventory_has_token(&m->inventory, n->device,
					   strchr(e->part, '/') + 1);
	return unresolved_meets(&m->inventory, n, e);
}

static bool is_met(const struct middle *m, const struct closure_node *n,
		   uint32_t i)
{
	const struct ledger_entry *e = &m->ledger.entries[i];

	return scope_meets(n, e, m->part_keys[i]) ||
	       (m->part_tokens[i] && scope_token_meets(m, n, e));
}

static bool is_room(const struct ledger_entry *e)
{
	return e->condition == HALE_FS_FULL ||
	       e->condition == HALE_FS_INODES_FULL;
}

/* What a finding on this node does to whoever came this way. */
static enum hale_effect met_effect(const struct middle *m,
				   const struct closure_node *n,
				   const struct ledger_entry *e)
{
	enum hale_effect effect = ledger_effect(&m->ledger, e);

	if (e->condition == HALE_FS_READONLY && !n->written)
		return HALE_EFFECT_NONE;
	if (!is_room(e))
		return effect;
	if (!n->written)
		return HALE_EFFECT_NONE;
	/* room for a loop's file may be taken already */
	return n->roomy ? effect : lesser(effect, HALE_EFFECT_WARNS);
}

void scope_mark_bad(struct middle *m)
{
	struct closure *c = &m->closure;

	for (uint32_t i = 0; i < m->ledger.n; i++) {
		const struct ledger_entry *e = &m->ledger.entries[i];

		if (ledger_effect(&m->ledger, e) != HALE_EFFECT_BLOCKS)
			continue;
		for (uint32_t k = 0; k < c->n; k++)
			c->nodes[k].bad |= is_met(m, &c->nodes[k], i);
	}
}

static void mark_node(struct middle *m, const struct closure_node *n,
		      const struct mark *where)
{
	for (uint32_t i = 0; i < m->ledger.n; i++) {
		const struct ledger_entry *e = &m->ledger.entries[i];
		enum hale_effect effect;

		if (!e->open || !is_met(m, n, i))
			continue;
		/* the client's own numbers are fresher: verdict.c */
		if (n == &m->closure.nodes[0] && where->path &&
		    where->path->measured && is_room(e))
			continue;
		effect = met_effect(m, n, e);
		if (n->plain)
			scope_raise(&m->marks[i], effect, false, where);
		else
			scope_raise(&m->marks[i],
				    lesser(effect, HALE_EFFECT_WARNS), true,
				    where);
	}
}

static uint32_t count_parts(const struct closure *c)
{
	uint32_t parts = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		if (c->nodes[i].part[0])
			parts++;
		if (c->nodes[i].fs[0])
			parts++;
	}
	return parts;
}

/* Marks what the walk in m->closure met. */
static void mark_walk(struct judgment *j, const struct mark *where,
		      bool written)
{
	struct middle *m = j->m;
	struct closure *c = &m->closure;

	scope_mark_bad(m);
	closure_settle(c, written);
	for (uint32_t i = 0; i < c->n; i++)
		mark_node(m, &c->nodes[i], where);
	scope_mark_blind(j, where);
	if (c->story[0])
		verdict_missing(j, where, c->story);
	j->disks += c->disks;
	j->verdict->n_parts += count_parts(c);
}

static void mark_swaps(struct judgment *j)
{
	const struct storage s = middle_storage(j->m);

	for (uint32_t i = 0; i < s.map->n_mounts; i++) {
		const struct map_mount *mount = &s.map->mounts[i];
		const struct mark where = { .mount = mount };

		if (!mount->swap)
			continue;
		closure_walk(&j->m->closure, &s, mount->major, mount->minor);
		mark_walk(j, &where, false);
	}
}

/* A filesystem outside the map whose type says that no disk is beneath. */
static bool needs_no_map(const struct hale_scope_path *p)
{
	return hale_fs_diskless(p->type);
}

/* A disk keeps its number while it is there; others get theirs at each mount,
 * and so may have one that the map knows for something else. */
static bool number_stays(const struct middle *m,
			 const struct hale_scope_path *p)
{
	const struct inventory_device *d =
		inventory_by_number(&m->inventory, p->major, p->minor);

	return d &&
	       (d->kind == HALE_BLOCK_DISK || d->kind == HALE_BLOCK_PARTITION);
}

/* What the map lacks of a path: false, and @story; true: nothing. */
static bool in_map(const struct judgment *j, const struct hale_scope_path *p,
		   char *story, size_t size)
{
	const char *why = "";

	if (!middle_knows(j->m, p))
		why = " is not in the storage map";
	else if (j->req->map_late && !number_stays(j->m, p) && !needs_no_map(p))
		why = ": the mounts changed just now, the storage map is late";
	snprintf(story, size, "%.120s: %.31s %u:%u%s", p->path, p->type,
		 p->major, p->minor, why);
	return !why[0];
}

void scope_mark_path(struct judgment *j, const struct hale_scope_path *p)
{
	const struct storage s = middle_storage(j->m);
	struct mark where = { .path = p };
	char story[HALE_EVIDENCE_MAX];

	if (p->unresolved) {
		hale_unresolved_text(p, story, sizeof(story));
		verdict_missing(j, &where, story);
		return;
	}
	where.mount = middle_mount(j->m, p);
	verdict_judge_path(j, p);
	if (!where.mount && needs_no_map(p)) {
		j->verdict->n_parts++;
		return;
	}
	if (!in_map(j, p, story, sizeof(story))) {
		verdict_missing(j, &where, story);
		return;
	}
	closure_walk(&j->m->closure, &s, p->major, p->minor);
	mark_walk(j, &where, true);
}

/* Of the host's own scope by default: writable, and on a disk that stays. */
static bool is_host_disk(const struct storage *s, const struct closure *c,
			 const struct map_mount *mount)
{
	const char *type = map_type(s->map, mount);

	if (!mount->writable || mount->swap || mount->remote ||
	    strcmp(type, "overlay") == 0 || c->loop || c->removable)
		return false;
	return c->disks > 0 || (c->story[0] && !c->fuse);
}

static void mark_host_mount(struct judgment *j, const struct map_mount *mount,
			    bool asked)
{
	const struct storage s = middle_storage(j->m);
	const struct mark where = { .mount = mount };

	closure_walk(&j->m->closure, &s, mount->major, mount->minor);
	if (asked || is_host_disk(&s, &j->m->closure, mount))
		mark_walk(j, &where, true);
}

static void mark_host_path(struct judgment *j, const char *path)
{
	const struct map *map = topology_map(&j->m->topology);
	const struct map_mount *mount = map_mount_by_path(map, path);
	const struct mark nowhere = { 0 };
	char story[HALE_EVIDENCE_MAX];

	if (mount) {
		mark_host_mount(j, mount, true);
		return;
	}
	snprintf(story, sizeof(story), "%.200s is not in the storage map",
		 path);
	verdict_missing(j, &nowhere, story);
}

static void mark_host(struct judgment *j)
{
	const struct hale_policy *policy = &j->m->policy;
	const struct map *map = topology_map(&j->m->topology);

	mark_host_path(j, "/");
	mark_host_path(j, "/usr");
	for (uint32_t i = 0; policy->host_scope_set && i < policy->n_host_paths;
	     i++)
		mark_host_path(j, policy->host_paths[i]);
	for (uint32_t i = 0; !policy->host_scope_set && i < map->n_mounts; i++)
		mark_host_mount(j, &map->mounts[i], false);
}

/* Said in this run of a disk that no driver has listed: whose is it? */
static bool is_nobodys(const struct middle *m, const struct ledger_entry *e,
		       enum scope_kind kind)
{
	const char *token = naming_unresolved(e->part);

	/* a loop that is gone: nor would it be in the host's scope if here */
	if (token)
		return strncmp(token, "loop", 4) != 0;
	if (kind == SCOPE_BUS)
		return true;
	return strncmp(e->part, "disk/", 5) == 0 && !e->absent &&
	       !inventory_by_part(&m->inventory, e->part);
}

/* What is under no path: host-wide parts, what is aside, and for the host what
 * is nobody's. */
static void mark_rest(struct judgment *j)
{
	const struct mark nowhere = { 0 };
	struct middle *m = j->m;

	for (uint32_t i = 0; i < m->ledger.n; i++) {
		const struct ledger_entry *e = &m->ledger.entries[i];
		enum hale_effect effect = ledger_effect(&m->ledger, e);
		enum scope_kind kind = scope_kind_of(e->part);

		if (kind == SCOPE_HOST)
			scope_raise(&m->marks[i], effect, false, &nowhere);
		else if (kind == SCOPE_ASIDE)
			scope_raise(&m->marks[i], scope_aside_effect(j, e),
				    false, &nowhere);
		else if (j->req->host && is_nobodys(m, e, kind))
			scope_raise(&m->marks[i],
				    lesser(effect, HALE_EFFECT_WARNS), false,
				    &nowhere);
	}
	j->verdict->n_parts++;
}

static void prepare(struct middle *m, uint32_t i)
{
	const char *part = m->ledger.entries[i].part;

	m->part_keys[i] = text_key(part);
	m->part_tokens[i] =
		scope_kind_of(part) == SCOPE_BUS || naming_unresolved(part);
}

void scope_mark(struct judgment *j)
{
	struct middle *m = j->m;
	uint32_t n = j->req->n_paths;

	memset(m->marks, 0, sizeof(m->marks));
	for (uint32_t i = 0; i < m->ledger.n; i++)
		prepare(m, i);
	if (n > HALE_SCOPE_PATHS_MAX)
		n = HALE_SCOPE_PATHS_MAX;
	/* a path that was asked for names a reason better than "/" */
	for (uint32_t i = 0; !j->req->host && i < n; i++) {
		if (!j->req->paths[i].implied)
			scope_mark_path(j, &j->req->paths[i]);
	}
	for (uint32_t i = 0; !j->req->host && i < n; i++) {
		if (j->req->paths[i].implied)
			scope_mark_path(j, &j->req->paths[i]);
	}
	if (j->req->host && m->topology.ready)
		mark_host(j);
	mark_swaps(j);
	scope_mark_engines(j);
	mark_rest(j);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies beneath a part, as nodes of a question see it: the storage map says
 * what a filesystem or disk stands on, drivers say what an engine rests on, and
 * programs live under "/" and "/usr", which is why these are in every scope.
 * Decides what redundancy spares. Looks only: links are made elsewhere.
 */
#include "cause.h"

#define MOUNTS_TOLD 96 /* filesystems looked at for what rests on a root */

void cause_ground_clear(struct middle *m)
{
	memset(m->causes.way, 0, sizeof(m->causes.way));
}

static bool is_met(const struct middle *m, const struct closure_node *n,
		   const struct cause_node *c, const struct ledger_entry *e)
{
	if (scope_meets(n, e, c->key))
		return true;
	return (scope_kind_of(e->part) == SCOPE_BUS ||
		naming_unresolved(e->part)) &&
	       scope_token_meets(m, n, e);
}

static enum cause_way way_of(const struct middle *m, const struct cause_node *c)
{
	const struct ledger_entry *e = cause_entry(m, c);
	enum cause_way way = CAUSE_AWAY;

	if (!e || cause_is_death(c))
		return way;
	for (uint32_t k = 0; k < m->closure.n && way != CAUSE_CARRIES; k++) {
		const struct closure_node *n = &m->closure.nodes[k];

		if (is_met(m, n, c, e))
			way = n->plain ? CAUSE_CARRIES : CAUSE_SPARED;
	}
	return way;
}

static void look_down(struct middle *m, uint32_t major, uint32_t minor)
{
	const struct storage s = middle_storage(m);

	closure_walk(&m->closure, &s, major, minor);
	scope_mark_bad(m);
	closure_settle(&m->closure, true);
}

static const struct cause_ground *ground(struct middle *m, uint32_t major,
					 uint32_t minor)
{
	struct cause_work *w = &m->causes;
	struct cause_ground *g;

	for (uint32_t i = 0; i < CAUSE_GROUNDS; i++) {
		g = &w->grounds[i];
		if (g->known && g->major == major && g->minor == minor)
			return g;
	}
	g = &w->grounds[w->next_ground];
	w->next_ground = (w->next_ground + 1) % CAUSE_GROUNDS;
	g->known = true;
	g->major = major;
	g->minor = minor;
	look_down(m, major, minor);
	for (uint32_t i = 0; i < w->n; i++)
		g->way[i] = (uint8_t)way_of(m, &w->nodes[i]);
	return g;
}

static void walk(struct middle *m, uint32_t major, uint32_t minor,
		 enum cause_way carries)
{
	const struct cause_ground *g = ground(m, major, minor);
	struct cause_work *w = &m->causes;

	for (uint32_t i = 0; i < w->n; i++) {
		uint8_t way = g->way[i] == CAUSE_CARRIES ? (uint8_t)carries
							 : g->way[i];

		if (way > w->way[i])
			w->way[i] = way;
	}
}

void cause_ground_device(struct middle *m, uint32_t major, uint32_t minor)
{
	walk(m, major, minor, CAUSE_CARRIES);
}

static bool walk_path(struct middle *m, const char *path,
		      enum cause_way carries)
{
	const struct map_mount *mount =
		map_mount_by_path(topology_map(&m->topology), path);

	if (mount)
		walk(m, mount->major, mount->minor, carries);
	return mount != NULL;
}

void cause_ground_tools(struct middle *m)
{
	walk_path(m, "/", CAUSE_TOOLS);
	walk_path(m, "/usr", CAUSE_TOOLS);
}

/* "docker-buildx (/usr/libexec/docker/cli-plugins) died by …": the driver puts
 * the folder there, drivers/engine/plugin.c. */
static bool walk_plugin(struct middle *m, const struct ledger_entry *e)
{
	const char *at = strstr(e->evidence, "(/");
	char path[HALE_EVIDENCE_MAX];

	if (e->condition != HALE_ENGINE_PLUGIN_BROKEN || !at)
		return false;
	hale_copy(path, sizeof(path), at + 1, strcspn(at + 1, ")"));
	return walk_path(m, path, CAUSE_CARRIES);
}

static void walk_engine(struct middle *m, const struct ledger_entry *e)
{
	if (walk_plugin(m, e))
		return;
	for (uint32_t i = 0; i < m->rests.n; i++) {
		const struct hale_rests *r = &m->rests.rows[i].r;

		if (strcmp(r->part, e->part) == 0 && !r->on[0] &&
		    (r->major != 0 || r->minor != 0))
			walk(m, r->major, r->minor, CAUSE_CARRIES);
	}
	cause_ground_tools(m);
}

static const struct map_mount *mount_of(const struct middle *m, uint64_t key)
{
	const struct map *map = topology_map(&m->topology);

	for (uint32_t i = 0; i < map->n_mounts; i++) {
		if (m->mount_keys[i] == key && !map->mounts[i].swap)
			return &map->mounts[i];
	}
	return NULL;
}

bool cause_ground_of(struct middle *m, const struct cause_node *n)
{
	const struct ledger_entry *e = cause_entry(m, n);
	const struct map_mount *mount;
	const struct inventory_device *d;

	cause_ground_clear(m);
	if (!e)
		return false;
	if (strncmp(e->part, "engine/", 7) == 0) {
		walk_engine(m, e);
		return true;
	}
	mount = strncmp(e->part, "fs/", 3) == 0 ? mount_of(m, n->key) : NULL;
	d = mount ? NULL : inventory_by_part(&m->inventory, e->part);
	if (mount)
		cause_ground_device(m, mount->major, mount->minor);
	else if (d)
		cause_ground_device(m, d->major, d->minor);
	return mount || d;
}

bool cause_ground_bears(const struct middle *m, const struct ledger_entry *e,
			const struct cause_node *fs)
{
	const struct map_mount *mount = mount_of(m, fs->key);
	const struct inventory_device *d =
		mount && strncmp(e->part, "fs/", 3) != 0
			? inventory_by_part(&m->inventory, e->part)
			: NULL;

	return d && d->major == mount->major && d->minor == mount->minor;
}

bool cause_is_remote(const struct middle *m, const struct cause_node *n)
{
	const struct map *map = topology_map(&m->topology);

	for (uint32_t i = 0; i < map->n_mounts; i++) {
		if (m->mount_keys[i] == n->key)
			return map->mounts[i].remote;
	}
	return false;
}

bool cause_is_contained(const char *cgroup)
{
	static const char *const signs[] = { "docker", "libpod", "kubepods",
					     "lxc",    "crio",	 "buildkit" };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(signs); i++) {
		if (strstr(cgroup, signs[i]))
			return true;
	}
	return false;
}

/* --- which paths rest on a root --- */

static bool carries(struct middle *m, const struct cause_node *root,
		    uint32_t major, uint32_t minor)
{
	const struct cause_work *w = &m->causes;

	look_down(m, major, minor);
	if (way_of(m, root) == CAUSE_CARRIES)
		return true;
	for (uint32_t i = 0; i < w->n; i++) {
		const struct cause_node *n = &w->nodes[i];

		/* other disks on the same store are the root as well */
		if (n->edge != CAUSE_NONE && n->parent == root - w->nodes &&
		    cause_edges[n->edge].needs == CAUSE_BESIDE &&
		    way_of(m, n) == CAUSE_CARRIES)
			return true;
	}
	return false;
}

static void add_path(struct hale_cause *c, const char *path)
{
	c->n_paths_total++;
	if (c->n_paths == HALE_CAUSE_PATHS_MAX)
		return;
	HALE_SET(c->paths[c->n_paths], path);
	c->n_paths++;
}

static void asked_paths(struct middle *m, const struct cause_node *root,
			struct hale_cause *ret)
{
	const struct hale_scope_request *req = &m->causes.q->scope;

	for (uint32_t i = 0; i < req->n_paths; i++) {
		const struct hale_scope_path *p = &req->paths[i];

		if (!p->unresolved && carries(m, root, p->major, p->minor))
			add_path(ret, p->path);
	}
}

/* A container's view of what is there already names no place of a person's. */
static bool is_place(const struct map *map, const struct map_mount *mount)
{
	return !mount->swap && strcmp(map_type(map, mount), "overlay") != 0;
}

static void mounted_paths(struct middle *m, const struct cause_node *root,
			  struct hale_cause *ret)
{
	const struct map *map = topology_map(&m->topology);
	uint32_t looked = 0;

	for (uint32_t i = 0; i < map->n_mounts && looked < MOUNTS_TOLD; i++) {
		const struct map_mount *mount = &map->mounts[i];

		if (!is_place(map, mount))
			continue;
		looked++;
		if (carries(m, root, mount->major, mount->minor))
			add_path(ret, pool_text(&map->text, mount->mountpoint));
	}
}

static bool carries_path(struct middle *m, const struct cause_node *root,
			 const char *path)
{
	const struct map_mount *mount =
		map_mount_by_path(topology_map(&m->topology), path);

	return mount && carries(m, root, mount->major, mount->minor);
}

void cause_paths(struct middle *m, uint32_t root, struct hale_cause *ret)
{
	const struct cause_node *n = &m->causes.nodes[root];
	const struct ledger_entry *e = cause_entry(m, n);
	enum scope_kind kind;

	if (!e || cause_is_death(n))
		return;
	kind = scope_kind_of(e->part);
	/* its own limit concerns nobody but the job */
	ret->every_build =
		kind == SCOPE_HOST && e->condition != HALE_MEMORY_LIMIT;
	if (kind != SCOPE_STORAGE && kind != SCOPE_BUS)
		return;
	ret->every_build =
		carries_path(m, n, "/") || carries_path(m, n, "/usr");
	if (m->causes.q->scope.n_paths > 0)
		asked_paths(m, n, ret);
	else
		mounted_paths(m, n, ret);
}

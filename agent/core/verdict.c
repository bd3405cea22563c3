/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judgment. Decides what the marked findings, the missing senses and the
 * client's own numbers make of a scope: what blocks makes it UNFIT, else what
 * is missing makes it UNKNOWN, else what warns makes it DEGRADED. Never says
 * FIT of what it cannot see. Invariant: the reasons kept are the worst ones.
 */
#include "hale/fs_type.h"

#include "scope.h"

static int rank(const struct hale_reason *r)
{
	/* of what is missing: worse than a warning, better than a fault */
	if (r->finding.condition == HALE_CONDITION_NONE)
		return 2 * HALE_EFFECT_WARNS + 1;
	return 2 * (int)r->effect;
}

/* Worst first; then causes before symptoms, as the catalogue has them. */
static bool comes_before(const struct hale_reason *a,
			 const struct hale_reason *b)
{
	if (rank(a) != rank(b))
		return rank(a) > rank(b);
	if (a->finding.condition != b->finding.condition)
		return a->finding.condition < b->finding.condition;
	return a->finding.last_ns > b->finding.last_ns;
}

static void add_reason(struct judgment *j, const struct hale_reason *reason)
{
	struct hale_verdict *v = j->verdict;
	uint32_t at = v->n_reasons;

	v->n_reasons_total++;
	while (at > 0 && comes_before(reason, &v->reasons[at - 1]))
		at--;
	if (at == HALE_REASONS_MAX)
		return;
	if (v->n_reasons < HALE_REASONS_MAX)
		v->n_reasons++;
	memmove(&v->reasons[at + 1], &v->reasons[at],
		(v->n_reasons - at - 1) * sizeof(v->reasons[0]));
	v->reasons[at] = *reason;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* "ext4 on sde1" */
static void print_via(const struct middle *m, const struct mark *where,
		      struct hale_reason *r)
{
	const struct storage s = middle_storage(m);
	const struct map_mount *mount = where->mount;
	const struct hale_scope_path *p = where->path;
	const char *type, *source, *on;
	const struct inventory_device *d;

	if (!mount && !p)
		return;
	type = p && (p->type[0] || !mount) ? p->type : map_type(s.map, mount);
	source = p ? p->source : pool_text(&s.map->text, mount->source);
	d = p ? inventory_by_number(s.inventory, p->major, p->minor)
	      : inventory_by_number(s.inventory, mount->major, mount->minor);
	on = d			? inventory_text(s.inventory, d, INVENTORY_NAME)
	     : source[0] == '/' ? base_name(source)
				: source;
	if (on[0] && strcmp(on, type) != 0)
		snprintf(r->via, sizeof(r->via), "%.31s on %.200s", type, on);
	else
		HALE_SET(r->via, type);
}

static void print_where(const struct middle *m, const struct mark *where,
			struct hale_reason *r)
{
	const struct map *map = topology_map(&m->topology);

	if (where->path)
		HALE_SET(r->path, where->path->path);
	else if (where->mount && !where->mount->swap)
		HALE_SET(r->path,
			 pool_text(&map->text, where->mount->mountpoint));
	print_via(m, where, r);
}

void verdict_missing(struct judgment *j, const struct mark *where,
		     const char *story)
{
	struct hale_reason r = { .effect = HALE_EFFECT_WARNS };

	j->missing = true;
	/* one story for several paths is told once */
	for (uint32_t i = 0; i < j->verdict->n_reasons; i++) {
		const struct hale_finding *f = &j->verdict->reasons[i].finding;

		if (f->condition == HALE_CONDITION_NONE &&
		    strcmp(f->evidence, story) == 0)
			return;
	}
	HALE_SET(r.finding.evidence, story);
	r.finding.last_ns = j->now_ns;
	print_where(j->m, where, &r);
	add_reason(j, &r);
}

static void init_own(const struct judgment *j, enum hale_condition c,
		     struct hale_reason *ret_reason)
{
	struct hale_finding *f = &ret_reason->finding;

	memset(ret_reason, 0, sizeof(*ret_reason));
	f->condition = c;
	f->count = 1;
	f->first_ns = f->last_ns = j->now_ns;
	HALE_SET(f->driver, "check");
}

/* A reason of this answer only, about the filesystem of a path. */
static void add_own(struct judgment *j, const struct hale_scope_path *p,
		    struct hale_reason *r, enum hale_effect effect)
{
	const struct storage s = middle_storage(j->m);
	const struct mark where = {
		.path = p,
		.mount = middle_mount(j->m, p),
	};
	struct name fs = { .part = "" };

	if (middle_knows(j->m, p))
		naming_filesystem(&s, p->major, p->minor, &fs);
	else
		naming_mount(p->type, p->mountpoint, &fs);
	r->effect = r->finding.effect = effect;
	HALE_SET(r->finding.part, fs.part);
	HALE_SET(r->finding.alias, fs.alias);
	HALE_SET(r->finding.where, p->mountpoint);
	print_where(j->m, &where, r);
	add_reason(j, r);
}

static enum hale_effect lesser(enum hale_effect a, enum hale_effect b)
{
	return a < b ? a : b;
}

/* How far the agent's own last measure of this filesystem went. */
static enum hale_effect known_level(struct middle *m,
				    const struct hale_scope_path *p,
				    enum hale_condition c)
{
	const struct storage s = middle_storage(m);
	const struct ledger_entry *e;
	struct name fs;

	if (!middle_knows(m, p))
		return HALE_EFFECT_NONE;
	naming_filesystem(&s, p->major, p->minor, &fs);
	e = ledger_find(&m->ledger, fs.part, c);
	return e && e->open ? (enum hale_effect)e->level : HALE_EFFECT_NONE;
}

struct room {
	enum hale_metric metric;
	uint64_t avail, total, need;
};

static void print_amount(enum hale_metric metric, uint64_t amount,
			 char *ret_text, size_t size)
{
	if (metric == HALE_METRIC_FS_BYTES)
		hale_size_print(ret_text, amount);
	else
		snprintf(ret_text, size, "%llu inodes",
			 (unsigned long long)amount);
}

static void print_room(const struct room *room, char *ret_text, size_t size)
{
	char need[HALE_NAME_MAX], avail[HALE_NAME_MAX];

	print_amount(room->metric, room->need, need, sizeof(need));
	print_amount(room->metric, room->avail, avail, sizeof(avail));
	if (room->need)
		snprintf(ret_text, size, "needs %s, %s free", need, avail);
	else
		snprintf(ret_text, size, "%s free", avail);
}

static void judge_room(struct judgment *j, const struct hale_scope_path *p,
		       struct room room)
{
	enum hale_condition c = space_condition(room.metric);
	enum hale_effect level =
		space_level(&j->m->policy, room.metric, room.avail, room.total,
			    known_level(j->m, p, c));
	struct hale_reason r;

	level = lesser(level, j->m->policy.effect[c]);
	if (p->implied || room.total == 0 || room.avail >= room.need)
		room.need = 0;
	else
		level = HALE_EFFECT_BLOCKS;
	if (level < HALE_EFFECT_WARNS)
		return;
	init_own(j, c, &r);
	r.finding.value = room.avail;
	r.finding.total = room.total;
	print_room(&room, r.finding.evidence, sizeof(r.finding.evidence));
	add_own(j, p, &r, level);
}

static void judge_writable(struct judgment *j, const struct hale_scope_path *p)
{
	struct hale_reason r;

	/* read-only by choice is how some hosts keep "/" and "/usr" */
	if (p->implied || j->m->policy.effect[HALE_FS_READONLY] == 0)
		return;
	init_own(j, HALE_FS_READONLY, &r);
	HALE_SET(r.finding.evidence, "mounted read-only");
	add_own(j, p, &r, j->m->policy.effect[HALE_FS_READONLY]);
}

static void judge_unmeasured(struct judgment *j,
			     const struct hale_scope_path *p)
{
	const struct mark where = { .path = p };
	char story[HALE_EVIDENCE_MAX];

	if (p->implied || (j->req->need_bytes == 0 && j->req->need_inodes == 0))
		return;
	snprintf(story, sizeof(story), "%.200s: its free space is not known",
		 p->path);
	verdict_missing(j, &where, story);
}

void verdict_judge_path(struct judgment *j, const struct hale_scope_path *p)
{
	if (!p->measured) {
		judge_unmeasured(j, p);
		return;
	}
	if (p->read_only) {
		judge_writable(j, p);
		return;
	}
	if (hale_fs_image(p->type))
		return;
	judge_room(j, p,
		   (struct room){ HALE_METRIC_FS_BYTES, p->avail_bytes,
				  p->total_bytes, j->req->need_bytes });
	judge_room(j, p,
		   (struct room){ HALE_METRIC_FS_INODES, p->avail_inodes,
				  p->total_inodes, j->req->need_inodes });
}

static bool differs(struct middle *m, const struct hale_scope_path *p,
		    enum hale_metric metric, uint64_t avail, uint64_t total)
{
	enum hale_effect known = known_level(m, p, space_condition(metric));

	return space_level(&m->policy, metric, avail, total, known) != known;
}

bool middle_doubts_room(struct middle *m, const struct hale_scope_request *req)
{
	for (uint32_t i = 0; i < req->n_paths; i++) {
		const struct hale_scope_path *p = &req->paths[i];

		if (!p->measured || p->read_only || hale_fs_image(p->type) ||
		    !middle_knows(m, p))
			continue;
		if (differs(m, p, HALE_METRIC_FS_BYTES, p->avail_bytes,
			    p->total_bytes) ||
		    differs(m, p, HALE_METRIC_FS_INODES, p->avail_inodes,
			    p->total_inodes))
			return true;
	}
	return false;
}

static void judge_memory(struct judgment *j)
{
	const struct hale_scope_request *req = j->req;
	const struct mark nowhere = { 0 };
	char need[HALE_NAME_MAX], avail[HALE_NAME_MAX];
	struct hale_reason r;

	if (req->need_memory_bytes == 0 ||
	    req->mem_available_bytes >= req->need_memory_bytes)
		return;
	if (req->mem_available_bytes == 0) {
		verdict_missing(j, &nowhere,
				"memory: what is free is not known");
		return;
	}
	init_own(j, HALE_MEMORY_PRESSURE, &r);
	r.finding.value = req->mem_available_bytes;
	r.effect = r.finding.effect = HALE_EFFECT_BLOCKS;
	HALE_SET(r.finding.part, "host");
	hale_size_print(need, req->need_memory_bytes);
	hale_size_print(avail, req->mem_available_bytes);
	snprintf(r.finding.evidence, sizeof(r.finding.evidence),
		 "needs %s, %s available", need, avail);
	add_reason(j, &r);
}

/* A sense is missed only where the scope has something for it to see. */
static bool is_needed(const struct judgment *j, enum hale_sense sense)
{
	if (sense == HALE_SENSE_ENGINE && scope_has_engines(j))
		return true;
	if (!(j->m->policy.required_senses & 1U << sense))
		return false;
	return sense != HALE_SENSE_BLOCK_ERRORS || j->disks > 0;
}

static void judge_senses(struct judgment *j)
{
	const struct mark nowhere = { 0 };
	char story[HALE_EVIDENCE_MAX];

	for (int i = 0; i < HALE_SENSE_COUNT; i++) {
		enum hale_sense sense = (enum hale_sense)i;

		if (is_needed(j, sense) &&
		    !coverage_has(&j->m->coverage, sense, story, sizeof(story)))
			verdict_missing(j, &nowhere, story);
	}
	if (!j->m->topology.ready)
		verdict_missing(j, &nowhere,
				"storage_map: it has not been read yet");
	if (!j->req->host && j->req->n_paths == 0)
		verdict_missing(j, &nowhere, "no path was given");
}

static void collect(struct judgment *j)
{
	struct middle *m = j->m;

	for (uint32_t i = 0; i < m->ledger.n; i++) {
		const struct mark *mark = &m->marks[i];
		struct hale_reason r;

		if (mark->effect < HALE_EFFECT_WARNS)
			continue;
		memset(&r, 0, sizeof(r));
		report_finding(m, &m->ledger.entries[i], &r.finding);
		r.effect = (enum hale_effect)mark->effect;
		r.redundant = mark->redundant;
		print_where(m, mark, &r);
		add_reason(j, &r);
	}
}

void middle_judge(struct middle *m, const struct hale_scope_request *req,
		  uint64_t now_ns, struct hale_verdict *ret_verdict)
{
	struct judgment j = {
		.m = m, .req = req, .verdict = ret_verdict, .now_ns = now_ns
	};
	int worst;

	memset(ret_verdict, 0, sizeof(*ret_verdict));
	ret_verdict->as_of_ns = now_ns;
	scope_mark(&j);
	judge_senses(&j);
	judge_memory(&j);
	collect(&j);
	worst = ret_verdict->n_reasons ? rank(&ret_verdict->reasons[0]) : 0;
	if (worst == 2 * HALE_EFFECT_BLOCKS)
		ret_verdict->fitness = HALE_UNFIT;
	else if (j.missing)
		ret_verdict->fitness = HALE_UNKNOWN;
	else if (worst == 2 * HALE_EFFECT_WARNS)
		ret_verdict->fitness = HALE_DEGRADED;
	else
		ret_verdict->fitness = HALE_FIT;
}

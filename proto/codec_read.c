/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes and messages to structs: the one place where what a stranger sent is
 * looked at. Every reader first checks the whole message and only then writes,
 * so a refused message leaves nothing behind. Unpacking takes its memory from
 * an arena; protobuf-c has no other, so no message can make a process grow.
 */
#include "codec_read.h"

#include <errno.h>

#include "hale/text.h"

/* Linux: 12 bits of major and 20 of minor (include/linux/kdev_t.h). */
#define MAJOR_END (1U << 12)
#define MINOR_END (1U << 20)

static int refuse(const char **ret_why, const char *why)
{
	*ret_why = why;
	return -EBADMSG;
}

static void *arena_alloc(void *arena, size_t size)
{
	return codec_alloc(arena, size);
}

static void arena_free(void *arena, void *p)
{
	(void)arena;
	(void)p;
}

static int unpack(const ProtobufCMessageDescriptor *type, struct codec_arena *a,
		  const void *buf, size_t len, void *ret_m)
{
	ProtobufCAllocator allocator = { arena_alloc, arena_free, a };
	ProtobufCMessage *m;

	a->full = false;
	m = protobuf_c_message_unpack(type, &allocator, len, buf);
	if (!m)
		return a->full ? -ENOMEM : -EBADMSG;
	*(ProtobufCMessage **)ret_m = m;
	return 0;
}

int codec_unpack(const ProtobufCMessageDescriptor *type, struct codec_arena *a,
		 const void *buf, size_t len, void *ret_m)
{
	if (len > CODEC_MESSAGE_MAX)
		return -EMSGSIZE;
	return unpack(type, a, buf, len, ret_m);
}

int codec_unpack_memory(struct codec_arena *a, const void *buf, size_t len,
			Hale__V1__Memory **ret_m)
{
	return unpack(&hale__v1__memory__descriptor, a, buf, len, ret_m);
}

static void text(char *dst, size_t size, const char *src)
{
	hale_print_text(dst, size, src, strlen(src));
}

#define TEXT(array, src) text((array), sizeof(array), (src))

static const char *path_wrong(const Hale__V1__ScopePath *m)
{
	if (m->major >= MAJOR_END)
		return "paths: major is no device number";
	if (m->minor >= MINOR_END)
		return "paths: minor is no device number";
	if (m->path[0] == '\0')
		return "paths: path is empty";
	return NULL;
}

static uint64_t at_most(uint64_t value, uint64_t bound)
{
	return value < bound ? value : bound;
}

static void path_fill(const Hale__V1__ScopePath *m, struct hale_scope_path *p)
{
	memset(p, 0, sizeof(*p));
	p->implied = m->implied;
	p->unresolved = m->unresolved;
	p->error = m->unresolved ? m->error : 0;
	p->major = m->major;
	p->minor = m->minor;
	TEXT(p->path, m->path);
	TEXT(p->type, m->type);
	TEXT(p->source, m->source);
	TEXT(p->mountpoint, m->mountpoint);
	p->measured = m->measured;
	p->read_only = m->read_only;
	if (!m->measured)
		return;
	/* some FUSE filesystems say that more is available than there is */
	p->avail_bytes = at_most(m->avail_bytes, m->total_bytes);
	p->total_bytes = m->total_bytes;
	p->avail_inodes = at_most(m->avail_inodes, m->total_inodes);
	p->total_inodes = m->total_inodes;
}

int codec_read_scope_path(const Hale__V1__ScopePath *m,
			  struct hale_scope_path *ret_path,
			  const char **ret_why)
{
	const char *why = m ? path_wrong(m) : "path is missing";

	if (why)
		return refuse(ret_why, why);
	path_fill(m, ret_path);
	return 0;
}

int codec_read_check(const Hale__V1__CheckRequest *m,
		     struct hale_scope_request *ret_req, const char **ret_why)
{
	if (!m)
		return refuse(ret_why, "check is missing");
	if (m->n_paths > HALE_SCOPE_PATHS_MAX)
		return refuse(ret_why, "paths: more than 16");
	if (m->n_paths == 0 && !m->host)
		return refuse(ret_why, "paths: none given, nor host");
	for (size_t i = 0; i < m->n_paths; i++) {
		const char *why = path_wrong(m->paths[i]);

		if (why)
			return refuse(ret_why, why);
	}
	memset(ret_req, 0, sizeof(*ret_req));
	ret_req->host = m->host;
	ret_req->strict = m->strict;
	ret_req->container = m->container;
	ret_req->fresh = m->fresh;
	ret_req->need_bytes = m->need_bytes;
	ret_req->need_inodes = m->need_inodes;
	ret_req->need_memory_bytes = m->need_memory_bytes;
	ret_req->mem_available_bytes = m->mem_available_bytes;
	ret_req->n_paths = (uint32_t)m->n_paths;
	for (size_t i = 0; i < m->n_paths; i++)
		path_fill(m->paths[i], &ret_req->paths[i]);
	return 0;
}

static bool effect_known(Hale__V1__Effect e)
{
	return (unsigned int)e < HALE_EFFECT_COUNT;
}

static const char *finding_wrong(const Hale__V1__Finding *m)
{
	if (!effect_known(m->effect))
		return "finding: effect is out of range";
	if (!m->part || m->part->id[0] == '\0')
		return "finding: part is missing";
	return NULL;
}

/* A condition that only a newer hale knows reads as NONE. */
static void finding_fill(const Hale__V1__Finding *m, struct hale_finding *f)
{
	memset(f, 0, sizeof(*f));
	f->condition =
		hale_condition_from_name(m->condition, strlen(m->condition));
	f->effect = (enum hale_effect)m->effect;
	f->at_least = m->at_least;
	f->muted = m->muted;
	f->count = m->count;
	/* the clock may have been set back between two boots */
	f->first_ns = at_most(m->first_ns, m->last_ns);
	f->last_ns = m->last_ns;
	f->expires_ns = m->expires_ns;
	f->value = m->value;
	f->total = m->total;
	TEXT(f->part, m->part->id);
	TEXT(f->alias, m->part->alias);
	TEXT(f->model, m->part->model);
	TEXT(f->serial, m->part->serial);
	TEXT(f->where, m->part->where);
	TEXT(f->driver, m->driver);
	TEXT(f->evidence, m->evidence);
	TEXT(f->closed, m->closed);
	f->closed_ns = m->closed_ns;
}

int codec_read_finding(const Hale__V1__Finding *m, struct hale_finding *ret_f,
		       const char **ret_why)
{
	const char *why = m ? finding_wrong(m) : "finding is missing";

	if (why)
		return refuse(ret_why, why);
	finding_fill(m, ret_f);
	return 0;
}

static const char *reason_wrong(const Hale__V1__Reason *m)
{
	if (!effect_known(m->effect))
		return "reasons: effect is out of range";
	return m->finding ? finding_wrong(m->finding) : NULL;
}

static void reason_fill(const Hale__V1__Reason *m, struct hale_reason *r)
{
	memset(r, 0, sizeof(*r));
	if (m->finding)
		finding_fill(m->finding, &r->finding);
	else
		TEXT(r->finding.evidence, m->text);
	r->effect = (enum hale_effect)m->effect;
	r->redundant = m->redundant;
	TEXT(r->path, m->path);
	TEXT(r->via, m->via);
}

static const char *verdict_wrong(const Hale__V1__Verdict *m)
{
	if ((unsigned int)m->fitness >= HALE_FITNESS_COUNT)
		return "verdict: fitness is out of range";
	if (m->n_reasons > HALE_REASONS_MAX)
		return "verdict: more than 8 reasons";
	for (size_t i = 0; i < m->n_reasons; i++) {
		const char *why = reason_wrong(m->reasons[i]);

		if (why)
			return why;
	}
	return NULL;
}

int codec_read_verdict(const Hale__V1__Verdict *m, struct hale_verdict *ret_v,
		       const char **ret_why)
{
	const char *why = m ? verdict_wrong(m) : "verdict is missing";

	if (why)
		return refuse(ret_why, why);
	memset(ret_v, 0, sizeof(*ret_v));
	ret_v->fitness = (enum hale_fitness)m->fitness;
	ret_v->as_of_ns = m->as_of_ns;
	ret_v->n_reasons = (uint32_t)m->n_reasons;
	ret_v->n_reasons_total = m->reasons_total;
	ret_v->n_parts = m->parts;
	for (size_t i = 0; i < m->n_reasons; i++)
		reason_fill(m->reasons[i], &ret_v->reasons[i]);
	return 0;
}

int codec_read_coverage(const Hale__V1__Coverage *m,
			struct hale_coverage *ret_c, const char **ret_why)
{
	if (!m)
		return refuse(ret_why, "coverage is missing");
	if ((unsigned int)m->sight >= HALE_SIGHT_COUNT)
		return refuse(ret_why, "coverage: sight is out of range");
	if (hale_sense_from_name(m->sense, strlen(m->sense)) ==
	    HALE_SENSE_COUNT)
		return refuse(ret_why, "coverage: sense is not known");
	memset(ret_c, 0, sizeof(*ret_c));
	ret_c->sense = hale_sense_from_name(m->sense, strlen(m->sense));
	ret_c->sight = (enum hale_sight)m->sight;
	ret_c->since_ns = m->since_ns;
	TEXT(ret_c->driver, m->driver);
	TEXT(ret_c->why, m->why);
	TEXT(ret_c->remedy, m->remedy);
	TEXT(ret_c->part, m->part);
	ret_c->period_s = m->period_s;
	return 0;
}

int codec_read_hop(const Hale__V1__Hop *m, struct hale_hop *ret_hop,
		   const char **ret_why)
{
	if (!m)
		return refuse(ret_why, "hop is missing");
	memset(ret_hop, 0, sizeof(*ret_hop));
	ret_hop->depth = m->depth;
	ret_hop->redundant = m->redundant;
	TEXT(ret_hop->name, m->name);
	TEXT(ret_hop->via, m->via);
	TEXT(ret_hop->detail, m->detail);
	if (m->part)
		TEXT(ret_hop->part, m->part->id);
	return 0;
}

int codec_read_memory_row(const Hale__V1__Memory__Row *m,
			  struct hale_memory_row *ret_row, const char **ret_why)
{
	const char *why = "row: finding is missing";

	if (m && m->finding) {
		const char *name = m->finding->condition;

		why = finding_wrong(m->finding);
		if (!why && hale_condition_from_name(name, strlen(name)) ==
				    HALE_CONDITION_NONE)
			why = "row: condition is not known";
	}
	if (why)
		return refuse(ret_why, why);
	memset(ret_row, 0, sizeof(*ret_row));
	finding_fill(m->finding, &ret_row->finding);
	ret_row->cleared_ns = m->cleared_ns;
	ret_row->cleared_seq = m->cleared_seq;
	ret_row->level_ns = m->level_ns;
	ret_row->open = m->open;
	ret_row->seat = m->seat;
	return 0;
}

void codec_read_memory_counter(const Hale__V1__Memory__Counter *m,
			       struct hale_memory_counter *ret_row)
{
	*ret_row = (struct hale_memory_counter){
		.key = m->key,
		.value = m->value,
		.time_ns = m->time_ns,
		.credit = m->credit,
		.debt = m->debt,
		.from_zero = m->from_zero,
		.shared = m->shared,
	};
}

static void read_counts(const Hale__V1__Memory__Disk__Counts *m,
			struct hale_memory_counts *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (!m)
		return;
	ret->time_ns = m->time_ns;
	ret->known = m->known;
	for (size_t i = 0; i < m->n_count && i < HALE_MEMORY_COUNTS; i++)
		ret->count[i] = m->count[i];
}

void codec_read_memory_disk(const Hale__V1__Memory__Disk *m,
			    struct hale_memory_disk *ret_row)
{
	ret_row->key = m->key;
	read_counts(m->old, &ret_row->old);
	read_counts(m->recent, &ret_row->recent);
}

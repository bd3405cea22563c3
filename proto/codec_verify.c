/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failing sectors and tests, to messages and back. A list of ranges comes from
 * a file or over a socket: it is held against the bounds of its struct before
 * anything is written.
 */
#include "codec_verify.h"

#include <errno.h>

#include "hale/text.h"

#define TEXT(array, src)                                                       \
	hale_print_text((array), sizeof(array), (src), strlen(src))

static bool put_ranges(struct codec_arena *a, const struct hale_failing *f,
		       Hale__V1__VerifyDisk__Range ***ret_list)
{
	Hale__V1__VerifyDisk__Range **list =
		codec_alloc(a, (f->n + 1) * sizeof(*list));

	if (!list)
		return false;
	for (uint32_t i = 0; i < f->n; i++) {
		list[i] =
			codec_new(a, &hale__v1__verify_disk__range__descriptor);
		if (!list[i])
			return false;
		list[i]->first = f->ranges[i].first;
		list[i]->last = f->ranges[i].last;
		list[i]->written = f->ranges[i].written;
	}
	*ret_list = list;
	return true;
}

static int read_ranges(Hale__V1__VerifyDisk__Range *const *list, size_t n,
		       struct hale_failing *ret_f)
{
	if (n > HALE_RANGES_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		if (list[i]->first > list[i]->last ||
		    list[i]->last >= HALE_SECTOR_UNKNOWN)
			return -EBADMSG;
	}
	for (size_t i = 0; i < n; i++)
		ret_f->ranges[i] = (struct hale_sector_range){
			list[i]->first, list[i]->last, list[i]->written
		};
	ret_f->n = (uint32_t)n;
	return 0;
}

Hale__V1__Memory__Sectors *
codec_memory_sectors(struct codec_arena *a,
		     const struct hale_memory_sectors *row)
{
	Hale__V1__Memory__Sectors *m =
		codec_new(a, &hale__v1__memory__sectors__descriptor);

	if (!m || !put_ranges(a, &row->failing, &m->ranges))
		return NULL;
	m->n_ranges = row->failing.n;
	m->part = codec_borrow(row->failing.part);
	m->gaps = row->failing.gaps;
	m->unplaced = row->unplaced;
	return m;
}

int codec_read_memory_sectors(const Hale__V1__Memory__Sectors *m,
			      struct hale_memory_sectors *ret_row)
{
	struct hale_memory_sectors row = { .unplaced = m->unplaced };

	if (!m->part[0] ||
	    read_ranges(m->ranges, m->n_ranges, &row.failing) < 0)
		return -EBADMSG;
	TEXT(row.failing.part, m->part);
	row.failing.gaps = m->gaps & HALE_GAPS_ALL;
	*ret_row = row;
	return 0;
}

Hale__V1__VerifyDisk *codec_verify_disk(struct codec_arena *a,
					const struct hale_failing *f)
{
	Hale__V1__VerifyDisk *m =
		codec_new(a, &hale__v1__verify_disk__descriptor);

	if (!m || !put_ranges(a, f, &m->ranges))
		return NULL;
	m->n_ranges = f->n;
	m->whole = f->gaps == 0;
	m->gaps = f->gaps;
	m->stamp = f->stamp;
	return m;
}

int codec_read_verify_disk(const Hale__V1__VerifyDisk *m,
			   struct hale_failing *ret_f)
{
	struct hale_failing f = { .stamp = m->stamp };

	if (read_ranges(m->ranges, m->n_ranges, &f) < 0)
		return -EBADMSG;
	/* a message cut short must not read as a whole list */
	f.gaps = m->gaps & HALE_GAPS_ALL;
	if (!m->whole && f.gaps == 0)
		f.gaps = HALE_GAP_LOST;
	if (m->part)
		TEXT(f.part, m->part->id);
	*ret_f = f;
	return 0;
}

Hale__V1__Reply *codec_reply_verify(struct codec_arena *a,
				    Hale__V1__VerifyDisk **disks, size_t n,
				    const char *host)
{
	Hale__V1__Reply *m = codec_new(a, &hale__v1__reply__descriptor);
	Hale__V1__VerifyReply *v =
		codec_new(a, &hale__v1__verify_reply__descriptor);

	if (!m || !v)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (!disks[i])
			return NULL;
	}
	v->disks = disks;
	v->n_disks = n;
	v->host = codec_borrow(host);
	m->body_case = HALE__V1__REPLY__BODY_VERIFY;
	m->verify = v;
	m->last = true;
	return m;
}

Hale__V1__Request *codec_request_verify(struct codec_arena *a, const char *name,
					const struct hale_scope_path *path)
{
	Hale__V1__Request *m = codec_new(a, &hale__v1__request__descriptor);
	Hale__V1__VerifyRequest *v =
		codec_new(a, &hale__v1__verify_request__descriptor);
	Hale__V1__Request *scope = path ? codec_request_scope(a, path) : NULL;

	if (!m || !v || (path && !scope))
		return NULL;
	v->name = codec_borrow(name);
	v->path = scope ? scope->scope->path : NULL;
	m->body_case = HALE__V1__REQUEST__BODY_VERIFY;
	m->verify = v;
	return m;
}

static enum hale_self_test self_test(const Hale__V1__Verification *m)
{
	switch (m->self_test) {
	case HALE__V1__VERIFICATION__SELF_TEST__SHORT_PASSED:
		return HALE_SELF_TEST_SHORT;
	case HALE__V1__VERIFICATION__SELF_TEST__EXTENDED_PASSED:
		return HALE_SELF_TEST_EXTENDED;
	case HALE__V1__VERIFICATION__SELF_TEST__FAILED:
		return HALE_SELF_TEST_FAILED;
	case HALE__V1__VERIFICATION__SELF_TEST__NONE:
	case _HALE__V1__VERIFICATION__SELF_TEST_IS_INT_SIZE:
		break;
	}
	return HALE_SELF_TEST_NONE;
}

int codec_read_verification(const Hale__V1__Verification *m,
			    struct hale_verification *ret_v,
			    const char **ret_why)
{
	bool memory, disk;

	*ret_why = "verification: missing";
	if (!m)
		return -EBADMSG;
	memory = m->tested == HALE__V1__VERIFICATION__TESTED__MEMORY;
	disk = m->tested == HALE__V1__VERIFICATION__TESTED__DISK;
	*ret_why = "verification: nothing was tested";
	if (!memory && !disk)
		return -EBADMSG;
	*ret_why = "verification.verdict: neither good nor bad";
	if (m->verdict != HALE__V1__VERIFICATION__VERDICT__GOOD &&
	    m->verdict != HALE__V1__VERIFICATION__VERDICT__BAD)
		return -EBADMSG;
	*ret_why = "verification.part: missing";
	if (disk && (!m->part || !m->part->id[0]))
		return -EBADMSG;
	*ret_v = (struct hale_verification){
		.tested = memory ? HALE_TESTED_MEMORY : HALE_TESTED_DISK,
		.bad = m->verdict == HALE__V1__VERIFICATION__VERDICT__BAD,
		.stamp = m->stamp,
		.sectors = m->sectors,
		.sectors_good = m->sectors_good,
		.bytes_read = m->bytes_read,
		.bytes_total = m->bytes_total,
		.full = m->full && m->bytes_total > 0 &&
			m->bytes_read >= m->bytes_total,
		.stalled = disk && m->stalled,
		.self_test = self_test(m),
		.passes = m->passes,
	};
	if (disk)
		TEXT(ret_v->part, m->part->id);
	TEXT(ret_v->evidence, m->evidence);
	return 0;
}

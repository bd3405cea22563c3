/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts a disk into what is to be read. Decides places only, reads nothing.
 * Invariant: every extent is of whole logical blocks, not empty, and within
 * the disk, whatever a list of failed sectors says.
 */
#include "plan.h"

#include "hale/base.h"

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Sectors of 512 bytes to bytes, on the disk. */
static uint64_t to_bytes(const struct plan_disk *d, uint64_t sector)
{
	return sector > d->size / HALE_SECTOR_SIZE ? d->size
						   : sector * HALE_SECTOR_SIZE;
}

static uint64_t down(const struct plan_disk *d, uint64_t offset)
{
	return offset / d->block * d->block;
}

static uint64_t up(const struct plan_disk *d, uint64_t offset)
{
	return least(down(d, offset + d->block - 1), down(d, d->size));
}

static uint32_t n_failed(const struct plan *p)
{
	return p->failing ? p->failing->n : 0;
}

static struct plan_extent failed(const struct plan *p, uint32_t i)
{
	const struct hale_sector_range *r = &p->failing->ranges[i];
	const struct plan_disk *d = &p->disk;
	uint64_t first = down(d, to_bytes(d, r->first));
	uint64_t end = up(d, to_bytes(d, r->last + 1));

	return (struct plan_extent){ first, end > first ? end - first : 0,
				     PLAN_FAILED, d->block, PLAN_TIMES };
}

/* In front of it a few blocks, behind it as far as the request may have gone.
 */
static struct plan_extent beside(const struct plan *p, uint32_t i, bool behind)
{
	const struct plan_disk *d = &p->disk;
	struct plan_extent f = failed(p, i);
	uint64_t front = least(f.offset, (uint64_t)d->block * PLAN_BESIDE);
	uint64_t end = f.offset + f.len;
	uint64_t far = up(d, least(d->size, end + d->reach));

	if (!behind)
		return (struct plan_extent){ f.offset - front, front,
					     PLAN_BESIDE_IT, d->block, 1 };
	return (struct plan_extent){ end, far > end ? far - end : 0,
				     PLAN_BESIDE_IT, PLAN_PIECE, 1 };
}

static uint64_t random_of(uint64_t seed, uint64_t i)
{
	uint64_t z = seed + (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static bool is_full(const struct plan *p)
{
	return p->full || p->sample >= p->disk.size;
}

/* Pieces of the rest. */
static uint64_t n_rest(const struct plan *p)
{
	uint64_t whole = down(&p->disk, p->disk.size);

	if (is_full(p))
		return (whole + PLAN_PIECE - 1) / PLAN_PIECE;
	/* begin and end come on top of the sample */
	return p->sample > 0 ? p->sample / PLAN_PIECE + 2 : 0;
}

static struct plan_extent rest(const struct plan *p, uint64_t i)
{
	const struct plan_disk *d = &p->disk;
	uint64_t whole = down(d, d->size), n = n_rest(p), offset;
	uint64_t stretch = n > 2 ? whole / (n - 2) : whole;

	if (is_full(p))
		offset = i * PLAN_PIECE;
	else if (i == 0)
		offset = 0;
	else if (i == n - 1)
		offset = whole > PLAN_PIECE ? whole - PLAN_PIECE : 0;
	else
		offset = (i - 1) * stretch +
			 random_of(p->seed, i) % (stretch > PLAN_PIECE
							  ? stretch - PLAN_PIECE
							  : 1);
	offset = down(d, offset);
	return (struct plan_extent){ offset, least(PLAN_PIECE, whole - offset),
				     PLAN_REST, PLAN_PIECE, 1 };
}

bool plan_next(struct plan *p, struct plan_extent *ret)
{
	uint64_t n = n_failed(p), i;

	while ((i = p->at++) < 3 * n + n_rest(p)) {
		if (i < n)
			*ret = failed(p, (uint32_t)i);
		else if (i < 3 * n)
			*ret = beside(p, (uint32_t)((i - n) / 2), (i - n) % 2);
		else
			*ret = rest(p, i - 3 * n);
		if (ret->len > 0)
			return true;
	}
	p->at--;
	return false;
}

uint64_t plan_bytes(const struct plan *p)
{
	uint64_t n = n_rest(p), bytes = 0;

	for (uint32_t i = 0; i < n_failed(p); i++)
		bytes += failed(p, i).len * PLAN_TIMES +
			 beside(p, i, false).len + beside(p, i, true).len;
	if (is_full(p))
		return bytes + down(&p->disk, p->disk.size);
	return bytes + least(n * PLAN_PIECE, p->disk.size);
}

uint64_t plan_failed_blocks(const struct plan *p)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < n_failed(p); i++) {
		const struct hale_sector_range *r = &p->failing->ranges[i];
		uint64_t of_block = p->disk.block / HALE_SECTOR_SIZE;

		/* also beyond its end: there it cannot be read back */
		n += r->last / of_block - r->first / of_block + 1;
	}
	return n;
}

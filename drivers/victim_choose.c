/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the files that a process held are told of: eight have to do for a
 * linker that maps a thousand. Pure. Invariant: a filesystem that it had mapped
 * is left out only where eight others are told.
 */
#include "hale/base.h"
#include "hale/fs_type.h"
#include "hale/text.h"

#include "victim.h"

static void put_path(struct hale_victim_file *f, const char *path)
{
	hale_print_text(f->path, sizeof(f->path), path, strlen(path));
}

static struct victim_held *add(struct victim_holds *h)
{
	if (h->n == VICTIM_HELD_MAX)
		return NULL;
	h->held[h->n] = (struct victim_held){ .inode = 0 };
	return &h->held[h->n++];
}

static struct victim_held *mapped_file(struct victim_holds *h,
				       const struct victim_map *m)
{
	for (uint32_t i = 0; i < h->n; i++) {
		struct victim_held *f = &h->held[i];

		if (f->inode == m->inode && f->file.major == m->major &&
		    f->file.minor == m->minor)
			return f;
	}
	return NULL;
}

void victim_hold_map(struct victim_holds *h, const struct victim_map *m,
		     const struct hale_victim *v)
{
	struct victim_held *f;
	uint64_t reach = m->offset + (m->end - m->start);

	if (m->inode == 0 || m->path[0] != '/')
		return;
	f = mapped_file(h, m);
	if (!f) {
		f = add(h);
		if (!f)
			return;
		f->file.major = m->major;
		f->file.minor = m->minor;
		f->inode = m->inode;
		put_path(&f->file, m->path);
		f->file.held = strcmp(f->file.path, v->exe) == 0
				       ? HALE_HELD_EXE
				       : HALE_HELD_MAPPED;
	}
	f->shared |= m->shared;
	f->executable |= m->executable;
	f->file.faulted |= v->address_known && v->address >= m->start &&
			   v->address < m->end;
	/* what may not be touched may lie beyond the end: gaps of libraries */
	if (m->usable && reach > f->reach) {
		f->start = m->start;
		f->end = m->end;
		f->reach = reach;
	}
}

void victim_hold_path(struct victim_holds *h, const char *path,
		      enum hale_held how)
{
	struct victim_held *f = path[0] == '/' ? add(h) : NULL;

	if (!f)
		return;
	f->file.held = how;
	put_path(&f->file, path);
}

static bool same_fs(const struct hale_victim_file *a,
		    const struct hale_victim_file *b)
{
	return a->major == b->major && a->minor == b->minor;
}

static bool has_fs(const struct hale_victim *v,
		   const struct hale_victim_file *f)
{
	for (uint32_t i = 0; i < v->n_files; i++) {
		if (same_fs(&v->files[i], f))
			return true;
	}
	return false;
}

/* Pipes, terminals and what the kernel says of itself fail no program. */
static bool is_storage(const struct victim_held *f)
{
	return f->type[0] &&
	       hale_fs_class(f->type, f->file.major) != HALE_FSTYPE_PSEUDO;
}

/* The lower, the sooner it is told. Data that it shares with others says more
 * than a library. UINT32_MAX: it says nothing that is not said already. */
static uint32_t rank(const struct victim_held *f, const struct hale_victim *v)
{
	if (f->file.faulted)
		return 0;
	if (f->file.truncated || f->file.full)
		return 1;
	switch (f->file.held) {
	case HALE_HELD_EXE:
		return 2;
	case HALE_HELD_MAPPED:
		if (has_fs(v, &f->file))
			return f->shared ? 7 : UINT32_MAX;
		return f->shared ? 3 : f->executable ? 5 : 4;
	case HALE_HELD_CWD:
	case HALE_HELD_PARENT:
		return 6;
	case HALE_HELD_OPEN:
		return has_fs(v, &f->file) || !is_storage(f) ? UINT32_MAX : 8;
	case HALE_HELD_COUNT:
		break;
	}
	return UINT32_MAX;
}

/* The one to be told next; NULL: the others say nothing new. */
static const struct victim_held *next_best(const struct victim_holds *h,
					   const bool *told,
					   const struct hale_victim *v)
{
	const struct victim_held *best = NULL;
	uint32_t least = UINT32_MAX;

	for (uint32_t i = 0; i < h->n && i < VICTIM_HELD_MAX; i++) {
		uint32_t r = told[i] ? UINT32_MAX : rank(&h->held[i], v);

		if (r < least) {
			least = r;
			best = &h->held[i];
		}
	}
	return best;
}

void victim_choose(const struct victim_holds *h, struct hale_victim *v)
{
	bool told[VICTIM_HELD_MAX] = { false };
	const struct victim_held *best;

	v->n_files = 0;
	while (v->n_files < HALE_VICTIM_FILES_MAX &&
	       (best = next_best(h, told, v))) {
		told[best - h->held] = true;
		v->files[v->n_files++] = best->file;
	}
}

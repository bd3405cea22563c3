/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files a dead process had mapped: a count, a page size, three numbers a
 * mapping, and then their names, one after the other (kernel:
 * fs/binfmt_elf.c, fill_files_note). Decides which eight are told of. Numbers
 * and names are read side by side, in small pieces, so that a note of 4 MiB
 * needs no more memory than one of a page.
 */
#include "coredump_files.h"

#include <errno.h>

#include "hale/base.h"
#include "hale/text.h"

#define MAPPINGS_MAX 70000
#define ROW	     24 /* start, end, offset in pages */
#define NAME_MAX_LEN 4096

/* Reads on and on, through a window. */
struct stream {
	const struct hale_coredump_source *src;
	uint64_t at, end;
	size_t pos, len;
	uint8_t window[1024];
};

/* 1: a byte, 0: the end, or negative errno. */
static int get_byte(struct stream *s, uint8_t *ret)
{
	if (s->pos == s->len) {
		uint64_t left = s->end - s->at;
		size_t want = left < sizeof(s->window) ? (size_t)left
						       : sizeof(s->window);
		ssize_t n = want == 0 ? 0
				      : s->src->read(s->src->data, s->at,
						     s->window, want);

		if (n <= 0)
			return (int)n;
		if ((size_t)n > want)
			return -EBADMSG;
		s->at += (uint64_t)n;
		s->len = (size_t)n;
		s->pos = 0;
	}
	*ret = s->window[s->pos++];
	return 1;
}

static int get_number(struct stream *s, uint64_t *ret)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < 8; i++) {
		uint8_t b = 0;
		int r = get_byte(s, &b);

		if (r <= 0)
			return r < 0 ? r : -EBADMSG;
		n |= (uint64_t)b << 8 * i;
	}
	*ret = n;
	return 0;
}

/* Up to its NUL, cut where it is longer than any path. */
static int get_name(struct stream *s, char *ret, size_t size)
{
	size_t len = 0;
	uint8_t b = 1;
	int r;

	for (size_t i = 0; i <= NAME_MAX_LEN; i++) {
		r = get_byte(s, &b);
		if (r <= 0)
			return r < 0 ? r : -EBADMSG;
		if (b == 0)
			break;
		if (len < size - 1)
			ret[len++] = (char)b;
	}
	ret[len] = '\0';
	return b == 0 ? 0 : -EBADMSG;
}

static bool is_library(const char *path)
{
	const char *base = strrchr(path, '/');

	return strstr(base ? base : path, ".so") != NULL;
}

/* The first is the program: it lies lowest. One that is not a library says more
 * than one that is, and the one of the fault more than all. */
static void keep(struct hale_victim *v, const struct hale_victim_file *f)
{
	struct hale_victim_file *at = NULL;

	for (uint32_t i = 0; i < v->n_files; i++) {
		if (strcmp(v->files[i].path, f->path) == 0) {
			v->files[i].faulted |= f->faulted;
			return;
		}
	}
	if (v->n_files < HALE_VICTIM_FILES_MAX) {
		v->files[v->n_files++] = *f;
		return;
	}
	for (uint32_t i = v->n_files; i-- > 1 && !at;) {
		if (!v->files[i].faulted && is_library(v->files[i].path))
			at = &v->files[i];
	}
	if (is_library(f->path) && !f->faulted)
		at = NULL;
	else if (!at && f->faulted)
		at = &v->files[HALE_VICTIM_FILES_MAX - 1];
	if (at)
		*at = *f;
}

struct mapping {
	uint64_t start, end, page;
};

static int take_mapping(struct stream *names, const struct mapping *m,
			struct hale_coredump *d)
{
	struct hale_victim *v = &d->victim;
	struct hale_victim_file f = { .held = HALE_HELD_MAPPED };
	char name[512] = "";
	int r = get_name(names, name, sizeof(name));

	if (r < 0)
		return r;
	hale_print_text(f.path, sizeof(f.path), name, strlen(name));
	f.faulted = v->address_known && v->address >= m->start &&
		    v->address < m->end;
	if (v->n_files == 0) {
		f.held = HALE_HELD_EXE;
		HALE_SET(v->exe, f.path);
	}
	if (f.faulted && m->page <= UINT64_MAX / 2 / d->page_size) {
		d->fault_in_file = true;
		d->fault_offset =
			m->page * d->page_size + (v->address - m->start);
	}
	keep(v, &f);
	d->n_mapped++;
	return 0;
}

/* The one of the fault first. */
static void sort(struct hale_victim *v)
{
	for (uint32_t i = 1; i < v->n_files; i++) {
		if (v->files[i].faulted) {
			struct hale_victim_file f = v->files[i];

			v->files[i] = v->files[0];
			v->files[0] = f;
			return;
		}
	}
}

int coredump_files(const struct hale_coredump_source *s, uint64_t at,
		   uint64_t size, struct hale_coredump *d)
{
	struct stream rows = { .src = s, .at = at, .end = at + size };
	struct stream names = { .src = s, .end = at + size };
	uint64_t n = 0;
	int r = get_number(&rows, &n);

	if (r == 0)
		r = get_number(&rows, &d->page_size);
	if (r < 0)
		return r;
	if (n > MAPPINGS_MAX || 16 + n * ROW > size || d->page_size < 512 ||
	    d->page_size > HALE_GIB)
		return -EBADMSG;
	names.at = at + 16 + n * ROW;
	for (uint64_t i = 0; r == 0 && i < n; i++) {
		struct mapping m = { .start = 0 };

		r = get_number(&rows, &m.start);
		if (r == 0)
			r = get_number(&rows, &m.end);
		if (r == 0)
			r = get_number(&rows, &m.page);
		if (r == 0)
			r = take_mapping(&names, &m, d);
	}
	sort(&d->victim);
	return r;
}

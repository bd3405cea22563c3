/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes that died, to messages and back: as facts of drivers, as what a
 * client saw itself, and as steps of a chain. Decides nothing. What comes in is
 * cut to its fields and printable; numbers that no kernel gives are refused.
 */
#include <errno.h>

#include "hale/text.h"

#include "codec_read.h"

_Static_assert((int)HALE__V1__VICTIM__HELD__PARENT == HALE_HELD_COUNT - 1,
	       "HALE_HELD_COUNT");

#define SIGNAL_MAX 64 /* _NSIG */

static bool files(struct codec_arena *a, const struct hale_victim *v,
		  Hale__V1__Victim *m)
{
	m->files = codec_alloc(a, HALE_VICTIM_FILES_MAX * sizeof(void *));
	for (uint32_t i = 0;
	     m->files && i < v->n_files && i < HALE_VICTIM_FILES_MAX; i++) {
		const struct hale_victim_file *from = &v->files[i];
		Hale__V1__Victim__File *one =
			codec_new(a, &hale__v1__victim__file__descriptor);

		if (!one)
			return false;
		one->major = from->major;
		one->minor = from->minor;
		one->held = (Hale__V1__Victim__Held)from->held;
		one->faulted = from->faulted;
		one->truncated = from->truncated;
		one->full = from->full;
		one->path = codec_borrow(from->path);
		m->files[m->n_files++] = one;
	}
	return m->files != NULL;
}

Hale__V1__Victim *codec_victim(struct codec_arena *a,
			       const struct hale_victim *v)
{
	Hale__V1__Victim *m = codec_new(a, &hale__v1__victim__descriptor);

	if (!m || !files(a, v, m))
		return NULL;
	m->time_ns = v->time_ns;
	m->pid = v->pid;
	m->thread = v->thread;
	m->parent = v->parent;
	m->group = v->group;
	m->session = v->session;
	m->signal = v->signal;
	m->code_known = v->code_known;
	m->code = v->code;
	m->address_known = v->address_known;
	m->address = v->address;
	m->dumped = v->dumped;
	m->oom = v->oom;
	m->oom_limit = v->oom_limit;
	m->uid_known = v->uid_known;
	m->uid = v->uid;
	m->witnesses = v->witnesses;
	m->comm = codec_borrow(v->comm);
	m->exe = codec_borrow(v->exe);
	m->cgroup = codec_borrow(v->cgroup);
	return m;
}

static void text(char *dst, size_t size, const char *src)
{
	hale_print_text(dst, size, src, strlen(src));
}

#define TEXT(array, src) text((array), sizeof(array), (src))

static const char *wrong(const Hale__V1__Victim *m)
{
	if (!m)
		return "victim: it is missing";
	if (m->pid == 0)
		return "victim: pid is missing";
	if (m->signal > SIGNAL_MAX)
		return "victim: signal is not one";
	if (m->n_files > HALE_VICTIM_FILES_MAX)
		return "victim: more than 8 files";
	for (size_t i = 0; i < m->n_files; i++) {
		if ((unsigned int)m->files[i]->held >= HALE_HELD_COUNT)
			return "victim: held is not known";
	}
	return NULL;
}

static void read_file(const Hale__V1__Victim__File *m,
		      struct hale_victim_file *f)
{
	f->major = m->major;
	f->minor = m->minor;
	f->held = (enum hale_held)m->held;
	f->faulted = m->faulted;
	f->truncated = m->truncated;
	f->full = m->full;
	TEXT(f->path, m->path);
}

int codec_read_victim(const Hale__V1__Victim *m, struct hale_victim *ret_v,
		      const char **ret_why)
{
	const char *why = wrong(m);

	if (why) {
		*ret_why = why;
		return -EBADMSG;
	}
	memset(ret_v, 0, sizeof(*ret_v));
	ret_v->time_ns = m->time_ns;
	ret_v->pid = m->pid;
	ret_v->thread = m->thread;
	ret_v->parent = m->parent;
	ret_v->group = m->group;
	ret_v->session = m->session;
	ret_v->signal = m->signal;
	ret_v->code_known = m->code_known;
	ret_v->code = m->code;
	ret_v->address_known = m->address_known;
	ret_v->address = m->address;
	ret_v->dumped = m->dumped;
	ret_v->oom = m->oom;
	ret_v->oom_limit = m->oom_limit;
	ret_v->uid_known = m->uid_known;
	ret_v->uid = m->uid;
	ret_v->witnesses = m->witnesses;
	TEXT(ret_v->comm, m->comm);
	TEXT(ret_v->exe, m->exe);
	TEXT(ret_v->cgroup, m->cgroup);
	for (size_t i = 0; i < m->n_files; i++)
		read_file(m->files[i], &ret_v->files[ret_v->n_files++]);
	return 0;
}

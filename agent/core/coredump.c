/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Core dumps: finds the notes and reads those four that tell of a death. A dump
 * is anybody's bytes: each length is held against what encloses it before it is
 * used, nothing is read twice that may have changed in between, and there is a
 * bound to all of it. Never allocates, never follows a name.
 * Invariant: what is not in the dump stays unknown.
 */
#include "hale/coredump.h"

#include <elf.h>
#include <errno.h>

#include "hale/base.h"
#include "hale/text.h"

#include "coredump_files.h"

#define PHDRS_MAX 70000 /* mappings: vm.max_map_count is 65530 */
/* The kernel's own bound for NT_FILE is 4 MiB; registers of threads follow. */
#define NOTES_MAX   (UINT64_C(8) * HALE_MIB)
#define NOTES_N	    20000
#define NAME_CORE   "CORE"
#define PSINFO_MIN  136
#define SIGINFO_MIN 24

/* Offsets in struct elf_prpsinfo (include/linux/elfcore.h). */
enum {
	PS_UID = 16,
	PS_PID = 24,
	PS_PPID = 28,
	PS_PGRP = 32,
	PS_SID = 36,
	PS_FNAME = 40,
	PS_ARGS = 56
};

/* Offsets in siginfo_t. */
enum {
	SI_SIGNO = 0,
	SI_CODE = 8,
	SI_ADDR = 16
};

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static uint64_t get64(const uint8_t *at)
{
	return get32(at) | (uint64_t)get32(at + 4) << 32;
}

/* All of @size, or -EBADMSG: it ends before. */
static int read_all(const struct hale_coredump_source *s, uint64_t offset,
		    void *buf, size_t size)
{
	uint8_t *at = buf;
	size_t len = 0;

	while (len < size) {
		ssize_t n =
			s->read(s->data, offset + len, at + len, size - len);

		if (n < 0)
			return (int)n;
		if (n == 0 || (size_t)n > size - len)
			return -EBADMSG;
		len += (size_t)n;
	}
	return 0;
}

static int read_head(const struct hale_coredump_source *s, Elf64_Ehdr *ret)
{
	int r = read_all(s, 0, ret, sizeof(*ret));

	if (r == -EBADMSG ||
	    (r == 0 && memcmp(ret->e_ident, ELFMAG, SELFMAG) != 0))
		return -ENOEXEC;
	if (r < 0)
		return r;
	if (ret->e_ident[EI_CLASS] != ELFCLASS64 ||
	    ret->e_ident[EI_DATA] != ELFDATA2LSB)
		return -EOPNOTSUPP;
	if (ret->e_type != ET_CORE)
		return -ENOEXEC;
	if (ret->e_machine != EM_X86_64 && ret->e_machine != EM_AARCH64 &&
	    ret->e_machine != EM_RISCV)
		return -EOPNOTSUPP;
	return ret->e_phentsize == sizeof(Elf64_Phdr) ? 0 : -EBADMSG;
}

/* With 65535 mappings and more the count is in the first section's header. */
static int count_phdrs(const struct hale_coredump_source *s,
		       const Elf64_Ehdr *head, uint32_t *ret)
{
	Elf64_Shdr section;
	int r;

	*ret = head->e_phnum;
	if (head->e_phnum != PN_XNUM)
		return 0;
	r = read_all(s, head->e_shoff, &section, sizeof(section));
	if (r == 0)
		*ret = section.sh_info;
	return r;
}

static int find_notes(const struct hale_coredump_source *s, Elf64_Phdr *ret)
{
	Elf64_Ehdr head;
	uint32_t n = 0;
	int r = read_head(s, &head);

	if (r == 0)
		r = count_phdrs(s, &head, &n);
	for (uint32_t i = 0; r == 0 && i < n && i < PHDRS_MAX; i++) {
		r = read_all(s, head.e_phoff + i * sizeof(*ret), ret,
			     sizeof(*ret));
		if (r == 0 && ret->p_type == PT_NOTE)
			return ret->p_offset > INT64_MAX - NOTES_MAX ? -EBADMSG
								     : 0;
	}
	return r < 0 ? r : -EBADMSG;
}

/* --- notes --- */

static void take_siginfo(const uint8_t *b, struct hale_coredump *d)
{
	struct hale_victim *v = &d->victim;
	uint32_t signal = get32(b + SI_SIGNO);

	if (signal == 0 || signal > 64)
		return;
	v->signal = signal;
	v->code = (int32_t)get32(b + SI_CODE);
	v->code_known = true;
	/* of what somebody sent, a pid stands there */
	v->address_known = v->code > 0;
	v->address = v->address_known ? get64(b + SI_ADDR) : 0;
}

static void take_psinfo(const uint8_t *b, struct hale_coredump *d)
{
	struct hale_victim *v = &d->victim;
	const char *name = (const char *)b + PS_FNAME;
	const char *args = (const char *)b + PS_ARGS;

	v->uid = get32(b + PS_UID);
	v->uid_known = true;
	v->pid = get32(b + PS_PID);
	v->parent = get32(b + PS_PPID);
	v->group = get32(b + PS_PGRP);
	v->session = get32(b + PS_SID);
	hale_print_text(v->comm, sizeof(v->comm), name,
			strnlen(name, PS_ARGS - PS_FNAME));
	hale_print_text(d->args, sizeof(d->args), args,
			strnlen(args, PSINFO_MIN - PS_ARGS));
	for (size_t n = strlen(d->args); n > 0 && d->args[n - 1] == ' '; n--)
		d->args[n - 1] = '\0';
}

/* One note's place. */
struct note {
	uint32_t type;
	uint64_t at, size;
};

static int take_note(const struct hale_coredump_source *s, const struct note *n,
		     struct hale_coredump *d)
{
	uint8_t b[PSINFO_MIN];
	int r = 0;

	if (n->type == NT_SIGINFO && n->size >= SIGINFO_MIN) {
		r = read_all(s, n->at, b, SIGINFO_MIN);
		if (r == 0)
			take_siginfo(b, d);
	} else if (n->type == NT_PRPSINFO && n->size >= PSINFO_MIN) {
		r = read_all(s, n->at, b, PSINFO_MIN);
		if (r == 0)
			take_psinfo(b, d);
	} else if (n->type == NT_FILE) {
		/* after NT_SIGINFO: the address is known by now */
		r = coredump_files(s, n->at, n->size, d);
	}
	return r;
}

static uint64_t round4(uint64_t n)
{
	return (n + 3) & ~UINT64_C(3);
}

/* 0, 1: there are no more, or negative errno. */
static int next_note(const struct hale_coredump_source *s, uint64_t *at,
		     uint64_t end, struct note *ret)
{
	Elf64_Nhdr head;
	char name[sizeof(NAME_CORE)] = "";
	uint64_t names, size;
	int r;

	if (end - *at < sizeof(head))
		return 1;
	r = read_all(s, *at, &head, sizeof(head));
	if (r < 0)
		return r;
	names = *at + sizeof(head);
	size = round4(head.n_namesz) + round4(head.n_descsz);
	if (size > end - names)
		return 1; /* cut short */
	if (head.n_namesz == sizeof(name))
		r = read_all(s, names, name, sizeof(name));
	*ret = (struct note){ .type = head.n_type,
			      .at = names + round4(head.n_namesz),
			      .size = head.n_descsz };
	if (memcmp(name, NAME_CORE, sizeof(name)) != 0)
		ret->type = UINT32_MAX;
	*at = names + size;
	return r;
}

int hale_coredump_read(const struct hale_coredump_source *src,
		       struct hale_coredump *ret_dump)
{
	struct hale_coredump d = { .victim.witnesses = HALE_WITNESS_CORE,
				   .victim.dumped = true };
	Elf64_Phdr notes;
	struct note note;
	uint64_t at, end;
	int r = find_notes(src, &notes);

	if (r < 0)
		return r;
	at = notes.p_offset;
	end = at + (notes.p_filesz < NOTES_MAX ? notes.p_filesz : NOTES_MAX);
	for (int i = 0; r == 0 && i < NOTES_N; i++) {
		r = next_note(src, &at, end, &note);
		if (r == 0)
			r = take_note(src, &note, &d);
	}
	/* what was found before its end is true all the same */
	if (d.victim.signal == 0 || d.victim.pid == 0)
		return r < 0 ? r : -EBADMSG;
	*ret_dump = d;
	return 0;
}

bool hale_coredump_is_truncated(const struct hale_coredump *d, uint64_t size)
{
	uint64_t page = d->page_size ? d->page_size : 4096;
	uint64_t pages = size / page + (size % page != 0);

	return d->fault_in_file && d->fault_offset / page >= pages;
}

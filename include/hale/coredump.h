/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_COREDUMP_H
#define HALE_COREDUMP_H

/*
 * What a core dump says of a death: ELF notes as Linux writes them (kernel:
 * fs/binfmt_elf.c, fill_note_info; core(5)), of 64-bit little-endian machines,
 * where x86-64, arm64 and RISC-V have the same layouts. Pure: the caller reads
 * for it. agent/core/coredump.c
 */

#include <sys/types.h>

#include "hale/victim.h"

#define HALE_COREDUMP_ARGS_MAX 84 /* the kernel keeps 80 bytes of them */

/* Where the dump is. */
struct hale_coredump_source {
	/* Bytes from @offset on, up to @size; 0 at the end; negative errno. */
	ssize_t (*read)(void *data, uint64_t offset, void *buf, size_t size);
	void *data;
};

struct hale_coredump {
	/* pid, parent, group, session: in the dead process's own PID namespace.
	 * Files: the one of the fault first; their devices are not known. */
	struct hale_victim victim;
	char args[HALE_COREDUMP_ARGS_MAX]; /* the begin of its command line */
	uint32_t n_mapped;		   /* mappings of files */
	bool fault_in_file;
	uint64_t fault_offset; /* in the file of the fault */
	uint64_t page_size;
};

/**
 * hale_coredump_read() - take a core dump apart
 *
 * Reads its head and its notes, some 100 KiB of them as a rule and 8 MiB at
 * most; a dump that is cut short after them is as good.
 *
 * Return: 0; -ENOEXEC: no ELF core dump; -EOPNOTSUPP: of another kind of
 * machine; -EBADMSG: its notes are damaged, or say nothing of a death; what
 * @src->read said.
 */
int hale_coredump_read(const struct hale_coredump_source *src,
		       struct hale_coredump *ret_dump);

/* Does the fault lie beyond the end of its file, which has @size bytes now? */
bool hale_coredump_is_truncated(const struct hale_coredump *d, uint64_t size);

#endif

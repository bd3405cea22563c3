/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_COREDUMP_FILES_H
#define HALE_CORE_COREDUMP_FILES_H

/* The note NT_FILE of a core dump: which files were mapped where. */

#include "hale/coredump.h"

/* Takes the note's @size bytes from @at on. -EBADMSG: it is damaged. */
int coredump_files(const struct hale_coredump_source *s, uint64_t at,
		   uint64_t size, struct hale_coredump *d);

#endif

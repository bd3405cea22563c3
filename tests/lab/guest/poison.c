/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that meets bad memory: it has the kernel declare one of its own
 * pages broken, as a machine check for an uncorrected error would, and then
 * reads it. It must die by SIGBUS; living on is this program's failure.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void)
{
	volatile char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	page[0] = 1;
	if (madvise((void *)page, 4096, MADV_HWPOISON)) {
		perror("madvise(MADV_HWPOISON)");
		return 2;
	}
	page[1] = page[0];
	fputs("poison: still alive\n", stderr);
	return 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A CLI plugin whose contents are gone: it touches a page of a file that ends
 * before it, as a program does whose own pages cannot be read in. */
#include <stddef.h>
#include <sys/mman.h>

int main(void)
{
	int fd = memfd_create("plugin", 0);
	volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	return page == MAP_FAILED ? 1 : page[0];
}

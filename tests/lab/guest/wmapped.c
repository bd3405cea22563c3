/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wmapped FILE [BYTES]: writes a file as linkers and databases do, by mapping
 * it and storing into it. Where its filesystem has no room for a page, there is
 * no error to return, and the process must die by SIGBUS; living on is this
 * program's failure. With BYTES the file is first cut to them: what it does to
 * itself then.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = argc >= 2 ? open(argv[1], O_RDWR) : -1;
	volatile char *file;
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		perror("wmapped: FILE");
		return 2;
	}
	file = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	if (file == MAP_FAILED || (argc > 2 && ftruncate(fd, atol(argv[2])))) {
		perror("wmapped: FILE");
		return 2;
	}
	for (long at = 0; at < st.st_size; at += 4096)
		file[at] = 1;
	fputs("wmapped: still alive\n", stderr);
	return 1;
}

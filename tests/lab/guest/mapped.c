/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mapped FILE [BYTES]: reads a file as compilers and linkers do, by mapping it
 * into its memory. Where the disk cannot give a page, or the file has ended
 * before BYTES, there is no error to return, and the process must die by
 * SIGBUS; living on is this program's failure.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
	int fd = argc >= 2 ? open(argv[1], O_RDONLY) : -1;
	const volatile char *file;
	struct stat st;
	long size, sum = 0;

	if (fd < 0 || fstat(fd, &st)) {
		perror("mapped: FILE");
		return 2;
	}
	size = argc > 2 ? atol(argv[2]) : (long)st.st_size;
	file = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED) {
		perror("mapped: mmap");
		return 2;
	}
	for (long at = 0; at < size; at += 4096)
		sum += file[at];
	fprintf(stderr, "mapped: still alive: %ld\n", sum);
	return 1;
}

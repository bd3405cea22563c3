/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts a filesystem that never answers, in place of a dead server:
 *
 *     hang_mount DIRECTORY [SUBTYPE [OPTIONS]]
 *
 * OPTIONS begin with a comma: ",allow_other" lets others than root meet it.
 * A FUSE filesystem whose device nobody reads: the kernel waits for its first
 * reply for ever. Prints "mounted" and stays until its stdin is closed; then
 * the kernel fails all who wait, and the mount is taken away.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *subtype = argc > 2 ? argv[2] : "sshfs";
	char options[160], type[64], byte;
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (argc < 2 || fd < 0) {
		fprintf(stderr, "hang_mount: /dev/fuse: %s\n", strerror(errno));
		return 1;
	}
	snprintf(type, sizeof(type), "fuse.%s", subtype);
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0%s", fd,
		 argc > 3 ? argv[3] : "");
	if (mount("ci@deadhost:/srv", argv[1], type, MS_NOSUID | MS_NODEV,
		  options) < 0) {
		fprintf(stderr, "hang_mount: %s: %s\n", argv[1],
			strerror(errno));
		return 1;
	}
	puts("mounted");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	close(fd);
	return umount2(argv[1], MNT_DETACH) < 0;
}

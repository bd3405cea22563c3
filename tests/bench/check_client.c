/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least that a dynamically linked client of a local socket can do: connect,
 * ask, hear, exit. What `hale check` is held against (check.sh). It must stay
 * free of everything that a minimal program does not need.
 */
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char buf[256];
	int fd;

	if (argc != 2 || strlen(argv[1]) >= sizeof(sa.sun_path))
		return 2;
	strcpy(sa.sun_path, argv[1]);
	fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)(const void *)&sa,
			      sizeof(sa)) < 0)
		return 2;
	if (send(fd, "?", 1, 0) != 1 || recv(fd, buf, sizeof(buf), 0) <= 0)
		return 2;
	return 0;
}

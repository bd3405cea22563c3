/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine500 SOCKET ROOT: stands in for a container engine whose data is in
 * ROOT, as far as `GET /info` goes. It is well as long as ROOT/engine.db can be
 * read, and answers 500 to everything from then on, as dockerd does.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int works(const char *root)
{
	char path[256], byte;
	int fd, ok;

	snprintf(path, sizeof(path), "%s/engine.db", root);
	fd = open(path, O_RDONLY);
	ok = fd >= 0 && read(fd, &byte, 1) == 1;
	if (fd >= 0)
		close(fd);
	return ok;
}

static void answer(int fd, const char *root)
{
	char request[4096] = "", body[512], reply[1024];
	int ok = works(root), n;

	if (read(fd, request, sizeof(request) - 1) <= 0)
		return;
	if (!ok)
		snprintf(body, sizeof(body),
			 "{\"message\":\"read %s/engine.db: input/output "
			 "error\"}",
			 root);
	else if (strstr(request, "/_ping"))
		snprintf(body, sizeof(body), "OK");
	else if (strstr(request, "/info"))
		snprintf(body, sizeof(body),
			 "{\"DockerRootDir\":\"%s\",\"Driver\":\"overlay2\","
			 "\"ServerVersion\":\"24.0.7\",\"ID\":\"lab\"}",
			 root);
	else
		snprintf(body, sizeof(body), "{}");
	n = snprintf(reply, sizeof(reply),
		     "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
		     "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
		     ok ? "200 OK" : "500 Internal Server Error", strlen(body),
		     body);
	if (write(fd, reply, (size_t)n) != n)
		fputs("engine500: it left\n", stderr);
}

int main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	if (argc != 3 || s < 0)
		return 2;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", argv[1]);
	unlink(argv[1]);
	if (bind(s, (struct sockaddr *)&at, sizeof(at)) || listen(s, 8)) {
		perror("engine500: SOCKET");
		return 2;
	}
	for (;;) {
		int fd = accept(s, NULL, NULL);

		if (fd < 0)
			return 1;
		answer(fd, argv[2]);
		close(fd);
	}
}

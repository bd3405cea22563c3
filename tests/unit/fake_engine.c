/* SPDX-License-Identifier: Apache-2.0 */
/* Roots, engines and programs for the tests of the driver engine. Decides
 * nothing; what an engine answers is the test's table. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/helper.h"

#include "facts.h"
#include "fake_engine.h"

#define NOW (1700000000 * HALE_NS_PER_S)

static void answer(int fd, const struct engine_reply *r)
{
	char request[2048], path[128] = "";
	ssize_t n = read(fd, request, sizeof(request) - 1);

	request[n > 0 ? n : 0] = '\0';
	if (sscanf(request, "GET %127s HTTP/1.1\r\n", path) != 1)
		return;
	while (r->path && strcmp(r->path, path) != 0)
		r++;
	if (r->status)
		dprintf(fd,
			"HTTP/1.1 %d Status\r\nApi-Version: 1.43\r\n"
			"Connection: close\r\nContent-Length: %zu\r\n\r\n",
			r->status, strlen(r->text));
	if (r->text)
		dprintf(fd, "%s", r->text);
}

int engine_listener(const struct tree *t)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	mkdirat(t->root_fd, "run", 0755);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/run/docker.sock", t->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* NULL: it accepts nobody. Return: who serves. */
pid_t engine_serve(const struct tree *t, const struct engine_reply *replies)
{
	int fd = engine_listener(t);
	pid_t pid;

	assert_int_equal(listen(fd, 4), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (!replies)
			pause();
		for (;;) {
			int client = accept(fd, NULL, NULL);

			answer(client, replies);
			close(client);
		}
	}
	close(fd);
	return pid;
}

void engine_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

char *engine_look(const struct tree *t, bool once, bool asked)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct hale_probe p = { .root_fd = t->root_fd,
				.event_fd = -1,
				.now_ns = NOW,
				.once = once,
				.asked = asked,
				.emit = print,
				.sink = out };

	assert_string_equal(hale_helper.name, "engine");
	assert_int_equal(hale_helper.sample(&p), 0);
	fclose(out);
	return text;
}

void engine_says(const char *facts, const char *what)
{
	if (!strstr(facts, what))
		fail_msg("not said: %s\n%s", what, facts);
}

void engine_says_not(const char *facts, const char *what)
{
	if (strstr(facts, what))
		fail_msg("said: %s\n%s", what, facts);
}

void engine_root_new(struct tree *t)
{
	tree_new(t);
	tree_line(t, "mount 20 1 8:1 / / rw - ext4 /dev/sda1 rw");
	tree_line(t, "mount 30 20 8:17 / /srv/data rw - ext4 /dev/sdb1 rw");
	tree_line(t, "dir srv/data");
}

void engine_program(const struct tree *t, const char *path, const char *text)
{
	char line[512];

	snprintf(line, sizeof(line), "file %s = #!/bin/sh\\n%s\\n", path, text);
	tree_line(t, line);
	assert_int_equal(fchmodat(t->root_fd, path, 0755, 0), 0);
}

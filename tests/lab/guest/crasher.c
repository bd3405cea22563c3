/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tool that crashes when it is told to, under the name that it is called by:
 * while /tmp/crash/NAME is there, by a wild store of its own. "once" in that
 * file: it is removed first. "caught": as gcc's compilers do, the signal is
 * caught, and the tool ends with a message. As gcc it runs its compiler, which
 * is beside it, and says how that ended. Else it makes the file after -o.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int *volatile wild = (volatile int *)0x10;

static void tell_and_end(int signal)
{
	static const char text[] =
		"a.c:1:1: internal compiler error: Segmentation fault\n"
		"Please submit a full bug report.\n";

	(void)signal;
	_exit(write(STDERR_FILENO, text, sizeof(text) - 1) < 0 ? 5 : 4);
}

static void crash_if_told(const char *name)
{
	char path[256], how[64] = "";
	int fd;

	snprintf(path, sizeof(path), "/tmp/crash/%s", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, how, sizeof(how) - 1) < 0)
		return;
	if (strstr(how, "once"))
		unlink(path);
	if (strstr(how, "caught"))
		signal(SIGSEGV, tell_and_end);
	*wild = 1;
}

static int compile(const char *beside, char **argv)
{
	char path[512];
	int status;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/cc1", beside);
	pid = fork();
	if (pid == 0) {
		execv(path, argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 5;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	fprintf(stderr,
		"gcc: internal compiler error: %s signal terminated "
		"program cc1\nPlease submit a full bug report.\n",
		strsignal(WTERMSIG(status)));
	return 4;
}

static int make_output(char **argv)
{
	for (; argv[0] && argv[1]; argv++) {
		if (strcmp(argv[0], "-o") == 0) {
			int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC,
				      0644);

			return fd < 0 || write(fd, "out\n", 4) != 4;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	char self[256] = "";
	char *name;

	(void)argc;
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 5;
	name = strrchr(self, '/');
	*name++ = '\0';
	crash_if_told(name);
	if (strcmp(name, "gcc") == 0)
		return compile(self, argv);
	return make_output(argv);
}

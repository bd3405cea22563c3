/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What subcommands share: the handle, the terminal, complaints, JSON. Decides
 * nothing about health. A complaint is one line on stderr that names the
 * subcommand, the matter and, from outside, only printable text.
 */
#include "cli.h"

#include <errno.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <time.h>

#include "hale/base.h"

#define WIDTH_DEFAULT  100
#define HEIGHT_DEFAULT 24

struct hale *cli_open(const struct cli *cli)
{
	const struct hale_options o = {
		.size = sizeof(o),
		.run_dir = cli->run_dir,
		.exec_dir = cli->exec_dir[0] ? cli->exec_dir : NULL,
	};
	struct hale *h = NULL;

	if (hale_open(&o, &h) < 0)
		cli_fail(cli, 0, "out of memory", NULL);
	return h;
}

bool cli_color(const struct cli *cli, int fd)
{
	const char *no = getenv("NO_COLOR"), *term;

	if (cli->no_color || (no && no[0]) || !isatty(fd))
		return false;
	term = getenv("TERM");
	return term && strcmp(term, "dumb") != 0;
}

size_t cli_width(int fd)
{
	struct winsize w;

	if (ioctl(fd, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return WIDTH_DEFAULT;
	return w.ws_col;
}

size_t cli_height(int fd)
{
	struct winsize w;

	if (ioctl(fd, TIOCGWINSZ, &w) < 0 || w.ws_row == 0)
		return HEIGHT_DEFAULT;
	return w.ws_row < 4 ? 4 : w.ws_row;
}

uint64_t cli_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

int cli_fail(const struct cli *cli, int code, const char *text,
	     const char *detail)
{
	struct out o = { 0 };

	out_raw(&o, "hale");
	if (cli->name) {
		out_raw(&o, " ");
		out_text(&o, cli->name);
	}
	out_raw(&o, ": ");
	out_text(&o, text);
	if (detail) {
		out_raw(&o, ": ");
		out_text(&o, detail);
	}
	out_raw(&o, "\n");
	out_flush(&o, STDERR_FILENO);
	out_done(&o);
	return code;
}

int cli_not_asked(const struct cli *cli, int err)
{
	return cli_fail(cli, HALE_EXIT_UNKNOWN, "cannot ask",
			strerrordesc_np(-err));
}

int cli_print_json(const struct cli *cli, const struct hale_reply *r)
{
	struct out o = { 0 };
	char *json;
	int err;

	if (hale_reply_json(r, &json) < 0)
		return cli_fail(cli, CLI_EXIT_OSERR, "out of memory", NULL);
	out_raw(&o, json);
	out_raw(&o, "\n");
	free(json);
	err = out_flush(&o, STDOUT_FILENO);
	out_done(&o);
	if (err < 0)
		return cli_fail(cli, CLI_EXIT_OSERR, "cannot write",
				strerrordesc_np(-err));
	return 0;
}

/* Cuts the last @n components off a path. */
static void cut(char *path, int n)
{
	while (n-- > 0) {
		char *slash = strrchr(path, '/');

		if (!slash)
			return;
		*slash = '\0';
	}
}

static bool is_exec_dir(struct cli *cli, const char *exe, int up,
			const char *below)
{
	size_t len, more = strlen(below);

	HALE_SET(cli->exec_dir, exe);
	cut(cli->exec_dir, up);
	len = strlen(cli->exec_dir);
	if (len + more < sizeof(cli->exec_dir)) {
		memcpy(cli->exec_dir + len, below, more + 1);
		if (access(cli->exec_dir, X_OK) == 0)
			return true;
	}
	cli->exec_dir[0] = '\0';
	return false;
}

/* A tree that was built: DIR/hale, DIR/libexec. Installed: DIR/bin/hale,
 * DIR/libexec/hale. */
static char *own_path(const struct cli *cli)
{
	char *exe = malloc(sizeof(cli->exec_dir));
	ssize_t n;

	if (!exe)
		return NULL;
	n = readlink("/proc/self/exe", exe, sizeof(cli->exec_dir) - 1);
	if (n > 0) {
		exe[n] = '\0';
		return exe;
	}
	/* a root without /proc: the name that exec was given */
	free(exe);
	return realpath((const char *)getauxval(AT_EXECFN), NULL);
}

void cli_find_exec_dir(struct cli *cli)
{
	const char *given = getenv("HALE_EXEC_PATH");
	_cleanup_free_ char *exe = NULL;

	if (given && given[0]) {
		HALE_SET(cli->exec_dir, given);
		return;
	}
	exe = own_path(cli);
	if (exe && !is_exec_dir(cli, exe, 2, "/libexec/hale"))
		is_exec_dir(cli, exe, 1, "/libexec");
}

void cli_find_installed(struct cli *cli)
{
	_cleanup_free_ char *exe = own_path(cli);

	if (exe)
		is_exec_dir(cli, exe, 1, "/installed");
}

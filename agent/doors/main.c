/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hale-doors: what operators already run hears of this host: Prometheus, pagers
 * and chats, mail, OpenTelemetry. haled starts it (`haled: doors`) where its
 * configuration asks for it; by hand it runs beside an agent. A list of calls;
 * what is decided here is the command line and the process's standing.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "hale/base.h"
#include "hale/hale.h"
#include "hale/version.h"

#include "agent/doors/doors.h"

#define CONFIG_DEFAULT "/etc/hale/hale.conf"
#define NICE	       5

static const char help[] =
	"usage: hale-doors [OPTION]...\n"
	"Metrics, notifications and OTLP of this host's agent. haled starts "
	"it where\nhale.conf(5) has [metrics], [notify.NAME] or [otlp]; by "
	"hand:\n"
	"\n"
	"  --foreground       run, with the agent's gate in --run-dir\n"
	"  --config FILE      by default /etc/hale/hale.conf\n"
	"  --run-dir DIR      by default /run/hale\n"
	"  --state-dir DIR    keep there what was told\n"
	"  --config-fd FD     read that instead of FILE\n"
	"  --agent FD         end when that is closed\n"
	"  --check            say what is wrong with FILE, and exit\n"
	"  --version, --help\n";

enum {
	OPTION_CONFIG = 256,
	OPTION_RUN_DIR,
	OPTION_STATE_DIR,
	OPTION_CONFIG_FD,
	OPTION_AGENT,
	OPTION_FOREGROUND,
	OPTION_CHECK,
	OPTION_VERSION,
	OPTION_HELP,
};

static const struct option table[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "run-dir", required_argument, NULL, OPTION_RUN_DIR },
	{ "state-dir", required_argument, NULL, OPTION_STATE_DIR },
	{ "config-fd", required_argument, NULL, OPTION_CONFIG_FD },
	{ "agent", required_argument, NULL, OPTION_AGENT },
	{ "foreground", no_argument, NULL, OPTION_FOREGROUND },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static struct doors doors;
static bool foreground, check;

static int print(const char *text)
{
	fputs(text, stdout);
	exit(EXIT_SUCCESS);
}

/* False: getopt_long(3) has said what is wrong. */
static bool take(int option)
{
	if (option == OPTION_CONFIG)
		doors.config_path = optarg;
	else if (option == OPTION_RUN_DIR)
		doors.run_dir = optarg;
	else if (option == OPTION_STATE_DIR)
		doors.state_dir = optarg;
	else if (option == OPTION_CONFIG_FD)
		doors.config_fd = (int)strtol(optarg, NULL, 10);
	else if (option == OPTION_AGENT)
		doors.agent_fd = (int)strtol(optarg, NULL, 10);
	else if (option == OPTION_FOREGROUND)
		foreground = true;
	else if (option == OPTION_CHECK)
		check = true;
	else if (option == OPTION_VERSION)
		print("hale-doors " HALE_VERSION "\n");
	else if (option == OPTION_HELP)
		print(help);
	else
		return false;
	return true;
}

static bool parse(int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (!take(option))
			return false;
	}
	if (optind < argc || (!foreground && !check && doors.agent_fd < 0)) {
		fputs("hale-doors: --foreground is missing, or a word too "
		      "many\n",
		      stderr);
		return false;
	}
	return true;
}

/* Where there is none: what was told is forgotten with this process. */
static void take_state_dir(void)
{
	if (!doors.state_dir || mkdir(doors.state_dir, 0750) == 0 ||
	    errno == EEXIST)
		return;
	doors_log(4, "%s: %s: after a restart all is told once more",
		  doors.state_dir, strerror(errno));
	doors.state_dir = NULL;
}

/* What haled handed over is not for a sendmail that this starts. */
static void keep_own(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int main(int argc, char **argv)
{
	doors.agent_fd = doors.config_fd = doors.server.listen_fd = -1;
	doors.run_dir = HALE_RUN_DIR;
	doors.config_path = CONFIG_DEFAULT;
	if (!parse(argc, argv))
		return HALE_EXIT_USAGE;
	keep_own(doors.agent_fd);
	keep_own(doors.config_fd);
	if (setup_read(&doors) != EXIT_SUCCESS)
		return EXIT_FAILURE;
	if (check)
		return EXIT_SUCCESS;
	if (!hale_doors_wanted(&doors.config)) {
		doors_log(3, "%s: no [metrics], [notify.NAME] or [otlp]",
			  doors.config_path);
		return EXIT_FAILURE;
	}
	prctl(PR_SET_NAME, "haled: doors");
	setpriority(PRIO_PROCESS, 0, NICE);
	umask(0027);
	take_state_dir();
	if (setup_open(&doors) != EXIT_SUCCESS || doors_confine(&doors) < 0)
		return EXIT_FAILURE;
	mallopt(M_MMAP_THRESHOLD, 32 * 1024);
	mallopt(M_TRIM_THRESHOLD, 32 * 1024);
	return doors_run(&doors);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hale-ship: the store's process, started by haled (`haled: ship`), or for one
 * build by `hale run` (--record). A list of calls; what is decided here is the
 * command line and the process's standing: it yields to builds, and goes before
 * the agent when memory runs out.
 */
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "hale/base.h"
#include "hale/hale.h"
#include "hale/kernel_log.h"
#include "hale/version.h"

#include "agent/ship/ship.h"

#define NICE 5

static const char help[] =
	"usage: hale-ship --store FILE [OPTION]...\n"
	"The history of builds and findings. haled starts it; by hand:\n"
	"\n"
	"  --store FILE       the SQLite file\n"
	"  --run-dir DIR      listen there, and follow the agent's gate\n"
	"  --retention S      forget what is older than so many seconds\n"
	"  --size BYTES       never longer than that\n"
	"  --group GID        may see all of everyone's builds\n"
	"  --agent FD         end when that is closed\n"
	"  --listen FD        that socket instead of one in the run directory\n"
	"  --waiting FD       keep what has to wait there\n"
	"  --confined         its own user is trusted no more than others\n"
	"  --record           store one BuildResult from stdin, and exit\n"
	"  --needs REPO       what its builds need, as a message Needs, and "
	"exit\n"
	"  --version, --help\n";

enum {
	OPTION_STORE = 256,
	OPTION_RUN_DIR,
	OPTION_RETENTION,
	OPTION_SIZE,
	OPTION_GROUP,
	OPTION_AGENT,
	OPTION_LISTEN,
	OPTION_WAITING,
	OPTION_CONFINED,
	OPTION_RECORD,
	OPTION_NEEDS,
	OPTION_VERSION,
	OPTION_HELP,
};

static const struct option table[] = {
	{ "store", required_argument, NULL, OPTION_STORE },
	{ "run-dir", required_argument, NULL, OPTION_RUN_DIR },
	{ "retention", required_argument, NULL, OPTION_RETENTION },
	{ "size", required_argument, NULL, OPTION_SIZE },
	{ "group", required_argument, NULL, OPTION_GROUP },
	{ "agent", required_argument, NULL, OPTION_AGENT },
	{ "listen", required_argument, NULL, OPTION_LISTEN },
	{ "waiting", required_argument, NULL, OPTION_WAITING },
	{ "confined", no_argument, NULL, OPTION_CONFINED },
	{ "record", no_argument, NULL, OPTION_RECORD },
	{ "needs", required_argument, NULL, OPTION_NEEDS },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static struct ship ship;
static bool record;
static const char *needs;

static int print(const char *text)
{
	fputs(text, stdout);
	exit(EXIT_SUCCESS);
}

/* False: getopt_long(3) has said what is wrong. */
static bool take(int option)
{
	unsigned long long number = optarg ? strtoull(optarg, NULL, 10) : 0;

	if (option == OPTION_STORE)
		ship.setup.path = optarg;
	else if (option == OPTION_RUN_DIR)
		ship.run_dir = optarg;
	else if (option == OPTION_RETENTION)
		ship.setup.retention_ns = number * HALE_NS_PER_S;
	else if (option == OPTION_SIZE)
		ship.setup.size_bytes =
			number < DB_SIZE_MIN ? DB_SIZE_MIN : number;
	else if (option == OPTION_GROUP)
		ship.group_known = true, ship.group = (gid_t)number;
	else if (option == OPTION_AGENT)
		ship.agent_fd = (int)number;
	else if (option == OPTION_LISTEN)
		ship.listen_fd = (int)number;
	else if (option == OPTION_WAITING)
		ship.waiting_fd = (int)number;
	else if (option == OPTION_CONFINED)
		ship.confined = true;
	else if (option == OPTION_RECORD)
		record = true;
	else if (option == OPTION_NEEDS)
		needs = optarg;
	else if (option == OPTION_VERSION)
		print("hale-ship " HALE_VERSION "\n");
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
	if (!ship.setup.path || optind < argc) {
		fputs("hale-ship: --store is missing, or a word too many\n",
		      stderr);
		return false;
	}
	return true;
}

/* Who may read the kernel's words, and what tells of mounts; while files may be
 * opened. */
static void open_files(void)
{
	const struct group *g = getgrnam(HALE_LOG_GROUP);

	ship.readers_known = g != NULL;
	ship.readers = g ? g->gr_gid : 0;
	ship.log_fd = hale_log_open();
	ship.mounts_fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	ship.agent_fd = ship.listen_fd = ship.gate_fd = ship.waiting_fd = -1;
	ship.run_dir = HALE_RUN_DIR;
	if (!parse(argc, argv))
		return HALE_EXIT_USAGE;
	if (record)
		return record_once(&ship.setup);
	if (needs)
		return needs_once(&ship.setup, needs);
	prctl(PR_SET_NAME, "haled: ship");
	setpriority(PRIO_PROCESS, 0, NICE);
	open_files();
	if (ship_confine(&ship) < 0)
		return EXIT_FAILURE;
	mallopt(M_MMAP_THRESHOLD, 32 * 1024);
	mallopt(M_TRIM_THRESHOLD, 32 * 1024);
	umask(0027);
	return ship_run(&ship);
}

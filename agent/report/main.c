/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hale-reporter: the reporter's process, started by haled (`haled: fleet`). A
 * list of calls; what is decided here is the command line, the process's
 * standing (it yields to builds, and goes before the agent when memory runs
 * out), and the order: files, sandbox, and only then the first thread.
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "hale/base.h"
#include "hale/version.h"

#include "agent/report/report.h"

#define NICE 5

static const char help[] =
	"usage: hale-reporter --dir DIR --server URL... --seed FD [OPTION]...\n"
	"Tells a fleet's servers of this host. haled starts it; see "
	"hale.conf(5).\n"
	"\n"
	"  --dir DIR          keep there what no server has taken\n"
	"  --server URL       nats:// or tls://\n"
	"  --run-dir DIR      follow the gate there\n"
	"  --agent FD         end when that is closed\n"
	"  --seed FD, --ca FD, --certificate FD, --key FD\n"
	"                     open files: NKey, PEM\n"
	"  --label K=V, --room DIR, --heartbeat S, --spool-size BYTES,\n"
	"  --spool-age S, --obey KEY\n"
	"  --version, --help\n";

enum {
	OPTION_DIR = 256,
	OPTION_SERVER,
	OPTION_RUN_DIR,
	OPTION_AGENT,
	OPTION_SEED,
	OPTION_CA,
	OPTION_CERTIFICATE,
	OPTION_KEY,
	OPTION_LABEL,
	OPTION_ROOM,
	OPTION_HEARTBEAT,
	OPTION_SPOOL_SIZE,
	OPTION_SPOOL_AGE,
	OPTION_OBEY,
	OPTION_VERSION,
	OPTION_HELP,
};

static const struct option table[] = {
	{ "dir", required_argument, NULL, OPTION_DIR },
	{ "server", required_argument, NULL, OPTION_SERVER },
	{ "run-dir", required_argument, NULL, OPTION_RUN_DIR },
	{ "agent", required_argument, NULL, OPTION_AGENT },
	{ "seed", required_argument, NULL, OPTION_SEED },
	{ "ca", required_argument, NULL, OPTION_CA },
	{ "certificate", required_argument, NULL, OPTION_CERTIFICATE },
	{ "key", required_argument, NULL, OPTION_KEY },
	{ "label", required_argument, NULL, OPTION_LABEL },
	{ "room", required_argument, NULL, OPTION_ROOM },
	{ "heartbeat", required_argument, NULL, OPTION_HEARTBEAT },
	{ "spool-size", required_argument, NULL, OPTION_SPOOL_SIZE },
	{ "spool-age", required_argument, NULL, OPTION_SPOOL_AGE },
	{ "obey", required_argument, NULL, OPTION_OBEY },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static struct report report;

static int print(const char *text)
{
	fputs(text, stdout);
	exit(EXIT_SUCCESS);
}

/* True: it was a number's. */
static bool take_number(int option)
{
	struct report_setup *s = &report.setup;
	uint64_t number = optarg ? strtoull(optarg, NULL, 10) : 0;

	if (option == OPTION_AGENT)
		s->agent_fd = (int)number;
	else if (option == OPTION_SEED)
		s->seed_fd = (int)number;
	else if (option == OPTION_CA)
		s->ca_fd = (int)number;
	else if (option == OPTION_CERTIFICATE)
		s->certificate_fd = (int)number;
	else if (option == OPTION_KEY)
		s->key_fd = (int)number;
	else if (option == OPTION_HEARTBEAT)
		s->heartbeat_ns = number * HALE_NS_PER_S;
	else if (option == OPTION_SPOOL_SIZE)
		s->spool_bytes = number;
	else if (option == OPTION_SPOOL_AGE)
		s->spool_age_ns = number * HALE_NS_PER_S;
	else
		return false;
	return true;
}

/* False: getopt_long(3) has said what is wrong. */
static bool take(int option)
{
	struct report_setup *s = &report.setup;

	if (option == OPTION_DIR)
		s->dir = optarg;
	else if (option == OPTION_RUN_DIR)
		s->run_dir = optarg;
	else if (option == OPTION_SERVER && s->n_servers < REPORT_SERVERS_MAX)
		s->servers[s->n_servers++] = optarg;
	else if (option == OPTION_LABEL && s->n_labels < FLEET_LABELS_MAX)
		s->labels[s->n_labels++] = optarg;
	else if (option == OPTION_ROOM && s->n_rooms < REPORT_ROOMS_MAX)
		s->rooms[s->n_rooms++] = optarg;
	else if (option == OPTION_VERSION)
		print("hale-reporter " HALE_VERSION "\n");
	else if (option == OPTION_HELP)
		print(help);
	else
		return option == OPTION_OBEY || take_number(option);
	return true;
}

static bool parse(int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (!take(option))
			return false;
	}
	if (!report.setup.dir || report.setup.n_servers == 0 || optind < argc) {
		fputs("hale-reporter: --dir or --server is missing, or a word "
		      "too many\n",
		      stderr);
		return false;
	}
	return true;
}

/* The state folder is this user's; this one within it is for nobody else. */
static int make_folder(const char *dir)
{
	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return 0;
	report_log(3, "%s: %s", dir, strerror(errno));
	return -errno;
}

int main(int argc, char **argv)
{
	struct report_setup *s = &report.setup;

	s->agent_fd = s->seed_fd = s->ca_fd = -1;
	s->certificate_fd = s->key_fd = report.meminfo_fd = -1;
	s->run_dir = HALE_RUN_DIR;
	if (!parse(argc, argv))
		return HALE_EXIT_USAGE;
	prctl(PR_SET_NAME, "haled: fleet");
	setpriority(PRIO_PROCESS, 0, NICE);
	umask(0077);
	/* one arena for all threads: each would keep what it once took */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, 64 * 1024);
	mallopt(M_TRIM_THRESHOLD, 64 * 1024);
	/* a name server that is away costs 4 s and not 30 */
	setenv("RES_OPTIONS", "timeout:2 attempts:1", 1);
	if (make_folder(s->dir) < 0 || report_identify(&report) < 0)
		return EXIT_FAILURE;
	report_open_rooms(&report);
	if (report_confine(&report) < 0)
		return EXIT_FAILURE;
	return report_run(&report);
}

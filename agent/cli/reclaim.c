/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale reclaim`: frees the space of what nothing uses. Shows what and how much
 * first, asks where somebody is there to answer, and does nothing unasked where
 * nobody is. Never touches volumes, named images in use, running containers, or
 * a folder that the configuration does not name.
 */
#include <errno.h>
#include <time.h>

#include "agent/cli/reclaim.h"
#include "hale/base.h"

static const char help[] =
	"usage: hale reclaim [OPTION]...\n"
	"Free the space of engine caches, dangling images and the tool caches\n"
	"that [reclaim] of hale.conf names. Shows what and how much first, "
	"then\n"
	"asks. What is in use stays; volumes are never touched.\n"
	"\n"
	"  --dry-run         only show it\n"
	"  --yes             do not ask\n"
	"  --until-free SIZE stop as soon as so much is available, oldest "
	"first\n"
	"  --path P          only what lies on P's filesystem\n"
	"  --aggressive      also ended containers, images that no container\n"
	"                    uses, and caches of any age\n"
	"  --config FILE     (default: /etc/hale/hale.conf)\n"
	"  --format F        text or json\n"
	"\n"
	"exit: 0 done or nothing to do, 1 declined, or --until-free not "
	"reached,\n"
	"69 something could not be freed, 64 wrong usage\n"
	"\n"
	"  hale reclaim --dry-run\n"
	"  hale reclaim --yes --until-free 20G --path /var/lib/docker\n";

static bool somebody_there(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static bool agreed(void)
{
	char answer[16] = "";

	fputs("Free it? [y/N] ", stderr);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return answer[0] == 'y' || answer[0] == 'Y';
}

static bool enough(const struct reclaim *r, const struct reclaim_step *s)
{
	return r->options.until_free > 0 &&
	       reclaim_room(s) >= r->options.until_free;
}

static void announce(const struct reclaim_step *s)
{
	if (isatty(STDERR_FILENO) && s->engine)
		fprintf(stderr, "hale reclaim: %s works on it ...\n",
			s->engine->name);
}

static void carry_out(struct reclaim *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct reclaim_step *s = &r->steps[i];
		int e;

		if (enough(r, s)) {
			s->outcome = RECLAIM_ENOUGH;
			continue;
		}
		announce(s);
		e = s->engine ? reclaim_engine_do(s)
			      : reclaim_cache_do(s, r->now_ns);
		s->outcome = e < 0 ? RECLAIM_FAILED : RECLAIM_DONE;
		if (e < 0 && !s->why[0])
			HALE_SET(s->why, strerrordesc_np(-e));
	}
}

/* Some place that was worked on still has not what was asked for. */
static bool short_of_room(const struct reclaim *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->options.until_free > 0 && !enough(r, &r->steps[i]))
			return true;
	}
	return false;
}

static int exit_code(const struct cli *cli, const struct reclaim *r)
{
	char size[HALE_EVIDENCE_MAX];

	for (size_t i = 0; i < r->n; i++) {
		if (r->steps[i].outcome == RECLAIM_FAILED)
			return HALE_EXIT_UNKNOWN;
	}
	for (size_t i = 0; i < r->n_engines; i++) {
		if (r->engines[i].why[0])
			return HALE_EXIT_UNKNOWN;
	}
	if (!short_of_room(r))
		return 0;
	snprintf(size, sizeof(size),
		 r->options.aggressive
			 ? "nothing more may go; see `hale status` for what "
			   "fills it"
			 : "--aggressive frees more");
	return cli_fail(cli, CLI_EXIT_NOTHING,
			"less is available than --until-free asks for", size);
}

static int declined(const struct cli *cli, bool asked)
{
	if (asked)
		return cli_fail(cli, CLI_EXIT_NOTHING, "nothing was freed",
				NULL);
	return cli_fail(cli, HALE_EXIT_USAGE,
			"nothing was freed: there is nobody to ask",
			"--yes frees it, --dry-run only shows it");
}

static int reclaim_all(struct cli *cli, struct reclaim *r)
{
	bool json = cli->format == CLI_JSON;

	reclaim_engines(r);
	reclaim_caches(r);
	reclaim_sort_out(r);
	if (!json)
		reclaim_show_plan(cli, r);
	if (r->options.dry_run || r->n == 0)
		return json	   ? reclaim_show_json(r)
		       : r->n == 0 ? exit_code(cli, r)
				   : 0;
	if (!r->options.yes && (json || !somebody_there()))
		return declined(cli, false);
	if (!r->options.yes && !agreed())
		return declined(cli, true);
	carry_out(r);
	if (json)
		reclaim_show_json(r);
	else
		reclaim_show_outcome(cli, r);
	return exit_code(cli, r);
}

static uint64_t real_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

int main(int argc, char **argv)
{
	static struct reclaim r; /* too large for a stack */
	struct cli cli = { .name = "reclaim" };
	const struct args_option options[] = {
		{ "dry-run", ARGS_FLAG, &r.options.dry_run },
		{ "yes", ARGS_FLAG, &r.options.yes },
		{ "aggressive", ARGS_FLAG, &r.options.aggressive },
		{ "until-free", ARGS_SIZE, &r.options.until_free },
		{ "path", ARGS_TEXT, &r.options.path },
		{ "config", ARGS_TEXT, &r.options.config },
	};
	struct args a = { .cli = &cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options) };
	char error[HALE_EVIDENCE_MAX] = "";
	int code = 0;

	if (!args_parse(&a, argc - 1, argv + 1, &code))
		return code;
	r.now_ns = real_now_ns();
	if (reclaim_config(&r, error) < 0)
		return cli_fail(&cli, HALE_EXIT_USAGE, error, NULL);
	if (r.options.path && access(r.options.path, F_OK) < 0)
		return cli_fail(&cli, HALE_EXIT_USAGE, r.options.path,
				strerrordesc_np(errno));
	return reclaim_all(&cli, &r);
}

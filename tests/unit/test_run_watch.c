/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host around a build, where no agent and no scan is to be had: what is
 * asked about, and what can be known all the same.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/lib/answer.h"
#include "agent/run/judge/watch_own.h"

static char folder[64];
static char word[] = "make";
static char *command[] = { word, NULL };

static const char *const variables[] = {
	"CARGO_TARGET_DIR", "XDG_CACHE_HOME",	"CARGO_HOME",
	"npm_config_cache", "GRADLE_USER_HOME", "GOPATH",
	"GOCACHE",	    "GOMODCACHE",	"CCACHE_DIR",
	"SCCACHE_DIR",	    "PIP_CACHE_DIR",	"YARN_CACHE_FOLDER",
	"DOCKER_HOST",
};

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/watch.XXXXXX");
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return -1;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(variables); i++)
		unsetenv(variables[i]);
	setenv("HOME", folder, 1);
	setenv("TMPDIR", folder, 1);
	return 0;
}

static int tear_down(void **state)
{
	char file[96];

	(void)state;
	snprintf(file, sizeof(file), "%s/file", folder);
	unlink(file);
	return chdir("/") < 0 || rmdir(folder) < 0 ? -1 : 0;
}

static struct watch *watch_with(struct run_options *o)
{
	struct watch *w = NULL;

	o->command = command;
	o->run_dir = "/nowhere";
	assert_int_equal(watch_new(o, &w), 0);
	return w;
}

static size_t asked(const struct watch *w, const char *path)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_paths; i++)
		n += strcmp(w->paths[i], path) == 0;
	return n;
}

static size_t written_to(const struct watch *w, const char *path)
{
	const char *const *roots;
	size_t n = watch_paths(w, &roots), found = 0;

	for (size_t i = 0; i < n; i++)
		found += strcmp(roots[i], path) == 0;
	return found;
}

static void a_cache_elsewhere_is_in_scope(void **state)
{
	struct run_options o = { .retries = 0 };
	struct watch *w;
	char near[96];

	(void)state;
	setenv("CARGO_HOME", "/proc", 1); /* a mount of its own, anywhere */
	setenv("GOPATH", "/proc/self:/other", 1);
	w = watch_with(&o);
	snprintf(near, sizeof(near), "%s/.cache", folder);
	assert_int_equal(asked(w, "/proc"), 1);
	/* one for each filesystem; outputs are looked for in all of them */
	assert_int_equal(asked(w, "/proc/self"), 0);
	assert_int_equal(asked(w, near), 0);
	assert_int_equal(written_to(w, near), 1);
	assert_int_equal(written_to(w, "/proc/self"), 1);
	assert_false(w->container);
	watch_free(w);
}

/* Twelve of the user's, two of ours: the gate takes no more. */
static void the_users_paths_come_first(void **state)
{
	struct run_options o = { .n_paths = RUN_PATHS_MAX };
	struct watch *w;

	(void)state;
	setenv("CARGO_HOME", "/proc", 1);
	for (size_t i = 0; i < RUN_PATHS_MAX; i++)
		o.paths[i] = i % 2 ? "/usr" : "/";
	w = watch_with(&o);
	assert_int_equal(w->n_paths, HALE_CHECK_PATHS_MAX);
	assert_int_equal(asked(w, "/usr"), RUN_PATHS_MAX / 2);
	assert_int_equal(asked(w, "/proc"), 0);
	watch_free(w);
}

static void a_container_is_asked_for(void **state)
{
	struct run_options o = { .container_known = true, .container = true };
	struct watch *w;

	(void)state;
	w = watch_with(&o);
	assert_true(w->container);
	watch_free(w);
}

static void write_file(size_t bytes)
{
	FILE *f = fopen("file", "we");

	assert_non_null(f);
	for (size_t i = 0; i < bytes; i += 4096) {
		char page[4096];

		memset(page, (int)i, sizeof(page));
		assert_int_equal(fwrite(page, 1, sizeof(page), f),
				 sizeof(page));
	}
	assert_int_equal(fclose(f), 0);
}

static void nobody_answers_and_nothing_breaks(void **state)
{
	struct run_attempt *a = calloc(1, sizeof(*a));
	struct run_options o = { .retries = 0 };
	const struct hale_reply *reply = NULL;
	struct run_host host;
	struct watch *w;

	(void)state;
	assert_non_null(a);
	w = watch_with(&o);
	assert_null(watch_reply(w));
	assert_int_equal(watch_before(w, &reply), 0);
	assert_non_null(reply);
	assert_ptr_equal(watch_reply_before(w), reply);
	watch_tick(w);
	a->end = RUN_EXITED;
	a->status = 1;
	assert_int_equal(watch_after(w, a, NULL, &host), 0);
	assert_false(host.agent);
	assert_int_equal(host.n_causes, 0);
	assert_false(host.got_worse);
	watch_free(w);
	free(a);
}

/* What was there for a moment was needed all the same. */
static void the_peak_is_kept(void **state)
{
	struct run_options o = { .retries = 0 };
	struct run_usage usage = { .disk_bytes = UINT64_MAX };
	struct watch *w;

	(void)state;
	w = watch_with(&o);
	watch_usage(w, &usage);
	assert_true(usage.disk_bytes == UINT64_MAX);
	w->n_fs = 2;
	for (size_t i = 0; i < w->n_fs; i++)
		w->fs[i] = (struct watch_fs){ .fd = -1,
					      .sync_fd = -1,
					      .measured = true,
					      .first_bytes = 10 * HALE_MIB,
					      .avail_bytes = 7 * HALE_MIB,
					      .first_inodes = 100,
					      .avail_inodes = 90 };
	watch_usage(w, &usage);
	assert_int_equal(usage.disk_bytes, 6 * HALE_MIB);
	assert_int_equal(usage.inodes, 20);
	watch_free(w);
}

/* Others write as well. What the build's own processes wrote is known, but not
 * of what lies in memory, nor of what an engine does for it. */
static void what_others_took_is_not_needed(void **state)
{
	struct run_options o = { .retries = 0 };
	struct run_usage usage = { .dirtied_bytes = 16 * HALE_MIB };
	struct watch *w;

	(void)state;
	w = watch_with(&o);
	w->n_fs = 2;
	for (size_t i = 0; i < w->n_fs; i++)
		w->fs[i] = (struct watch_fs){ .fd = -1,
					      .sync_fd = -1,
					      .measured = true,
					      .counted = i == 0,
					      .first_bytes = HALE_GIB,
					      .avail_bytes = 800 * HALE_MIB };
	watch_usage(w, &usage);
	assert_in_range(usage.disk_bytes, (224 + 16) * HALE_MIB,
			(224 + 20) * HALE_MIB);
	/* it wrote more than the filesystem lost: over and over */
	usage.dirtied_bytes = 500 * HALE_MIB;
	watch_usage(w, &usage);
	assert_int_equal(usage.disk_bytes, 448 * HALE_MIB);
	/* none of them wrote: a server did it for them */
	usage.dirtied_bytes = 0;
	watch_usage(w, &usage);
	assert_int_equal(usage.disk_bytes, 448 * HALE_MIB);
	usage.dirtied_bytes = 16 * HALE_MIB;
	w->container = true;
	watch_usage(w, &usage);
	assert_int_equal(usage.disk_bytes, 448 * HALE_MIB);
	watch_free(w);
}

/* A scan asks from the first record on, by the clock that stamped it. */
static void the_log_has_a_clock_of_its_own(void **state)
{
	static const char record[] = "3,71,5000123,-;I/O error, dev sdc\n";
	struct run_options o = { .retries = 0 };
	struct watch *w;

	(void)state;
	w = watch_with(&o);
	assert_true(watch_log_first(w) == UINT64_MAX);
	w->log_fd = open("file", O_RDWR | O_CREAT, 0600);
	assert_true(watch_log_first(w) == UINT64_MAX);
	assert_int_equal(pwrite(w->log_fd, record, sizeof(record) - 1, 0),
			 sizeof(record) - 1);
	assert_int_equal(watch_log_first(w), 5000123 * HALE_NS_PER_US);
	assert_int_equal(watch_log_first(w), 5000123 * HALE_NS_PER_US);
	lseek(w->log_fd, 0, SEEK_SET);
	assert_false(watch_log_silent(w));
	watch_free(w);
}

/* How little is too little, by size. */
static void when_it_is_full(void **state)
{
	static const struct {
		uint64_t first, least, total;
		enum hale_confidence full;
		bool before, ext4;
	} rows[] = {
		/* what it left is what ext4 gives to nobody */
		{ 20 * HALE_MIB, 600 * HALE_KIB, 25 * HALE_MIB,
		  HALE_CONFIDENCE_CERTAIN, false, true },
		{ 20 * HALE_GIB, 40 * HALE_MIB, 25 * HALE_GIB,
		  HALE_CONFIDENCE_LIKELY, false, true },
		/* the file that met the end may be gone again */
		{ 20 * HALE_MIB, HALE_MIB, 25 * HALE_MIB,
		  HALE_CONFIDENCE_LIKELY, false, false },
		{ HALE_MIB + 1, HALE_MIB, 25 * HALE_MIB, HALE_CONFIDENCE_NONE,
		  true, false },
		{ 90 * HALE_GIB, 80 * HALE_GIB, 100 * HALE_GIB,
		  HALE_CONFIDENCE_NONE, true, false },
		{ 90 * HALE_GIB, HALE_GIB, 100 * HALE_GIB,
		  HALE_CONFIDENCE_LIKELY, false, false },
		{ 90 * HALE_GIB, 8 * HALE_MIB, 100 * HALE_GIB,
		  HALE_CONFIDENCE_CERTAIN, false, false },
		{ 4 * HALE_MIB, 4 * HALE_MIB, 100 * HALE_GIB,
		  HALE_CONFIDENCE_CERTAIN, true, false },
		/* a small one is not full for being small */
		{ 8 * HALE_MIB, 7 * HALE_MIB, 10 * HALE_MIB,
		  HALE_CONFIDENCE_NONE, true, false },
		{ 8 * HALE_MIB, 0, 10 * HALE_MIB, HALE_CONFIDENCE_CERTAIN,
		  false, false },
	};
	struct run_options o = { .retries = 0 };
	struct watch *w;

	(void)state;
	w = watch_with(&o);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		struct run_host host = { .agent = false };

		w->n_fs = 1;
		w->fs[0] = (struct watch_fs){ .fd = -1,
					      .sync_fd = -1,
					      .path = "/elsewhere",
					      .measured = true,
					      .ext4 = rows[i].ext4,
					      .first_bytes = rows[i].first,
					      .avail_bytes = rows[i].least,
					      .total_bytes = rows[i].total };
		watch_space_end(w, &host);
		assert_int_equal(host.bytes.full, rows[i].full);
		if (host.bytes.full != HALE_CONFIDENCE_NONE)
			assert_int_equal(host.bytes.before, rows[i].before);
		assert_int_equal(host.inodes.full, HALE_CONFIDENCE_NONE);
	}
	watch_free(w);
}

static void a_second_look_begins_anew(void **state)
{
	struct run_options o = { .retries = 0 };
	const struct hale_reply *reply = NULL;
	struct watch *w;

	(void)state;
	w = watch_with(&o);
	assert_int_equal(watch_before(w, &reply), 0);
	assert_int_equal(watch_before(w, &reply), 0);
	assert_ptr_equal(watch_reply(w), reply);
	watch_free(w);
}

/* A container's build fills the engine's disk, which no path of it leads to. */
static void the_engines_disk_is_watched(void **state)
{
	char *roots[] = { folder };
	Hale__V1__CheckReply check;
	Hale__V1__Reply pb = HALE__V1__REPLY__INIT;
	const struct hale_reply reply = { .pb = &pb };
	struct run_options o = { .retries = 0 };
	struct run_usage usage = { .disk_bytes = 0 };
	struct watch *w;
	size_t asked_about;

	(void)state;
	hale__v1__check_reply__init(&check);
	setenv("TMPDIR", "/proc", 1);
	assert_int_equal(chdir("/proc"), 0);
	pb.body_case = HALE__V1__REPLY__BODY_CHECK;
	pb.check = &check;
	check.engine_paths = roots;
	check.n_engine_paths = 1;
	w = watch_with(&o);
	asked_about = w->n_paths;
	assert_int_equal(watch_scope_engines(w, &reply), 0);
	assert_int_equal(watch_scope_engines(w, &reply), 0);
	assert_int_equal(w->n_seen, asked_about + 1);
	assert_int_equal(w->n_paths, asked_about);
	watch_space_begin(w);
	assert_int_equal(chdir(folder), 0);
	write_file(8 * HALE_MIB);
	watch_space_tick(w);
	watch_usage(w, &usage);
	assert_true(usage.disk_bytes >= 6 * HALE_MIB);
	check.n_engine_paths = 0;
	assert_int_equal(watch_scope_engines(w, &reply), 0);
	assert_int_equal(w->n_seen, asked_about);
	watch_free(w);
}

static void nothing_lost_is_nothing_said(void **state)
{
	struct run_options o = { .retries = 0 };
	const struct hale_reply *reply = NULL;
	struct watch *w;

	(void)state;
	w = watch_with(&o);
	assert_int_equal(watch_before(w, &reply), 0);
	write_file(HALE_MIB);
	assert_int_equal(watch_sync(w, 20), 0);
	watch_free(w);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_cache_elsewhere_is_in_scope),
		TEST(the_users_paths_come_first),
		TEST(a_container_is_asked_for),
		TEST(nobody_answers_and_nothing_breaks),
		TEST(the_peak_is_kept),
		TEST(what_others_took_is_not_needed),
		TEST(the_log_has_a_clock_of_its_own),
		TEST(when_it_is_full),
		TEST(a_second_look_begins_anew),
		TEST(the_engines_disk_is_watched),
		TEST(nothing_lost_is_nothing_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

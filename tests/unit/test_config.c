/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hale.conf(5) as a user meets it: what a line does, and what is said of a line
 * that is wrong. Everything goes through config_parse(), as the file does.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/config.h"

static struct config config;
static char error[CONFIG_ERROR_MAX];

static void accept_text(const char *text)
{
	if (config_parse(text, "f", &config, error) != 0)
		fail_msg("refused: %s", error);
	assert_string_equal(error, "");
}

static void refuse_text(const char *text, const char *what)
{
	assert_int_equal(config_parse(text, "f", &config, error), -EINVAL);
	if (!strstr(error, what))
		fail_msg("said \"%s\", not \"%s\"", error, what);
}

static void assert_same_policy(const struct hale_policy *a,
			       const struct hale_policy *b)
{
	for (int c = 0; c < HALE_CONDITION_COUNT; c++) {
		assert_int_equal(a->effect[c], b->effect[c]);
		assert_int_equal(a->rate[c].limit, b->rate[c].limit);
		assert_int_equal(a->rate[c].window_ns, b->rate[c].window_ns);
		assert_int_equal(a->expires_ns[c], b->expires_ns[c]);
	}
	assert_int_equal(a->space_blocks.bytes, b->space_blocks.bytes);
	assert_int_equal(a->space_blocks.permille, b->space_blocks.permille);
	assert_int_equal(a->space_warns.bytes, b->space_warns.bytes);
	assert_int_equal(a->space_warns.permille, b->space_warns.permille);
	assert_int_equal(a->inodes_block.bytes, b->inodes_block.bytes);
	assert_int_equal(a->inodes_block.permille, b->inodes_block.permille);
	assert_int_equal(a->inodes_warn.bytes, b->inodes_warn.bytes);
	assert_int_equal(a->inodes_warn.permille, b->inodes_warn.permille);
	assert_int_equal(a->required_senses, b->required_senses);
	assert_int_equal(a->stale_s, b->stale_s);
}

static void test_empty_is_the_default(void **state)
{
	static struct hale_policy policy;

	(void)state;
	hale_policy_default(&policy);
	accept_text("");
	assert_same_policy(&config.policy, &policy);
	assert_false(config.policy.host_scope_set);
	assert_string_equal(config.group, "hale");
	assert_int_equal(config.n_options, 0);
}

static void test_policy_by_condition(void **state)
{
	(void)state;
	accept_text("[policy]\n"
		    "disk.io_error = warns\n"
		    "fs.full=none\n"
		    "[expiry]\n"
		    "disk.medium_error = 3d\n"
		    "disk.io_error = never\n");
	assert_int_equal(config.policy.effect[HALE_DISK_IO_ERROR],
			 HALE_EFFECT_WARNS);
	assert_int_equal(config.policy.effect[HALE_FS_FULL], HALE_EFFECT_NONE);
	assert_int_equal(config.policy.expires_ns[HALE_DISK_MEDIUM_ERROR],
			 UINT64_C(3) * 24 * 3600 * HALE_NS_PER_S);
	assert_int_equal(config.policy.expires_ns[HALE_DISK_IO_ERROR], 0);
}

static void test_rates(void **state)
{
	(void)state;
	accept_text("[rates]\nmemory.corrected = 5 / 1h\n");
	assert_int_equal(config.policy.rate[HALE_MEMORY_CORRECTED].limit, 5);
	assert_int_equal(config.policy.rate[HALE_MEMORY_CORRECTED].window_ns,
			 3600 * HALE_NS_PER_S);
	refuse_text("[rates]\nmemory.corrected = often\n", "f:2: ");
	refuse_text("[rates]\ndisk.medium_error = 5 / 1h\n",
		    "goes by its rate");
}

static void test_thresholds(void **state)
{
	(void)state;
	accept_text("[space]\nblocks = 1.5%, 3GiB\nwarns = 20GiB\n"
		    "inodes_block = 4%\n");
	assert_int_equal(config.policy.space_blocks.permille, 15);
	assert_int_equal(config.policy.space_blocks.bytes, 3 * HALE_GIB);
	/* What is left out bounds nothing: the smaller of the two counts. */
	assert_int_equal(config.policy.space_warns.permille, 1000);
	assert_int_equal(config.policy.space_warns.bytes, 20 * HALE_GIB);
	assert_int_equal(config.policy.inodes_block.permille, 40);
	assert_true(config.policy.inodes_block.bytes == UINT64_MAX);
	refuse_text("[space]\nblocks = 101%\n", "f:2: blocks = 101%: expected");
	refuse_text("[space]\nblocks = ,\n", "f:2: ");
	refuse_text("[space]\nblocks = 2%, 2GiB, 3GiB\n", "f:2: ");
	refuse_text("[space]\nblocks = -1\n", "f:2: ");
	refuse_text("[space]\nblocks =\n", "f:2: ");
}

static void test_host_scope(void **state)
{
	char text[1024] = "[scope]\nhost =";

	(void)state;
	accept_text("[scope]\nhost = /srv/build   /var/lib/docker\n");
	assert_true(config.policy.host_scope_set);
	assert_int_equal(config.policy.n_host_paths, 2);
	assert_string_equal(config.policy.host_paths[1], "/var/lib/docker");
	refuse_text("[scope]\nhost = srv\n", "absolute paths");
	assert_false(config.policy.containers);
	accept_text("[scope]\ncontainers = yes\n");
	assert_true(config.policy.containers);
	accept_text("[scope]\ncontainers = no\n");
	assert_false(config.policy.containers);
	refuse_text("[scope]\ncontainers = 1\n", "expected yes or no");
	for (int i = 0; i < HALE_SCOPE_PATHS_MAX + 1; i++)
		strcat(text, " /p");
	refuse_text(text, "at most 16");
}

static void test_coverage(void **state)
{
	static struct hale_policy policy;

	(void)state;
	hale_policy_default(&policy);
	accept_text("[coverage]\nrequire = identity, process_deaths\n"
		    "stale = 10min\n");
	assert_int_equal(config.policy.required_senses,
			 policy.required_senses | 1U << HALE_SENSE_IDENTITY |
				 1U << HALE_SENSE_PROCESS_DEATHS);
	assert_int_equal(config.policy.stale_s, 600);
	refuse_text("[coverage]\nrequire = identity, smell taste\n",
		    "f:2: no such sense: smell; `hale status --coverage`");
	refuse_text("[coverage]\nrequire = ,\n", "no such sense: ;");
	for (int i = 0; i < HALE_SENSE_COUNT; i++) {
		char text[64];

		snprintf(text, sizeof(text), "[coverage]\nrequire = %s\n",
			 hale_sense_name((enum hale_sense)i));
		accept_text(text);
		assert_true(config.policy.required_senses & 1U << i);
	}
	refuse_text("[coverage]\nstale = 0\n", "at least 1s");
}

static void test_driver_options(void **state)
{
	struct driver_option options[4];

	(void)state;
	accept_text("[kmsg]\ntrust_user_records = no\n"
		    "rules_dir = /srv/rules\ntrust_user_records = yes\n");
	assert_int_equal(config_driver_options(&config, options, 4), 2);
	assert_string_equal(options[0].driver, "kmsg");
	assert_string_equal(options[0].key, "trust_user_records");
	assert_string_equal(options[0].value, "yes");
	assert_string_equal(options[1].value, "/srv/rules");
	refuse_text("[kmsg]\ntrust_user_records = maybe\n", "yes or no");
	refuse_text("[kmsg]\nrules_dir = rules\n", "absolute path");
	refuse_text("[kmsg]\nrule_dir = /x\n",
		    "unknown key \"rule_dir\" in [kmsg]");
}

static void test_unknown_words(void **state)
{
	(void)state;
	refuse_text("\n[agnet]\ngroup = x\n", "f:3: unknown section [agnet]");
	refuse_text("[agent]\ngruop = x\n",
		    "f:2: unknown key \"gruop\" in [agent]");
	refuse_text("group = x\n", "f:1: \"group\" stands in no [section]");
	refuse_text("[policy]\ndisk.ioerror = warns\n",
		    "f:2: no such condition: \"disk.ioerror\"");
	refuse_text("[policy]\ndisk.io_error = deadly\n",
		    "blocks, warns, notes or none");
}

static void test_lines_that_are_none(void **state)
{
	char text[600] = "[agent]\n# ";

	(void)state;
	refuse_text("[agent]\nnonsense\n", "f:2: expected \"key = value\"");
	refuse_text("[agent\ngroup = x\n", "f:1: expected");
	memset(text + strlen(text), 'x', 300);
	refuse_text(text, "f:2: line too long");
	/* An indented line is a line, not more of the one above it. */
	refuse_text("[agent]\n group = x\n nonsense\n", "f:3: expected");
	accept_text("[agent]\n  group = x\n\n   # a comment\n; another\n");
	assert_string_equal(config.group, "x");
	accept_text("[agent]\r\ngroup = y\r\n");
	assert_string_equal(config.group, "y");
}

static void test_first_error_counts(void **state)
{
	(void)state;
	refuse_text("[agent]\nnonsense\n[space]\nblokcs = 1%\n", "f:2: ");
	refuse_text("[space]\nblokcs = 1%\nnonsense\n", "f:2: unknown key");
}

static void test_failure_changes_nothing(void **state)
{
	static struct config before;

	(void)state;
	accept_text("[agent]\ngroup = staff\n");
	before = config;
	refuse_text("[agent]\ngroup = wheel\nnonsense\n", "f:3: ");
	assert_memory_equal(&before, &config, sizeof(config));
}

static void test_hostile_text_is_printable(void **state)
{
	(void)state;
	refuse_text("[policy]\ndisk.io_error = \033[31mred\n", "?[31mred");
	for (const char *c = error; *c; c++)
		assert_true((unsigned char)*c >= ' ');
	refuse_text("[\033[31m]\nx = 1\n", "unknown section");
	for (const char *c = error; *c; c++)
		assert_true((unsigned char)*c >= ' ');
}

static void test_files(void **state)
{
	char name[] = "/tmp/hale-config-XXXXXX";
	int fd = mkstemp(name);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "[agent]\ngroup = a\0b\n", 20), 20);
	assert_int_equal(config_load(name, false, &config, error), -EINVAL);
	assert_non_null(strstr(error, "NUL"));
	assert_int_equal(ftruncate(fd, 10 * 1024 * 1024), 0);
	assert_true(config_load(name, false, &config, error) < 0);
	close(fd);
	unlink(name);
	assert_int_equal(config_load(name, false, &config, error), -ENOENT);
	assert_non_null(strstr(error, name));
	assert_int_equal(config_load(name, true, &config, error), 0);
	assert_true(config_load("/tmp", false, &config, error) < 0);
}

/* Every line of the commented example, uncommented, is the default. */
static void test_the_example_shows_the_defaults(void **state)
{
	static char text[16384], line[512];
	static struct hale_policy policy;
	FILE *f = fopen("packaging/hale.conf", "re");
	size_t len = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		bool off = line[0] == '#' && line[1] >= 'a' && line[1] <= 'z';

		assert_true(len + strlen(line) < sizeof(text));
		len += (size_t)sprintf(text + len, "%s", line + off);
	}
	fclose(f);
	accept_text(text);
	hale_policy_default(&policy);
	assert_same_policy(&config.policy, &policy);
	assert_int_equal(config.policy.n_host_paths, 3);
	assert_string_equal(config.group, "hale");
	assert_true(config.n_options >= 2);
}

/* Whose crashes speak for the host: names are looked up apart from the text. */
static void test_builders(void **state)
{
	char text[CONFIG_ERROR_MAX];

	(void)state;
	accept_text("[crashes]\nusers = root 1003, 100000-165535\n");
	config_resolve(&config);
	assert_null(config_doubt(&config, text));
	assert_int_equal(config.policy.builders.n, 3);
	assert_true(hale_uids_have(&config.policy.builders, 0));
	assert_true(hale_uids_have(&config.policy.builders, 1003));
	assert_true(hale_uids_have(&config.policy.builders, 165535));
	assert_false(hale_uids_have(&config.policy.builders, 165536));
	assert_false(hale_uids_have(&config.policy.builders, 1002));
	accept_text("[crashes]\nusers = nobody-of-that-name 7\n");
	config_resolve(&config);
	assert_int_equal(config.policy.builders.n, 1);
	assert_true(hale_uids_have(&config.policy.builders, 7));
	assert_non_null(config_doubt(&config, text));
	assert_non_null(strstr(text, "nobody-of-that-name"));
	refuse_text("[crashes]\nusers =\n", "f:2");
	refuse_text("[crashes]\nusers = *\n", "expected users");
	refuse_text("[crashes]\nusers = 12x\n", "expected users");
	refuse_text("[crashes]\nusers = 9-3\n", "expected users");
	refuse_text("[crashes]\nusers = 4294967295\n", "expected users");
	refuse_text("[crashes]\nuser = ci\n", "unknown key");
	refuse_text("[crashes]\nusers = 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 "
		    "17\n",
		    "at most 16");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builders),
		cmocka_unit_test(test_empty_is_the_default),
		cmocka_unit_test(test_policy_by_condition),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_thresholds),
		cmocka_unit_test(test_host_scope),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_driver_options),
		cmocka_unit_test(test_unknown_words),
		cmocka_unit_test(test_lines_that_are_none),
		cmocka_unit_test(test_first_error_counts),
		cmocka_unit_test(test_failure_changes_nothing),
		cmocka_unit_test(test_hostile_text_is_printable),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_the_example_shows_the_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repositories by name: equal remotes have equal names, and no credential
 * survives; the folder's own repository is found without git.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>

#include "hale/base.h"
#include "hale/repo.h"

static void expect(const char *url, const char *name)
{
	char got[HALE_REPO_MAX];

	hale_repo_name(url, got);
	if (strcmp(got, name) != 0)
		fail_msg("%s: got \"%s\", not \"%s\"", url, got, name);
}

static void test_one_name_for_all_ways_to_it(void **state)
{
	static const char *const urls[] = {
		"https://github.com/acme/shop.git",
		"https://github.com/acme/shop",
		"https://GitHub.com/acme/shop/",
		"https://github.com:443/acme/shop.git",
		"git@github.com:acme/shop.git",
		"github.com:acme/shop",
		"ssh://git@github.com/acme/shop.git",
		"ssh://git@github.com:22/acme//shop.git/",
		"git+ssh://git@github.com/acme/shop",
		"https://github.com/acme/shop?ref=main#readme",
		"  github.com/acme/shop",
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(urls); i++)
		expect(urls[i], "github.com/acme/shop");
}

static void test_other_names(void **state)
{
	(void)state;
	expect("acme/shop", "acme/shop");
	expect("/srv/git/shop.git", "/srv/git/shop");
	expect("file:///srv/git/shop.git", "/srv/git/shop");
	expect("ssh://git@host:2222/shop", "host:2222/shop");
	expect("host:/srv/shop.git", "host/srv/shop");
	expect("", "");
	expect("https://", "");
	expect("bell\a/shop", "bell?/shop");
}

/* Whatever a URL with a credential is bent to, the credential is gone. */
static void test_no_credential_survives(void **state)
{
	static const char *const urls[] = {
		"https://ci:S3CRET@github.com/acme/shop.git",
		"https://S3CRET@github.com/acme/shop.git",
		"https://ci:S3C/RET@github.com/acme/shop",
		"https://ci:12/S3CRET@github.com/acme/shop",
		"https:///ci:S3CRET@github.com/acme/shop",
		"https://x:y@a@b:S3CRET@github.com/acme/shop",
		"ci:S3CRET@github.com:acme/shop",
		"ext::https://ci:S3CRET@github.com/acme/shop",
		"https://github.com/acme/shop?token=S3CRET",
		"HTTPS://ci:S3CRET@github.com/acme/shop#S3CRET",
		"http://ci:%53S3CRET@github.com/acme/shop",
	};
	char got[HALE_REPO_MAX];

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(urls); i++) {
		hale_repo_name(urls[i], got);
		assert_null(strstr(got, "S3C"));
		assert_null(strstr(got, "RET"));
	}
}

/* It may end in the middle of a password. */
static void test_what_is_too_long_has_no_name(void **state)
{
	char url[4096], got[HALE_REPO_MAX];

	(void)state;
	memset(url, 'p', sizeof(url));
	memcpy(url, "https://u:", 10);
	url[sizeof(url) - 1] = '\0';
	assert_false(hale_repo_name(url, got));
	assert_string_equal(got, "");
}

static void origin(const char *text, const char *url)
{
	char got[128] = "";
	bool found = hale_repo_origin(text, strlen(text), got, sizeof(got));

	assert_int_equal(found, url != NULL);
	assert_string_equal(got, url ? url : "");
}

static void test_the_text_of_a_config(void **state)
{
	(void)state;
	origin("[remote \"origin\"]\n\turl = https://h/x\n", "https://h/x");
	origin("[Remote \"origin\"]\nURL=https://h/x ; why\n", "https://h/x");
	origin("[remote \"origin\"] url = https://h/x", "https://h/x");
	origin("[remote \"origin\"]\nurl = \"https://h/a;b\"\n",
	       "https://h/a;b");
	origin("[remote \"origin\"]\nurl = a\nurl = b\n", "b");
	origin("[remote \"upstream\"]\nurl = a\n[core]\nurl = b\n", NULL);
	origin("[remote \"Origin\"]\nurl = a\n", NULL);
	origin("[remote \"origin\"]\npushurl = a\n# url = b\n", NULL);
	origin("[remote \"origin\"]\nurl =\n", NULL);
	origin("[remote \"orig", NULL);
	origin("", NULL);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void make_tree(char dir[64])
{
	char path[128];

	snprintf(dir, 64, "/tmp/hale-repo.XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	snprintf(path, sizeof(path), "%s/main/.git/worktrees/w", dir);
	assert_int_equal(mkdir("main", 0700) | mkdir("main/.git", 0700) |
				 mkdir("main/.git/worktrees", 0700) |
				 mkdir("main/.git/worktrees/w", 0700) |
				 mkdir("main/src", 0700) | mkdir("w", 0700) |
				 mkdir("bare", 0700) | mkdir("bare/.git", 0700),
			 0);
	put("main/.git/config",
	    "[remote \"origin\"]\n\turl = git@h.example:a/b.git\n");
	put("main/.git/worktrees/w/commondir", "../..\n");
	put("w/.git", "gitdir: ../main/.git/worktrees/w\n");
	put("bare/.git/config", "[core]\n\tbare = false\n");
}

static void test_the_repository_of_a_folder(void **state)
{
	char dir[64], name[HALE_REPO_MAX], command[128];

	(void)state;
	make_tree(dir);
	assert_int_equal(hale_repo_find("main", name), 0);
	assert_string_equal(name, "h.example/a/b");
	assert_int_equal(hale_repo_find("main/src", name), 0);
	assert_string_equal(name, "h.example/a/b");
	assert_int_equal(hale_repo_find("w", name), 0);
	assert_string_equal(name, "h.example/a/b");
	assert_int_equal(hale_repo_find("bare", name), -ENOENT);
	assert_int_equal(hale_repo_find("nowhere", name), -ENOENT);
	assert_string_equal(name, "");
	assert_int_equal(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

/* A fifo would hang whoever opens it, a device may do anything. */
static void test_what_is_no_plain_file_is_none(void **state)
{
	char dir[] = "/tmp/hale-repo.XXXXXX", name[HALE_REPO_MAX];

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(mkdir(".git", 0700), 0);
	assert_int_equal(mkfifo(".git/config", 0600), 0);
	assert_int_equal(hale_repo_find(".", name), -ENOENT);
	unlink(".git/config");
	assert_int_equal(symlink("/dev/zero", ".git/config"), 0);
	assert_int_equal(hale_repo_find(".", name), -ENOENT);
	unlink(".git/config");
	rmdir(".git");
	assert_int_equal(chdir("/"), 0);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_name_for_all_ways_to_it),
		cmocka_unit_test(test_other_names),
		cmocka_unit_test(test_no_credential_survives),
		cmocka_unit_test(test_what_is_too_long_has_no_name),
		cmocka_unit_test(test_the_text_of_a_config),
		cmocka_unit_test(test_the_repository_of_a_folder),
		cmocka_unit_test(test_what_is_no_plain_file_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

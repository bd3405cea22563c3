/* SPDX-License-Identifier: Apache-2.0 */
/* Which commands are work for a container engine of this host? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/run/judge/container.h"

#define WORDS_MAX 24

struct row {
	const char *command; /* words between blanks; '~' is a blank in one */
	const char *docker_host;
};

static const struct row yes[] = {
	{ "docker build .", NULL },
	{ "docker buildx build -t x .", NULL },
	{ "/usr/bin/docker compose up --build", NULL },
	{ "docker --context here --debug build .", NULL },
	{ "docker -H unix:///run/docker.sock build .", NULL },
	{ "podman build -t x", NULL },
	{ "podman --root /data --runroot /run/x --storage-driver vfs build .",
	  NULL },
	{ "docker --tlscacert ca.pem build .", NULL },
	{ "nerdctl run image make", NULL },
	{ "buildah bud .", NULL },
	{ "docker-compose build", NULL },
	{ "sudo docker build .", NULL },
	{ "sudo -u ci -E docker build .", NULL },
	{ "env -i A=b DOCKER_BUILDKIT=1 docker build .", NULL },
	{ "DOCKER_BUILDKIT=1 docker build .", NULL },
	{ "timeout -k 5 600 docker build .", NULL },
	{ "nice -n 10 ionice -c 3 docker build .", NULL },
	{ "time -p docker build .", NULL },
	{ "sh -c docker~build~.", NULL },
	{ "bash -eo pipefail -c cd~src~&&~docker~build~.", NULL },
	{ "bash -lc set~-e;~make;~docker~build~.~|~tee~log", NULL },
	{ "sudo sh -c DOCKER_BUILDKIT=1~docker~build~.", NULL },
	{ "docker build .", "unix:///run/user/1000/docker.sock" },
};

static const struct row no[] = {
	{ "make", NULL },
	{ "docker", NULL },
	{ "docker --version", NULL },
	{ "docker version", NULL },
	{ "docker ps", NULL },
	{ "echo docker build .", NULL },
	{ "git commit -m docker~build", NULL },
	{ "grep -r docker build", NULL },
	{ "sh -c echo~docker~build", NULL },
	{ "sh -c make~docker", NULL },
	{ "sh docker build", NULL },
	{ "sudo -u docker make build", NULL },
	{ "env docker=build make", NULL },
	{ "./docker-build.sh", NULL },
	{ "docker -H ssh://elsewhere build .", NULL },
	{ "docker --host=tcp://10.0.0.1:2375 build .", NULL },
	{ "docker build .", "tcp://10.0.0.1:2376" },
	{ "env DOCKER_HOST=ssh://x docker build .", NULL },
	{ "sudo sudo sudo sudo sudo sudo docker build .", NULL },
	{ "sudo", NULL },
	{ "sudo -u", NULL },
	{ "sh -c", NULL },
	{ "timeout 5", NULL },
};

static bool ask(const struct row *r)
{
	char text[256], *words[WORDS_MAX + 1], *at;
	size_t n = 0;

	HALE_SET(text, r->command);
	for (at = strtok(text, " "); at; at = strtok(NULL, " ")) {
		assert_true(n < WORDS_MAX);
		words[n++] = at;
		for (; *at; at++)
			*at = *at == '~' ? ' ' : *at;
	}
	words[n] = NULL;
	return container_build(words, r->docker_host);
}

static void engines_work(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(yes); i++) {
		if (!ask(&yes[i]))
			fail_msg("not taken for one: %s", yes[i].command);
	}
}

static void others_do_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(no); i++) {
		if (ask(&no[i]))
			fail_msg("taken for one: %s", no[i].command);
	}
}

static const char *root_of(const char *command)
{
	static char text[256];
	char *words[WORDS_MAX + 1];
	size_t n = 0;

	HALE_SET(text, command);
	for (char *at = strtok(text, " "); at; at = strtok(NULL, " "))
		words[n++] = at;
	words[n] = NULL;
	return container_root(words);
}

static void where_podman_keeps_its_data(void **state)
{
	(void)state;
	assert_string_equal(root_of("podman --root /data build ."), "/data");
	assert_string_equal(root_of("sudo podman --runroot /x --root=/data "
				    "--log-level info build ."),
			    "/data");
	assert_string_equal(root_of("buildah --root /data bud ."), "/data");
	assert_null(root_of("podman build --root /data ."));
	assert_null(root_of("podman --root"));
	assert_null(root_of("podman --root data build ."));
	assert_null(root_of("docker --root /data build ."));
	assert_null(root_of("make"));
}

static void a_long_script_is_bounded(void **state)
{
	static char script[100000], sh[] = "sh", c[] = "-c";
	char *words[] = { sh, c, script, NULL };

	(void)state;
	memset(script, 'a', sizeof(script) - 1);
	assert_false(container_build(words, NULL));
	for (size_t i = 0; i + 1 < sizeof(script); i += 2)
		script[i] = ' ';
	assert_false(container_build(words, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engines_work),
		cmocka_unit_test(others_do_not),
		cmocka_unit_test(where_podman_keeps_its_data),
		cmocka_unit_test(a_long_script_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Is there a container engine? Asked again and again, and of no disk. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hale/base.h"

#include "facts.h"
#include "tree.h"

extern const struct hale_driver engine_driver;

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

/* What probe() returns; and what it says, which is to be freed. */
static int probe(const struct tree *t, bool retried, char **ret_facts)
{
	size_t len = 0;
	FILE *out = open_memstream(ret_facts, &len);
	struct hale_probe p = { .root_fd = t->root_fd,
				.event_fd = -1,
				.retried = retried,
				.emit = print,
				.sink = out };
	int r;

	assert_non_null(out);
	r = engine_driver.probe(&p);
	fclose(out);
	return r;
}

static void finds(const char *line, bool retried)
{
	struct tree t;
	char *facts = NULL;

	tree_new(&t);
	assert_int_equal(probe(&t, retried, &facts), -ENOENT);
	assert_string_equal(facts, "coverage engine blind why=\"no container "
				   "engine is here\" remedy=\"\"\n");
	free(facts);
	tree_line(&t, line);
	assert_int_equal(probe(&t, retried, &facts), 0);
	assert_string_equal(facts, "");
	free(facts);
	tree_remove(&t);
}

static void an_engine_that_is_there(void **state)
{
	(void)state;
	finds("file usr/bin/dockerd = x", false);
	finds("file usr/local/bin/podman = x", false);
	finds("link usr/bin/podman /opt/elsewhere/podman", false);
	finds("file run/docker.sock = x", false);
}

/* What was just made is in the kernel's caches. */
static void an_engine_that_comes_later(void **state)
{
	(void)state;
	finds("file usr/sbin/dockerd = x", true);
	finds("link usr/bin/podman /opt/elsewhere/podman", true);
	finds("file run/podman/podman.sock = x", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_engine_that_is_there),
		cmocka_unit_test(an_engine_that_comes_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

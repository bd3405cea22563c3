/* SPDX-License-Identifier: Apache-2.0 */
/* What engines answer, by the bytes: of several versions, in trouble, and
 * nonsense. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hale/base.h"

#include "drivers/engine/json.h"

static int info(const char *body, struct engine_info *i)
{
	return engine_read_info(body, strlen(body), i);
}

static void what_info_says(void **state)
{
	struct engine_info i;

	(void)state;
	assert_int_equal(info("{\"DockerRootDir\":\"/var/lib/docker\","
			      "\"Driver\":\"overlay2\",\"DriverStatus\":"
			      "[[\"Backing Filesystem\",\"extfs\"]],"
			      "\"Warnings\":[\"WARNING: No swap limit support\""
			      "],\"ServerVersion\":\"24.0.7\"}",
			      &i),
			 0);
	assert_string_equal(i.root, "/var/lib/docker");
	assert_string_equal(i.driver, "overlay2");
	assert_string_equal(i.version, "24.0.7");
	assert_string_equal(i.trouble, "");
	assert_false(i.elsewhere);
	assert_false(i.containerd);
	/* images that the host's containerd keeps */
	assert_int_equal(info("{\"DockerRootDir\":\"/d\",\"DriverStatus\":["
			      "[\"driver-type\","
			      "\"io.containerd.snapshotter.v1\"]]}",
			      &i),
			 0);
	assert_true(i.containerd);
	/* Windows or a Mac with a machine of the engine's own */
	assert_int_equal(info("{\"DockerRootDir\":\"/var/lib/docker\","
			      "\"OperatingSystem\":\"Docker Desktop\"}",
			      &i),
			 0);
	assert_true(i.elsewhere);
}

static void storage_in_trouble(void **state)
{
	struct engine_info i;

	(void)state;
	assert_int_equal(info("{\"Warnings\":[\"a\",\"/d/overlay2: No space "
			      "left on device\"]}",
			      &i),
			 0);
	assert_string_equal(i.trouble, "/d/overlay2: No space left on device");
	/* a thin pool of the engine's own */
	assert_int_equal(info("{\"Driver\":\"devicemapper\",\"DriverStatus\":["
			      "[\"Data Space Total\",\"107.4 GB\"],"
			      "[\"Data Space Available\",\"910.3 MB\"]]}",
			      &i),
			 0);
	assert_string_equal(i.trouble, "devicemapper: data space available "
				       "910.3 MB of 107.4 GB");
	assert_int_equal(info("{\"DriverStatus\":["
			      "[\"Data Space Total\",\"107.4 GB\"],"
			      "[\"Data Space Available\",\"90 GB\"]]}",
			      &i),
			 0);
	assert_string_equal(i.trouble, "");
	assert_true(engine_tells_storage("unlinkat x: Input/output error"));
	assert_false(engine_tells_storage("no such image"));
}

static void nonsense(void **state)
{
	static const char *const bodies[] = { "",     "[]",    "{",
					      "null", "\"x\"", "\xff\xfe" };
	struct engine_usage u = { .cache_bytes = 77 };
	struct engine_info i = { .root = "kept" };

	(void)state;
	for (size_t k = 0; k < HALE_ARRAY_SIZE(bodies); k++) {
		assert_int_equal(info(bodies[k], &i), -EBADMSG);
		assert_int_equal(
			engine_read_usage(bodies[k], strlen(bodies[k]), &u),
			-EBADMSG);
	}
	assert_string_equal(i.root, "kept");
	assert_int_equal(u.cache_bytes, 77);
	/* of the wrong kinds */
	assert_int_equal(info("{\"DockerRootDir\":7,\"Driver\":null,"
			      "\"DriverStatus\":[1,[2,3],[\"driver-type\"]],"
			      "\"Warnings\":{\"a\":1}}",
			      &i),
			 0);
	assert_string_equal(i.root, "");
	assert_int_equal(info("{\"DockerRootDir\":\"relative\"}", &i), 0);
	assert_string_equal(i.root, "");
	assert_int_equal(info("{\"DockerRootDir\":\"/a\\u0007b\"}", &i), 0);
	assert_string_equal(i.root, "/a?b");
}

static void usage(const char *body, uint64_t cache, uint64_t images)
{
	struct engine_usage u;

	assert_int_equal(engine_read_usage(body, strlen(body), &u), 0);
	assert_int_equal(u.cache_reclaimable, cache);
	assert_int_equal(u.image_reclaimable, images);
}

static void what_could_be_freed(void **state)
{
	(void)state;
	usage("{\"BuildCache\":[{\"Size\":10},{\"Size\":20,\"InUse\":true},"
	      "{\"Size\":40,\"Shared\":true},{\"Size\":-1}],\"Images\":["
	      "{\"Size\":100,\"SharedSize\":30,\"Containers\":0},"
	      "{\"Size\":100,\"SharedSize\":-1,\"Containers\":0},"
	      "{\"Size\":500,\"Containers\":2},{\"Size\":7,\"Containers\":-1}]"
	      "}",
	      10, 170);
	/* API 1.52: sums instead of lists */
	usage("{\"BuildCacheUsage\":{\"TotalSize\":9,\"Reclaimable\":5},"
	      "\"ImageUsage\":{\"TotalSize\":9,\"Reclaimable\":6}}",
	      5, 6);
	usage("{\"BuildCache\":null,\"Images\":null}", 0, 0);
	usage("{\"BuildCache\":[{\"Size\":9223372036854775807},"
	      "{\"Size\":9223372036854775807},{\"Size\":9}]}",
	      UINT64_MAX, 0);
}

static void errors_in_words(void **state)
{
	char text[32];

	(void)state;
	engine_read_error("{\"message\":\"no\"}", 16, text, sizeof(text));
	assert_string_equal(text, "no");
	engine_read_error("plain\n", 6, text, sizeof(text));
	assert_string_equal(text, "plain?");
	engine_read_error("{\"message\":[]}", 14, text, sizeof(text));
	assert_string_equal(text, "{\"message\":[]}");
}

static void where_podman_keeps_its_data(void **state)
{
	char path[32];

	(void)state;
	assert_true(engine_read_graphroot("[storage]\n# graphroot=\"/no\"\n"
					  "  graphroot = \"/srv/c\"\n",
					  path, sizeof(path)));
	assert_string_equal(path, "/srv/c");
	assert_true(
		engine_read_graphroot("graphroot='/x'", path, sizeof(path)));
	assert_string_equal(path, "/x");
	assert_false(engine_read_graphroot("graphroot = \"relative\"", path,
					   sizeof(path)));
	assert_false(engine_read_graphroot("graphroot = \"/no end", path,
					   sizeof(path)));
	assert_false(engine_read_graphroot("graphroot\ngraphrootx=1\n", path,
					   sizeof(path)));
	assert_false(engine_read_graphroot("", path, sizeof(path)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_info_says),
		cmocka_unit_test(storage_in_trouble),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(what_could_be_freed),
		cmocka_unit_test(errors_in_words),
		cmocka_unit_test(where_podman_keeps_its_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

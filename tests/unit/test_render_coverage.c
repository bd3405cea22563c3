/* SPDX-License-Identifier: Apache-2.0 */
/* What is seen of a host, as people read it at 80 columns. */
#include "render_text.h"

#include "hale/coverage.h"

#include "agent/lib/answer.h"

#define ROWS_MAX 200

static struct {
	Hale__V1__Coverage rows[ROWS_MAX], *list[ROWS_MAX];
	size_t n, n_rows;
} said;

static char *word(const char *text)
{
	return (char *)(uintptr_t)text;
}

static Hale__V1__Coverage *say(const char *sense, const char *driver,
			       enum hale_sight sight, const char *why,
			       const char *remedy)
{
	Hale__V1__Coverage *c = &said.rows[said.n_rows++];

	assert_true(said.n_rows < ROWS_MAX);
	hale__v1__coverage__init(c);
	c->sense = word(sense);
	c->driver = word(driver);
	c->sight = (Hale__V1__Sight)sight;
	c->why = word(why);
	c->remedy = word(remedy);
	said.list[said.n++] = c;
	return c;
}

static void say_part(const char *sense, const char *driver, const char *part,
		     const char *why, const char *remedy)
{
	say(sense, driver, HALE_SIGHT_BLIND, why, remedy)->part = word(part);
}

/* All senses of this version are live. */
static int say_all(void **state)
{
	(void)state;
	said.n = said.n_rows = 0;
	for (int i = 0; i < HALE_SENSE_COUNT; i++)
		say(hale_sense_name((enum hale_sense)i), "eye", HALE_SIGHT_LIVE,
		    "", "");
	return 0;
}

static void forget(const char *sense)
{
	for (size_t i = 0; i < said.n; i++) {
		if (strcmp(said.list[i]->sense, sense) != 0)
			continue;
		memmove(&said.list[i], &said.list[i + 1],
			(said.n - i - 1) * sizeof(said.list[0]));
		said.n--;
		return;
	}
}

static const char *shown(size_t width, bool color)
{
	const struct answer_way way = { .source = ANSWER_FROM_AGENT };
	static uint8_t buf[65536];
	struct out o = { .color = color };
	Hale__V1__HostReport report;
	struct hale_reply *r;
	Hale__V1__Reply pb;
	size_t n;

	hale__v1__host_report__init(&report);
	hale__v1__reply__init(&pb);
	report.coverage = said.list;
	report.n_coverage = said.n;
	pb.body_case = HALE__V1__REPLY__BODY_REPORT;
	pb.report = &report;
	n = hale__v1__reply__pack(&pb, buf);
	assert_int_equal(answer_make(pb.body_case, &way,
				     hale__v1__reply__unpack(NULL, n, buf), &r),
			 0);
	if (width)
		render_coverage(&o, r, width);
	else
		render_coverage_brief(&o, r);
	hale_reply_free(r);
	return text_of(&o);
}

static void assert_shows(const char *lines)
{
	const char *text = shown(80, false);

	if (!strstr(text, lines))
		fail_msg("not in it: %s\nit is:\n%s", lines, text);
}

static void assert_fits(size_t width)
{
	const char *line = shown(width, false);

	while (*line) {
		size_t len = strcspn(line, "\n");

		if (len > width)
			fail_msg("%zu columns: %.*s", len, (int)len, line);
		line += len + 1;
	}
}

static void a_sense_takes_one_line(void **state)
{
	(void)state;
	assert_shows("coverage\n"
		     "  live     block_errors    failed reads and writes of "
		     "disks (eye)\n"
		     "  live     fs_state        filesystems: room, inodes, "
		     "read-only (eye)\n");
	assert_shows("\n0 of 22 senses blind, 0 partial\n");
	assert_string_equal(shown(0, false), "");
	assert_fits(80);
}

static void the_worst_comes_first_with_why_and_remedy(void **state)
{
	(void)state;
	forget("disk_health");
	forget("sensors");
	say("sensors", "sensors", HALE_SIGHT_PARTIAL, "1 of 5 without limits",
	    "");
	say("disk_health", "smart", HALE_SIGHT_BLIND, "not permitted",
	    "run haled as root");
	say("block_errors", "trace", HALE_SIGHT_BLIND, "no tracefs here",
	    "mount it");
	assert_shows("coverage\n"
		     "  blind    disk_health     what disks say of themselves: "
		     "SMART\n"
		     "    smart: not permitted -> run haled as root\n"
		     "  partial  sensors         temperatures, fans, voltages "
		     "(sensors)\n"
		     "    sensors: 1 of 5 without limits\n"
		     "  live     block_errors    failed reads and writes of "
		     "disks (eye)\n"
		     "    trace: no tracefs here -> mount it\n"
		     "  live     fs_state ");
	assert_shows("\n1 of 22 senses blind, 1 partial\n");
	assert_string_equal(shown(0, false),
			    "  1 of 22 senses blind, 1 partial: "
			    "hale status --coverage\n");
}

static void parts_with_the_same_trouble_share_a_line(void **state)
{
	static const char *const disks[] = {
		"sda", "sdb", "sdc", "sdd", "sde",
		"sdf", "sdg", "sdh", "sdi", "sdj"
	};
	(void)state;
	say_part("disk_health", "eye", "sdk", "behind a USB bridge",
		 "install smartmontools");
	say_part("disk_health", "eye", "sdl", "asleep", "");
	say_part("disk_health", "eye", "sdm", "behind a USB bridge",
		 "install smartmontools");
	assert_shows("  partial  disk_health     what disks say of themselves: "
		     "SMART (eye)\n"
		     "    sdk, sdm: behind a USB bridge -> install "
		     "smartmontools\n"
		     "    sdl: asleep\n");
	for (size_t i = 0; i < HALE_ARRAY_SIZE(disks); i++)
		say_part("disk_health", "eye", disks[i], "behind RAID", "");
	assert_shows("    sda, sdb, sdc, sdd, sde, sdf, sdg, sdh and 2 more: "
		     "behind RAID\n");
	assert_fits(80);
}

static void a_part_says_nothing_that_its_sense_said(void **state)
{
	(void)state;
	forget("disk_health");
	say_part("disk_health", "smart", "vda", "a virtual disk", "");
	say("disk_health", "smart", HALE_SIGHT_BLIND, "a virtual disk", "");
	say_part("disk_health", "smart", "vdb", "a virtual disk", "");
	assert_shows("  blind    disk_health     what disks say of themselves: "
		     "SMART\n"
		     "    smart: a virtual disk\n"
		     "  live ");
}

static void long_words_are_wrapped(void **state)
{
	(void)state;
	forget("memory_errors");
	say("memory_errors", "edac", HALE_SIGHT_BLIND,
	    "the kernel has no EDAC driver for this memory controller, which "
	    "counts the corrected errors of each DIMM",
	    "load the module of your platform: amd64_edac, skx_edac, "
	    "i10nm_edac or igen6_edac");
	assert_shows("    edac: the kernel has no EDAC driver for this memory "
		     "controller, which counts\n"
		     "      the corrected errors of each DIMM\n"
		     "      -> load the module of your platform: amd64_edac, "
		     "skx_edac, i10nm_edac or\n"
		     "         igen6_edac\n");
	assert_fits(80);
	assert_fits(60);
	shown(1, false); /* too narrow for words: no matter */
}

static void a_sense_that_nobody_has_is_blind(void **state)
{
	(void)state;
	forget("engine");
	assert_shows("  blind    engine          the container engine\n"
		     "    no driver speaks of it: not built in, or not run "
		     "yet\n");
	said.n = 0;
	assert_string_equal(shown(80, false),
			    "coverage\n"
			    "  nothing is known about what is seen\n");
	assert_string_equal(shown(0, false), "");
}

static void what_was_left_out_makes_it_partial(void **state)
{
	(void)state;
	say("disk_health", "core", HALE_SIGHT_PARTIAL,
	    "6 more parts that eye cannot see: no room", "");
	assert_shows("  partial  disk_health     what disks say of themselves: "
		     "SMART (eye)\n"
		     "    core: 6 more parts that eye cannot see: no room\n");
}

static void senses_of_a_newer_agent(void **state)
{
	(void)state;
	say("radiation", "geiger", HALE_SIGHT_BLIND, "", "");
	say("radiation", "tube", HALE_SIGHT_BLIND, "no gas", "");
	assert_shows("  blind    radiation       \n"
		     "    geiger: does not work\n"
		     "    tube: no gas\n");
	assert_shows("\n1 of 23 senses blind, 0 partial\n");
}

static void hostile_texts(void **state)
{
	(void)state;
	say_part("disk_health", "a\033[2Jb\n", "a\033[2Jb\nc",
		 "x\033]0;y\007\nz \n\n", "\r\033c\nq");
	for (const char *s = shown(80, false); *s; s++)
		assert_true(*s == '\n' || ((unsigned char)*s >= 0x20 &&
					   (unsigned char)*s != 0x7f));
}

static void colours_where_there_are_any(void **state)
{
	(void)state;
	say_part("disk_health", "eye", "sda", "asleep", "");
	assert_non_null(strstr(shown(80, true),
			       "  \033[33mpartial\033[0m  disk_health"));
	assert_null(strchr(shown(80, false), '\033'));
}

#define SHOWN(f) cmocka_unit_test_setup((f), say_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOWN(a_sense_takes_one_line),
		SHOWN(the_worst_comes_first_with_why_and_remedy),
		SHOWN(parts_with_the_same_trouble_share_a_line),
		SHOWN(a_part_says_nothing_that_its_sense_said),
		SHOWN(long_words_are_wrapped),
		SHOWN(a_sense_that_nobody_has_is_blind),
		SHOWN(what_was_left_out_makes_it_partial),
		SHOWN(senses_of_a_newer_agent),
		SHOWN(hostile_texts),
		SHOWN(colours_where_there_are_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Causes on paper: text for a terminal, Markdown for a ticket, and nothing that
 * a hostile name could do to either. */
#include "render_text.h"

#include "agent/cli/explain.h"
#include "agent/lib/answer.h"
#include "proto/codec_explain.h"

static struct hale_cause cause;
static const struct explain_builds *builds;

static struct hale_reply *reply(void)
{
	static uint8_t mem[CODEC_ARENA_BUILD], wire[CODEC_MESSAGE_MAX];
	static const struct hale_verdict verdict = { .fitness = HALE_UNFIT,
						     .as_of_ns = NOW };
	const struct answer_way way = { .source = ANSWER_FROM_AGENT };
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	const struct codec_explain e = { .host = "build-07",
					 .verdict = &verdict,
					 .cause = &cause,
					 .causes_total = 1 };
	ssize_t n = codec_pack(codec_reply_explain(&a, &e, true), wire,
			       sizeof(wire));
	struct hale_reply *r;

	assert_true(n > 0);
	assert_int_equal(
		answer_make(HALE__V1__REPLY__BODY_EXPLAIN, &way,
			    hale__v1__reply__unpack(NULL, (size_t)n, wire), &r),
		0);
	return r;
}

static void finding(struct hale_finding *f, enum hale_condition c,
		    const char *part, const char *alias, const char *evidence)
{
	f->condition = c;
	f->effect = HALE_EFFECT_BLOCKS;
	f->count = 3;
	f->first_ns = NOW - 60 * S;
	f->last_ns = NOW - 12 * S;
	HALE_SET(f->part, part);
	HALE_SET(f->alias, alias);
	HALE_SET(f->evidence, evidence);
}

static void step(enum hale_relation relation, uint32_t from, const char *text)
{
	struct hale_cause_step *s = &cause.steps[cause.n_steps++];

	s->relation = relation;
	s->confidence = HALE_CONFIDENCE_CERTAIN;
	s->from = from;
	HALE_SET(s->text, text);
	cause.n_steps_total = cause.n_steps;
}

static int a_full_drive(void **state)
{
	(void)state;
	memset(&cause, 0, sizeof(cause));
	cause.confidence = HALE_CONFIDENCE_CERTAIN;
	cause.build = HALE_CAUSE_HOST_DISK_FULL;
	cause.every_build = true;
	cause.n_paths = cause.n_paths_total = 2;
	HALE_SET(cause.paths[0], "/");
	HALE_SET(cause.paths[1], "/home/ci");
	HALE_SET(cause.headline, "host drive C: is full (100 %)");
	HALE_SET(cause.prevents, "an alarm");
	step(HALE_RELATION_ROOT, 0, "");
	finding(&cause.steps[0].finding, HALE_VIRT_BACKING_FULL, "disk/e",
		"sde", "drive C: has 0 B free");
	step(HALE_RELATION_SAME_PART, 0, "its store has no room");
	finding(&cause.steps[1].finding, HALE_DISK_IO_ERROR, "disk/e", "sde",
		"I/O error, dev sde, sector 8");
	step(HALE_RELATION_MAPPED, 1, "its program lies on / (ext4 on sde)");
	cause.steps[2].death = true;
	cause.steps[2].redone = 2;
	cause.steps[2].victim.pid = 71;
	cause.steps[2].victim.signal = 7;
	cause.steps[2].victim.time_ns = NOW - 11 * S;
	HALE_SET(cause.steps[2].victim.comm, "docker-buildx");
	return 0;
}

static const char *as_text(bool all)
{
	struct hale_reply *r = reply();
	struct out o = { 0 };

	explain_text(&o, r,
		     &(struct explain_view){
			     .all = all, .now_ns = NOW, .builds = builds });
	hale_reply_free(r);
	return text_of(&o);
}

static const char *as_markdown(void)
{
	struct hale_reply *r = reply();
	struct out o = { 0 };

	explain_markdown(&o, r,
			 &(struct explain_view){ .all = true,
						 .now_ns = NOW,
						 .builds = builds });
	hale_reply_free(r);
	return text_of(&o);
}

static void text_tells_all(void **state)
{
	(void)state;
	assert_string_equal(
		as_text(false),
		"\n1. host drive C: is full (100 %)\n"
		"   virt.backing_full  sde: 3 in 48 s, last 12 s ago\n"
		"     drive C: has 0 B free\n"
		"     -> disk.io_error  sde: 3 in 48 s, last 12 s ago  "
		"[certain]\n"
		"        its store has no room\n"
		"        I/O error, dev sde, sector 8\n"
		"       -> docker-buildx (pid 71) died by SIGBUS, and 2 more "
		"like it: 11 s ago  [certain]\n"
		"          its program lies on / (ext4 on sde)\n"
		"   touches       every build on this host: / /home/ci\n"
		"   sure          certain; as a build's cause: "
		"host-disk-full\n"
		"   to do         Free space on the host drive, datastore or "
		"thin pool\n"
		"   clears when   6 h pass without another failed write, or "
		"the store has room again\n"
		"   prevents it   an alarm\n");
}

static void a_note_is_one_line(void **state)
{
	(void)state;
	cause.n_steps = cause.n_steps_total = 1;
	cause.n_paths = cause.n_paths_total = 0;
	cause.every_build = false;
	assert_string_equal(as_text(false),
			    "\nalso noted\n"
			    "  host drive C: is full (100 %): 3 in 48 s, last "
			    "12 s ago\n");
	/* unless it was asked about */
	assert_non_null(strstr(as_text(true), "   to do "));
}

static void markdown_tells_all(void **state)
{
	const char *text = as_markdown();

	(void)state;
	assert_ptr_equal(strstr(text, "## UNFIT: build-07\n"), text);
	assert_non_null(strstr(text, "\n### host drive C: is full (100 %)\n"));
	assert_non_null(strstr(text, "\n- **Sure:** certain\n"));
	assert_non_null(strstr(text, "; `/`, `/home/ci`\n"));
	assert_non_null(strstr(text,
			       "\n2. **disk.io\\_error  sde**, 3 in 48 s, last "
			       "12 s ago; follows from 1, certain\n"
			       "   - its store has no room\n"
			       "   - `I/O error, dev sde, sector 8`\n"));
}

/* Texts that would be markup, each with what may not be left of it. */
static void hostile_names_stay_names(void **state)
{
	static const struct {
		const char *name, *left;
	} names[] = {
		{ "<img src=x>", "<" },
		{ "[a](http://x)", "\n[a]" },
		{ "see http://evil", "http://" },
		{ "@everyone", "@everyone" },
		{ "#12", " #12" },
		{ "a|b", "a|b" },
		{ "*bold*", " *bold" },
		{ "www.evil", "www." },
		{ "x\n# h", "\n# h" },
		{ "\033[31mred", "\033" },
		{ "&lt;b&gt;", "&lt;b" },
		{ "![p](q)", "![" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		a_full_drive(NULL);
		HALE_SET(cause.headline, names[i].name);
		HALE_SET(cause.steps[2].text, names[i].name);
		HALE_SET(cause.steps[2].victim.comm, names[i].name);
		HALE_SET(cause.steps[1].finding.alias, names[i].name);
		if (strstr(as_markdown(), names[i].left))
			fail_msg("%s is let through", names[i].name);
	}
}

/* In code nothing but a fence of the same length ends it. */
static void proof_stays_code(void **state)
{
	(void)state;
	HALE_SET(cause.steps[1].finding.evidence, "a ``b`` <i> ` @all");
	assert_non_null(strstr(as_markdown(),
			       "\n   - ``` a ``b`` <i> ` @all ```"
			       "\n"));
	HALE_SET(cause.paths[1], "/home/`x");
	assert_non_null(strstr(as_markdown(), "`` /home/`x ``"));
}

#define BUILD(from_s, to_s, how, which, why)                                   \
	{                                                                      \
		.started_ns = NOW - (from_s)*S, .ended_ns = NOW - (to_s)*S,    \
		.outcome = STORE_BUILD_##how, .repo = which, .cause = why      \
	}

static void has(struct store_build *b, const char *condition, const char *part)
{
	b->reasons[b->n_reasons++] = store_reason(condition, part);
}

/* Those that failed by it, were not begun or are in doubt, while it held and
 * was beneath them. */
static void builds_that_it_met(void **state)
{
	static struct explain_builds known = {
		.n = 13,
		.list = {
			BUILD(50, 40, FAILED, "app", "host-disk-full"),
			BUILD(90, 30, FAILED, "app", "host-disk-full"),
			BUILD(50, 40, FAILED, "app", "code"),
			BUILD(50, 40, SUSPECT, "app", ""),
			BUILD(50, 40, PASSED, "lib", ""),
			BUILD(90, 80, FAILED, "lib", "host-disk-full"),
			BUILD(20, 20, REFUSED, "a|b<i>`", "host-disk-full"),
			BUILD(20, 10, SUSPECT, "", ""),
			BUILD(20, 10, SUSPECT, "fourth", ""),
			/* other disks, and a reason that was not kept */
			BUILD(50, 40, SUSPECT, "app", "host-disk-full"),
			BUILD(50, 40, REFUSED, "app", "host-memory"),
			BUILD(50, 40, SUSPECT, "fourth", "host-disk-full"),
			BUILD(50, 40, SUSPECT, "app", "host-io"),
		},
	};

	(void)state;
	has(&known.list[3], "fs.readonly", "fs/x");
	has(&known.list[3], "disk.io_error", "disk/e");
	has(&known.list[6], "virt.backing_full", "disk/e");
	has(&known.list[7], "virt.backing_full", "disk/e");
	has(&known.list[8], "disk.io_error", "disk/e");
	has(&known.list[9], "virt.backing_full", "disk/f");
	has(&known.list[10], "memory.uncorrected", "dimm/a");
	has(&known.list[11], "disk.io_error", "disk/f");
	known.list[11].cut = true;
	builds = &known;
	assert_non_null(
		strstr(as_text(false),
		       "\n   builds        app: 2 failed, 1 passed, suspect\n"
		       "                 a|b<i>`: 1 not begun\n"
		       "                 no repository: 1 passed, suspect; and "
		       "2 more\n"));
	assert_non_null(strstr(as_markdown(),
			       "\n- **Builds:** `app`: 2 failed, 1 passed, "
			       "suspect; `` a|b<i>` ``: 1 not begun; "));
	builds = NULL;
	assert_null(strstr(as_text(false), "builds   "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(text_tells_all, a_full_drive),
		cmocka_unit_test_setup(a_note_is_one_line, a_full_drive),
		cmocka_unit_test_setup(markdown_tells_all, a_full_drive),
		cmocka_unit_test_setup(hostile_names_stay_names, a_full_drive),
		cmocka_unit_test_setup(proof_stays_code, a_full_drive),
		cmocka_unit_test_setup(builds_that_it_met, a_full_drive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules language: what a template matches, which rule wins, what a mistake
 * in a file is called.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/rules/matching.h"
#include "hale/base.h"

static struct hale_rules *compile(const char *text)
{
	struct hale_rules_source src = { "t.rules", text, strlen(text) };
	struct hale_rules *rules = NULL;
	char error[256];

	if (hale_rules_new(&src, 1, NULL, error, &rules) < 0)
		fail_msg("%s", error);
	return rules;
}

/* "condition kind/part" of what a text matches under one rule, or "" */
static const char *match(const char *rule, const char *text)
{
	static char said[128];
	struct hale_rules *rules = compile(rule);
	struct hale_match m;

	said[0] = '\0';
	if (hale_rules_match(rules, text, strlen(text), &m))
		snprintf(said, sizeof(said), "%s %s/%s",
			 m.kind == HALE_MATCH_BENIGN
				 ? "benign"
				 : hale_condition_info(m.condition)->name,
			 hale_match_part_name(m.part_kind), m.part);
	hale_rules_free(rules);
	return said;
}

#define DISK(template) "disk.io_error disk\n\t" template "\n"

static void literals_and_captures(void **state)
{
	static const struct {
		const char *rule, *text, *said;
	} rows[] = {
		{ DISK("failed on {disk}"), "failed on sda1",
		  "disk.io_error disk/sda1" },
		{ DISK("failed on {disk}."), "failed on nvme0n1p2.",
		  "disk.io_error disk/nvme0n1p2" },
		{ DISK("failed on {disk}-{int}."), "failed on dm-3-8.",
		  "disk.io_error disk/dm-3" },
		{ DISK("failed on {disk}"), "failed on sr0", "" },
		{ DISK("failed on {disk}"), "failed on newbus7, x",
		  "disk.io_error disk/newbus7" },
		{ DISK("{ata}: failed"), "ata3.00: failed",
		  "disk.io_error disk/ata3" },
		{ DISK("{ata}: failed"), "ata3.01: failed",
		  "disk.io_error disk/ata3.01" },
		{ DISK("{nvme}: failed"), "nvme0n1: failed", "" },
		{ DISK("{devno}: failed"), "253:7: failed",
		  "disk.io_error disk/dm-7" },
		{ DISK("{scsi}: failed"), "2:0:0:1: failed",
		  "disk.io_error disk/2:0:0:1" },
		{ "bus.pcie_error pci\n\t{name} {pci}: failed\n",
		  "pcieport 10000:e0:06.0: failed",
		  "bus.pcie_error pci/10000:e0:06.0" },
		{ "bus.usb_disconnect usb\n\tusb {usb}: failed\n",
		  "usb 1-1.4.2: failed", "bus.usb_disconnect usb/1-1.4.2" },
		{ "fs.error fs\n\terror (device {fs}): \n",
		  "error (device dm-0): x", "fs.error fs/dm-0" },
		{ "net.errors net\n\t{name} {dev} {net}: failed\n",
		  "e1000e 0000:00:19.0 eth0: failed", "net.errors net/eth0" },
		{ "net.errors net\n\t{net}: failed\n",
		  "a-name-too-long-for-one: failed", "" },
		{ "kernel.hung_task process\n\ttask {task} blocked\n",
		  "task kworker/u4:0:55 blocked",
		  "kernel.hung_task process/kworker/u4:0" },
		{ "process.crashes process\n\t{comm}[{pid}]: segfault\n",
		  "Web Content[7]: segfault",
		  "process.crashes process/Web_Content" },
		{ "cpu.throttled cpu\n\tCPU{cpu}: throttled\n",
		  "CPU12: throttled", "cpu.throttled cpu/12" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++)
		assert_string_equal(match(rows[i].rule, rows[i].text),
				    rows[i].said);
}

static void alternatives_and_anchors(void **state)
{
	static const char optional[] =
		DISK("<old: |new: |>error, dev {disk}<, sector {lba}|>$");
	static const char gap[] = DISK("begin {text}<middle|centre> of {disk}");

	(void)state;
	assert_string_equal(match(optional, "error, dev sda"),
			    "disk.io_error disk/sda");
	assert_string_equal(match(optional, "new: error, dev sda, sector 9 "),
			    "disk.io_error disk/sda");
	assert_string_equal(match(optional, "odd: error, dev sda"), "");
	assert_string_equal(match(optional, "error, dev sda, and so on"), "");
	assert_string_equal(match(optional, "  error, dev sda"),
			    "disk.io_error disk/sda");
	assert_string_equal(match(gap, "begin x y centre of sdb"),
			    "disk.io_error disk/sdb");
	assert_string_equal(match(gap, "begin middle of sdb"),
			    "disk.io_error disk/sdb");
	assert_string_equal(match(DISK("...lost on {disk}"), "xx lost on sdc"),
			    "disk.io_error disk/sdc");
	assert_string_equal(match(DISK("lost on {disk}"), "xx lost on sdc"),
			    "");
	assert_string_equal(
		match(DISK("{disk}:{_}odd text"), "sda:   odd text"),
		"disk.io_error disk/sda");
	assert_string_equal(
		match(DISK("a \\<b\\> {disk} \\{x"), "a <b> sda {x"),
		"disk.io_error disk/sda");
}

static void numbers_and_options(void **state)
{
	struct hale_rules *rules = compile(
		"define blk \"<blk: |>\"\n"
		"disk.medium_error disk group=io step=5 weak\n"
		"\t{blk}error {errno}, dev {disk}, sector {lba} op ({op})\n"
		"memory.corrected dimm\n"
		"\t{n} errors on {label} now\n"
		"array.degraded differ\n"
		"\tactive with {int} out of {int} disks\n"
		"virt.backing_full disk as=pool\n"
		"\tno space in {devno}\n");
	struct hale_match m;

	(void)state;
#define MATCH(text) hale_rules_match(rules, text, strlen(text), &m)
	assert_true(MATCH("blk: error -5, dev sda, sector 77 op (READ)"));
	assert_int_equal(m.error, 5);
	assert_int_equal(m.sector, 77);
	assert_string_equal(m.op, "READ");
	assert_int_equal(m.step, 5);
	assert_true(m.weak && m.family != 0);
	assert_int_equal(m.line, 3);
	assert_true(MATCH("262 errors on DIMM A1 now"));
	assert_int_equal(m.count, 262);
	assert_string_equal(m.part, "DIMM_A1");
	assert_false(MATCH("active with 4 out of 4 disks"));
	assert_true(MATCH("active with 3 out of 4 disks"));
	assert_true(MATCH("no space in 253:4"));
	assert_string_equal(m.part, "dm-4");
	assert_string_equal(m.alias, "pool 253:4");
	assert_true(MATCH("error 99999999999999999999, dev sda, sector "
			  "99999999999999999999 op (X)"));
	assert_int_equal(m.error, 0);
	assert_true(m.sector == UINT64_MAX);
#undef MATCH
	hale_rules_free(rules);
}

static void first_rule_and_benign_win(void **state)
{
	static const char a[] = "disk.timeout disk\n\terror on {disk}\n";
	static const char b[] = "disk.io_error disk\n\terror on {disk}\n"
				"benign\n\terror on sdz\n";
	struct hale_rules_source src[] = { { "a", a, strlen(a) },
					   { "b", b, strlen(b) } };
	struct hale_rules *rules = NULL;
	struct hale_match m;
	char error[256];

	(void)state;
	assert_int_equal(hale_rules_new(src, 2, NULL, error, &rules), 0);
	assert_true(hale_rules_match(rules, "error on sda", 12, &m));
	assert_int_equal(m.condition, HALE_DISK_TIMEOUT);
	assert_string_equal(m.file, "a");
	assert_true(hale_rules_match(rules, "error on sdz", 12, &m));
	assert_int_equal(m.kind, HALE_MATCH_BENIGN);
	hale_rules_free(rules);
}

static int only_red(const char *word, size_t len)
{
	return len == 3 && memcmp(word, "red", 3) == 0 ? 7 : 0;
}

static void another_vocabulary(void **state)
{
	static const char text[] = "red host\n\tit is broken\n";
	struct hale_rules_source src = { "v", text, strlen(text) };
	struct hale_rules *rules = NULL;
	struct hale_match m;
	char error[256];

	(void)state;
	assert_int_equal(hale_rules_new(&src, 1, only_red, error, &rules), 0);
	assert_true(hale_rules_match(rules, "it is broken", 12, &m));
	assert_int_equal((int)m.condition, 7);
	hale_rules_free(rules);
}

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{ "disk.oops disk\n", "t.rules:1: unknown condition "
				      "'disk.oops'" },
		{ "# x\n\tno rule above\n",
		  "t.rules:2: a template without a rule above it" },
		{ DISK("on {dusk} failed"),
		  "t.rules:2: unknown capture {dusk}" },
		{ DISK("on {disk failed"), "t.rules:2: '{' without '}'" },
		{ DISK("failed <a|b"), "t.rules:2: '<' without '>'" },
		{ DISK("failed a> b"), "t.rules:2: '>' without its pair" },
		{ DISK("failed }"), "t.rules:2: '}' without its pair" },
		{ DISK("failed \\"), "t.rules:2: '\\' at the end" },
		{ DISK("{disk} {int}"), "t.rules:2: needs a literal text of at "
					"least 6 bytes that is always there" },
		{ DISK("failed<<<<<a|>|>|>|>|>"),
		  "t.rules:2: groups nest too deeply" },
		{ DISK("failed {text}{disk}"),
		  "t.rules:2: a capture that reaches to the next literal text "
		  "has none" },
		{ DISK("...{disk} failed"),
		  "t.rules:2: '...' needs literal text after it" },
		{ "disk.io_error dusk\n",
		  "t.rules:1: unknown part or option 'dusk'" },
		{ "disk.io_error disk:dusk\n",
		  "t.rules:1: unknown capture in part 'disk:dusk'" },
		{ "disk.io_error step=5\n", "t.rules:1: step= needs group=" },
		{ "disk.io_error group=a step=12\n",
		  "t.rules:1: step is 1 to 9, not '12'" },
		{ "define x\n", "t.rules:1: define needs a name and a text" },
		{ "define disk y\n",
		  "t.rules:1: this is a capture already: 'disk'" },
		{ "define a {a}\n" DISK("failed {a}"),
		  "t.rules:3: macros nest too deeply" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		struct hale_rules_source src = { "t.rules", rows[i].text,
						 strlen(rows[i].text) };
		struct hale_rules *rules = NULL;
		char error[256];

		assert_int_equal(hale_rules_new(&src, 1, NULL, error, &rules),
				 -EINVAL);
		assert_string_equal(error, rows[i].said);
		assert_null(rules);
	}
}

/* What a rule matches hale_rules_find() stops at, wherever it lies. */
static void find_misses_nothing(void **state)
{
	static const char said[] = "odd <error>, dev sdq";
	struct hale_rules *rules = compile(DISK("odd \\<error\\>, dev {disk}"));
	char buf[300];
	size_t len;

	(void)state;
	for (size_t at = 0; at < 200; at++) {
		size_t hit;

		memset(buf, '.', sizeof(buf));
		memcpy(buf + at, said, strlen(said));
		hit = hale_rules_find(rules, buf, sizeof(buf), 0);
		assert_in_range(hit, at, at + strlen(said) - 1);
		assert_int_equal(hale_rules_find(rules, buf, at + 4, 0),
				 at + 4);
	}
	assert_non_null(hale_rules_literal(rules, 0, &len));
	assert_int_equal(len, strlen(said) - strlen("sdq"));
	assert_null(hale_rules_literal(rules, 1, &len));
	hale_rules_free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals_and_captures),
		cmocka_unit_test(alternatives_and_anchors),
		cmocka_unit_test(numbers_and_options),
		cmocka_unit_test(first_rule_and_benign_win),
		cmocka_unit_test(another_vocabulary),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(find_misses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* See smart_run.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "facts.h"
#include "smart_run.h"
#include "tree.h"

const struct fake_disk run_healthy[] = {
	{ .name = "sda", .power = 0xff },
	{ .name = "sdb" },
	{ .name = "nvme0n1" },
	{ .name = NULL },
};

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

void run_over(struct run_outcome *o, const char *fixture,
	      const struct fake_disk *disks)
{
	struct hale_probe p = { .event_fd = -1,
				.now_ns = 5,
				.options = o->options,
				.n_options = o->n_options,
				.skip = (const char(*)[HALE_PART_MAX])o->skip,
				.n_skip = o->n_skip,
				.emit = print };
	struct tree t;
	size_t len;
	FILE *out = open_memstream(&o->facts, &len);

	tree_unpack(fixture, &t);
	fake_start(&o->fake, disks);
	p.root_fd = t.root_fd;
	p.sink = out;
	assert_int_equal(smart_run(&p, &o->fake.io), 0);
	fake_done(&o->fake);
	fclose(out);
	o->commands = o->fake.commands;
	tree_remove(&t);
}

void run_forget(struct run_outcome *o)
{
	free(o->facts);
	free(o->commands);
}

void run_says(const struct run_outcome *o, const char *text)
{
	if (!strstr(o->facts, text))
		fail_msg("missing: %s\n%s", text, o->facts);
}

void run_says_not(const struct run_outcome *o, const char *text)
{
	if (strstr(o->facts, text))
		fail_msg("unwanted: %s\n%s", text, o->facts);
}

void run_sent(const struct run_outcome *o, const char *commands)
{
	if (!strstr(o->commands, commands))
		fail_msg("not sent: %s\n%s", commands, o->commands);
}

void run_sent_not(const struct run_outcome *o, const char *commands)
{
	if (strstr(o->commands, commands))
		fail_msg("sent: %s\n%s", commands, o->commands);
}

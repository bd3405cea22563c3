/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A core, a vault and a host made of facts. Decides nothing: what is to hold is
 * said by the tests.
 */
#include "kept.h"

#include <unistd.h>

struct kept kept;

static void on_saved(void *data, bool now)
{
	(void)data;
	kept.told++;
	kept.told_now += now;
}

static struct middle *new_middle(void)
{
	static struct hale_policy policy;
	struct middle *m = NULL;

	hale_policy_default(&policy);
	assert_int_equal(middle_new(&policy, &m), 0);
	return m;
}

void kept_new_core(void)
{
	kept.middle = new_middle();
	memset(&kept.keep, 0, sizeof(kept.keep));
	kept.keep.vault = &kept.vault;
	kept.keep.loop = &kept.loop;
	kept.keep.middle = kept.middle;
	kept.keep.clock = &kept.clock;
	kept.keep.saved = on_saved;
	assert_int_equal(keep_init(&kept.keep), 0);
	kept.mem = (struct keep_memory){ .middle = kept.middle,
					 .clock = &kept.clock,
					 .clears = &kept.keep.clears };
}

int kept_setup(void **state)
{
	(void)state;
	kept.told = kept.told_now = 0;
	clock_init(&kept.clock);
	assert_int_equal(loop_init(&kept.loop), 0);
	assert_int_equal(vault_new(&kept.super), 0);
	assert_int_equal(vault_open(dup(kept.super.fd), &kept.vault), 0);
	kept_new_core();
	return 0;
}

void kept_end_core(void)
{
	keep_done(&kept.keep);
	kept.middle = middle_free(kept.middle);
}

int kept_teardown(void **state)
{
	(void)state;
	kept_end_core();
	vault_done(&kept.vault);
	vault_done(&kept.super);
	loop_done(&kept.loop);
	return 0;
}

void kept_succeed(void)
{
	kept_end_core();
	kept_new_core();
	assert_int_equal(keep_resume(&kept.vault, &kept.mem), 0);
}

uint64_t kept_now(void)
{
	return clock_now_ns(&kept.clock);
}

void kept_say(const char *driver, struct hale_fact f)
{
	middle_fact(kept.middle, driver, &f, kept_now());
}

void kept_fault(const char *driver, const char *disk, uint64_t seq)
{
	struct hale_fact f = { .kind = HALE_FACT_OBSERVATION };
	struct hale_observation *o = &f.u.observation;

	o->condition = HALE_DISK_MEDIUM_ERROR;
	o->ref = HALE_REF_DISK;
	o->count = 1;
	o->join = HALE_JOIN_BLOCK;
	o->join_key = HALE_BLOCK_KEY(HALE_OP_READ, 4711);
	o->time_ns = kept_now();
	o->seq = seq;
	HALE_SET(o->part, disk);
	HALE_SET(o->evidence, "its own words");
	kept_say(driver, f);
}

/* A host that sees all that it needs, "/" on sda1. */
void kept_host(void)
{
	static const enum hale_sense senses[] = { HALE_SENSE_BLOCK_ERRORS,
						  HALE_SENSE_FS_STATE,
						  HALE_SENSE_STORAGE_MAP };
	struct hale_fact f = { .kind = HALE_FACT_DEVICE };

	f.u.device = (struct hale_device){ .major = 8,
					   .present = true,
					   .name = "sda",
					   .identity = "disk/one" };
	kept_say("storage", f);
	f.u.device = (struct hale_device){ .major = 8,
					   .minor = 1,
					   .kind = HALE_BLOCK_PARTITION,
					   .present = true,
					   .name = "sda1",
					   .disk = "sda",
					   .fs_uuid = "u1" };
	kept_say("storage", f);
	kept_say("storage", (struct hale_fact){ .kind = HALE_FACT_MAP_BEGIN });
	f = (struct hale_fact){ .kind = HALE_FACT_MOUNT };
	f.u.mount = (struct hale_mount){ .major = 8,
					 .minor = 1,
					 .writable = true,
					 .type = "ext4",
					 .source = "/dev/sda1",
					 .mountpoint = "/" };
	kept_say("storage", f);
	f = (struct hale_fact){ .kind = HALE_FACT_LAYER };
	f.u.layer = (struct hale_layer){ .upper_major = 8,
					 .upper_minor = 1,
					 .lower_major = 8,
					 .via = "partition" };
	kept_say("storage", f);
	kept_say("storage", (struct hale_fact){ .kind = HALE_FACT_MAP_END });
	for (size_t i = 0; i < HALE_ARRAY_SIZE(senses); i++) {
		f = (struct hale_fact){ .kind = HALE_FACT_COVERAGE };
		f.u.coverage.sense = senses[i];
		f.u.coverage.sight = HALE_SIGHT_LIVE;
		kept_say(i == 0 ? "trace" : "storage", f);
	}
}

enum hale_fitness kept_verdict(void)
{
	static struct hale_scope_request req;
	static struct hale_verdict v;

	memset(&req, 0, sizeof(req));
	req.host = true;
	middle_judge(kept.middle, &req, kept_now(), &v);
	return v.fitness;
}

uint64_t kept_count_of(const char *part)
{
	struct hale_finding f;

	for (size_t i = 0; middle_finding(kept.middle, i, kept_now(), &f);
	     i++) {
		if (strcmp(f.part, part) == 0)
			return f.count;
	}
	return 0;
}

void kept_position(uint64_t seq)
{
	kept_say("kmsg", (struct hale_fact){ .kind = HALE_FACT_POSITION,
					     .u.position = seq });
}

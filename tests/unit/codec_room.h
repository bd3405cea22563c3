/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_CODEC_ROOM_H
#define TESTS_UNIT_CODEC_ROOM_H

/* Room to build a message in and to read it back, and a finding to send. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "proto/codec.h"
#include "proto/codec_read.h"

static uint8_t build_mem[CODEC_ARENA_BUILD], read_mem[CODEC_ARENA_UNPACK];
static uint8_t wire[CODEC_MESSAGE_MAX];
static struct codec_arena build = { .mem = build_mem,
				    .size = sizeof(build_mem) };
static struct codec_arena space = { .mem = read_mem, .size = sizeof(read_mem) };
static const char *why;

static int reset(void **state)
{
	(void)state;
	build.size = sizeof(build_mem);
	build.used = space.used = 0;
	space.size = sizeof(read_mem);
	why = "";
	return 0;
}

static struct hale_finding finding(void)
{
	struct hale_finding f = { .condition = HALE_DISK_MEDIUM_ERROR,
				  .effect = HALE_EFFECT_BLOCKS,
				  .at_least = true,
				  .count = 14,
				  .first_ns = 1000,
				  .last_ns = UINT64_MAX - 1 };

	HALE_SET(f.part, "disk/naa.5000c500a1b2c3d4");
	HALE_SET(f.alias, "sde");
	HALE_SET(f.model, "WDC WD40EZRZ");
	HALE_SET(f.serial, "WD-WCC7K1");
	HALE_SET(f.driver, "kmsg");
	HALE_SET(f.where, "/home");
	HALE_SET(f.evidence, "critical medium error, dev sde, sector 7814037");
	return f;
}

#endif

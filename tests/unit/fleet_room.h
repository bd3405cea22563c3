/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_FLEET_ROOM_H
#define TESTS_UNIT_FLEET_ROOM_H

/* Room to send a host's messages in, and to read them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fleet_host.h"
#include "proto/codec.h"

static uint8_t out_mem[FLEET_ARENA], in_mem[FLEET_ARENA], wire[128 * 1024];
static struct codec_arena out = { .mem = out_mem, .size = FLEET_ARENA };
static struct codec_arena in = { .mem = in_mem, .size = FLEET_ARENA };
static char why[FLEET_WHY_MAX];

static inline struct fleet_bytes bytes_of(ssize_t n)
{
	assert_true(n > 0);
	return (struct fleet_bytes){ wire, (size_t)n, HOST_ID };
}

/* As hale packs it. */
static inline struct fleet_bytes packed(const void *m,
					const struct fleet_policy *p)
{
	return bytes_of(fleet_pack(&out, p, m, wire, FLEET_STATE_MAX));
}

/* As a hostile host would: whatever it likes. */
static inline struct fleet_bytes raw(const void *m)
{
	return bytes_of(codec_pack(m, wire, sizeof(wire)));
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TEST_FLEET_HOSTS_H
#define HALE_TEST_FLEET_HOSTS_H

/* Hosts that do not exist, and what they say: packed by hale's own encoder. A
 * host is a number; all else of it follows from that. */

#include "proto/codec_fleet.h"

struct said {
	uint32_t host;
	Hale__V1__Fitness fitness;
	const char *condition, *part, *evidence; /* NULL: no finding */
	uint64_t seq;
	uint64_t now_ns; /* of its clock */
	uint32_t heartbeat_s;
};

/* "U…" of a number, and "build-00042". */
void host_id(uint32_t host, char ret_id[FLEET_ID_SIZE]);
void host_name(uint32_t host, char ret_name[32]);

/* Packed into @buf of FLEET_STATE_MAX bytes. Length; negative errno. */
ssize_t host_state(const struct said *s, void *buf);
/* @closed: it ended. */
ssize_t host_finding(const struct said *s, bool closed, void *buf);
/* @cause: "": it passed. */
ssize_t host_build(const struct said *s, const char *repo, const char *cause,
		   void *buf);

/**
 * host_line() - a line of a script as a message
 *
 *	state HOST VERDICT [CONDITION PART EVIDENCE...]
 *	finding HOST opened|closed CONDITION PART [EVIDENCE...]
 *	build HOST REPO [CAUSE]
 *	forge HOST AS_HOST		a state that says it is another's
 *	garbage HOST BYTES
 *
 * @s: ->seq, ->now_ns and ->heartbeat_s are given; gets ->host. Length;
 *-EINVAL: not such a line; else what the encoder says.
 */
ssize_t host_line(const char *text, struct said *s, enum fleet_kind *ret_kind,
		  void *buf);

#endif

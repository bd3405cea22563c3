/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the history hears on the gate: it follows a core that parses what
 * strangers wrote. Whatever comes, ship keeps within its bounds, lets go of a
 * gate that sends anything but reports, and stores no half of one. The first
 * byte says how the store is, then pieces (pieces.h), a packet each.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/ship/ship.h"
#include "tests/fuzz/pieces.h"

enum {
	NO_STORE = 1,	/* it takes nothing */
	STORE_FULL = 2, /* likewise, later */
	PACKETS = 32
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* In place of the store: see tests/Makefile.inc. */
int __wrap_db_add_findings(struct db *db, Hale__V1__Finding *const *findings,
			   size_t n, uint64_t as_of_ns);
void __wrap_ship_judge(struct ship *s, int r);

static struct ship ship;
static uint8_t how;
static bool broken; /* a packet of this report was none */

static void check(bool holds)
{
	if (!holds)
		abort();
}

int __wrap_db_add_findings(struct db *db, Hale__V1__Finding *const *findings,
			   size_t n, uint64_t as_of_ns)
{
	(void)as_of_ns;
	check(db == ship.db && !broken);
	for (size_t i = 0; i < n; i++)
		check(findings[i]->base.descriptor ==
		      &hale__v1__finding__descriptor);
	return (how & STORE_FULL) != 0 ? -ENOSPC : 0;
}

void __wrap_ship_judge(struct ship *s, int r)
{
	s->trouble = r;
}

static void check_bounds(void)
{
	check(ship.missed.n <= MISSED_MAX);
	check(ship.missed.bytes <= MISSED_BYTES_MAX);
	check(ship.n_report <= 256);
	check((ship.n_report == 0) == (ship.report == NULL));
}

static bool is_reply(const uint8_t *bytes, size_t len)
{
	Hale__V1__Reply *m = hale__v1__reply__unpack(NULL, len, bytes);

	if (m)
		hale__v1__reply__free_unpacked(m, NULL);
	return m != NULL;
}

/* A gate is let go of or read on; a new one may come. */
static void hear(const uint8_t *bytes, size_t len)
{
	static int gate = -1;

	if (ship.gate_fd < 0) {
		int pair[2];

		if (gate >= 0)
			close(gate);
		check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				 pair) == 0);
		ship.gate_fd = pair[0];
		gate = pair[1];
		broken = false;
	}
	check(send(gate, bytes, len, MSG_DONTWAIT) == (ssize_t)len);
	broken |= !is_reply(bytes, len);
	watch_read(&ship);
	check_bounds();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pieces p = { data + 1, size - 1 };
	const uint8_t *bytes;
	size_t len;

	if (size < 1)
		return 0;
	memset(&ship, 0, sizeof(ship));
	ship.agent_fd = ship.gate_fd = -1;
	how = data[0];
	if ((how & NO_STORE) == 0)
		ship.db = (struct db *)&ship; /* nobody looks in */
	for (int i = 0; i < PACKETS && pieces_next(&p, &bytes, &len); i++)
		hear(bytes, len);
	watch_lose(&ship, 0);
	missed_done(&ship.missed);
	return 0;
}

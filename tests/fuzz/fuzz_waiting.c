/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a ship that was taken over may leave its successor: eight slots of any
 * bytes, and records of any bytes behind them. What is taken over is within its
 * bounds and in the file; what is not, is out of it; and there is room again
 * when all of it is stored.
 */
#include <sys/mman.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/sandbox/successor.h"
#include "agent/ship/ship.h"

#define SLOTS_LEN 256
#define RECORDS	  (24 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ship ship;

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* A file as the one before left it. */
static int left(const uint8_t *data, size_t size)
{
	static const uint64_t magic = UINT64_C(0x68616c6500000001);
	int fd = memfd_create("waiting", MFD_CLOEXEC);
	size_t slots = size < SLOTS_LEN ? size : SLOTS_LEN;

	must(fd >= 0 && ftruncate(fd, SUCCESSOR_BYTES) == 0);
	must(pwrite(fd, &magic, sizeof(magic), 0) == sizeof(magic));
	must(pwrite(fd, data, slots, 32) == (ssize_t)slots);
	size -= slots;
	if (size > SUCCESSOR_BYTES - RECORDS)
		size = SUCCESSOR_BYTES - RECORDS;
	must(pwrite(fd, data + slots, size, RECORDS) == (ssize_t)size);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stat st;

	memset(&ship, 0, sizeof(ship));
	ship.waiting_fd = left(data, size);
	ship_inherit(&ship);
	must(ship.waiting.fd >= 0);
	must(ship.pending.n <= PENDING_MAX && ship.missed.n <= MISSED_MAX);
	must(ship.pending.n + ship.missed.n == ship.waiting.n);
	pending_add(&ship.pending, 1000, data, size < 1000 ? size : 1000);
	while (ship.pending.n > 0)
		pending_drop_first(&ship.pending);
	missed_stored(&ship.missed);
	must(ship.waiting.n == 0);
	must(fstat(ship.waiting.fd, &st) == 0 && st.st_blocks == 0);
	waiting_close(&ship.waiting);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody is dying: whoever can look at it runs now, since a moment later it
 * is gone. Decides whose budget that takes. Must never wait for the dying
 * process: all that is read here is kept in the kernel's memory
 * (fs/proc/array.c, proc_pid_status takes no lock of the address space).
 */
#include <errno.h>
#include <inttypes.h>

#include "agent/daemon/host_slot.h"

#define STATUS_MAX 1024 /* Uid: is among the first ten lines */
/* Who is gone already is on nobody's account but this one. */
#define GONE UINT32_MAX

bool slot_looks(const struct slot *s)
{
	return (s->driver->senses & 1U << HALE_SENSE_VICTIMS) != 0;
}

static uint32_t user_of(const struct host *h, uint32_t pid)
{
	char path[32], status[STATUS_MAX];
	const char *line;

	snprintf(path, sizeof(path), "proc/%" PRIu32 "/status", pid);
	if (hale_read_at(h->root_fd, path, status, sizeof(status)) == -ENOENT)
		return GONE;
	line = strstr(status, "\nUid:");
	return line ? (uint32_t)strtoul(line + strlen("\nUid:"), NULL, 10)
		    : GONE;
}

void host_look(struct host *h, const struct hale_victim *v)
{
	bool added = false;

	for (size_t i = 0; i < h->n_slots; i++) {
		struct slot *s = &h->slots[i];

		if (!slot_looks(s) || s->state != SLOT_LIVE)
			continue;
		if (!added && !looks_add(&h->looks, v, user_of(h, v->pid),
					 clock_boot_ns()))
			return;
		added = true;
		slot_run(s);
	}
}

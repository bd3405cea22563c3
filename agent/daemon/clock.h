/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLOCK_H
#define HALE_CLOCK_H

/*
 * Agent time: ns since the Unix epoch, anchored once a boot and then advanced
 * by CLOCK_BOOTTIME, so that it never jumps (observation.h).
 */

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_BOOT_ID_MAX 40 /* a UUID as text, with its NUL */

struct hale_clock {
	int64_t boot_to_agent_ns; /* CLOCK_BOOTTIME + this = agent time */
	char boot_id[CLOCK_BOOT_ID_MAX]; /* "" where the kernel tells none */
};

/* Anchors agent time to the wall clock of this moment. Reads the boot id. */
void clock_init(struct hale_clock *c);

/**
 * clock_resume() - take over the anchor of an earlier agent of this boot
 * @boot_id: of that agent; another boot, or none, changes nothing.
 *
 * Return: true where it is this boot: saved times and sequences hold.
 */
bool clock_resume(struct hale_clock *c, const char *boot_id,
		  int64_t boot_to_agent_ns);

uint64_t clock_boot_ns(void); /* CLOCK_BOOTTIME */
uint64_t clock_mono_ns(void); /* CLOCK_MONOTONIC: stands still in a suspend */
uint64_t clock_now_ns(const struct hale_clock *c); /* agent time */

/* CLOCK_MONOTONIC + this = agent time. Grows with every suspend, so it is
 * asked for anew each time. */
int64_t clock_mono_to_agent_ns(const struct hale_clock *c);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_KMSG_CHOSEN_H
#define HALE_KMSG_CHOSEN_H

/*
 * Whom the OOM killer chose, as the log says it (mm/oom_kill.c:
 * dump_oom_summary and __oom_kill_process). Pure.
 */

#include "hale/victim.h"

/**
 * kmsg_chosen() - who was killed, and for whose memory
 * @text: a line, @len bytes.
 * @ret: all but its time.
 *
 * Return: false where the line does not say both: older kernels name one that
 * they would kill and then kill its child, and their line about that does not
 * tell a cgroup's limit from the host's.
 */
bool kmsg_chosen(const char *text, size_t len, struct hale_victim *ret);

#endif

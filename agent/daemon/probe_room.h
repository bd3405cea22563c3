/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_PROBE_ROOM_H
#define HALE_PROBE_ROOM_H

/* What the files probe*.c of the core's side share; nobody else looks in. */

#include "agent/daemon/probe.h"

/* probe.c */
bool probe_runs(const struct probe *p);
/* There is none, but as far as is known one is on its way. */
bool probe_comes(const struct probe *p);
/* It is to be ended: nothing it says counts any more. */
void probe_give_up(struct probe *p, enum wire_reason why);
/* It has something to do: from now on it has to show that it lives. */
void probe_expect(struct probe *p);

/* probe_report.c: one message of it; longer than @p->message where it was cut.
 */
void probe_take_message(struct probe *p, const void *bytes, size_t len);

/* probe_ask.c */
void probe_watch_mounts(struct probe *p);
void probe_call(struct probe *p, const struct host_call *call);
/* Sends what found the socket full; false where it still is. */
bool probe_send_owed(struct probe *p);

/* probe_rights.c: may a driver that lives there say this? A fact that is not
 * for it to say is left out. */
bool probe_may_say(const struct hale_driver *d, const struct hale_fact *f);

/* probe_command.c: 0, or negative errno where it could not be sent at once. */
int probe_send_configure(int fd, int64_t boot_to_agent_ns,
			 const struct driver_option *options, size_t n);
int probe_send_trigger(int fd, const struct host_call *call);
int probe_send_wake(int fd, uint32_t senses, bool asked);
int probe_send_ping(int fd, uint64_t ping);
int probe_send_look(int fd, const struct hale_victim *v);

#endif

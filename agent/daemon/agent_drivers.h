/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_AGENT_DRIVERS_H
#define HALE_AGENT_DRIVERS_H

/* agent_probe.c: both halves of the drivers, as one. Part of agent.h. */

#include "hale/fact.h"

struct agent;
struct gate_client;

void agent_start_probe(struct agent *a);
/* What the last one said counts until this one has looked. */
void agent_take_probe(struct agent *a, int fd);
/* @next_ns: until there is another; 0: unknown. */
void agent_lose_probe(struct agent *a, const char *why, uint64_t next_ns);
void agent_trigger(struct agent *a, uint32_t senses, uint64_t delay_ns);
bool agent_busy(const struct agent *a, uint32_t senses);
/* Every driver has spoken. */
bool agent_settled(struct agent *a);
/* What a check rests on is known, if only from the core before this one. */
bool agent_informed(struct agent *a);
void agent_configure_drivers(struct agent *a);
void agent_confirm(struct agent *a, const struct hale_observation *o);
/* Runs all that can be asked, for a client that waits; what to wait for. */
uint64_t agent_ask_all(struct agent *a, const struct gate_client *c);

#endif

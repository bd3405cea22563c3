/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_AGENT_LOOK_H
#define HALE_AGENT_LOOK_H

/* Processes that die, as far as the agent has somebody look at them. */

struct agent;
struct hale_victim;

/* Has a dying process looked at, if it has not been. */
void agent_look(struct agent *a, const struct hale_victim *v);
/* Of those that were gone too soon, the parents. */
void agent_look_late(struct agent *a);

#endif

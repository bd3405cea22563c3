/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_CAP_H
#define HALE_FLEET_CAP_H

/*
 * How many hosts may be taken out at once, so that no bad commit, no outage and
 * no mistake of a judgment can drain a fleet.
 *
 * A group is the hosts that share a value of one label (those without it are a
 * group as well). Of its hosts that are not SILENT, and of those that are out
 * already, at most @percent may be out by a judgment, rounded down, at least
 * one. Who is out by an operator's word takes its place too; an operator is
 * never refused, only told.
 */

#include "agent/fleet/picture.h"

#define CAP_PERCENT 10
#define CAP_WHY_MAX 200

struct cap_options {
	const char *label; /* "pool"; NULL or "": the fleet is one group */
	uint32_t percent;  /* 0: CAP_PERCENT; 100: no cap */
};

struct cap_candidate {
	uint32_t host;	   /* index in the picture */
	uint64_t since_ns; /* proposed since: who came first goes first */
};

struct cap_decision {
	uint32_t host;
	bool out;     /* take it out; else it is left in, @why says why */
	bool already; /* it is out, by whomever */
	uint32_t group_hosts, group_out, cap; /* with those before it */
	char why[CAP_WHY_MAX];
};

/**
 * cap_decide() - which of some candidates are taken out
 * @c: of any order, each host once; those that are gone are left out.
 * @ret: @n decisions, in the order in which they were made: by @since_ns, then
 * by id. So a candidate never loses its place to one that came later, and the
 * same candidates give the same answer.
 *
 * Nobody who is out is taken back in: where a cap shrank, no more go out.
 * Return: how many were decided on; -ENOMEM.
 */
int cap_decide(const struct picture *p, const struct cap_options *o,
	       const struct cap_candidate *c, uint32_t n,
	       struct cap_decision *ret);

/**
 * cap_manual() - what an operator should know before taking out a host
 * Return: true: @ret->why is a warning, the cap is passed with this one;
 * false: it is not. Never a refusal.
 */
bool cap_manual(const struct picture *p, const struct cap_options *o,
		uint32_t host, struct cap_decision *ret);

#endif

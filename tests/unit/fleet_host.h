/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_FLEET_HOST_H
#define TESTS_UNIT_FLEET_HOST_H

/* A host of a fleet, as its own rooms would describe it. */

#include "hale/base.h"

#include "proto/codec_fleet.h"

#define HOST_ID	   "UAHJLSMYZDJCBXZQKZ2PXJLGVQ6WKBNWQF2NPWHCJJWEMTJHWTQKJQWL"
#define OTHER	   "UBHJLSMYZDJCBXZQKZ2PXJLGVQ6WKBNWQF2NPWHCJJWEMTJHWTQKJQWL"
#define NOW	   (UINT64_C(1795303800) * HALE_NS_PER_S)
#define TEXT(text) ((char *)(uintptr_t)(text))

/* All that a healthy host's state consists of; main is for a test to change. */
struct host {
	Hale__Fleet__V1__HostState main;
	Hale__V1__HostReport report;
	Hale__V1__Verdict verdict;
	Hale__V1__Coverage senses[7], *sense_rows[7];
	Hale__Fleet__V1__Label labels[2], *label_rows[2];
	Hale__Fleet__V1__Capacity capacity;
	Hale__Fleet__V1__Room rooms[2], *room_rows[2];
	Hale__Fleet__V1__Model models[2], *model_rows[2];
	Hale__Fleet__V1__Spool spool;
};

void host_init(struct host *h);
/* Of a bad sector on a disk, 14 times. */
void finding_init(Hale__V1__Finding *f, Hale__V1__Part *part);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A made-up fleet. Decides which of its hosts has what, by a seed alone: the
 * same seed is the same fleet. Some hosts bear the names that an attacker would
 * give them. No part of hale is linked with it.
 */
#include "made.h"

#include <errno.h>
#include <inttypes.h>

#include "hale/base.h"

#define MINUTE (60 * HALE_NS_PER_S)
#define HOUR   (60 * MINUTE)
#define HOSTILE                                                                \
	"<img src=x onerror=alert(1)>\x1b[2J\xe2\x80\xae"                      \
	"evil"

const struct made_trouble made_troubles[] = {
	{ ROW_UNFIT, "disk.medium_error", "disk/naa.5000c500a1b2c3d4", "sde",
	  "ext4 on sde1",
	  "sde cannot read 3 of its sectors; /srv/build rests on it",
	  "critical medium error, dev sde, sector 7814037 op 0x0:(READ) "
	  "flags 0x80700 phys_seg 1 prio class 2" },
	{ ROW_UNFIT, "fs.full", "fs/8f1c6e2a-03b7-4d11-9d5e-0a4c2f0b7d61",
	  "nvme0n1p2", "ext4 on nvme0n1p2",
	  "/srv/build has 812 MiB of 1.8 TiB left", "" },
	{ ROW_UNFIT, "fs.readonly", "fs/0b7d61aa-2a03-4d11-9d5e-8f1c6e0a4c2f",
	  "dm-3", "xfs on dm-3", "/srv/build is read-only since an error",
	  "EXT4-fs (dm-3): Remounting filesystem read-only" },
	{ ROW_UNFIT, "memory.uncorrected", "dimm/mc0-ch1-slot0", "DIMM_B1", "",
	  "DIMM_B1: 2 uncorrected errors",
	  "EDAC MC0: 1 UE memory read error on DIMM_B1" },
	{ ROW_DEGRADED, "disk.smart_prefail", "disk/eui.0025385b11b0f3a2",
	  "nvme1n1", "ext4 on nvme1n1p1", "nvme1n1: 4 % of spare blocks left",
	  "" },
	{ ROW_DEGRADED, "array.degraded", "array/6d1f:2c3a", "md127",
	  "ext4 on md127", "md127 runs on 3 of 4 disks", "" },
	{ ROW_DEGRADED, "cpu.throttled", "cpu/package0", "package 0", "",
	  "package 0 was throttled 41 times in an hour", "" },
	{ ROW_UNKNOWN, "agent.blind", "host", "", "",
	  "block errors are not seen: /dev/kmsg cannot be read", "" },
};

uint64_t made_number(struct made *m, uint64_t n)
{
	uint64_t z = (m->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

static size_t trouble_of(struct made *m, enum row_state state)
{
	size_t fits[HALE_ARRAY_SIZE(made_troubles)], n = 0;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(made_troubles); i++) {
		if (made_troubles[i].state == state)
			fits[n++] = i + 1;
	}
	return n ? fits[made_number(m, n)] : 0;
}

void made_turn(struct made *m, size_t i, enum row_state state, uint64_t now_ns)
{
	struct made_host *h = &m->hosts[i];

	h->state = state;
	h->since_ns = now_ns;
	h->trouble = (unsigned int)trouble_of(m, state);
}

static void make_host(struct made *m, size_t i)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	struct made_host *h = &m->hosts[i];
	uint64_t luck = made_number(m, 1000);
	enum row_state state = luck < 4	   ? ROW_UNFIT
			       : luck < 9  ? ROW_SILENT
			       : luck < 11 ? ROW_UNKNOWN
			       : luck < 30 ? ROW_DEGRADED
					   : ROW_FIT;

	h->id[0] = 'U';
	for (size_t k = 1; k < 56; k++)
		h->id[k] = letters[made_number(m, 32)];
	snprintf(h->name, sizeof(h->name), "%s-%04zu.build.example.org",
		 i % 7 == 3 ? "arm" : "b", i);
	snprintf(h->rack, sizeof(h->rack), "rack=%zu", i / 40);
	snprintf(h->zone, sizeof(h->zone), "zone=%c",
		 'a' + (char)(i / 2500 % 6));
	made_turn(m, i, state,
		  m->now_ns - MINUTE - made_number(m, 3 * 24 * HOUR));
	if (state == ROW_UNFIT && made_number(m, 3) == 0)
		h->flags = ROW_QUARANTINED;
}

int made_init(struct made *m, size_t n, uint64_t seed, uint64_t now_ns)
{
	memset(m, 0, sizeof(*m));
	m->hosts = calloc(n ? n : 1, sizeof(*m->hosts));
	if (!m->hosts)
		return -ENOMEM;
	m->n = n;
	m->seed = m->state = seed;
	m->now_ns = now_ns;
	for (size_t i = 0; i < n; i++)
		make_host(m, i);
	if (n > 7) {
		HALE_SET(m->hosts[7].name, HOSTILE);
		HALE_SET(m->hosts[7].rack, "rack=<b>7</b>");
		made_turn(m, 7, ROW_UNFIT, now_ns - 5 * MINUTE);
	}
	return 0;
}

void made_done(struct made *m)
{
	free(m->hosts);
	memset(m, 0, sizeof(*m));
}

void made_row(const struct made *m, size_t i, struct row *ret_row,
	      const char *labels[3])
{
	const struct made_host *h = &m->hosts[i];
	const struct made_trouble *t =
		h->trouble ? &made_troubles[h->trouble - 1] : NULL;

	labels[0] = h->rack;
	labels[1] = h->zone;
	labels[2] = i % 7 == 3 ? "arch=arm64" : "arch=amd64";
	*ret_row = (struct row){
		.id = h->id,
		.name = h->name,
		.state = h->state,
		.flags = h->flags,
		.since_ns = h->since_ns,
		.condition = t ? t->condition : "",
		.part = t ? t->alias : "",
		.why = t			? t->why
		       : h->state == ROW_SILENT ? "not heard for 4 min; its "
						  "connection is gone"
						: "",
		.findings = t ? 1 : 0,
		.labels = labels,
		.labels_n = 3,
	};
}

/* --- judgments --- */

static void list_hosts(const struct made *m, FILE *f, size_t from, size_t n)
{
	fputs(",\"hosts\":[", f);
	for (size_t i = from; i < from + n && i < m->n; i++)
		fprintf(f, "%s\"%s\"", i > from ? "," : "", m->hosts[i].id);
	fputs("]}", f);
}

char *made_judgments(const struct made *m)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	fprintf(f,
		"[{\"kind\":\"common-cause\",\"title\":\"engine.down on 31 "
		"hosts at "
		"once\",\"text\":\"The same failure on many hosts in 2 min is "
		"not a host's fault: the image or the registry\",\"proof\":["
		"\"31 of 40 hosts of rack=12 within 118 s\",\"8 of 9,960 "
		"others\",\"all name "
		"registry.example.org\"],\"since\":%" PRIu64,
		(m->now_ns - 12 * MINUTE) / HALE_NS_PER_MS);
	list_hosts(m, f, 480, 31);
	fprintf(f,
		",{\"kind\":\"outlier\",\"title\":\"12 of 40 disks "
		"ST4000NM0035-1V4 TN05 failed in 30 days\",\"text\":\"8 times "
		"as many as disks of other models\",\"proof\":[\"12 of 40 "
		"against 41 of 1,120\",\"by chance: 1 in "
		"40,000\"],\"since\":%" PRIu64,
		(m->now_ns - 30 * 24 * HOUR) / HALE_NS_PER_MS);
	list_hosts(m, f, 900, 12);
	fputs("]", f);
	fclose(f);
	return text;
}

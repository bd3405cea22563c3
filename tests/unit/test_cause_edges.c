/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of what follows from what: each row makes its link where relation
 * and time hold, and none where they do not; no way leads back to its start.
 * And the engine as a whole under more than it will ever see.
 */
#include <time.h>

#include "agent/core/cause.h"

#include "causes.h"

static struct causes c;

static bool lists(const enum hale_condition *list, size_t n,
		  enum hale_condition what)
{
	for (size_t i = 0; i < n && list[i]; i++) {
		if (list[i] == what)
			return true;
	}
	return false;
}

static bool follows(enum hale_condition from, enum hale_condition to)
{
	for (size_t i = 0; i < cause_n_edges; i++) {
		const struct cause_edge *e = &cause_edges[i];
		bool stacked =
			e->needs == CAUSE_BENEATH || e->needs == CAUSE_LEG ||
			e->needs == CAUSE_RESTS || e->needs == CAUSE_BESIDE;

		if (!stacked &&
		    lists(e->from, HALE_ARRAY_SIZE(e->from), from) &&
		    lists(e->to, HALE_ARRAY_SIZE(e->to), to))
			return true;
	}
	return false;
}

/* Floyd and Warshall: what can be reached from what. */
static void no_way_leads_back(void **state)
{
	static bool reach[HALE_CONDITION_COUNT + 1][HALE_CONDITION_COUNT + 1];
	const int n = HALE_CONDITION_COUNT + 1;

	(void)state;
	for (int i = 0; i < n; i++) {
		for (int k = 0; k < n; k++)
			reach[i][k] = follows((enum hale_condition)i,
					      (enum hale_condition)k);
	}
	for (int via = 0; via < n; via++) {
		for (int i = 0; i < n; i++) {
			for (int k = 0; k < n; k++)
				reach[i][k] |= reach[i][via] && reach[via][k];
		}
	}
	for (int i = 1; i < n; i++) {
		if (reach[i][i])
			fail_msg("%s leads back to itself",
				 hale_condition_info((enum hale_condition)i)
					 ->name);
	}
}

static void rows_are_whole(void **state)
{
	(void)state;
	assert_true(cause_n_edges < UINT8_MAX);
	for (size_t i = 0; i < cause_n_edges; i++) {
		const struct cause_edge *e = &cause_edges[i];

		assert_int_not_equal(e->from[0], HALE_CONDITION_NONE);
		assert_int_not_equal(e->to[0], HALE_CONDITION_NONE);
		assert_int_not_equal(e->confidence, HALE_CONFIDENCE_NONE);
		assert_true(strlen(e->how) > 8);
		assert_true(strlen(e->how) < 80);
		/* nothing merely possible joins two findings */
		if (e->to[0] != CAUSE_DEATH)
			assert_true(e->confidence >= HALE_CONFIDENCE_LIKELY);
	}
}

/* --- rows by what happens --- */

/* How a pair of findings is said, and whether the later one follows. */
struct pair {
	enum hale_condition from;
	enum hale_ref from_ref;
	const char *from_part;
	enum hale_condition to;
	enum hale_ref to_ref;
	const char *to_part;
	uint64_t apart_ns;
	bool linked;
};

#define DISK HALE_REF_DISK, "sdb"
#define FS   HALE_REF_FS, "sdb1"
#define ROOT HALE_REF_FS, "sda1"
#define HOST HALE_REF_PART, "host"
#define PCI  HALE_REF_PART, "pci/0000:00:1f.2"
#define ETH  HALE_REF_PART, "net/eth0"
#define DIMM HALE_REF_PART, "dimm/A1"

static const struct pair pairs[] = {
	{ HALE_VIRT_BACKING_FULL, DISK, HALE_DISK_TIMEOUT, DISK, MINUTE, true },
	{ HALE_DISK_SMART_FAILING, DISK, HALE_DISK_MEDIUM_ERROR, DISK, 3 * HOUR,
	  true },
	{ HALE_DISK_SMART_PREFAIL, DISK, HALE_DISK_MEDIUM_ERROR, DISK, DAY,
	  true },
	{ HALE_DISK_LINK_ERROR, DISK, HALE_DISK_TIMEOUT, DISK, MINUTE, true },
	{ HALE_DISK_LINK_ERROR, DISK, HALE_DISK_TIMEOUT, DISK, HOUR, false },
	{ HALE_DISK_TIMEOUT, DISK, HALE_DISK_OFFLINE, DISK, MINUTE, true },
	{ HALE_DISK_HOT, DISK, HALE_DISK_TIMEOUT, DISK, MINUTE, true },
	{ HALE_BUS_PCIE_ERROR, PCI, HALE_DISK_TIMEOUT, DISK, SECOND, true },
	{ HALE_BUS_PCIE_ERROR, HALE_REF_PART, "pci/0000:07:00.0",
	  HALE_DISK_TIMEOUT, DISK, SECOND, false },
	{ HALE_DISK_IO_ERROR, DISK, HALE_FS_ERROR, FS, SECOND, true },
	{ HALE_DISK_IO_ERROR, DISK, HALE_FS_ERROR, ROOT, SECOND, false },
	{ HALE_DISK_TIMEOUT, DISK, HALE_FS_ERROR, FS, MINUTE, true },
	{ HALE_DISK_STALLED, DISK, HALE_FS_HUNG, FS, 2 * MINUTE, true },
	{ HALE_FS_ERROR, FS, HALE_FS_READONLY, FS, SECOND, true },
	{ HALE_FS_ERROR, FS, HALE_FS_READONLY, ROOT, SECOND, false },
	{ HALE_FS_FULL, FS, HALE_FS_READONLY, FS, MINUTE, true },
	{ HALE_MEMORY_CORRECTED, DIMM, HALE_MEMORY_UNCORRECTED, DIMM, DAY,
	  true },
	{ HALE_MEMORY_CORRECTED, DIMM, HALE_MEMORY_UNCORRECTED, HALE_REF_PART,
	  "dimm/B2", MINUTE, false },
	{ HALE_MEMORY_UNCORRECTED, DIMM, HALE_MEMORY_POISONED, HOST, SECOND,
	  true },
	{ HALE_MEMORY_UNCORRECTED, DIMM, HALE_CPU_MACHINE_CHECK, HALE_REF_PART,
	  "cpu/0", SECOND, true },
	{ HALE_MEMORY_UNCORRECTED, DIMM, HALE_KERNEL_OOPS, HOST, MINUTE, true },
	{ HALE_MEMORY_PRESSURE, HOST, HALE_MEMORY_OOM, HOST, MINUTE, true },
	{ HALE_DISK_STALLED, DISK, HALE_KERNEL_HUNG_TASK, HOST, 2 * MINUTE,
	  true },
	{ HALE_FS_HUNG, FS, HALE_KERNEL_HUNG_TASK, HOST, 2 * MINUTE, true },
	{ HALE_KERNEL_OOPS, HOST, HALE_KERNEL_HUNG_TASK, HOST, MINUTE, true },
	{ HALE_CPU_MACHINE_CHECK, HALE_REF_PART, "cpu/0", HALE_CPU_LOCKUP,
	  HALE_REF_PART, "cpu/0", SECOND, true },
	{ HALE_SENSOR_FAN, HOST, HALE_SENSOR_TEMPERATURE, HOST, MINUTE, true },
	{ HALE_SENSOR_TEMPERATURE, HOST, HALE_CPU_THROTTLED, HOST, MINUTE,
	  true },
	{ HALE_POWER_SUPPLY, HOST, HALE_CPU_MACHINE_CHECK, HALE_REF_PART,
	  "cpu/0", SECOND, true },
	{ HALE_NET_TX_TIMEOUT, ETH, HALE_NET_LINK_FLAP, ETH, SECOND, true },
	{ HALE_NET_LINK_FLAP, ETH, HALE_NET_LINK_DOWN, HALE_REF_PART,
	  "net/eth1", SECOND, false },
	{ HALE_MEMORY_SUSPECT, HOST, HALE_PROCESS_CRASHES, HALE_REF_PART,
	  "process/cc1", MINUTE, true },
	{ HALE_FS_FULL, FS, HALE_ENGINE_DOWN, HALE_REF_PART, "engine/docker",
	  MINUTE, false },
	{ HALE_FS_FULL, ROOT, HALE_ENGINE_DOWN, HALE_REF_PART, "engine/docker",
	  MINUTE, true },
	/* two things that merely happen on one machine */
	{ HALE_DISK_IO_ERROR, DISK, HALE_MEMORY_OOM, HOST, SECOND, false },
	{ HALE_MEMORY_OOM, HOST, HALE_FS_ERROR, FS, SECOND, false },
	{ HALE_CLOCK_UNSYNCED, HOST, HALE_FS_ERROR, FS, SECOND, false },
};

static void say(struct world *w, enum hale_condition condition,
		enum hale_ref ref, const char *part)
{
	if (hale_condition_info(condition)->life == HALE_LIFE_STATE)
		world_state(w, condition, ref, part, true);
	else
		world_event(w, condition, ref, part);
}

static void pairs_are_linked_or_not(void **state)
{
	struct world w;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(pairs); i++) {
		const struct pair *p = &pairs[i];
		const struct hale_cause *x;
		bool linked;

		world_new(&w);
		say(&w, p->from, p->from_ref, p->from_part);
		w.now += p->apart_ns;
		say(&w, p->to, p->to_ref, p->to_part);
		causes_of_all(&c, &w);
		x = causes_rooted(&c, p->from);
		linked = x && causes_step(x, p->to);
		if (linked != p->linked)
			fail_msg("%s -> %s: %s",
				 hale_condition_info(p->from)->name,
				 hale_condition_info(p->to)->name,
				 linked ? "linked" : "not linked");
		assert_int_equal(c.n, p->linked ? 1 : 2);
		world_end(&w);
	}
}

/* --- more than there will ever be --- */

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

static void fill(struct world *w)
{
	static const enum hale_condition conditions[] = {
		HALE_DISK_IO_ERROR,   HALE_DISK_MEDIUM_ERROR, HALE_DISK_TIMEOUT,
		HALE_DISK_LINK_ERROR, HALE_VIRT_BACKING_FULL,
	};
	struct hale_victim v;
	char name[HALE_NAME_MAX];

	world_new(w);
	for (uint32_t i = 0; i < 120; i++) {
		snprintf(name, sizeof(name), "sdx%u", i);
		for (size_t k = 0; k < HALE_ARRAY_SIZE(conditions); k++)
			world_event(w, conditions[k], HALE_REF_DISK, name);
	}
	for (uint32_t i = 0; i < 80; i++) {
		v = causes_victim(w, i % 2 ? "cc1" : "ld", 2);
		for (uint32_t k = 0; k < HALE_VICTIM_FILES_MAX; k++)
			causes_maps(&v, HALE_HELD_MAPPED, 8, k % 2 ? 1 : 17);
		causes_died(w, &v);
	}
}

/* A full ledger and a full ring: bounded output, and far less than a second
 * (measured: some 10 ms). */
static void hundreds_of_findings(void **state)
{
	static struct causes again;
	struct world w;
	uint64_t ns;

	(void)state;
	fill(&w);
	ns = cpu_ns();
	causes_of_all(&c, &w);
	ns = cpu_ns() - ns;
	print_message("%u causes told of %u, in %u us\n", c.n,
		      c.told.n_causes_total, (unsigned int)(ns / 1000));
	assert_true(ns < SECOND);
	assert_int_equal(c.n, EXPLAIN_CAUSES_MAX);
	assert_true(c.told.n_causes_total >= 100);
	causes_of_all(&again, &w);
	assert_memory_equal(&c.list, &again.list, sizeof(c.list));
	world_end(&w);
}

/* Layers that stand on each other in a circle, each with an error. */
static void a_circle_in_the_map(void **state)
{
	struct world w;

	(void)state;
	world_bare(&w);
	world_see_all(&w);
	for (uint32_t i = 0; i < 8; i++) {
		char name[8];

		snprintf(name, sizeof(name), "dm-%u", i);
		world_layered(&w, name, 253, i, HALE_BLOCK_DM);
	}
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 253, 0, "ext4", "/");
	for (uint32_t i = 0; i < 8; i++) {
		char upper[16], lower[16];

		snprintf(upper, sizeof(upper), "253:%u", i);
		snprintf(lower, sizeof(lower), "253:%u", (i + 1) % 8);
		world_layer(&w, upper, lower, "linear");
	}
	world_map(&w, HALE_FACT_MAP_END);
	for (uint32_t i = 0; i < 8; i++) {
		char name[8];

		snprintf(name, sizeof(name), "dm-%u", i);
		world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, name);
	}
	causes_of_all(&c, &w);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.list[0].n_steps_total, 8);
	world_end(&w);
}

/* More steps than are told: what was asked about is among them. */
static void the_asked_step_is_told(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_MEMORY_POISONED, HALE_REF_PART, "host");
	for (uint32_t i = 0; i < 30; i++) {
		char comm[HALE_NAME_MAX];
		struct hale_victim v;

		snprintf(comm, sizeof(comm), "prog%u", i);
		v = causes_victim(&w, comm, 4);
		causes_died(&w, &v);
	}
	memset(&c.query, 0, sizeof(c.query));
	HALE_SET(c.query.subject, "prog29");
	causes_ask(&c, &w);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.list[0].n_steps, HALE_CAUSE_STEPS_MAX);
	assert_int_equal(c.list[0].n_steps_total, 31);
	assert_non_null(causes_death(&c.list[0], "prog29"));
	HALE_SET(c.query.subject, "prog0");
	causes_ask(&c, &w);
	assert_non_null(causes_death(&c.list[0], "prog0"));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_way_leads_back),
		cmocka_unit_test(rows_are_whole),
		cmocka_unit_test(pairs_are_linked_or_not),
		cmocka_unit_test(hundreds_of_findings),
		cmocka_unit_test(a_circle_in_the_map),
		cmocka_unit_test(the_asked_step_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

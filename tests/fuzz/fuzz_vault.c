/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vault that a core left which fell: any header, and any bytes as its Memory.
 * Nothing crashes, no bound of the middle is exceeded, what is refused leaves
 * nothing behind, and what was taken in can be saved and taken in again. The
 * first byte chooses: a raw slot, or a Memory of this boot.
 */
#include <assert.h>
#include <errno.h>

#include "hale/base.h"

#include "agent/core/memory.h"
#include "agent/core/running.h"
#include "agent/daemon/keep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vault vault;
static struct hale_clock agent_clock;

static void check(struct middle *m)
{
	static struct hale_verdict v;
	struct hale_scope_request req = { .host = true };
	uint64_t now = clock_now_ns(&agent_clock);
	struct hale_finding f;
	struct hale_coverage c;

	assert(m->ledger.n <= LEDGER_MAX);
	assert(m->inventory.n <= INVENTORY_MAX);
	assert(m->coverage.n <= COVERAGE_MAX);
	assert(m->victims.n <= VICTIMS_MAX);
	assert(m->rests.n <= RESTS_MAX);
	assert(topology_map(&m->topology)->n_mounts <= MAP_MOUNTS_MAX);
	for (size_t i = 0; middle_finding(m, i, now, &f); i++)
		assert(f.first_ns <= f.last_ns && f.count > 0);
	for (size_t i = 0; middle_closed(m, i, now, &f); i++)
		assert(f.part[0]);
	for (size_t i = 0; middle_coverage(m, i, &c); i++)
		assert((unsigned int)c.sense < HALE_SENSE_COUNT);
	middle_judge(m, &req, now, &v);
	assert(v.n_reasons <= HALE_REASONS_MAX);
	middle_tick(m, now + HALE_NS_PER_S);
	middle_settled(m, now);
}

static void save_again(struct middle *m)
{
	static uint8_t scratch[KEEP_SCRATCH];
	struct keep k = { .middle = m,
			  .clock = &agent_clock,
			  .scratch = scratch };
	int64_t n = keep_encode(&k, vault_next(&vault), VAULT_SLOT_MAX);

	assert(n > 0);
	assert(vault_commit(&vault, (size_t)n) == 0);
}

static int resume(void)
{
	struct hale_policy policy;
	struct keep_memory mem = { .clock = &agent_clock };
	int r;

	hale_policy_default(&policy);
	if (middle_new(&policy, &mem.middle) < 0)
		return -1;
	r = keep_resume(&vault, &mem);
	assert(r <= 0);
	assert(mem.error[0] || r == 0 || r == -ENOENT || r == -ENOMEM);
	if (r == 0) {
		check(mem.middle);
		save_again(mem.middle);
	}
	middle_free(mem.middle);
	return r;
}

/* Behind the fields that make it one of this boot, and of just now. */
static size_t memory_of_now(uint8_t *to, const uint8_t *data, size_t size)
{
	static uint8_t scratch[KEEP_SCRATCH];
	struct hale_policy policy;
	struct keep k = { .clock = &agent_clock, .scratch = scratch };
	struct middle *m = NULL;
	int64_t n;

	hale_policy_default(&policy);
	if (middle_new(&policy, &m) < 0)
		return 0;
	k.middle = m;
	n = keep_encode(&k, to, VAULT_SLOT_MAX);
	middle_free(m);
	if (n < 0 || (size_t)n + size > VAULT_SLOT_MAX)
		return 0;
	memcpy(to + n, data, size);
	return (size_t)n + size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vault mine;

	if (size == 0)
		return 0;
	if (!vault.pages) {
		clock_init(&agent_clock);
		assert(vault_new(&mine) == 0);
		assert(vault_open(mine.fd, &vault) == 0);
	}
	memset(vault.pages, 0, 4096);
	if (data[0] == 0) {
		size = size > 60000 ? 60000 : size;
		memcpy(vault.pages, data + 1, size - 1);
	} else {
		vault_commit(&vault, memory_of_now(vault_next(&vault), data + 1,
						   size - 1));
	}
	if (resume() == 0)
		assert(resume() == 0); /* what it saved itself */
	return 0;
}

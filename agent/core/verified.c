/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which test ends which finding. Decides by what was looked at: sectors that
 * failed have to be read back, all of them; where they are not all known, the
 * whole disk has to be read, or has to have read itself. Must never take the
 * silence of a test for health: a disk that predicts its end, a damaged
 * filesystem, an error that the hardware reported of memory outlast any test.
 */
#include "verified.h"
#include "core.h"

/* Programs fail by a bad bit wherever it is: to be rid of the suspicion most
 * of the memory has to be seen, and often, for faults that come and go. A test
 * beside a running system gets at what is free only. */
#define MEMORY_PERMILLE 750
#define MEMORY_PASSES	4

static const char *gap_text(uint32_t gaps, bool whole_by_itself)
{
	if (!whole_by_itself)
		return "not all sectors that failed are known: read it in "
		       "--full";
	if (gaps & HALE_GAP_SUPPRESSED)
		return "the log left lines out: read it in --full or run the "
		       "--long self-test";
	if (gaps & HALE_GAP_LOST)
		return "records were lost: read it in --full or run the "
		       "--long self-test";
	if (gaps & HALE_GAP_UNPLACED)
		return "some errors named no sector: read it in --full or run "
		       "the --long self-test";
	return "more sectors failed than are kept: read it in --full or run "
	       "the --long self-test";
}

static bool was_written(const struct hale_failing *f)
{
	for (uint32_t i = 0; i < f->n; i++) {
		if (f->ranges[i].written)
			return true;
	}
	return false;
}

static const char *disk_why_not(const struct hale_verification *v,
				const struct hale_failing *f,
				enum hale_condition c)
{
	if (c == HALE_DISK_STALLED && v->stalled)
		return "it does not answer";
	if (c == HALE_DISK_STALLED && v->bytes_read > 0)
		return NULL; /* it has */
	if (c != HALE_DISK_IO_ERROR && c != HALE_DISK_MEDIUM_ERROR)
		return "no test of its sectors ends that";
	if (v->self_test == HALE_SELF_TEST_FAILED)
		return "the disk's self-test failed";
	if (v->sectors_good < v->sectors || v->bad)
		return "sectors still fail";
	if (f->stamp != v->stamp)
		return "it failed again or was unplugged meanwhile: test it "
		       "again";
	if (was_written(f))
		return "writing failed as well, and reading proves nothing "
		       "about that: replace it, or `hale clear`";
	if (f->gaps == 0 && f->n > 0 && v->sectors > 0)
		return NULL;
	if (v->full || (v->self_test == HALE_SELF_TEST_EXTENDED && !v->partial))
		return NULL;
	return gap_text(f->gaps, !v->partial);
}

const char *verified_why_not(const struct hale_verification *v,
			     const struct hale_failing *f,
			     enum hale_condition c)
{
	if (v->tested == HALE_TESTED_DISK)
		return f ? disk_why_not(v, f, c) : "nothing is known of it";
	if (v->tested != HALE_TESTED_MEMORY)
		return "nothing was tested";
	if (v->bad)
		return "it found a fault";
	if (c != HALE_MEMORY_SUSPECT)
		return "the hardware reported it: no test of free memory ends "
		       "that";
	if (v->passes < MEMORY_PASSES || v->bytes_total == 0 ||
	    v->bytes_read > v->bytes_total ||
	    v->bytes_read / 1000 * 1000 <
		    v->bytes_total / 1000 * MEMORY_PERMILLE)
		return "4 passes over three quarters of all memory would end "
		       "it: test it offline, then `hale clear`";
	return NULL;
}

static void tell_how(const struct hale_verification *v, char *ret, size_t size)
{
	if (v->tested == HALE_TESTED_MEMORY)
		snprintf(ret, size, "verified: %u passes over %llu MiB",
			 v->passes,
			 (unsigned long long)(v->bytes_read / HALE_MIB));
	else if (v->full)
		snprintf(ret, size, "verified: all of the disk was read");
	else if (v->self_test == HALE_SELF_TEST_EXTENDED && !v->partial)
		snprintf(ret, size, "verified: its extended self-test passed");
	else
		snprintf(ret, size, "verified: %llu of %llu sectors read back",
			 (unsigned long long)v->sectors_good,
			 (unsigned long long)v->sectors);
}

static bool is_meant(const struct hale_verification *v,
		     const struct ledger_entry *e)
{
	const char *name =
		hale_condition_info((enum hale_condition)e->condition)->name;

	if (!e->open)
		return false;
	if (v->tested == HALE_TESTED_MEMORY)
		return e->condition == HALE_MEMORY_SUSPECT ||
		       e->condition == HALE_MEMORY_UNCORRECTED ||
		       e->condition == HALE_MEMORY_POISONED;
	return v->tested == HALE_TESTED_DISK &&
	       strncmp(name, "disk.", 5) == 0 && strcmp(e->part, v->part) == 0;
}

static void add_text(struct hale_outcome *o, enum hale_condition c,
		     const char *why)
{
	size_t len = strlen(o->text);

	snprintf(o->text + len, sizeof(o->text) - len, "%s%s %s%s",
		 len ? "; " : "", hale_condition_info(c)->name,
		 why ? "stays: " : "is over", why ? why : "");
}

/* What is still on its way to us from a moment ago was not tested: it is news
 * when it comes. */
static void end(struct middle *m, struct ledger_entry *e, const char *how,
		uint64_t now_ns)
{
	uint64_t heard_ns = now_ns - JOIN_WINDOW_NS;

	ledger_end_how(&m->ledger, e, how, now_ns);
	e->cleared_ns = heard_ns > e->last_ns ? heard_ns : e->last_ns;
	e->cleared_seq = m->position;
	ledger_close(&m->ledger, e);
}

/* What no log has told: a fault in memory, a disk that is silent. That ends
 * where anybody comes back from the disk with an answer. */
static void say_fault(struct middle *m, const struct hale_verification *v,
		      uint64_t now_ns)
{
	bool disk = v->tested == HALE_TESTED_DISK;
	const struct inventory_device *d =
		disk ? inventory_by_part(&m->inventory, v->part) : NULL;
	struct hale_observation o = { .kind = HALE_OBSERVED_EVENT,
				      .condition = HALE_MEMORY_UNCORRECTED,
				      .ref = HALE_REF_PART,
				      .count = 1,
				      .time_ns = now_ns };
	const struct ledger_input in = {
		.o = &o,
		.part = disk ? v->part : "host",
		.alias = d ? inventory_text(&m->inventory, d, INVENTORY_NAME)
			   : "",
		.driver = "verify",
		.level = HALE_EFFECT_BLOCKS,
		.now_ns = now_ns
	};

	if (disk) {
		o.kind = HALE_OBSERVED_STATE;
		o.condition = HALE_DISK_STALLED;
		o.holds = true;
	}
	HALE_SET(o.evidence, v->evidence);
	ledger_take(&m->ledger, &in);
}

/* NVMe's extended self-test reads what it has the time for (OCP Datacenter NVMe
 * SSD, device self-test); ATA's and SCSI's read all of the medium. */
static bool tests_itself_in_part(struct middle *m, const char *part)
{
	const struct inventory_device *d =
		inventory_by_part(&m->inventory, part);

	return d && strncmp(inventory_text(&m->inventory, d, INVENTORY_NAME),
			    "nvme", 4) == 0;
}

bool middle_verified(struct middle *m, const struct hale_verification *tested,
		     uint64_t now_ns, struct hale_outcome *ret_outcome)
{
	bool fault = tested->bad &&
		     (tested->tested == HALE_TESTED_MEMORY || tested->stalled);
	struct hale_verification own = *tested, *v = &own;
	struct hale_failing failing;
	char how[HALE_CLOSED_MAX];

	memset(ret_outcome, 0, sizeof(*ret_outcome));
	own.partial |= tests_itself_in_part(m, v->part);
	middle_failing(m, v->part, &failing);
	tell_how(v, how, sizeof(how));
	for (uint32_t i = m->ledger.n; i-- > 0;) {
		struct ledger_entry *e = &m->ledger.entries[i];
		enum hale_condition c = (enum hale_condition)e->condition;
		const char *why;

		if (!is_meant(v, e))
			continue;
		why = verified_why_not(v, &failing, c);
		add_text(ret_outcome, c, why);
		if (!why)
			end(m, e, how, now_ns);
		ret_outcome->cleared += why == NULL;
	}
	if (fault)
		say_fault(m, v, now_ns);
	failing_sweep(m);
	m->generation += ret_outcome->cleared > 0 || fault;
	return ret_outcome->cleared > 0 || fault;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale verify disk`: one disk after the other is read and tests itself, and
 * what came of it is said and told to the agent. Decides the order: what had
 * failed first, the disk's own test last, because reading would interrupt it.
 * Invariant: a disk of which something could not be looked at is not good.
 */
#include <errno.h>
#include <inttypes.h>

#include "self_test.h"
#include "target.h"

static const char *gap_text(uint32_t gaps)
{
	if (gaps & HALE_GAP_SUPPRESSED)
		return "the log left lines out";
	if (gaps & HALE_GAP_LOST)
		return "records were lost";
	if (gaps & HALE_GAP_UNPLACED)
		return "some errors named no sector";
	return "more failed than is kept";
}

static void name_target(struct verify_result *r, const struct target *t)
{
	HALE_SET(r->id, t->part);
	HALE_SET(r->alias, t->device.name);
	HALE_SET(r->model, t->model);
	HALE_SET(r->serial, t->serial);
	r->m.stamp = t->failing.stamp;
	r->m.sectors_whole = t->failing.gaps == 0;
}

static void note_list(struct verify_result *r, const struct verify *v,
		      const struct target *t, const struct targets *all)
{
	bool nvme = strncmp(t->device.name, "nvme", 4) == 0;
	bool all_of_it =
		v->o->full || (v->o->self_test == VERIFY_LONG && !nvme);

	if (all->agent && !t->part[0])
		result_note(r, "the agent does not know this disk, nor which "
			       "of its sectors have failed");
	else if (!t->part[0])
		result_note(r, "no agent was asked: which sectors have failed "
			       "is not known");
	else if (t->n_conditions > 0 && t->failing.gaps != 0 && !all_of_it)
		result_note(r,
			    "%s: the sectors that are known to have failed "
			    "are not all of them; only --full%s can end that "
			    "finding",
			    gap_text(t->failing.gaps),
			    nvme ? "" : " or --long");
}

static void say_unreadable(struct verify_result *r, const struct reader_seen *s)
{
	uint64_t listed = 0;

	for (uint32_t i = 0; i < s->n_ranges; i++) {
		const struct hale_sector_range *b = &s->bad[i];
		uint64_t n = b->last - b->first + 1;

		listed += n * HALE_SECTOR_SIZE / s->block;
		if (n * HALE_SECTOR_SIZE == s->block)
			result_bad(r, "sector %" PRIu64 " cannot be read",
				   b->first);
		else
			result_bad(r,
				   "sectors %" PRIu64 " to %" PRIu64
				   " cannot be read",
				   b->first, b->last);
	}
	if (s->n_bad > listed)
		r->bad_left += s->n_bad - listed;
	if (s->stalled)
		result_bad(r,
			   "a read at sector %" PRIu64
			   " has not returned for %d s; left behind",
			   s->stalled_at / HALE_SECTOR_SIZE,
			   READER_SILENCE_MS / 1000);
}

/* All that is there was read well, and yet not all of the list. */
static void say_beyond(struct verify_result *r)
{
	r->unknown = true;
	result_note(r, "sectors that failed lie beyond its end: it was larger "
		       "then, or is another disk");
}

static void say_error(struct verify_result *r, int error)
{
	if (error == EUCLEAN) {
		result_note(r, "so many blocks are bad that the rest was not "
			       "read");
		return;
	}
	r->unknown = true;
	if (error == EACCES || error == EPERM)
		result_note(r, "it may not be read: run this as root, or in "
			       "the group disk");
	else if (error == ENODEV || error == ENXIO)
		result_note(r, "it is gone");
	else
		result_note(r, "it cannot be read: %s", strerrordesc_np(error));
}

static void take_seen(struct verify_result *r, const struct verify *v,
		      const struct reader_seen *s)
{
	r->m.sectors = s->failed;
	r->m.sectors_good = s->failed_good;
	r->m.bytes_read = s->bytes;
	r->m.bytes_total = s->size;
	r->m.full = s->full;
	r->m.stalled = s->stalled;
	if (s->full)
		r->m.bytes_read = s->size;
	say_unreadable(r, s);
	if (s->error)
		say_error(r, s->error);
	if (s->listed && s->failed_good < s->failed && s->n_bad == 0)
		say_beyond(r);
	if (s->all || s->error || s->stalled || v->interrupted)
		return;
	result_note(r, "the time was over before all was read");
	r->unknown |= !s->listed || v->o->full || s->bytes == 0;
}

/* Return: false where it hangs: then it is left alone. */
static bool read_disk(struct verify *v, const struct target *t,
		      struct verify_result *r)
{
	const struct reader_job job = { .device = t->device,
					.failing = &t->failing,
					.sample = v->o->sample,
					.full = v->o->full };
	struct reader_seen seen;
	int error = reader_run(v, &job, &seen);

	if (error < 0 && error != -EINTR && error != -ETIME)
		seen.error = -error;
	take_seen(r, v, &seen);
	return !seen.stalled;
}

static void say_no_self_test(struct verify_result *r, const struct verify *v,
			     const struct self_test_end *e)
{
	bool asked = v->o->self_test != VERIFY_SHORT_IF_ANY;

	r->unknown |= asked;
	if (e->error == -EOPNOTSUPP)
		result_note(r, "the disk has no self-test that can be run");
	else if (e->error == -EBUSY)
		result_note(r, "a self-test runs already; not disturbed");
	else if (e->error == -ETIMEDOUT)
		result_bad(r, "it did not answer while it tested itself");
	else if (e->t.state == SELF_TEST_ABORTED)
		result_note(r, "its self-test was ended by somebody else");
	else
		result_note(r, "its self-test cannot be told: %s",
			    e->error < 0 ? strerrordesc_np(-e->error)
					 : "it says nothing");
}

static void take_self_test(struct verify_result *r, const struct verify *v,
			   const struct self_test_end *e)
{
	if (e->error == 0 && e->t.state == SELF_TEST_PASSED) {
		r->m.self_test =
			v->o->self_test == VERIFY_LONG
				? HALE__V1__VERIFICATION__SELF_TEST__EXTENDED_PASSED
				: HALE__V1__VERIFICATION__SELF_TEST__SHORT_PASSED;
		return;
	}
	if (e->error != 0 || e->t.state != SELF_TEST_FAILED_NOW) {
		say_no_self_test(r, v, e);
		return;
	}
	r->m.self_test = HALE__V1__VERIFICATION__SELF_TEST__FAILED;
	if (e->t.lba_known)
		result_bad(r, "its self-test failed at block %" PRIu64,
			   e->t.lba);
	else
		result_bad(r, "its self-test failed");
}

static void test_itself(struct verify *v, const struct target *t,
			struct verify_result *r)
{
	struct self_test_end end;
	int error;

	if (v->o->self_test == VERIFY_NO_SELF_TEST || v->interrupted)
		return;
	error = self_test_run(v, &t->device, v->o->self_test == VERIFY_LONG,
			      &end);
	if (error == 0) {
		take_self_test(r, v, &end);
		return;
	}
	result_note(r, "its self-test was ended before it was done");
	r->unknown |= v->o->self_test != VERIFY_SHORT_IF_ANY;
}

static bool is_suspended(const struct reader_device *d)
{
	char path[96], text[16] = "";
	FILE *f;

	snprintf(path, sizeof(path),
		 "/sys/block/%.31s/device/power/runtime_status", d->name);
	f = fopen(path, "re");
	if (f && !fgets(text, sizeof(text), f))
		text[0] = '\0';
	if (f)
		fclose(f);
	return strncmp(text, "suspended", 9) == 0;
}

static int test_one(struct verify *v, const struct target *t,
		    const struct targets *all, struct verify_result *r)
{
	int code;

	result_init(r, HALE__V1__VERIFICATION__TESTED__DISK);
	name_target(r, t);
	if (!v->o->wake &&
	    (is_suspended(&t->device) || self_test_asleep(v, &t->device))) {
		r->unknown = true;
		result_note(r, "it sleeps; --wake tests it all the same");
	} else {
		note_list(r, v, t, all);
		if (read_disk(v, t, r) &&
		    (!r->unknown || v->o->self_test != VERIFY_SHORT_IF_ANY))
			test_itself(v, t, r);
	}
	code = result_end(r, v);
	if (t->part[0] &&
	    (code == VERIFY_BAD || (code == VERIFY_GOOD && t->n_conditions)))
		ask_verified(v, r);
	result_print(r, v);
	return code;
}

/* The worst of several: bad, then unknown, then good. */
static int worse(int a, int b)
{
	if (a == VERIFY_BAD || b == VERIFY_BAD)
		return VERIFY_BAD;
	return a > b ? a : b;
}

static int test_all(struct verify *v, struct targets *all,
		    struct verify_result *r)
{
	int code = targets_find(v, all);

	if (code != 0)
		return code;
	for (uint32_t i = 0; i < all->n; i++) {
		code = worse(code, test_one(v, &all->list[i], all, r));
		if (v->interrupted)
			break;
		v->began_ns = verify_now_ns();
		if (v->o->time_ns)
			v->deadline_ns = v->began_ns + v->o->time_ns;
	}
	return code;
}

int verify_disk(struct verify *v)
{
	struct targets *all = malloc(sizeof(*all));
	struct verify_result *r = malloc(sizeof(*r));
	int code = all && r ? test_all(v, all, r)
			    : verify_fail(VERIFY_UNKNOWN, "out of memory");

	free(all);
	free(r);
	return code;
}

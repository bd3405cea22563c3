/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conversation with an NVMe controller: who it is, its health, the newest
 * entries of its error log, its self-tests. None of it leaves a power state
 * that matters. Pages are read so that pending event notifications stay.
 */
#include <errno.h>

#include "pages.h"
#include "smart.h"

/* Of the error log; the ring of a controller may be 256 long. */
#define ERRORS_MAX 16

/* One controller. */
struct talk {
	struct smart_visit *v;
	struct nvme_identity id;
	unsigned int unread;
	const char *what;
	uint8_t buf[NVME_IDENTIFY_LEN];
};

static int note(struct talk *t, int r, const char *what)
{
	if (r == 0) {
		t->v->known = true;
		return 0;
	}
	if (r != -EBADMSG && r != -EREMOTEIO) {
		smart_see_error(t->v->disk, r, what);
		return r;
	}
	t->unread++;
	t->what = t->what ? t->what : what;
	return 0;
}

static int fetch(struct talk *t, enum smart_nvme_page page, uint32_t len)
{
	memset(t->buf, 0, sizeof(t->buf));
	return t->v->io->nvme(t->v->io, t->v->disk, page, t->buf, len);
}

static int ask_identity(struct talk *t)
{
	int r = fetch(t, SMART_NVME_IDENTIFY, NVME_IDENTIFY_LEN);

	if (r == 0)
		r = nvme_identity_read(t->buf, &t->v->reading, &t->id);
	return note(t, r, "its identity");
}

static int ask_health(struct talk *t)
{
	int r = fetch(t, SMART_NVME_HEALTH, NVME_HEALTH_LEN);

	if (r == 0)
		r = nvme_health_read(t->buf, &t->v->reading);
	return note(t, r, "its health log");
}

static int ask_errors(struct talk *t)
{
	unsigned int n = t->id.errors < ERRORS_MAX ? t->id.errors : ERRORS_MAX;
	int r;

	if (n == 0)
		return 0;
	r = fetch(t, SMART_NVME_ERRORS, n * NVME_ERROR_LEN);
	if (r == 0)
		r = nvme_errors_read(t->buf, n, &t->v->reading);
	return note(t, r, "its error log");
}

static int ask_self_tests(struct talk *t)
{
	int r;

	if (!t->id.self_test)
		return 0;
	r = fetch(t, SMART_NVME_SELF_TEST, NVME_SELF_TEST_LEN);
	if (r == 0)
		r = nvme_self_tests_read(t->buf, &t->v->reading);
	return note(t, r, "its self-test log");
}

static int (*const questions[])(struct talk *t) = {
	ask_identity,
	ask_health,
	ask_errors,
	ask_self_tests,
};

/* Its own word is its critical warning, bar the temperature's. */
static void conclude(const struct talk *t)
{
	struct hale_disk_reading *d = &t->v->reading;

	if (hale_disk_knows(d, HALE_DISK_CRITICAL_WARNING))
		hale_disk_set(d, HALE_DISK_PASSED,
			      d->value[HALE_DISK_CRITICAL_WARNING] == 0);
	else
		t->v->known = false; /* the others say nothing of health */
	if (t->unread)
		smart_see(t->v->disk,
			  t->v->known ? HALE_SIGHT_PARTIAL : HALE_SIGHT_BLIND,
			  "", "%s could not be read", t->what);
}

int smart_nvme_ask(struct smart_visit *v)
{
	_cleanup_free_ struct talk *t = calloc(1, sizeof(*t));
	int r = 0;

	if (!t)
		return -ENOMEM;
	t->v = v;
	v->reading.protocol = HALE_DISK_NVME;
	for (size_t i = 0; r == 0 && i < HALE_ARRAY_SIZE(questions); i++)
		r = questions[i](t);
	if (r == 0)
		conclude(t);
	return r;
}

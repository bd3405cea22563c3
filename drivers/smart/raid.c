/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members behind a RAID controller: which there are, by smartctl's scan or
 * by number, and what each says. A volume is seen if all its members are; each
 * of them is a disk with an identity of its own.
 */
#include <errno.h>

#include <jansson.h>

#include "hale/smartctl.h"
#include "hale/text.h"

#include "../disk_identity.h"
#include "outside.h"

/* A shelf behind one controller. */
#define MEMBERS_MAX	32
#define MEMBER_NAME_MAX 48

/* How smartctl reaches the members, by the adapter's driver. */
struct controller {
	const char *driver;
	const char *device; /* NULL: the volume's; "": found by its scan */
	const char *type;   /* of the n-th member */
	unsigned int numbers;
};

static const struct controller controllers[] = {
	{ "megaraid_sas", "", "", 0 },
	{ "megaraid", "", "", 0 },
	{ "hpsa", NULL, "cciss", MEMBERS_MAX },
	{ "cciss", NULL, "cciss", MEMBERS_MAX },
	{ "3w-9xxx", "/dev/twa0", "3ware", 16 },
	{ "3w-sas", "/dev/twl0", "3ware", 16 },
	{ "3w-xxxx", "/dev/twe0", "3ware", 16 },
};

struct member {
	char device[MEMBER_NAME_MAX], type[MEMBER_NAME_MAX];
};

struct members {
	size_t n;
	bool guessed; /* by number: one that is not there ends them */
	struct member m[MEMBERS_MAX];
};

static bool take_text(json_t *object, const char *key, char *dst, size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));

	/* they become arguments: what smartctl prints of itself, no more */
	return text && text[0] && text[0] != '-' &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789"
				 "_,/+")] == '\0' &&
	       hale_copy(dst, size, text, strlen(text));
}

/* "/dev/bus/2" are the members behind host2. */
static void take_members(json_t *devices, const char *host, struct members *ms)
{
	char bus[24];
	json_t *object;
	size_t i;

	snprintf(bus, sizeof(bus), "/dev/bus/%s", host + strlen("host"));
	json_array_foreach(devices, i, object)
	{
		struct member m = { 0 };

		if (ms->n < MEMBERS_MAX &&
		    take_text(object, "name", m.device, sizeof(m.device)) &&
		    take_text(object, "type", m.type, sizeof(m.type)) &&
		    strcmp(m.device, bus) == 0)
			ms->m[ms->n++] = m;
	}
}

static int scan(struct smart_visit *v, struct members *ms)
{
	static const char *const args[] = { "--json=c", "--scan", NULL };
	_cleanup_free_ char *text = NULL;
	int status = 0, r = outside_run(v, args, &text, &status);
	json_t *root;

	if (r < 0)
		return r;
	root = json_loads(text, 0, NULL);
	if (!root)
		return -EINVAL;
	if (v->disk->host[0])
		take_members(json_object_get(root, "devices"), v->disk->host,
			     ms);
	json_decref(root);
	return 0;
}

static void enumerate(const struct smart_visit *v, const struct controller *c,
		      struct members *ms)
{
	char own[MEMBER_NAME_MAX];

	snprintf(own, sizeof(own), "/dev/%s", v->disk->name);
	ms->guessed = true;
	for (unsigned int i = 0; i < c->numbers; i++) {
		struct member *m = &ms->m[ms->n++];

		HALE_SET(m->device, c->device ? c->device : own);
		snprintf(m->type, sizeof(m->type), "%s,%u", c->type, i);
	}
}

/* By its identity: no kernel name leads to it. */
static void say_member(const struct smart_visit *v)
{
	struct smart_visit member = *v;
	struct hale_disk_reading *d = &member.reading;
	struct disk_names names = { 0 };

	HALE_SET(names.model, d->model);
	HALE_SET(names.serial, d->serial);
	disk_identity(&names, d->part);
	d->ref = HALE_REF_PART;
	if (d->part[0])
		smart_say_reading(&member);
}

struct harvest {
	size_t read, asleep, failed;
	int error; /* of the first that failed */
	char text[SMARTCTL_ERROR_MAX];
};

static int ask_member(struct smart_visit *v, const struct member *m,
		      struct harvest *h)
{
	struct smart_visit one = *v;
	char error[SMARTCTL_ERROR_MAX];
	int r = outside_read(&one, m->device, m->type, error);

	if (r == 0 && !one.reading.asleep && !smart_tells_health(&one.reading))
		r = -ENODATA;
	if (r < 0) {
		if (h->failed++ == 0) {
			h->error = r;
			HALE_SET(h->text, error);
		}
		return r;
	}
	h->read++;
	if (one.reading.asleep)
		h->asleep++;
	else
		say_member(&one);
	return 0;
}

static void ask_members(struct smart_visit *v, const struct members *ms,
			struct harvest *h)
{
	uint64_t begun = v->io->now_ms(v->io);

	for (size_t i = 0; i < ms->n; i++) {
		int r = ask_member(v, &ms->m[i], h);

		/* not installed, not wanted: so for all; no such number: the
		 * last one was the last */
		if (r == -ENOENT || r == -EACCES ||
		    (r < 0 && ms->guessed && h->read > 0))
			break;
		if (v->io->now_ms(v->io) - begun > SMART_BUDGET_MS / 2)
			break;
	}
}

static void see(struct smart_disk *d, const struct members *ms,
		const struct harvest *h)
{
	char where[64];

	snprintf(where, sizeof(where), "behind a RAID controller (%.24s)",
		 d->host_driver);
	if (h->read == 0)
		outside_see_error(d, h->error ? h->error : -ENODATA, where,
				  h->text);
	else if (!ms->guessed && h->read < ms->n)
		smart_see(d, HALE_SIGHT_PARTIAL, "",
			  "%s: %zu of its %zu disks were read", where, h->read,
			  ms->n);
	else if (h->asleep)
		smart_see(d, HALE_SIGHT_PARTIAL, "",
			  "%s: %zu of its %zu disks sleep", where, h->asleep,
			  h->read);
}

static const struct controller *controller_of(const struct smart_disk *d)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(controllers); i++) {
		if (strcmp(controllers[i].driver, d->host_driver) == 0)
			return &controllers[i];
	}
	return NULL;
}

static int ask_behind(struct smart_visit *v, const struct controller *c,
		      struct members *ms)
{
	struct harvest h = { 0 };

	if (c->device && !c->device[0])
		h.error = scan(v, ms);
	else
		enumerate(v, c, ms);
	if (h.error == 0)
		ask_members(v, ms, &h);
	see(v->disk, ms, &h);
	return 0;
}

int smart_raid_ask(struct smart_visit *v)
{
	const struct controller *c = controller_of(v->disk);
	_cleanup_free_ struct members *ms = NULL;

	if (!c) {
		smart_see(v->disk, HALE_SIGHT_BLIND, "use its maker's tools",
			  "behind a RAID controller (%s), which hale does not "
			  "see through",
			  v->disk->host_driver);
		return 0;
	}
	ms = calloc(1, sizeof(*ms));
	return ms ? ask_behind(v, c, ms) : -ENOMEM;
}

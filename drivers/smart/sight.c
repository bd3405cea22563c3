/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says how well each disk is seen, and all of them together. A disk that is not
 * seen in full gets a line of its own with what to do about it; the whole is
 * said before its parts. Invariant: what nobody read is never called seen.
 */
#include <errno.h>
#include <stdarg.h>

#include "smart.h"

void smart_see(struct smart_disk *d, enum hale_sight sight, const char *remedy,
	       const char *why, ...)
{
	char text[sizeof(d->sight.why)];
	va_list args;

	va_start(args, why);
	vsnprintf(text, sizeof(text), why, args);
	va_end(args);
	d->sight.sight = sight;
	d->sight.remedy = remedy;
	HALE_SET(d->sight.why, text);
}

void smart_see_error(struct smart_disk *d, int error, const char *what)
{
	switch (-error) {
	case EPERM:
	case EACCES:
		smart_see(d, HALE_SIGHT_BLIND,
			  "run haled as root, with CAP_SYS_RAWIO and "
			  "CAP_SYS_ADMIN",
			  "not permitted to ask it: %s", what);
		break;
	case ETIMEDOUT:
		smart_see(d, HALE_SIGHT_BLIND, "",
			  "%s did not return within %d s", what,
			  SMART_TIMEOUT_S);
		break;
	case ENOENT:
		smart_see(d, HALE_SIGHT_BLIND, "let /dev show it",
			  "there is no /dev/%s", d->name);
		break;
	case EREMOTEIO:
		smart_see(d, HALE_SIGHT_BLIND, "", "%s was refused", what);
		break;
	case EBADMSG:
		smart_see(d, HALE_SIGHT_BLIND, "", "%s came damaged", what);
		break;
	default:
		smart_see(d, HALE_SIGHT_BLIND, "", "%s: %s", what,
			  strerrordesc_np(-error) ? strerrordesc_np(-error)
						  : "failed");
		break;
	}
}

bool smart_tells_health(const struct hale_disk_reading *d)
{
	static const enum hale_disk_value others[] = {
		HALE_DISK_POWER_ON_HOURS,    HALE_DISK_TEMPERATURE,
		HALE_DISK_TEMPERATURE_LIMIT, HALE_DISK_TEMPERATURE_CRITICAL,
		HALE_DISK_NON_MEDIUM,	     HALE_DISK_UNSAFE_SHUTDOWNS,
	};
	uint64_t known = d->known;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(others); i++)
		known &= ~(UINT64_C(1) << others[i]);
	return known != 0 || d->n_attributes > 0;
}

/* Seen in full, or asleep: nobody has to do anything. */
static bool is_well(const struct smart_disk *d)
{
	return d->sight.sight == HALE_SIGHT_LIVE || d->sight.asleep;
}

struct tally {
	size_t well, blind, n;
	const struct smart_disk *first; /* that is not well */
	bool one_why;			/* the same for all that are not */
};

static struct tally count(const struct smart_disk *disks, size_t n)
{
	struct tally t = { .n = n, .one_why = true };

	for (size_t i = 0; i < n; i++) {
		if (is_well(&disks[i])) {
			t.well++;
			continue;
		}
		t.blind += disks[i].sight.sight == HALE_SIGHT_BLIND;
		if (!t.first)
			t.first = &disks[i];
		else if (strcmp(t.first->sight.why, disks[i].sight.why) != 0)
			t.one_why = false;
	}
	return t;
}

static void say_whole(struct hale_probe *p, const struct tally *t)
{
	char why[128] = "";
	const char *remedy = "";

	if (t->n == 0) {
		hale_emit_coverage(p, HALE_SENSE_DISK_HEALTH, HALE_SIGHT_BLIND,
				   "there is no disk here to ask", "");
		return;
	}
	if (t->well == t->n) {
		hale_emit_coverage(p, HALE_SENSE_DISK_HEALTH, HALE_SIGHT_LIVE,
				   "", "");
		return;
	}
	if (t->one_why)
		remedy = t->first->sight.remedy;
	if (t->well == 0 && t->one_why)
		HALE_SET(why, t->first->sight.why);
	else if (t->one_why)
		snprintf(why, sizeof(why), "%zu of %zu disks: %.70s",
			 t->n - t->well, t->n, t->first->sight.why);
	else
		snprintf(why, sizeof(why),
			 "%zu of %zu disks are not seen, or not in full",
			 t->n - t->well, t->n);
	hale_emit_coverage(p, HALE_SENSE_DISK_HEALTH,
			   t->blind == t->n ? HALE_SIGHT_BLIND
					    : HALE_SIGHT_PARTIAL,
			   why, remedy);
}

void smart_say_sights(struct hale_probe *p, const struct smart_disk *disks,
		      size_t n)
{
	struct tally t = count(disks, n);

	say_whole(p, &t);
	for (size_t i = 0; i < n; i++) {
		const struct smart_sight *s = &disks[i].sight;

		if (s->sight != HALE_SIGHT_LIVE)
			hale_emit_part_coverage(p, HALE_SENSE_DISK_HEALTH,
						&(struct hale_part_sight){
							disks[i].name, s->why,
							s->remedy, s->sight });
	}
}

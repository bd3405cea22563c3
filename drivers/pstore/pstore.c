/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver pstore: how the boots before this one ended. Reads what crashed
 * kernels have saved (EFI variables, ERST, ramoops), where systemd has put it,
 * and what the firmware has kept. A panic is told with its reason, and a
 * machine check that led to it with the processor. Deletes nothing.
 *
 * Observations of this driver: COUNTERs that stand at 1, one a record.
 */
#include <errno.h>
#include <linux/capability.h>

#include "pstore.h"

#define FOLDER	"sys/fs/pstore"
#define ARCHIVE "var/lib/systemd/pstore"

/* systemd's folders: by time, then by part. */
#define ARCHIVE_DEPTH 3

static void cover(struct hale_probe *p, enum hale_sight sight, const char *why,
		  const char *remedy)
{
	hale_emit_coverage(p, HALE_SENSE_CRASHES, sight, why, remedy);
}

/* Which kind of memory outlives a crash here; "(null)" or "": none. */
static bool has_backend(const struct pstore *s)
{
	char text[32];
	int n = hale_read_at(s->p->root_fd,
			     "sys/module/pstore/parameters/backend", text,
			     sizeof(text));

	return n > 0 && text[0] != '(';
}

/* Its folder is there in any case, and empty where it is not mounted. */
static bool is_mounted(struct pstore *s)
{
	int n = hale_read_at(s->p->root_fd, "proc/self/mounts", s->text,
			     PSTORE_RECORD_MAX);

	return n == -EMSGSIZE || strstr(s->text, " /" FOLDER " pstore ");
}

struct sight {
	const char *why, *remedy;
};

/* What keeps crashes from being seen; NULL: nothing. */
static const struct sight *blindness(struct pstore *s, int kept)
{
	static const struct sight refused = {
		"/sys/fs/pstore cannot be read: permission denied",
		"run haled as root"
	};
	static const struct sight absent = {
		"there is no /sys/fs/pstore: a container, or a kernel without "
		"PSTORE",
		"run haled on the host"
	};
	static const struct sight nowhere = {
		"no memory that outlives a crash: neither EFI variables nor "
		"ERST nor ramoops",
		"load efi_pstore, or ramoops with memory set aside for it"
	};
	static const struct sight unmounted = {
		"pstore is not mounted", "mount -t pstore pstore /sys/fs/pstore"
	};

	if (kept == -EACCES || kept == -EPERM)
		return &refused;
	if (kept < 0)
		return &absent;
	if (s->n_read || s->n_mute)
		return NULL;
	if (!has_backend(s))
		return &nowhere;
	return is_mounted(s) ? NULL : &unmounted;
}

static void say_coverage(struct pstore *s, int kept, bool bert)
{
	const struct sight *blind = blindness(s, kept);
	char why[128];

	if (blind) {
		cover(s->p, bert ? HALE_SIGHT_PARTIAL : HALE_SIGHT_BLIND,
		      blind->why, blind->remedy);
	} else if (s->n_mute) {
		snprintf(why, sizeof(why),
			 "%u records cannot be read, %s first: compressed?",
			 s->n_mute, s->mute);
		cover(s->p, HALE_SIGHT_PARTIAL, why, "");
	} else {
		cover(s->p, HALE_SIGHT_LIVE, "", "");
	}
}

static int pass(struct pstore *s)
{
	int kept = pstore_folder(s, FOLDER, 0);
	int archived = pstore_folder(s, ARCHIVE, ARCHIVE_DEPTH);

	if (kept == -ENOMEM || archived == -ENOMEM)
		return -ENOMEM;
	say_coverage(s, kept, pstore_bert(s));
	return 0;
}

static int pstore_sample(struct hale_probe *p)
{
	struct pstore s = { .p = p };
	char error[256];
	int r;

	/* CLOCK_BOOTTIME 0 */
	s.boot_ns = p->boot_to_agent_ns > 0 ? (uint64_t)p->boot_to_agent_ns : 1;
	s.text = malloc(PSTORE_RECORD_MAX);
	if (!s.text)
		return -ENOMEM;
	r = hale_rules_new(&hale_rules_kmsg, 1, NULL, error, &s.rules);
	if (r == 0)
		r = pass(&s);
	hale_rules_free(s.rules);
	free(s.text);
	return r;
}

HALE_DRIVER(pstore) = {
	.name = "pstore",
	.about =
		"crashes of earlier boots, and the hardware errors before them",
	/* records come with a boot; an oops that kills nothing adds one */
	.period_ms = 60 * 60 * 1000,
	.deadline_ms = 5000,
	.senses = 1U << HALE_SENSE_CRASHES,
	/* root's files, and the log of another boot is as the log of this one
	 */
	.capabilities = UINT64_C(1) << CAP_DAC_READ_SEARCH |
			UINT64_C(1) << CAP_SYSLOG,
	.may_block = true,
	.scans = true,
	.sample = pstore_sample,
};

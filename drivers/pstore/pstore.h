/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_PSTORE_PSTORE_H
#define DRIVERS_PSTORE_PSTORE_H

/* Private to the driver pstore: what its rooms hand each other. */

#include "hale/base.h"
#include "hale/driver.h"
#include "hale/rules.h"

enum {
	PSTORE_RECORDS_MAX = 64,	/* the newest */
	PSTORE_RECORD_MAX = 256 * 1024, /* ramoops' largest are of 128 KiB */
	PSTORE_FINDINGS_MAX = 8,	/* hardware errors told of a record */
	PSTORE_AGE_DAYS = 30,		/* archives are kept for years */
};

/* One hardware error that the crashed kernel has told. */
struct pstore_error {
	enum hale_condition condition;
	char part[HALE_PART_MAX]; /* "cpu/1", "dimm/DIMM_A1", "host" */
	char line[HALE_EVIDENCE_MAX];
};

/* What a record of text says. */
struct pstore_story {
	bool crashed;
	char reason[HALE_EVIDENCE_MAX]; /* "Kernel panic - not syncing: …" */
	unsigned int n_errors;
	struct pstore_error errors[PSTORE_FINDINGS_MAX];
};

/**
 * pstore_read() - the story in the saved log of a crashed kernel
 * @text: @len bytes of anything, as fs/pstore/platform.c writes it: a first
 *        line such as "Panic#1 Part1", then the log.
 *
 * Pure. Return: false where it is no text (compressed, or another format).
 */
bool pstore_read(const struct hale_rules *rules, const char *text, size_t len,
		 struct pstore_story *ret_story);

/* A name and a text to the number that tells it from others, never UINT32_MAX
 */
uint32_t pstore_hash(const char *name, const char *text, size_t len,
		     uint64_t time_ns);

/* One pass. */
struct pstore {
	struct hale_probe *p;
	struct hale_rules *rules;
	uint64_t boot_ns; /* agent time of this boot */
	unsigned int n_read, n_mute;
	char mute[64]; /* the first record that could not be read */
	bool panicked; /* some record tells of it */
	char *text;    /* PSTORE_RECORD_MAX bytes */
};

/* records.c: those of the kernel's own folder, then of systemd's. -ENOENT:
 * there is no such folder; else how many were read. */
int pstore_folder(struct pstore *s, const char *path, unsigned int depth);

/* say.c: what a record tells, each once in all boots. */
void pstore_say(struct pstore *s, const char *name, uint64_t time_ns,
		uint32_t hash, const struct pstore_story *story);
void pstore_say_error(struct pstore *s, const char *name, uint64_t time_ns,
		      uint32_t hash, const struct pstore_error *e);

/* bert.c: the Boot Error Record Table. False: the firmware has none. */
bool pstore_bert(struct pstore *s);

/**
 * pstore_bert_read() - the severe errors of a generic error status block
 * @block: @len bytes of anything (ACPI 6.5, 18.3.2.7; UEFI 2.10, appendix N)
 *
 * Pure. Return: how many of @ret_errors were filled.
 */
unsigned int
pstore_bert_read(const uint8_t *block, size_t len,
		 struct pstore_error ret_errors[PSTORE_FINDINGS_MAX]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Boot Error Record Table: what the firmware has kept of an error that
 * ended the boot before. The table only says where the record lies; the kernel
 * gives that out beside it. Bytes of a firmware: every length is held against
 * what is there, and a section of an unknown kind is a hardware error all the
 * same if it is fatal. Corrected errors are no news a boot later.
 */
#include <endian.h>
#include <fcntl.h>

#include "pstore.h"

/* Sizes and offsets in bytes: ACPI 6.5, tables 18.11 and 18.12. */
enum {
	STATUS_HEADER = 20,
	STATUS_RAW_OFFSET = 4,
	STATUS_DATA_LENGTH = 12,
	ENTRY_SEVERITY = 16,
	ENTRY_REVISION = 20,
	ENTRY_LENGTH = 24,
	ENTRY_HEADER = 64,
	ENTRY_HEADER_V3 = 72, /* from revision 0x0300: with a time */
	MEMORY_VALID = 0,     /* UEFI 2.10, N.2.5 */
	MEMORY_NODE = 32,
	MEMORY_CARD = 34,
	MEMORY_MODULE = 36,
	MEMORY_SIZE = 73,
	BERT_MAX = 65536,
};

enum severity {
	RECOVERABLE,
	FATAL,
	CORRECTED,
	INFORMATIONAL,
};

struct section_kind {
	uint8_t guid[16];
	enum hale_condition condition;
	const char *part, *what;
};

/* UEFI 2.10, N.2.2; a GUID's first three numbers are little endian. */
static const struct section_kind kinds[] = {
	{ { 0x14, 0x11, 0xbc, 0xa5, 0x64, 0x6f, 0xde, 0x4e, 0xb8, 0x63, 0x3e,
	    0x83, 0xed, 0x7c, 0x83, 0xb1 },
	  HALE_MEMORY_UNCORRECTED,
	  "dimm/unknown",
	  "memory" },
	{ { 0x93, 0x76, 0x6c, 0x98, 0xb4, 0x47, 0xdb, 0x4b, 0xb6, 0x5e, 0x16,
	    0xf1, 0x93, 0xc4, 0xf3, 0xdb },
	  HALE_CPU_MACHINE_CHECK,
	  "cpu/unknown",
	  "processor" },
	{ { 0xb0, 0xa0, 0x3e, 0xdc, 0x44, 0xa1, 0x97, 0x47, 0xb9, 0x5b, 0x53,
	    0xfa, 0x24, 0x2b, 0x6e, 0x1d },
	  HALE_CPU_MACHINE_CHECK,
	  "cpu/unknown",
	  "x86 processor" },
	{ { 0x16, 0x3d, 0x9e, 0xe1, 0x11, 0xbc, 0xe4, 0x11, 0x9c, 0xaa, 0xc2,
	    0x05, 0x1d, 0x5d, 0x46, 0xb0 },
	  HALE_CPU_MACHINE_CHECK,
	  "cpu/unknown",
	  "ARM processor" },
	{ { 0x54, 0xe9, 0x95, 0xd9, 0xc1, 0xbb, 0x0f, 0x43, 0xad, 0x91, 0xb4,
	    0x4d, 0xcb, 0x3c, 0x6f, 0x35 },
	  HALE_BUS_PCIE_ERROR,
	  "pci/unknown",
	  "PCI Express" },
};

static const struct section_kind other_kind = { .condition =
							HALE_CPU_MACHINE_CHECK,
						.part = "cpu/unknown",
						.what = "hardware" };

static uint32_t le32(const uint8_t *at)
{
	uint32_t n;

	memcpy(&n, at, sizeof(n));
	return le32toh(n);
}

static uint16_t le16(const uint8_t *at)
{
	uint16_t n;

	memcpy(&n, at, sizeof(n));
	return le16toh(n);
}

static const struct section_kind *kind_of(const uint8_t *guid)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(kinds); i++) {
		if (memcmp(kinds[i].guid, guid, 16) == 0)
			return &kinds[i];
	}
	return &other_kind;
}

/* "node 0 card 1 module 2", as far as the firmware knows. */
static void place(const uint8_t *memory, size_t len, char *text, size_t size)
{
	static const struct {
		unsigned int bit;
		size_t at;
		const char *word;
	} fields[] = {
		{ 3, MEMORY_NODE, "node" },
		{ 4, MEMORY_CARD, "card" },
		{ 5, MEMORY_MODULE, "module" },
	};
	size_t used = 0;

	text[0] = '\0';
	if (len < MEMORY_SIZE)
		return;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(fields) && used < size; i++) {
		if (le32(memory + MEMORY_VALID) >> fields[i].bit & 1)
			used += (size_t)snprintf(text + used, size - used,
						 " %s %u", fields[i].word,
						 le16(memory + fields[i].at));
	}
}

static void describe(const uint8_t *entry, const uint8_t *data, size_t len,
		     struct pstore_error *e)
{
	const struct section_kind *kind = kind_of(entry);
	bool fatal = le32(entry + ENTRY_SEVERITY) == FATAL;
	char where[64] = "";

	if (kind->condition == HALE_MEMORY_UNCORRECTED)
		place(data, len, where, sizeof(where));
	e->condition = kind->condition;
	HALE_SET(e->part, kind->part);
	snprintf(e->line, sizeof(e->line),
		 "the firmware recorded a %s %s error%s before this boot",
		 fatal ? "fatal" : "severe", kind->what, where);
}

static bool is_nothing(const uint8_t *guid)
{
	static const uint8_t zeros[16];

	return memcmp(guid, zeros, sizeof(zeros)) == 0;
}

/* The sections of one status block, @left bytes of them. */
static void read_sections(const uint8_t *at, size_t left,
			  struct pstore_error *errors, unsigned int *n)
{
	while (left >= ENTRY_HEADER && *n < PSTORE_FINDINGS_MAX) {
		size_t head = le16(at + ENTRY_REVISION) >= 0x300
				      ? ENTRY_HEADER_V3
				      : ENTRY_HEADER;
		size_t data = le32(at + ENTRY_LENGTH);

		if (head > left || data > left - head)
			return;
		if (le32(at + ENTRY_SEVERITY) <= FATAL && !is_nothing(at))
			describe(at, at + head, data, &errors[(*n)++]);
		at += head + data;
		left -= head + data;
	}
}

/*
 * The block status is not looked at: the kernel sets it to 0 once it has
 * printed the record (drivers/acpi/apei/bert.c), which is before we come. Its
 * length it leaves; that is 0 where there is none.
 */
unsigned int
pstore_bert_read(const uint8_t *block, size_t len,
		 struct pstore_error ret_errors[PSTORE_FINDINGS_MAX])
{
	unsigned int n = 0;

	while (len >= STATUS_HEADER && n < PSTORE_FINDINGS_MAX) {
		size_t data = le32(block + STATUS_DATA_LENGTH);

		if (data == 0)
			break;
		if (data > len - STATUS_HEADER)
			data = len - STATUS_HEADER;
		read_sections(block + STATUS_HEADER, data, ret_errors, &n);
		block += STATUS_HEADER + data;
		len -= STATUS_HEADER + data;
	}
	return n;
}

static ssize_t read_bytes(const struct pstore *s, const char *path,
			  uint8_t *bytes, size_t size)
{
	_cleanup_fd_ int fd = openat(s->p->root_fd, path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : pread(fd, bytes, size, 0);
}

bool pstore_bert(struct pstore *s)
{
	_cleanup_free_ uint8_t *bytes = malloc(BERT_MAX);
	struct pstore_error errors[PSTORE_FINDINGS_MAX];
	unsigned int n_errors;
	ssize_t n;

	if (!bytes || faccessat(s->p->root_fd, "sys/firmware/acpi/tables/BERT",
				F_OK, 0) < 0)
		return false;
	n = read_bytes(s, "sys/firmware/acpi/tables/data/BERT", bytes,
		       BERT_MAX);
	if (n <= 0)
		return true;
	n_errors = pstore_bert_read(bytes, (size_t)n, errors);
	/* the same bytes again, after a kexec or a warm reset, are no news */
	for (unsigned int i = 0; i < n_errors; i++)
		pstore_say_error(
			s, "BERT", s->boot_ns,
			pstore_hash("BERT", (const char *)bytes, (size_t)n, i),
			&errors[i]);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Core dumps that a full disk or a liar has touched: cut at every byte, each
 * byte changed. What is told of them stays within its bounds, is of the right
 * process or of none, and ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <signal.h>

#include "hale/text.h"

#include "core_bytes.h"

static struct core_bytes whole, damaged;
static struct hale_coredump dump;

static void put(const void *bytes, size_t len)
{
	assert_true(whole.len + len <= sizeof(whole.bytes));
	memcpy(whole.bytes + whole.len, bytes, len);
	whole.len += len;
}

static void note(uint32_t type, const void *desc, size_t len)
{
	const Elf64_Nhdr head = { 5, (Elf64_Word)len, type };

	put(&head, sizeof(head));
	put("CORE\0\0\0", 8);
	put(desc, len);
	put("\0\0\0", (4 - len % 4) % 4);
}

static void notes(void)
{
	static const char paths[] = "/usr/bin/ld\0/lib/libc.so.6";
	const uint64_t table[] = { 2, 4096,    0x10000, 0x12000,
				   0, 0x20000, 0x22000, 1 };
	const uint32_t ids[6] = { 1000, 100, 4711, 4000, 4711, 3000 };
	uint8_t process[136] = { 0 }, signal[128] = { SIGBUS };
	uint8_t files[sizeof(table) + sizeof(paths)];
	const uint64_t address = 0x20010;

	memcpy(process + 16, ids, sizeof(ids));
	memcpy(process + 40, "ld", 2);
	memcpy(process + 56, "ld -o a", 7);
	signal[8] = 2;
	memcpy(signal + 16, &address, sizeof(address));
	memcpy(files, table, sizeof(table));
	memcpy(files + sizeof(table), paths, sizeof(paths));
	note(NT_PRPSINFO, process, sizeof(process));
	note(NT_SIGINFO, signal, sizeof(signal));
	note(NT_FILE, files, sizeof(files));
}

static int make(void **state)
{
	Elf64_Ehdr head = { .e_type = ET_CORE,
			    .e_machine = EM_X86_64,
			    .e_version = EV_CURRENT,
			    .e_phoff = sizeof(head),
			    .e_ehsize = sizeof(head),
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 1 };
	Elf64_Phdr part = { .p_type = PT_NOTE,
			    .p_offset = sizeof(head) + sizeof(part) };

	(void)state;
	memcpy(head.e_ident, ELFMAG, SELFMAG);
	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	put(&head, sizeof(head));
	put(&part, sizeof(part));
	notes();
	part.p_filesz = whole.len - part.p_offset;
	memcpy(whole.bytes + sizeof(head), &part, sizeof(part));
	return 0;
}

static int take(struct core_bytes *c)
{
	const struct hale_coredump_source s = { core_read, c };

	memset(&dump, 0, sizeof(dump));
	return hale_coredump_read(&s, &dump);
}

static void assert_bounded(void)
{
	const struct hale_victim *v = &dump.victim;

	assert_in_range(v->signal, 1, 64);
	assert_true(v->n_files <= HALE_VICTIM_FILES_MAX);
	assert_true(hale_text_printable(v->comm, sizeof(v->comm)));
	assert_true(hale_text_printable(v->exe, sizeof(v->exe)));
	assert_true(hale_text_printable(dump.args, sizeof(dump.args)));
	for (uint32_t i = 0; i < v->n_files; i++)
		assert_true(hale_text_printable(v->files[i].path,
						sizeof(v->files[i].path)));
}

static void cut_anywhere(void **state)
{
	unsigned int told = 0;

	(void)state;
	for (size_t len = 0; len < whole.len; len++) {
		damaged = whole;
		damaged.len = len;
		if (take(&damaged) < 0)
			continue;
		told++;
		assert_bounded();
		/* what is left of it is not another's */
		assert_int_equal(dump.victim.signal, SIGBUS);
		assert_true(dump.victim.pid == 4711 || dump.victim.pid == 0);
	}
	assert_in_range(told, 1, whole.len - sizeof(Elf64_Ehdr));
}

static void any_byte_is_another(void **state)
{
	static const uint8_t masks[] = { 0x01, 0x80, 0xff };

	(void)state;
	for (size_t i = 0; i < whole.len * 3; i++) {
		damaged = whole;
		damaged.bytes[i / 3] ^= masks[i % 3];
		if (take(&damaged) == 0)
			assert_bounded();
	}
	assert_int_equal(take(&whole), 0);
	assert_string_equal(dump.victim.comm, "ld");
	assert_true(dump.victim.files[0].faulted);
}

/* Whose disk does not give it: that is no empty dump. */
static ssize_t no_read(void *data, uint64_t offset, void *buf, size_t size)
{
	(void)data;
	(void)offset;
	(void)buf;
	(void)size;
	return -EIO;
}

static void that_cannot_be_read(void **state)
{
	const struct hale_coredump_source s = { no_read, NULL };

	(void)state;
	assert_true(hale_coredump_read(&s, &dump) < 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(any_byte_is_another),
		cmocka_unit_test(that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, make, NULL);
}

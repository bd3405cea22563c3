/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Core dumps: what is read of a well-formed one, that a damaged one is refused
 * or told as far as it goes, and one that this kernel has just written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "core_bytes.h"

#define BASE UINT64_C(0x55550000)

static const char *const names[] = { "/usr/bin/cc1plus", "/lib/libc.so.6",
				     "/build/pch.gch" };
static struct core_bytes core;
static struct hale_coredump dump;

/* --- bytes as Linux lays them out, one note at a time --- */

static void core_put(struct core_bytes *c, const void *b, size_t n)
{
	if (c->len + n <= sizeof(c->bytes)) {
		memcpy(c->bytes + c->len, b, n);
		c->len += n;
	}
}

static void core_put64(struct core_bytes *c, uint64_t n)
{
	core_put(c, &n, sizeof(n));
}

/* Its head, with one PT_NOTE and one PT_LOAD. */
static void core_begin(struct core_bytes *c, uint16_t machine)
{
	Elf64_Ehdr head = { .e_type = ET_CORE,
			    .e_machine = machine,
			    .e_version = EV_CURRENT,
			    .e_phoff = sizeof(head),
			    .e_ehsize = sizeof(head),
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 2 };
	Elf64_Phdr phdr[2] = { { .p_type = PT_NOTE }, { .p_type = PT_LOAD } };

	memset(c, 0, sizeof(*c));
	memcpy(head.e_ident, ELFMAG, SELFMAG);
	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	phdr[0].p_offset = sizeof(head) + sizeof(phdr);
	core_put(c, &head, sizeof(head));
	core_put(c, phdr, sizeof(phdr));
	c->notes = c->len;
}

static void core_note(struct core_bytes *c, uint32_t type, const void *desc,
		      size_t size)
{
	const Elf64_Nhdr head = { 5, (Elf64_Word)size, type };

	core_put(c, &head, sizeof(head));
	core_put(c, "CORE\0\0\0", 8);
	core_put(c, desc, size);
	core_put(c, "\0\0\0", (4 - size % 4) % 4);
}

static void core_end(struct core_bytes *c)
{
	Elf64_Phdr notes;

	memcpy(&notes, c->bytes + sizeof(Elf64_Ehdr), sizeof(notes));
	notes.p_filesz = c->len - c->notes;
	memcpy(c->bytes + sizeof(Elf64_Ehdr), &notes, sizeof(notes));
}

static void core_siginfo(struct core_bytes *c, int32_t signal, int32_t code,
			 uint64_t address)
{
	uint8_t b[128] = { 0 };

	memcpy(b, &signal, 4);
	memcpy(b + 8, &code, 4);
	memcpy(b + 16, &address, 8);
	core_note(c, NT_SIGINFO, b, sizeof(b));
}

static void core_psinfo(struct core_bytes *c, const char *name,
			const char *args)
{
	const uint32_t ids[6] = { 1000, 100, 4711, 4000, 4711, 3000 };
	char b[136] = { 0 };

	memcpy(b + 16, ids, sizeof(ids));
	hale_copy(b + 40, 16, name, strlen(name));
	hale_copy(b + 56, 80, args, strlen(args));
	core_note(c, NT_PRPSINFO, b, sizeof(b));
}

/* Two pages each, one after the other from @address on; the first page of the
 * file is the n-th. */
static void core_files(struct core_bytes *c, uint64_t address,
		       const char *const *paths, size_t n)
{
	struct core_bytes f = { .len = 0 };

	core_put64(&f, n);
	core_put64(&f, 4096);
	for (uint64_t i = 0; i < n; i++) {
		core_put64(&f, address + i * 8192);
		core_put64(&f, address + i * 8192 + 8192);
		core_put64(&f, i);
	}
	for (size_t i = 0; i < n; i++)
		core_put(&f, paths[i], strlen(paths[i]) + 1);
	core_note(c, NT_FILE, f.bytes, f.len);
}

static int take(struct core_bytes *c)
{
	const struct hale_coredump_source s = { core_read, c };

	memset(&dump, 0, sizeof(dump));
	return hale_coredump_read(&s, &dump);
}

static void make(uint64_t address)
{
	core_begin(&core, EM_X86_64);
	core_note(&core, NT_PRSTATUS, "registers", 9);
	core_psinfo(&core, "cc1plus", "cc1plus -O2 a.cc");
	core_siginfo(&core, SIGBUS, 2, address);
	core_files(&core, BASE, names, HALE_ARRAY_SIZE(names));
	core_note(&core, NT_FPREGSET, "more", 4);
	core_end(&core);
}

static void test_a_compiler_that_died(void **state)
{
	const struct hale_victim *v = &dump.victim;

	(void)state;
	make(BASE + 2 * 8192 + 4100);
	assert_int_equal(take(&core), 0);
	assert_int_equal(v->signal, SIGBUS);
	assert_true(v->code_known && v->address_known && v->dumped);
	assert_int_equal(v->code, 2);
	assert_int_equal(v->pid, 4711);
	assert_int_equal(v->parent, 4000);
	assert_int_equal(v->session, 3000);
	assert_int_equal(v->uid, 1000);
	assert_int_equal(v->witnesses, HALE_WITNESS_CORE);
	assert_string_equal(v->comm, "cc1plus");
	assert_string_equal(v->exe, names[0]);
	assert_string_equal(dump.args, "cc1plus -O2 a.cc");
	assert_int_equal(dump.n_mapped, 3);
	assert_int_equal(v->n_files, 3);
	assert_true(v->files[0].faulted);
	assert_string_equal(v->files[0].path, names[2]);
	/* the second page of a mapping that begins at the third of the file */
	assert_true(dump.fault_in_file);
	assert_int_equal(dump.fault_offset, 2 * 4096 + 4100);
	assert_true(hale_coredump_is_truncated(&dump, 3 * 4096));
	assert_false(hale_coredump_is_truncated(&dump, 3 * 4096 + 1));
	assert_true(hale_coredump_is_truncated(&dump, 0));
}

static void test_a_fault_in_no_file(void **state)
{
	(void)state;
	make(64);
	assert_int_equal(take(&core), 0);
	assert_false(dump.fault_in_file);
	assert_false(dump.victim.files[0].faulted);
	assert_false(hale_coredump_is_truncated(&dump, 0));
}

/* Of many files the one of the fault is told of, and the program. */
static void test_many_files(void **state)
{
	static const char *many[40];
	static char text[40][32];

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(text[i], sizeof(text[i]), "/lib/lib%d.so", i);
		many[i] = text[i];
	}
	many[0] = "/usr/bin/ld";
	many[20] = "/build/a.o";
	core_begin(&core, EM_AARCH64);
	core_psinfo(&core, "ld", "ld");
	core_siginfo(&core, SIGBUS, 2, BASE + 33 * 8192);
	core_files(&core, BASE, many, 40);
	core_end(&core);
	assert_int_equal(take(&core), 0);
	assert_int_equal(dump.n_mapped, 40);
	assert_int_equal(dump.victim.n_files, HALE_VICTIM_FILES_MAX);
	assert_string_equal(dump.victim.files[0].path, "/lib/lib33.so");
	assert_string_equal(dump.victim.exe, "/usr/bin/ld");
	for (uint32_t i = 0; i < dump.victim.n_files; i++) {
		if (strcmp(dump.victim.files[i].path, "/build/a.o") == 0)
			return;
	}
	fail_msg("the one that is no library is missing");
}

static void test_what_was_sent_has_no_address(void **state)
{
	(void)state;
	core_begin(&core, EM_X86_64);
	core_psinfo(&core, "cc1", "cc1");
	core_siginfo(&core, SIGABRT, -6, 0x1234);
	core_end(&core);
	assert_int_equal(take(&core), 0);
	assert_false(dump.victim.address_known);
	assert_int_equal(dump.victim.code, -6);
}

static void test_what_is_no_core_dump(void **state)
{
	(void)state;
	memset(&core, 0, sizeof(core));
	assert_int_equal(take(&core), -ENOEXEC);
	core.len = 5000;
	assert_int_equal(take(&core), -ENOEXEC);
	make(BASE);
	core.bytes[EI_CLASS] = ELFCLASS32;
	assert_int_equal(take(&core), -EOPNOTSUPP);
	make(BASE);
	core.bytes[16] = ET_EXEC;
	assert_int_equal(take(&core), -ENOEXEC);
	make(BASE);
	core.bytes[18] = 8; /* MIPS: its siginfo is another */
	assert_int_equal(take(&core), -EOPNOTSUPP);
	core_begin(&core, EM_X86_64);
	core_end(&core);
	assert_int_equal(take(&core), -EBADMSG);
}

/* Cut anywhere: it is refused, or what it says is what the whole one says. */
static void test_cut_short(void **state)
{
	size_t whole, good = 0;

	(void)state;
	make(BASE);
	whole = core.len;
	for (size_t len = 0; len < whole; len++) {
		core.len = len;
		if (take(&core) != 0)
			continue;
		good++;
		assert_int_equal(dump.victim.signal, SIGBUS);
		assert_int_equal(dump.victim.pid, 4711);
	}
	assert_true(good > 0);
}

static void test_lengths_that_lie(void **state)
{
	uint64_t huge = UINT64_MAX / 24;
	size_t at;

	(void)state;
	make(BASE);
	/* the count of the files: after their note's head and name */
	for (at = core.notes; at + 16 < core.len; at++) {
		uint64_t n, page;

		memcpy(&n, core.bytes + at, 8);
		memcpy(&page, core.bytes + at + 8, 8);
		if (n == 3 && page == 4096)
			break;
	}
	memcpy(core.bytes + at, &huge, 8);
	assert_int_equal(take(&core), 0);
	assert_int_equal(dump.victim.n_files, 0);
	make(BASE);
	memset(core.bytes + core.notes + 4, 0xff,
	       4); /* the first note's size */
	assert_int_equal(take(&core), -EBADMSG);
}

static ssize_t read_fd(void *data, uint64_t offset, void *buf, size_t size)
{
	ssize_t n = pread(*(int *)data, buf, size, (off_t)offset);

	return n < 0 ? -errno : n;
}

static _Noreturn void crash(const char *folder)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	char *p;
	int fd;

	if (chdir(folder) < 0 || setrlimit(RLIMIT_CORE, &all) < 0)
		_exit(1);
	signal(SIGBUS, SIG_DFL); /* a sanitizer's */
	fd = open("data", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, 8192) < 0)
		_exit(2);
	p = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED || ftruncate(fd, 0) < 0)
		_exit(3);
	_exit(((volatile char *)p)[4096] + 1);
}

static void remove_all(const char *folder)
{
	char pattern[64];
	glob_t g;

	snprintf(pattern, sizeof(pattern), "%s/*", folder);
	if (glob(pattern, 0, NULL, &g) == 0) {
		for (size_t i = 0; i < g.gl_pathc; i++)
			unlink(g.gl_pathv[i]);
		globfree(&g);
	}
	rmdir(folder);
}

/* Where this host writes core files beside the process. */
static void test_one_of_this_kernel(void **state)
{
	char folder[] = "/tmp/hale-core-XXXXXX", pattern[64], path[64];
	int status, fd;
	glob_t g;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(folder));
	pid = fork();
	if (pid == 0)
		crash(folder);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGBUS);
	snprintf(pattern, sizeof(pattern), "%s/core*", folder);
	snprintf(path, sizeof(path), "%s/data", folder);
	if (!WCOREDUMP(status) || glob(pattern, 0, NULL, &g) != 0) {
		remove_all(folder);
		skip();
	}
	fd = open(g.gl_pathv[0], O_RDONLY | O_CLOEXEC);
	globfree(&g);
	remove_all(folder);
	assert_true(fd >= 0);
	memset(&dump, 0, sizeof(dump));
	assert_int_equal(
		hale_coredump_read(
			&(const struct hale_coredump_source){ read_fd, &fd },
			&dump),
		0);
	close(fd);
	assert_int_equal(dump.victim.pid, pid);
	assert_int_equal(dump.victim.parent, getpid());
	assert_int_equal(dump.victim.code, BUS_ADRERR);
	assert_string_equal(dump.victim.files[0].path, path);
	assert_int_equal(dump.fault_offset, 4096);
	assert_true(hale_coredump_is_truncated(&dump, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_compiler_that_died),
		cmocka_unit_test(test_a_fault_in_no_file),
		cmocka_unit_test(test_many_files),
		cmocka_unit_test(test_what_was_sent_has_no_address),
		cmocka_unit_test(test_what_is_no_core_dump),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_lengths_that_lie),
		cmocka_unit_test(test_one_of_this_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver virt over recorded roots, over sparse files of this host, and what
 * it makes of numbers. A host's drive that is full is tests/lab's.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "drivers/virt/virt.h"

#include "facts.h"
#include "tree.h"

extern const struct hale_driver virt_driver;

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

struct said {
	struct hale_probe p;
	char *text;
	size_t len;
};

static void said_begin(struct said *s, int root_fd)
{
	*s = (struct said){ .p = { .root_fd = root_fd,
				   .event_fd = -1,
				   .once = true,
				   .now_ns = 1700000000 * HALE_NS_PER_S,
				   .emit = print } };
	s->p.sink = open_memstream(&s->text, &s->len);
	assert_non_null(s->p.sink);
}

static void said_end(struct said *s)
{
	free(s->text);
}

static const char *said(struct said *s)
{
	fclose(s->p.sink);
	return s->text;
}

static void recorded_roots(void **state)
{
	static const char *const fixtures[] = {
		"virt/wsl2", "virt/wsl2-no-drive", "virt/wsl1",	 "virt/kvm",
		"virt/xen",  "virt/hyperv",	   "virt/metal", "virt/torn",
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(fixtures); i++) {
		struct said s;
		struct tree t;

		tree_unpack(fixtures[i], &t);
		said_begin(&s, t.root_fd);
		assert_int_equal(virt_driver.sample(&s.p), 0);
		tree_remove(&t);
		tree_expect(fixtures[i], said(&s));
		said_end(&s);
	}
}

/* ARM's processors do not tell: there the firmware's word is taken, but for the
 * bare machines that clouds rent out. */
static void guests_whose_processor_does_not_tell(void **state)
{
	static const char *const features =
		"file proc/cpuinfo = processor\\x09:\\s0\\n"
		"Features\\x09:\\sfp\\sasimd\\n\\n";
	static const struct {
		const char *vendor, *product, *kind;
	} rows[] = {
		{ "Amazon\\sEC2", "m7g.large", "Amazon EC2" },
		{ "Amazon\\sEC2", "m7g.metal", NULL },
		{ "QEMU", "KVM\\sVirtual\\sMachine", "KVM" },
		{ "Ampere(R)", "Mt.\\sSnow", NULL },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		char line[160];
		const char *kind;
		struct tree t;

		tree_new(&t);
		tree_line(&t, features);
		snprintf(line, sizeof(line),
			 "file sys/class/dmi/id/sys_vendor = %s",
			 rows[i].vendor);
		tree_line(&t, line);
		snprintf(line, sizeof(line),
			 "file sys/class/dmi/id/product_name = %s",
			 rows[i].product);
		tree_line(&t, line);
		kind = virt_kind(t.root_fd);
		tree_remove(&t);
		if (rows[i].kind)
			assert_string_equal(kind, rows[i].kind);
		else
			assert_null(kind);
	}
}

/* The numbers are this host's, but it is about the right disks. */
static void wsl_disks_stand_on_the_drive(void **state)
{
	struct said s;
	struct tree t;
	const char *text;

	(void)state;
	tree_unpack("virt/wsl2", &t);
	said_begin(&s, t.root_fd);
	assert_int_equal(virt_driver.sample(&s.p), 0);
	tree_remove(&t);
	text = said(&s);
	assert_non_null(strstr(text, "measure backing_bytes disk=sdb "));
	assert_non_null(strstr(text, "measure backing_bytes disk=sdc "));
	assert_true(strstr(text, "fs.hung fs=0:61") < strstr(text, "measure"));
	said_end(&s);
}

static void a_full_drive(void **state)
{
	const struct virt_drive drive = { 0, 61, 'C', "/mnt/c", "9p" };
	const struct virt_room room = { 0, 476 * HALE_GIB };
	const struct virt_disks disks = { 1, { "sdc" } };
	struct said s;

	(void)state;
	said_begin(&s, -1);
	virt_say_drive(&s.p, &drive, &room, &disks, "WSL");
	assert_string_equal(
		said(&s),
		"observation measure backing_bytes disk=sdc value=0 "
		"total=511101108224 evidence=\"drive C: (/mnt/c, 9p) has 0 B "
		"of "
		"476 GiB free: the virtual disks of this WSL are files on "
		"it\"\n");
	said_end(&s);
}

/* Somebody of an earlier run still sits there. */
static void a_drive_that_hangs_is_not_asked_twice(void **state)
{
	static const char skip[1][HALE_PART_MAX] = { "0:61" };
	struct said s;
	struct tree t;
	const char *text;

	(void)state;
	tree_unpack("virt/wsl2", &t);
	said_begin(&s, t.root_fd);
	s.p.skip = skip;
	s.p.n_skip = 1;
	assert_int_equal(virt_driver.sample(&s.p), 0);
	tree_remove(&t);
	text = said(&s);
	assert_null(strstr(text, "measure"));
	assert_null(strstr(text, "hung"));
	assert_non_null(strstr(text, "coverage backing blind why=\"/mnt/c"));
	said_end(&s);
}

/* In a guest, the one who shares the host's folder says so. */
static void a_drive_by_option(void **state)
{
	static const struct hale_option option = { "host_drive", "/share" };
	struct said s;
	struct tree t;
	const char *text;

	(void)state;
	tree_unpack("virt/kvm", &t);
	tree_line(&t, "mount 30 20 0:44 / /share rw - 9p host rw,trans=virtio");
	tree_line(&t, "dir share");
	said_begin(&s, t.root_fd);
	s.p.options = &option;
	s.p.n_options = 1;
	assert_int_equal(virt_driver.sample(&s.p), 0);
	tree_remove(&t);
	text = said(&s);
	assert_non_null(strstr(text, "measure backing_bytes disk=vda "));
	assert_non_null(strstr(text, "evidence=\"host drive (/share, 9p) has"));
	assert_null(strstr(text, "disk=sda"));
	assert_non_null(strstr(text, "coverage backing live"));
	said_end(&s);
}

struct loop_case {
	struct virt_file file;
	const char *says;
};

static void loops_by_numbers(void **state)
{
	static const struct loop_case cases[] = {
		{ { 10 * HALE_GIB, 2 * HALE_GIB, 0, 50 * HALE_GIB, "/a.img" },
		  "observation measure backing_bytes disk=loop3 value=0 "
		  "total=53687091200 evidence=\"/a.img is sparse: 8 GiB of it "
		  "are not written yet, its filesystem has 0 B free\"\n" },
		/* all of it would still fit */
		{ { 10 * HALE_GIB, 9 * HALE_GIB, 2 * HALE_GIB, 50 * HALE_GIB,
		    "/a.img" },
		  "observation state virt.backing_full disk=loop3 holds=0 "
		  "value=0 total=0 evidence=\"\"\n" },
		/* written in full, with the filesystem's own bookkeeping */
		{ { HALE_GIB, HALE_GIB + 8192, 0, 50 * HALE_GIB, "/a.img" },
		  "observation state virt.backing_full disk=loop3 holds=0 "
		  "value=0 total=0 evidence=\"\"\n" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct said s;

		said_begin(&s, -1);
		virt_say_loop(&s.p, "loop3", &cases[i].file);
		assert_string_equal(said(&s), cases[i].says);
		said_end(&s);
	}
}

static char *look_at_loop(const struct tree *t)
{
	struct mounts *m;
	struct said s;

	assert_int_equal(mounts_new(t->root_fd, &m), 0);
	said_begin(&s, t->root_fd);
	virt_look_at_loops(&s.p, m);
	mounts_free(m);
	said(&s);
	return s.text;
}

static void a_sparse_file_of_this_host(void **state)
{
	struct tree t;
	char *text;
	int fd;

	(void)state;
	tree_new(&t);
	tree_line(&t, "block loop7 7:7 /devices/virtual/block/loop7");
	tree_line(&t, "@loop7/loop/backing_file = /disk.img");
	tree_line(&t, "@loop7/ro = 0");
	tree_line(&t, "mount 20 1 8:1 / / rw - ext4 /dev/sda1 rw");
	fd = openat(t.root_fd, "disk.img", O_CREAT | O_RDWR, 0600);
	assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
	text = look_at_loop(&t);
	assert_non_null(strstr(text, "fs.hung fs=8:1 holds=0"));
	assert_non_null(strstr(text, "measure backing_bytes disk=loop7"));
	assert_non_null(strstr(text, "/disk.img is sparse: "));
	free(text);
	assert_int_equal(ftruncate(fd, 4096), 0);
	text = look_at_loop(&t);
	assert_non_null(strstr(text, "virt.backing_full disk=loop7 holds=0"));
	free(text);
	/* what cannot be written needs no room */
	tree_line(&t, "@loop7/ro = 1");
	text = look_at_loop(&t);
	assert_string_equal(text, "");
	free(text);
	close(fd);
	tree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_roots),
		cmocka_unit_test(guests_whose_processor_does_not_tell),
		cmocka_unit_test(wsl_disks_stand_on_the_drive),
		cmocka_unit_test(a_full_drive),
		cmocka_unit_test(a_drive_that_hangs_is_not_asked_twice),
		cmocka_unit_test(a_drive_by_option),
		cmocka_unit_test(loops_by_numbers),
		cmocka_unit_test(a_sparse_file_of_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stable names of disks, from bytes and texts as firmware writes them. One
 * disk must come out under one name, from udev's properties as from sysfs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hale/base.h"

#include "drivers/disk_identity.h"

/* A designator of VPD page 83h: code set, association and type, length, id. */
#define LUN(type, len)	0x01, (type), 0x00, (len)
#define PORT(type, len) 0x61, 0x10 | (type), 0x00, (len)

/* Two designators: T10, as libata makes it (vendor, model of 40, serial of
 * 20), and NAA. */
static const unsigned char page_sata[96] =
	"\x00\x83\x00\x54"
	"\x02\x01\x00\x44"
	"ATA     ACME HD40EZ                             AC-1234             "
	"\x01\x03\x00\x08\x50\x01\x4e\xe2\xb1\x23\x45\x67";
enum {
	PAGE_SATA_LEN = 4 + 4 + 68 + 12
};

static const unsigned char page_array[] = {
	0x00, 0x83, 0x00, 12 + 20 + 12, PORT(3, 8), 0x50,	0x0a,	   0xaa,
	0xaa, 0xaa, 0xaa, 0xaa,		0xaa,	    LUN(3, 16), 0x60,	   0x05,
	0x08, 0xb1, 0x00, 0x1c,		0x7e,	    0x4a,	0x00,	   0x00,
	0x00, 0x00, 0x00, 0x00,		0x00,	    0xf1,	LUN(2, 8), 0x00,
	0x11, 0x22, 0x33, 0x44,		0x55,	    0x66,	0x77,
};

static void identity_is(const struct disk_names *names, const char *expected)
{
	char identity[HALE_PART_MAX];

	disk_identity(names, identity);
	assert_string_equal(identity, expected);
}

static void test_page_of_a_sata_disk(void **state)
{
	struct disk_names n = { 0 };

	(void)state;
	disk_names_from_vpd83(page_sata, PAGE_SATA_LEN, &n);
	assert_string_equal(n.wwn, "naa.50014ee2b1234567");
	assert_string_equal(n.model, "ACME HD40EZ");
	assert_string_equal(n.serial, "AC-1234");
	identity_is(&n, "disk/naa.50014ee2b1234567");
}

/* The port's id is not the disk's, and the array's LUNs share 8 bytes. */
static void test_page_of_an_array(void **state)
{
	struct disk_names n = { 0 };

	(void)state;
	disk_names_from_vpd83(page_array, sizeof(page_array), &n);
	identity_is(&n, "disk/naa.600508b1001c7e4a00000000000000f1");
}

/* A port's longer id must not win over the disk's own. */
static void test_id_of_the_port_is_not_the_disks(void **state)
{
	static const unsigned char page[] = {
		0x00, 0x83, 0x00, 20 + 12, PORT(3, 16), 0x60,	   1,	 2,
		3,    4,    5,	  6,	   7,		8,	   9,	 10,
		11,   12,   13,	  14,	   15,		LUN(3, 8), 0x50, 0x01,
		0x4e, 0xe2, 0xb1, 0x23,	   0x45,	0x67,
	};
	struct disk_names n = { 0 };

	(void)state;
	disk_names_from_vpd83(page, sizeof(page), &n);
	identity_is(&n, "disk/naa.50014ee2b1234567");
}

/* Cut at each byte: what comes out was there, and nothing beyond is read. */
static void test_page_cut_anywhere(void **state)
{
	(void)state;
	for (size_t len = 0; len <= PAGE_SATA_LEN; len++) {
		unsigned char *copy = malloc(len ? len : 1);
		struct disk_names n = { 0 };

		memcpy(copy, page_sata, len);
		disk_names_from_vpd83(copy, len, &n);
		free(copy);
		if (len < PAGE_SATA_LEN)
			assert_string_equal(n.wwn, "");
	}
}

static void test_page_that_lies(void **state)
{
	unsigned char page[sizeof(page_array)];
	struct disk_names n = { 0 };

	(void)state;
	/* claims more than there is */
	memcpy(page, page_array, sizeof(page));
	page[2] = page[3] = 0xff;
	disk_names_from_vpd83(page, sizeof(page), &n);
	identity_is(&n, "disk/naa.600508b1001c7e4a00000000000000f1");
	/* a designator that is longer than the page */
	memset(&n, 0, sizeof(n));
	page[7] = 0xff;
	disk_names_from_vpd83(page, sizeof(page), &n);
	identity_is(&n, "");
	/* another page altogether */
	page[1] = 0x80;
	disk_names_from_vpd83(page, sizeof(page), &n);
	identity_is(&n, "");
}

static void test_serial_page(void **state)
{
	static const unsigned char page[] = { 0,   0x80, 0,   8,   ' ', ' ',
					      'S', 'N',	 '-', '7', ' ', ' ' };
	static const unsigned char binary[] = { 0,    0x80, 0,	 4,
						0x1b, '[',  '2', 'J' };
	struct hale_device d = { 0 };
	struct disk_names n = { 0 };

	(void)state;
	disk_names_from_vpd80(page, sizeof(page), &n);
	assert_string_equal(n.serial, "SN-7");
	memset(&n, 0, sizeof(n));
	disk_names_from_vpd80(binary, sizeof(binary), &n);
	disk_describe(&n, &d);
	assert_string_equal(d.serial, "?[2J");
	assert_string_equal(d.identity, "disk/2J");
	memset(&n, 0, sizeof(n));
	disk_names_from_vpd80(page, 4, &n);
	assert_string_equal(n.serial, "");
}

struct name_case {
	const char *wwn, *model, *serial, *nsid, *path, *identity;
};

static const struct name_case name_cases[] = {
	{ "0x5000c500A1B2C3D4", "M", "S", "", "p",
	  "disk/naa.5000c500a1b2c3d4" },
	{ "naa.5000c500a1b2c3d4", "", "", "", "", "disk/naa.5000c500a1b2c3d4" },
	{ "eui.0025385b71b00a12", "", "", "1", "",
	  "disk/eui.0025385b71b00a12" },
	/* ids that were never programmed */
	{ "0x0000000000000000", "M", "S", "", "p", "disk/M_S" },
	{ "naa.5000000000000000", "M", "S", "", "p", "disk/M_S" },
	{ "eui.0000000000000000", "M", "S", "", "p", "disk/M_S" },
	{ "0x5000", "M", "S", "", "p", "disk/M_S" },
	{ "naa.xyz", "", "", "", "p", "disk/path-p" },
	/* the kernel's makeshift for NVMe is too long to be one of ours */
	{ "nvme.1b36-64-51-00000001", "M", "S", "1", "p", "disk/M_S" },
	{ "nvme.1b36-64-51-00000002", "M", "S", "2", "p", "disk/M_S_2" },
	/* a serial of nothing but zeros is none */
	{ "", "M", "0000 0000", "", "p", "disk/path-p" },
	{ "", "", "SN 1/2\t3", "", "p", "disk/SN_1_2_3" },
	{ "", "A  B", "..", "", "", "disk/A_B_.." },
	{ "", "", "", "", "", "" },
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(name_cases); i++) {
		const struct name_case *c = &name_cases[i];
		struct disk_names n = { 0 };

		HALE_SET(n.wwn, c->wwn);
		HALE_SET(n.model, c->model);
		HALE_SET(n.serial, c->serial);
		HALE_SET(n.nsid, c->nsid);
		HALE_SET(n.path, c->path);
		identity_is(&n, c->identity);
	}
}

static void test_names_of_any_length_fit(void **state)
{
	struct disk_names n;
	char identity[HALE_PART_MAX];

	(void)state;
	memset(&n, 'a', sizeof(n));
	n.wwn[0] = '\0';
	n.model[sizeof(n.model) - 1] = '\0';
	n.serial[sizeof(n.serial) - 1] = '\0';
	n.nsid[sizeof(n.nsid) - 1] = '\0';
	n.path[sizeof(n.path) - 1] = '\0';
	disk_identity(&n, identity);
	assert_int_equal(strlen(identity), HALE_PART_MAX - 1);
}

struct path_case {
	const char *devpath, *path;
};

static const struct path_case path_cases[] = {
	{ "/devices/pci0000:00/0000:00:1f.2/ata3/host2/target2:0:0/2:0:0:0/"
	  "block/sda",
	  "0000:00:1f.2-ata3-0:0:0" },
	/* behind a bridge: the last function counts */
	{ "/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/host7/target7:2:1/"
	  "7:2:1:0/block/sdq",
	  "0000:02:00.0-2:1:0" },
	{ "/devices/pci0000:00/0000:00:05.0/virtio2/block/vda",
	  "0000:00:05.0" },
	{ "/devices/platform/soc/fe340000.mmc/mmc_host/mmc0/mmc0:0001/block/x",
	  "platform-soc-fe340000.mmc-mmc_host-mmc0-mmc0:0001" },
	{ "/devices/virtual/block/nbd0", "" },
	{ "", "" },
	{ "/", "" },
	{ "no path", "" },
};

static void test_bus_paths(void **state)
{
	char path[HALE_PART_MAX], tiny[5];

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(path_cases); i++) {
		disk_bus_path(path_cases[i].devpath, path, sizeof(path));
		assert_string_equal(path, path_cases[i].path);
		disk_bus_path(path_cases[i].devpath, tiny, sizeof(tiny));
		assert_true(strlen(tiny) < sizeof(tiny));
	}
}

static void test_arrays(void **state)
{
	char identity[HALE_PART_MAX];

	(void)state;
	disk_array_identity("3aaa0122:29827CFA:5331ad66:ca767371", identity);
	assert_string_equal(identity, "array/3aaa012229827cfa5331ad66ca767371");
	disk_array_identity("3aaa0122-2982-7cfa-5331-ad66ca767371", identity);
	assert_string_equal(identity, "array/3aaa012229827cfa5331ad66ca767371");
	disk_array_identity("3aaa0122", identity);
	assert_string_equal(identity, "");
	disk_array_identity("00000000:00000000:00000000:00000000", identity);
	assert_string_equal(identity, "");
	disk_array_identity("3aaa0122:29827CFA:5331ad66:ca7673710", identity);
	assert_string_equal(identity, "");
}

static const char *const *properties;

static const char *get(void *ctx, const char *key)
{
	(void)ctx;
	for (size_t i = 0; properties[i]; i += 2) {
		if (strcmp(properties[i], key) == 0)
			return properties[i + 1];
	}
	return NULL;
}

struct both_case {
	const char *udev[12];		   /* properties */
	const char *wwid, *model, *serial; /* sysfs */
	const char *identity;
};

/* What udev 252 and kernel 6.1 say of the same disks. */
static const struct both_case both_cases[] = {
	{ { "ID_MODEL", "ACME_HD40EZ", "ID_SERIAL", "ACME_HD40EZ_SN1",
	    "ID_SERIAL_SHORT", "SN1", "ID_WWN", "0x50014ee2b1234567" },
	  "naa.50014ee2b1234567",
	  "ACME HD40EZ",
	  "SN1",
	  "disk/naa.50014ee2b1234567" },
	{ { "ID_MODEL", "QEMU_HARDDISK", "ID_SERIAL", "QEMU_HARDDISK_QM00001",
	    "ID_SERIAL_SHORT", "QM00001" },
	  "t10.ATA     QEMU HARDDISK                           QM00001         "
	  "    ",
	  "",
	  "",
	  "disk/QEMU_HARDDISK_QM00001" },
	{ { "ID_MODEL", "QEMU_HARDDISK", "ID_SCSI_SERIAL", "drive-scsi0",
	    "ID_SERIAL", "0QEMU_QEMU_HARDDISK_drive-scsi0" },
	  "t10.QEMU    QEMU HARDDISK   drive-scsi0",
	  "QEMU HARDDISK",
	  "drive-scsi0",
	  "disk/QEMU_HARDDISK_drive-scsi0" },
	{ { "ID_SERIAL", "root-disk" }, "", "", "root-disk", "disk/root-disk" },
	{ { "ID_NAME", "AC16G", "ID_SERIAL", "0x1a2b3c4d" },
	  "",
	  "AC16G",
	  "0x1a2b3c4d",
	  "disk/AC16G_0x1a2b3c4d" },
};

static void test_udev_and_sysfs_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(both_cases); i++) {
		const struct both_case *c = &both_cases[i];
		struct disk_names n = { 0 };

		properties = c->udev;
		disk_names_from_udev(get, NULL, &n);
		identity_is(&n, c->identity);
		memset(&n, 0, sizeof(n));
		HALE_SET(n.wwn, c->wwid);
		HALE_SET(n.model, c->model);
		HALE_SET(n.serial, c->serial);
		disk_names_from_t10(c->wwid, &n);
		identity_is(&n, c->identity);
	}
}

static void test_kinds(void **state)
{
	(void)state;
	assert_int_equal(disk_kind("sda"), HALE_BLOCK_DISK);
	assert_int_equal(disk_kind("sr0"), HALE_BLOCK_OPTICAL);
	assert_int_equal(disk_kind("sram"), HALE_BLOCK_DISK);
	assert_int_equal(disk_kind("loop12"), HALE_BLOCK_LOOP);
	assert_int_equal(disk_kind("md127"), HALE_BLOCK_MD);
	assert_int_equal(disk_kind("md_home"), HALE_BLOCK_MD);
	assert_int_equal(disk_kind("mdx"), HALE_BLOCK_DISK);
	assert_int_equal(disk_kind("nbd0"), HALE_BLOCK_NETWORK);
	assert_int_equal(disk_kind("zram0"), HALE_BLOCK_MEMORY);
	assert_int_equal(disk_kind(""), HALE_BLOCK_DISK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_of_a_sata_disk),
		cmocka_unit_test(test_page_of_an_array),
		cmocka_unit_test(test_id_of_the_port_is_not_the_disks),
		cmocka_unit_test(test_page_cut_anywhere),
		cmocka_unit_test(test_page_that_lies),
		cmocka_unit_test(test_serial_page),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_of_any_length_fit),
		cmocka_unit_test(test_bus_paths),
		cmocka_unit_test(test_arrays),
		cmocka_unit_test(test_udev_and_sysfs_agree),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

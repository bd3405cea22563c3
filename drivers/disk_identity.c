/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes stable disk names. Pure: bytes in, text out. Firmware writes these
 * bytes, badly at times, so lengths are checked against what is there, blanks
 * and odd characters are folded, and an identifier of nothing but zeros is
 * none. A name, once made for a disk, must come out the same from udev's
 * properties and from sysfs.
 */
#include <ctype.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "disk_identity.h"

void disk_trim(char *text)
{
	size_t skip = strspn(text, " \t\n");
	size_t len = strlen(text + skip);

	while (len && strchr(" \t\n", text[skip + len - 1]))
		len--;
	memmove(text, text + skip, len);
	text[len] = '\0';
}

/* Appends to an identity: odd characters and runs of them become one '_'. */
static void append(char *dst, const char *text)
{
	size_t len = strlen(dst), start = len;

	for (; *text && len < HALE_PART_MAX - 1; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = isalnum(c) || strchr(".-:+,", c);

		if (plain)
			dst[len++] = *text;
		else if (len > start && dst[len - 1] != '_')
			dst[len++] = '_';
	}
	while (len > start && dst[len - 1] == '_')
		len--;
	dst[len] = '\0';
}

static bool all_hex(const char *text)
{
	return text[0] != '\0' &&
	       text[strspn(text, "0123456789abcdefABCDEF")] == '\0';
}

/* Vendors that forget to program an id leave zeros, or a NAA digit and zeros */
static bool has_substance(const char *hex)
{
	return hex[0] != '\0' && hex[1 + strspn(hex + 1, "0")] != '\0';
}

static void lower_case(char *text)
{
	for (; *text; text++) {
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
	}
}

struct wwn_form {
	const char *prefix, *spelling;
	bool hex; /* 16 digits or more, and not all of them zero */
};

static const struct wwn_form wwn_forms[] = {
	{ "0x", "naa.", true },
	{ "naa.", "naa.", true },
	{ "eui.", "eui.", true },
	{ "uuid.", "uuid.", false },
};

/* World-wide names in one spelling: "naa.<hex>", "eui.<hex>", "uuid.<...>". */
static bool append_wwn(char *dst, const char *wwn)
{
	char *from = dst + strlen(dst);

	for (size_t i = 0; i < HALE_ARRAY_SIZE(wwn_forms); i++) {
		const struct wwn_form *f = &wwn_forms[i];
		size_t len = strlen(f->prefix);

		if (strncmp(wwn, f->prefix, len) != 0)
			continue;
		wwn += len;
		if (strlen(wwn) < 16 ||
		    (f->hex && (!all_hex(wwn) || !has_substance(wwn))))
			return false;
		append(dst, f->spelling);
		append(dst, wwn);
		lower_case(from);
		return true;
	}
	return false;
}

static void append_serial(char *dst, const struct disk_names *n)
{
	if (n->model[0]) {
		append(dst, n->model);
		hale_copy(dst + strlen(dst), HALE_PART_MAX - strlen(dst), "_",
			  1);
	}
	append(dst, n->serial);
	if (n->nsid[0] && strcmp(n->nsid, "1") != 0) {
		hale_copy(dst + strlen(dst), HALE_PART_MAX - strlen(dst), "_",
			  1);
		append(dst, n->nsid);
	}
}

void disk_identity(const struct disk_names *names, char *dst)
{
	static const char prefix[] = "disk/";
	const size_t at = sizeof(prefix) - 1;

	memcpy(dst, prefix, sizeof(prefix));
	if (append_wwn(dst, names->wwn))
		return;
	dst[at] = '\0';
	if (names->serial[strspn(names->serial, "0 ")])
		append_serial(dst, names);
	if (dst[at] == '\0' && names->path[0]) {
		append(dst, "path-");
		append(dst, names->path);
	}
	if (dst[at] == '\0')
		dst[0] = '\0';
}

/* "0000:00:1f.2" */
static bool pci_address(const char *s, size_t len)
{
	return len >= 12 && s[4] == ':' && s[7] == ':' && s[10] == '.' &&
	       all_hex((char[]){ s[0], s[5], s[8], s[11], '\0' });
}

/* "2:0:0:1": the host's number changes from boot to boot, the rest does not */
static size_t scsi_host_digits(const char *s, size_t len)
{
	size_t digits = strspn(s, "0123456789"), all;

	all = strspn(s, "0123456789:");
	return all >= len && digits && digits < len && s[digits] == ':'
		       ? digits + 1
		       : 0;
}

static bool meaningless(const char *s, size_t len)
{
	static const char *const words[] = { "host",  "target", "virtio",
					     "block", "rport",	"session" };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(words); i++) {
		if (strncmp(s, words[i], strlen(words[i])) == 0)
			return true;
	}
	return len == 0;
}

static void add_token(char *dst, size_t size, const char *s, size_t len)
{
	size_t used = strlen(dst), skip = scsi_host_digits(s, len);

	if (meaningless(s, len))
		return;
	if (used && hale_copy(dst + used, size - used, "-", 1))
		used++;
	hale_copy(dst + used, size - used, s + skip, len - skip);
}

void disk_bus_path(const char *devpath, char *dst, size_t size)
{
	const char *s = devpath, *last = devpath;

	dst[0] = '\0';
	if (strncmp(devpath, "/devices/virtual/", 17) == 0)
		return;
	/* from the last PCI function on, where there is one */
	for (; *s; s += strcspn(s + 1, "/") + 1) {
		if (*s == '/' && pci_address(s + 1, strcspn(s + 1, "/")))
			last = s;
	}
	if (last == devpath && strncmp(devpath, "/devices/", 9) == 0)
		last = devpath + 8;
	while (*last == '/') {
		size_t len = strcspn(last + 1, "/");

		if (len == 5 && strncmp(last + 1, "block", 5) == 0)
			break;
		add_token(dst, size, last + 1, len);
		last += len + 1;
	}
}

void disk_array_identity(const char *uuid, char *dst)
{
	char hex[33];
	size_t n = 0;

	dst[0] = '\0';
	for (; *uuid && n < sizeof(hex); uuid++) {
		if (*uuid != ':' && *uuid != '-')
			hex[n++] = *uuid;
	}
	if (n != sizeof(hex) - 1 || *uuid)
		return;
	hex[n] = '\0';
	lower_case(hex);
	if (all_hex(hex) && has_substance(hex))
		snprintf(dst, HALE_PART_MAX, "array/%s", hex);
}

void disk_describe(const struct disk_names *names, struct hale_device *device)
{
	hale_print_text(device->model, sizeof(device->model), names->model,
			strlen(names->model));
	hale_print_text(device->serial, sizeof(device->serial), names->serial,
			strlen(names->serial));
	disk_identity(names, device->identity);
}

struct kind_prefix {
	const char *prefix;
	enum hale_block_kind kind;
};

/* A prefix counts where a number follows: "sr0" is optical, "sram0" is not. */
static const struct kind_prefix kinds[] = {
	{ "loop", HALE_BLOCK_LOOP },	{ "dm-", HALE_BLOCK_DM },
	{ "md", HALE_BLOCK_MD },	{ "bcache", HALE_BLOCK_DM },
	{ "zd", HALE_BLOCK_DM },	{ "ublkb", HALE_BLOCK_DM },
	{ "ram", HALE_BLOCK_MEMORY },	{ "zram", HALE_BLOCK_MEMORY },
	{ "nullb", HALE_BLOCK_MEMORY }, { "nbd", HALE_BLOCK_NETWORK },
	{ "rbd", HALE_BLOCK_NETWORK },	{ "drbd", HALE_BLOCK_NETWORK },
	{ "rnbd", HALE_BLOCK_NETWORK }, { "sr", HALE_BLOCK_OPTICAL },
	{ "scd", HALE_BLOCK_OPTICAL },	{ "fd", HALE_BLOCK_OPTICAL },
};

enum hale_block_kind disk_kind(const char *name)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i].prefix);

		if (strncmp(name, kinds[i].prefix, len) == 0 &&
		    isdigit((unsigned char)name[len]))
			return kinds[i].kind;
	}
	if (strncmp(name, "md_", 3) == 0) /* "md_home": named by its owner */
		return HALE_BLOCK_MD;
	return HALE_BLOCK_DISK;
}

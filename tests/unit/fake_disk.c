/* SPDX-License-Identifier: Apache-2.0 */
/* See fake_disk.h. What it does not know, it refuses as a disk does. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/smart/pages.h"

#include "fake_disk.h"
#include "smart_pages.h"

static struct fake *fake_of(const struct smart_io *io)
{
	return io->ctx;
}

static const struct fake_disk *disk_of(const struct fake *f, const char *name)
{
	const struct fake_disk *d = f->disks;

	while (d->name && strcmp(d->name, name) != 0)
		d++;
	return d->name ? d : NULL;
}

static int fake_open(const struct smart_io *io, int root_fd,
		     struct smart_disk *d)
{
	const struct fake_disk *fake = disk_of(fake_of(io), d->name);

	(void)root_fd;
	fprintf(fake_of(io)->log, "%s open\n", d->name);
	return fake ? fake->open_error : -ENOENT;
}

static void fake_close(const struct smart_io *io, struct smart_disk *d)
{
	fprintf(fake_of(io)->log, "%s close\n", d->name);
}

static void refuse(struct smart_command *c, uint8_t key, uint8_t asc)
{
	uint8_t sense[8] = { 0x72, key, asc };

	c->status = 2;
	memcpy(c->sense, sense, sizeof(sense));
	c->sense_len = sizeof(sense);
}

static void registers(struct smart_command *c, uint8_t count, uint8_t mid,
		      uint8_t high)
{
	uint8_t sense[22] = { 0x72, 1, 0, 0x1d, [7] = 14, [8] = 9, [9] = 12 };

	sense[13] = count;
	sense[17] = mid;
	sense[19] = high;
	sense[21] = 0x50;
	c->status = 2;
	memcpy(c->sense, sense, sizeof(sense));
	c->sense_len = sizeof(sense);
}

static void identify(const struct fake_disk *d, uint8_t *page)
{
	page_identity(page);
	if (d->no_smart)
		page[82 * 2] = 0;
	if (d->no_smart || d->smart_off)
		page[85 * 2] = 0;
	page_sum(page);
}

static void smart_data(const struct fake_disk *d, uint8_t *page)
{
	page_attributes(page);
	page_attribute(page, 0, 5, 8);
	page_attribute(page, 1, 197, 2);
	page[100] = d->torn ? 1 : 0;
}

static bool ata_log(uint8_t log, struct smart_command *c)
{
	static const uint8_t logs[] = { 1, 1, 4, 8, 6, 1, 0xe0, 1 };

	switch (log) {
	case 0x00:
		page_directory(c->data, logs, sizeof(logs));
		return true;
	case 0x01:
		page_error(c->data, 0, 0x40, 4000);
		return c->len == 512;
	case 0x04:
		if (c->len != 8 * 512)
			return false;
		page_statistics(c->data);
		page_statistic(c->data, 5, 8, 36, 0xc0);
		return true;
	case 0x06:
		page_self_test(c->data, 0, 1, 0, 4001);
		return true;
	default:
		return false;
	}
}

static bool ata_smart(const struct fake_disk *d, struct smart_command *c)
{
	switch (c->cdb[4]) {
	case 0xd0:
		smart_data(d, c->data);
		return true;
	case 0xd1:
		page_threshold(c->data, 0, 5, 36);
		page_threshold(c->data, 1, 197, 0);
		return true;
	case 0xd5:
		return ata_log(c->cdb[8], c);
	case 0xda:
		registers(c, 0, d->failing ? 0xf4 : 0x4f,
			  d->failing ? 0x2c : 0xc2);
		return true;
	default:
		return false;
	}
}

static bool ata(const struct fake_disk *d, struct smart_command *c)
{
	switch (d->no_ata ? 0 : c->cdb[14]) {
	case 0xe5:
		registers(c, d->power, 0, 0);
		return true;
	case 0xec:
		identify(d, c->data);
		return true;
	case 0x2f:
		return ata_log(c->cdb[8], c);
	case 0xb0: /* without its signature, it is another command */
		return c->cdb[10] == 0x4f && c->cdb[12] == 0xc2 &&
		       ata_smart(d, c);
	default:
		return false;
	}
}

static bool scsi_log(const struct fake_disk *d, struct smart_command *c)
{
	static const uint8_t list[] = { 0, 0, 0, 4, 0x00, 0x03, 0x0d, 0x2f };

	switch (c->cdb[2] & 0x3f) {
	case 0x00:
		memcpy(c->data, list, sizeof(list));
		c->got = sizeof(list);
		if (d->only_temperature)
			c->data[5] = c->data[7] = 0x0d;
		return !d->no_pages;
	case 0x03:
		page_log(c->data, 0x03);
		c->got = (uint32_t)page_parameter(c->data, 6,
						  (uint8_t[]){ 0, 0, 0, 0 }, 4);
		return true;
	case 0x0d:
		page_log(c->data, 0x0d);
		c->got = (uint32_t)page_parameter(c->data, 0,
						  (uint8_t[]){ 0, 33 }, 2);
		return true;
	case 0x2f:
		page_log(c->data, 0x2f);
		c->got = (uint32_t)page_parameter(
			c->data, 0, (uint8_t[]){ d->asc, d->ascq, 33, 0 }, 4);
		return true;
	default:
		return false;
	}
}

static bool scsi(const struct fake_disk *d, struct smart_command *c)
{
	switch (c->cdb[0]) {
	case 0x03:
		memcpy(c->data, d->sense, sizeof(d->sense));
		c->data[0] = 0x70;
		c->got = 18;
		return true;
	case 0x4d:
		return scsi_log(d, c);
	default:
		return false;
	}
}

static int fake_scsi(const struct smart_io *io, struct smart_disk *disk,
		     struct smart_command *c)
{
	struct fake *f = fake_of(io);
	const struct fake_disk *d = disk_of(f, disk->name);
	bool sat = c->cdb[0] == 0x85;

	f->now_ms += f->step_ms;
	if (sat)
		fprintf(f->log, "%s ata %02x\n", disk->name, c->cdb[14]);
	else
		fprintf(f->log, "%s scsi %02x/%02x\n", disk->name, c->cdb[0],
			c->cdb[2] & 0x3f);
	if (d->command_error)
		return d->command_error;
	f->attended = d->attention && !f->attended;
	if (f->attended) {
		refuse(c, 6, 0x2a); /* its mode parameters have changed */
		return 0;
	}
	c->got = c->len;
	if (!(sat ? ata(d, c) : scsi(d, c)))
		refuse(c, 5, 0x20);
	return 0;
}

static int fake_nvme(const struct smart_io *io, struct smart_disk *disk,
		     enum smart_nvme_page page, void *buf, uint32_t len)
{
	struct fake *f = fake_of(io);
	const struct fake_disk *d = disk_of(f, disk->name);

	f->now_ms += f->step_ms;
	fprintf(f->log, "%s nvme %d\n", disk->name, (int)page);
	if (d->command_error)
		return d->command_error;
	memset(buf, 0, len);
	switch (page) {
	case SMART_NVME_IDENTIFY:
		page_nvme_identity(buf);
		break;
	case SMART_NVME_HEALTH:
		if (!d->blank)
			page_nvme_health(buf);
		((uint8_t *)buf)[0] = d->warning;
		break;
	case SMART_NVME_ERRORS:
	case SMART_NVME_SELF_TEST:
		break;
	}
	return 0;
}

static int fake_smartctl(const struct smart_io *io, const char *const argv[],
			 char **ret_text, int *ret_status)
{
	struct fake *f = fake_of(io);
	bool scan = strcmp(argv[2], "--scan") == 0;
	const char *text = scan ? f->scan : f->json;

	if (!f->has_smartctl || strcmp(argv[0], "/usr/sbin/smartctl") != 0)
		return -ENOENT;
	fputs("smartctl", f->log);
	for (size_t i = 1; argv[i]; i++)
		fprintf(f->log, " %s", argv[i]);
	fputc('\n', f->log);
	if (!text)
		return -ETIMEDOUT;
	*ret_text = strdup(text);
	*ret_status = scan ? 0 : f->smartctl_status;
	return 0;
}

static uint64_t fake_now(const struct smart_io *io)
{
	return fake_of(io)->now_ms;
}

void fake_start(struct fake *f, const struct fake_disk *disks)
{
	f->disks = disks;
	f->io = (struct smart_io){
		.ctx = f,
		.open = fake_open,
		.close = fake_close,
		.scsi = fake_scsi,
		.nvme = fake_nvme,
		.smartctl = fake_smartctl,
		.now_ms = fake_now,
	};
	f->log = open_memstream(&f->commands, &f->commands_len);
}

void fake_done(struct fake *f)
{
	fclose(f->log);
	f->log = NULL;
}

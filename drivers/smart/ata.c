/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conversation with an ATA disk. Its power mode is asked first, by the one
 * command that never changes it, and a disk that sleeps is asked no more. Logs
 * are read only where the disk's own directory lists them, since a refused
 * command costs an error recovery. Invariant: a page that is torn or refused
 * leaves its values unknown, and the rest is read all the same.
 */
#include <errno.h>

#include "ata.h"

/* Sectors of one log that are read at once. */
#define SECTORS_MAX    8
#define SELF_TESTS_MAX 4 /* 76 tests */
#define STATISTICS_MAX 8 /* pages 0 to 7 */

enum {
	LOG_DIRECTORY = 0x00,
	LOG_SUMMARY_ERRORS = 0x01,
	LOG_EXTENDED_ERRORS = 0x03,
	LOG_STATISTICS = 0x04,
	LOG_SELF_TESTS = 0x06,
	LOG_EXTENDED_SELF_TESTS = 0x07,
	LOG_SCT_STATUS = 0xe0
};

/* One disk. */
struct talk {
	struct smart_visit *v;
	struct ata_identity id;
	unsigned int refused, torn;
	const char *what; /* the first page that was either */
	uint8_t general[ATA_SECTOR], smart[ATA_SECTOR]; /* directories */
	uint8_t buf[SECTORS_MAX * ATA_SECTOR];
};

/* Takes note of what a page's reading came to. Return: 0, or that the disk
 * cannot be reached. */
static int note(struct talk *t, int r, const char *what)
{
	switch (-r) {
	case 0:
		t->v->known = true;
		return 0;
	case ENODATA:
		return 0;
	case EBADMSG:
		t->torn++;
		break;
	case EREMOTEIO:
	case EBUSY:
		t->refused++;
		break;
	default:
		smart_see_error(t->v->disk, r, what);
		return r;
	}
	if (!t->what)
		t->what = what;
	return 0;
}

static int fetch(struct talk *t, bool gpl, unsigned int log,
		 unsigned int sectors)
{
	memset(t->buf, 0, sizeof(t->buf));
	return ata_read_log(t->v, gpl, log, t->buf, sectors);
}

static int smart_read(struct talk *t, uint8_t feature, uint8_t *buf)
{
	struct ata_task task = { .command = ATA_SMART,
				 .feature = feature,
				 .lba = SMART_SIGNATURE };

	return ata_do(t->v, &task, buf, 1, NULL);
}

/* 00h standby, 01h standby_y (ACS-4 table 205); NV caches have 40h, spindle
 * off. */
static int ask_power(struct talk *t)
{
	struct ata_task task = { .command = ATA_CHECK_POWER_MODE };
	struct sense s;
	int r = ata_do(t->v, &task, NULL, 0, &s);

	if (r < 0)
		return r;
	t->v->reading.asleep = s.ata_count == 0x00 || s.ata_count == 0x01 ||
			       s.ata_count == 0x40;
	return 0;
}

static int ask_identity(struct talk *t)
{
	struct ata_task task = { .command = ATA_IDENTIFY };
	struct hale_disk_reading *d = &t->v->reading;
	int r;

	memset(t->buf, 0, sizeof(t->buf));
	r = ata_do(t->v, &task, t->buf, 1, NULL);
	if (r == 0)
		r = ata_identity_read(t->buf, ATA_SECTOR, &t->id);
	if (r < 0) {
		smart_see_error(t->v->disk, r, "IDENTIFY DEVICE");
		return r;
	}
	HALE_SET(d->model, t->id.model);
	HALE_SET(d->serial, t->id.serial);
	HALE_SET(d->firmware, t->id.firmware);
	d->rotational = t->id.rotational;
	return 0;
}

/* LBA 23:8 stays C24Fh, or becomes 2CF4h where a threshold was passed. */
static int ask_status(struct talk *t)
{
	struct ata_task task = { .command = ATA_SMART,
				 .feature = SMART_RETURN_STATUS,
				 .lba = SMART_SIGNATURE };
	struct sense s;
	int r = ata_do(t->v, &task, NULL, 0, &s);

	if (r < 0)
		return note(t, r, "SMART RETURN STATUS");
	if (s.ata_lba[1] == 0x4f && s.ata_lba[2] == 0xc2)
		hale_disk_set(&t->v->reading, HALE_DISK_PASSED, 1);
	else if (s.ata_lba[1] == 0xf4 && s.ata_lba[2] == 0x2c)
		hale_disk_set(&t->v->reading, HALE_DISK_PASSED, 0);
	else
		return note(t, -EBADMSG, "SMART RETURN STATUS");
	return note(t, 0, "");
}

static int ask_attributes(struct talk *t)
{
	uint8_t data[ATA_SECTOR] = { 0 }, thresholds[ATA_SECTOR] = { 0 };
	int r = smart_read(t, SMART_READ_DATA, data), r2;

	if (r < 0)
		return note(t, r, "SMART READ DATA");
	r2 = smart_read(t, SMART_READ_THRESHOLDS, thresholds);
	if (note(t, r2, "SMART READ THRESHOLDS") < 0)
		return r2;
	r = ata_attributes_read(data, r2 < 0 ? NULL : thresholds,
				&t->v->reading);
	if (r == 0 && r2 == 0 && !t->v->reading.attributes[0].threshold_known)
		note(t, -EBADMSG, "SMART READ THRESHOLDS");
	return note(t, r, "SMART READ DATA");
}

/* Which logs there are; a disk without a directory has none to us. */
static int ask_directories(struct talk *t)
{
	int r = 0;

	if (t->id.gpl)
		r = note(t,
			 ata_read_log(t->v, true, LOG_DIRECTORY, t->general, 1),
			 "the log directory");
	if (r == 0 && (t->id.error_log || t->id.self_test))
		r = note(t,
			 ata_read_log(t->v, false, LOG_DIRECTORY, t->smart, 1),
			 "the SMART log directory");
	return r;
}

static int ask_statistics(struct talk *t)
{
	bool gpl = ata_log_sectors(t->general, LOG_STATISTICS) > 0;
	unsigned int n =
		ata_log_sectors(gpl ? t->general : t->smart, LOG_STATISTICS);
	int r;

	if (n == 0)
		return 0;
	if (n > STATISTICS_MAX)
		n = STATISTICS_MAX;
	r = fetch(t, gpl, LOG_STATISTICS, n);
	for (unsigned int i = 1; r == 0 && i < n; i++) {
		if (ata_statistics_has(t->buf, i))
			r = ata_statistics_read(t->buf + i * ATA_SECTOR, i,
						&t->v->reading);
	}
	return note(t, r, "the device statistics");
}

static int ask_temperature(struct talk *t)
{
	int r;

	if (hale_disk_knows(&t->v->reading, HALE_DISK_TEMPERATURE) ||
	    ata_log_sectors(t->smart, LOG_SCT_STATUS) != 1)
		return 0;
	r = fetch(t, false, LOG_SCT_STATUS, 1);
	if (r == 0)
		r = ata_sct_status_read(t->buf, &t->v->reading);
	return note(t, r, "the SCT status");
}

static int ask_errors(struct talk *t)
{
	unsigned int n = ata_log_sectors(t->general, LOG_EXTENDED_ERRORS);
	int r;

	if (n > 0 && n <= SECTORS_MAX) {
		r = fetch(t, true, LOG_EXTENDED_ERRORS, n);
		if (r == 0)
			r = ata_extended_error_log_read(t->buf, n,
							&t->v->reading);
	} else if (t->id.error_log) {
		r = fetch(t, false, LOG_SUMMARY_ERRORS, 1);
		if (r == 0)
			r = ata_error_log_read(t->buf, &t->v->reading);
	} else {
		return 0;
	}
	return note(t, r, "the error log");
}

static int ask_self_tests(struct talk *t)
{
	unsigned int n = ata_log_sectors(t->general, LOG_EXTENDED_SELF_TESTS);
	int r;

	if (n > 0 && n <= SELF_TESTS_MAX) {
		r = fetch(t, true, LOG_EXTENDED_SELF_TESTS, n);
		if (r == 0)
			r = ata_extended_self_test_log_read(t->buf, n,
							    &t->v->reading);
	} else if (t->id.self_test) {
		r = fetch(t, false, LOG_SELF_TESTS, 1);
		if (r == 0)
			r = ata_self_test_log_read(t->buf, &t->v->reading);
	} else {
		return 0;
	}
	return note(t, r, "the self-test log");
}

static int (*const questions[])(struct talk *t) = {
	ask_status,	 ask_attributes, ask_directories, ask_statistics,
	ask_temperature, ask_errors,	 ask_self_tests,
};

static void conclude(const struct talk *t)
{
	struct smart_disk *d = t->v->disk;

	if (!t->v->known)
		smart_see(d, HALE_SIGHT_BLIND, "",
			  "it answered none of the questions about its health");
	else if (t->torn)
		smart_see(d, HALE_SIGHT_PARTIAL, "",
			  "%s came damaged, %u pages in all", t->what,
			  t->torn + t->refused);
	else if (t->refused)
		smart_see(d, HALE_SIGHT_PARTIAL, "", "it refused %s", t->what);
}

/* Some say that they translate ATA commands and then do not know them. */
static bool is_no_ata(const struct smart_visit *v, int r)
{
	return r == -EREMOTEIO && strcmp(v->disk->vendor, "ATA") != 0;
}

static int ask_otherwise(struct smart_visit *v)
{
	smart_see(v->disk, HALE_SIGHT_LIVE, "", "%s", "");
	return v->disk->usb ? smart_usb_ask(v) : smart_scsi_ask(v);
}

static int ask_all(struct talk *t)
{
	int r = ask_identity(t);

	if (is_no_ata(t->v, r))
		return ask_otherwise(t->v);
	if (r < 0)
		return r;
	if (!t->id.smart || !t->id.smart_on) {
		smart_see(t->v->disk, HALE_SIGHT_BLIND,
			  t->id.smart ? "smartctl --smart=on switches it on"
				      : "",
			  t->id.smart ? "its SMART is switched off"
				      : "it has no SMART");
		return 0;
	}
	for (size_t i = 0; i < HALE_ARRAY_SIZE(questions); i++) {
		r = questions[i](t);
		if (r < 0)
			return r;
	}
	conclude(t);
	return 0;
}

int smart_ata_ask(struct smart_visit *v)
{
	_cleanup_free_ struct talk *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->v = v;
	v->reading.protocol = HALE_DISK_ATA;
	r = ask_power(t);
	if (is_no_ata(v, r))
		return ask_otherwise(v);
	if (r < 0 && r != -EREMOTEIO && r != -EBUSY)
		return note(t, r, "CHECK POWER MODE");
	/* a disk that cannot say is taken to be awake */
	if (v->reading.asleep && !v->wake) {
		v->known = true;
		return 0;
	}
	v->reading.asleep = false;
	return ask_all(t);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How each kind of disk is told to test itself: by libsgutils2 and libnvme.
 * Decides the kind by sysfs, which no disk has to answer for. Must never send
 * a command that changes what is stored, or wakes a disk to ask how it is.
 */
#include <endian.h>
#include <errno.h>
#include <libnvme.h>
#include <scsi/sg_cmds_basic.h>
#include <scsi/sg_cmds_extra.h>
#include <scsi/sg_lib.h>

#include "self_test.h"

#define TIMEOUT_S 30

/* --- ATA, through SAT (SAT-5 12.2.2) --- */

enum {
	ATA_CHECK_POWER_MODE = 0xe5,
	ATA_SMART = 0xb0,
	SMART_READ_DATA = 0xd0,
	SMART_EXECUTE_OFFLINE = 0xd4,
	SMART_READ_LOG = 0xd5,
	SELF_TEST_ABORT = 0x7f,
	PROTOCOL_NO_DATA = 3 << 1,
	PROTOCOL_PIO_IN = 4 << 1,
	BYTES_IN_BLOCKS = 0x0e, /* from the device, counted by count */
	ASK_REGISTERS = 0x20,
};

static int ata_smart(int fd, uint8_t feature, uint8_t low, uint8_t *page)
{
	const uint8_t cdb[16] = { [1] = page ? PROTOCOL_PIO_IN
					     : PROTOCOL_NO_DATA,
				  [2] = page ? BYTES_IN_BLOCKS : 0,
				  [4] = feature,
				  [6] = page ? 1 : 0,
				  [8] = low,
				  [10] = 0x4f,
				  [12] = 0xc2,
				  [14] = ATA_SMART };
	uint8_t sense[64], registers[16];
	int left = 0, r;

	r = sg_ll_ata_pt(fd, cdb, sizeof(cdb), TIMEOUT_S, page, NULL,
			 page ? 512 : 0, sense, sizeof(sense), registers,
			 sizeof(registers), &left, 0);
	if (r == SG_LIB_CAT_INVALID_OP || r == SG_LIB_CAT_ILLEGAL_REQ ||
	    r == SG_LIB_CAT_ABORTED_COMMAND)
		return -EOPNOTSUPP;
	return r == 0 && left == 0 ? 0 : -EIO;
}

static int ata_start(int fd, bool extended)
{
	uint8_t data[512] = { 0 };
	int r = ata_smart(fd, SMART_READ_DATA, 0, data);
	struct self_test now;

	if (r < 0)
		return r;
	if (!ata_self_test_offered(data))
		return -EOPNOTSUPP;
	ata_self_test_read(data, &now);
	if (now.state == SELF_TEST_RUNNING)
		return -EBUSY;
	return ata_smart(fd, SMART_EXECUTE_OFFLINE, extended ? 2 : 1, NULL);
}

static int ata_ask(int fd, struct self_test *ret)
{
	uint8_t data[512] = { 0 }, log[512] = { 0 };
	int r = ata_smart(fd, SMART_READ_DATA, 0, data);

	if (r < 0)
		return r;
	ata_self_test_read(data, ret);
	if (ret->state != SELF_TEST_RUNNING &&
	    ata_smart(fd, SMART_READ_LOG, 6, log) == 0)
		ata_self_test_where(log, ret);
	return 0;
}

static void ata_stop(int fd)
{
	ata_smart(fd, SMART_EXECUTE_OFFLINE, SELF_TEST_ABORT, NULL);
}

static bool ata_asleep(int fd)
{
	const uint8_t cdb[16] = { [1] = PROTOCOL_NO_DATA,
				  [2] = ASK_REGISTERS,
				  [14] = ATA_CHECK_POWER_MODE };
	uint8_t sense[64] = { 0 }, registers[16] = { 0 };

	sg_ll_ata_pt(fd, cdb, sizeof(cdb), TIMEOUT_S, NULL, NULL, 0, sense,
		     sizeof(sense), registers, sizeof(registers), NULL, 0);
	/* descriptor 09h; its count is at 5: 0 standby, 80h and up awake */
	return registers[0] == 9 && registers[1] >= 12 &&
	       (registers[5] == 0 || registers[5] == 1);
}

/* --- SCSI (SPC-5 6.42, 7.3.21) --- */

static int scsi_error(int r)
{
	return r == SG_LIB_CAT_INVALID_OP || r == SG_LIB_CAT_ILLEGAL_REQ
		       ? -EOPNOTSUPP
		       : -EIO;
}

static int scsi_ask(int fd, struct self_test *ret)
{
	uint8_t page[512] = { 0 };
	int left = 0, r;

	r = sg_ll_log_sense_v2(fd, false, false, 1, 0x10, 0, 0, page,
			       sizeof(page), TIMEOUT_S, &left, false, 0);
	if (r != 0)
		return scsi_error(r);
	if (left < 0 || (size_t)left > sizeof(page))
		return -EIO;
	return scsi_self_test_read(page, sizeof(page) - (size_t)left, ret);
}

static int scsi_start(int fd, bool extended)
{
	struct self_test now;
	/* one whose result cannot be read is not worth running */
	int r = scsi_ask(fd, &now);

	if (r < 0)
		return r;
	if (now.state == SELF_TEST_RUNNING)
		return -EBUSY;
	r = sg_ll_send_diag(fd, extended ? 2 : 1, false, false, false, false, 0,
			    NULL, 0, false, 0);
	return r == 0 ? 0 : scsi_error(r);
}

static void scsi_stop(int fd)
{
	sg_ll_send_diag(fd, 4, false, false, false, false, 0, NULL, 0, false,
			0);
}

static bool scsi_asleep(int fd)
{
	uint8_t sense[32] = { 0 };
	struct sg_scsi_sense_hdr h;

	if (sg_ll_request_sense(fd, false, sense, sizeof(sense), false, 0) !=
		    0 ||
	    !sg_scsi_normalize_sense(sense, sizeof(sense), &h))
		return false;
	/* 5e/43, 5e/41, 5e/42: standby; 04/02: it was stopped */
	return (h.asc == 0x5e && h.ascq >= 0x41 && h.ascq <= 0x43) ||
	       (h.asc == 0x04 && h.ascq == 0x02);
}

/* --- NVMe (Base 1.4, 5.8) --- */

static int nvme_do(int fd, enum nvme_dst_stc what)
{
	struct nvme_dev_self_test_args args = {
		.args_size = sizeof(args),
		.fd = fd,
		.timeout = TIMEOUT_S * 1000,
		.nsid = NVME_NSID_ALL,
		.stc = what,
	};
	int r = nvme_dev_self_test(&args);

	/* status 1dh: one runs already */
	if (r > 0 && (r & 0xff) == 0x1d)
		return -EBUSY;
	return r == 0 ? 0 : r > 0 ? -EOPNOTSUPP : -EIO;
}

static int self_test_start_nvme(int fd, bool extended)
{
	_cleanup_free_ struct nvme_id_ctrl *id = calloc(1, sizeof(*id));

	if (!id)
		return -ENOMEM;
	if (nvme_identify_ctrl(fd, id) != 0)
		return -EIO;
	if (!(le16toh(id->oacs) & NVME_CTRL_OACS_SELF_TEST))
		return -EOPNOTSUPP;
	return nvme_do(fd, extended ? NVME_DST_STC_LONG : NVME_DST_STC_SHORT);
}

static int self_test_ask_nvme(int fd, struct self_test *ret)
{
	struct nvme_self_test_log log;

	memset(&log, 0, sizeof(log));
	if (nvme_get_log_device_self_test(fd, &log) != 0)
		return -EIO;
	nvme_self_test_read((const uint8_t *)&log, ret);
	return 0;
}

static void self_test_stop_nvme(int fd)
{
	nvme_do(fd, NVME_DST_STC_ABORT);
}

/* Its power states are its own: it answers and reads from each. */
static bool never_asleep(int fd)
{
	(void)fd;
	return false;
}

static const struct self_test_way ata = { ata_start, ata_ask, ata_stop,
					  ata_asleep };
static const struct self_test_way scsi = { scsi_start, scsi_ask, scsi_stop,
					   scsi_asleep };
static const struct self_test_way nvme = { self_test_start_nvme,
					   self_test_ask_nvme,
					   self_test_stop_nvme, never_asleep };

const struct self_test_way *self_test_way(const struct reader_device *d)
{
	char path[96], vendor[16] = "";
	FILE *f;

	if (strncmp(d->name, "nvme", 4) == 0)
		return &nvme;
	if (strncmp(d->name, "sd", 2) != 0)
		return NULL;
	snprintf(path, sizeof(path), "/sys/block/%s/device/vendor", d->name);
	f = fopen(path, "re");
	if (f && !fgets(vendor, sizeof(vendor), f))
		vendor[0] = '\0';
	if (f)
		fclose(f);
	/* libata says so of every disk behind it (SAT-5 10.3.2) */
	return strncmp(vendor, "ATA ", 4) == 0 ? &ata : &scsi;
}

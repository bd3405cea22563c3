/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wraps ATA commands in SCSI ones (SAT-5) and tells an answer from a refusal.
 * Only commands without data and ones that read: nothing here can write.
 */
#include <errno.h>

#include "ata.h"

enum {
	PASS_THROUGH_16 = 0x85,
	PROTOCOL_NON_DATA = 3,
	PROTOCOL_PIO_IN = 4,
	CK_COND = 0x20,	      /* give the registers back in any case */
	IN_BY_SECTORS = 0x0e, /* T_DIR, BYT_BLOK, T_LENGTH 2: the count */
	ERR_OR_FAULT = 0x21,
	KEY_RECOVERED = 1
};

static void build(const struct ata_task *t, unsigned int sectors,
		  struct smart_command *c)
{
	unsigned int protocol = sectors ? PROTOCOL_PIO_IN : PROTOCOL_NON_DATA;

	c->cdb_len = 16;
	c->cdb[0] = PASS_THROUGH_16;
	c->cdb[1] = (uint8_t)(protocol << 1 | (t->extended ? 1u : 0u));
	c->cdb[2] = sectors ? IN_BY_SECTORS : CK_COND;
	c->cdb[4] = t->feature;
	c->cdb[5] = (uint8_t)(sectors >> 8);
	c->cdb[6] = (uint8_t)sectors;
	c->cdb[7] = (uint8_t)(t->lba >> 24);
	c->cdb[8] = (uint8_t)t->lba;
	c->cdb[9] = (uint8_t)(t->lba >> 32);
	c->cdb[10] = (uint8_t)(t->lba >> 8);
	c->cdb[11] = (uint8_t)(t->lba >> 40);
	c->cdb[12] = (uint8_t)(t->lba >> 16);
	c->cdb[14] = t->command;
}

int ata_do(struct smart_visit *v, const struct ata_task *t, uint8_t *buf,
	   unsigned int sectors, struct sense *ret_sense)
{
	struct smart_command c = { .data = buf, .len = sectors * ATA_SECTOR };
	struct sense s = { 0 };
	int r;

	build(t, sectors, &c);
	r = smart_send(v, &c);
	if (r < 0)
		return r;
	if (c.status != 0) {
		if (sense_read(c.sense, c.sense_len, &s) < 0 ||
		    (s.ata && (s.ata_status & ERR_OR_FAULT)) ||
		    (!s.ata && s.key != KEY_RECOVERED))
			return -EREMOTEIO;
	}
	if (c.got < c.len || (sectors == 0 && !s.ata))
		return -EREMOTEIO;
	if (ret_sense)
		*ret_sense = s;
	return 0;
}

int ata_read_log(struct smart_visit *v, bool gpl, unsigned int log,
		 uint8_t *buf, unsigned int sectors)
{
	struct ata_task t = { .command = gpl ? ATA_READ_LOG_EXT : ATA_SMART,
			      .feature = gpl ? 0 : SMART_READ_LOG,
			      .lba = gpl ? log : SMART_SIGNATURE | log,
			      .extended = gpl };

	return ata_do(v, &t, buf, sectors, NULL);
}

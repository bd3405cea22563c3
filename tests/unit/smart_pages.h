/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SMART_PAGES_H
#define TESTS_SMART_PAGES_H

/*
 * Pages as devices send them, written from the standards: a healthy one each,
 * and what to change in it. All of a sector are 512 bytes.
 */

#include <stddef.h>
#include <stdint.h>

/* Makes the bytes of a sector add up to zero. */
void page_sum(uint8_t *sector);
void page_le(uint8_t *at, uint64_t value, size_t n);
void page_be(uint8_t *at, uint64_t value, size_t n);

/* ATA: model "TEST HDD 4000", serial "T1"; SMART on, with all logs */
void page_identity(uint8_t *sector);
void page_attributes(uint8_t *sector); /* no rows yet */
void page_attribute(uint8_t *sector, unsigned int row, uint8_t id,
		    uint64_t raw);
void page_threshold(uint8_t *sector, unsigned int row, uint8_t id,
		    uint8_t threshold);
void page_directory(uint8_t *sector, const uint8_t *logs, size_t n);
/* @log: 8 sectors; all statistics 0 and valid. */
void page_statistics(uint8_t *log);
void page_statistic(uint8_t *log, unsigned int page, unsigned int at,
		    uint64_t value, uint8_t flags);
void page_error(uint8_t *sector, unsigned int entry, uint8_t error,
		unsigned int hours);
void page_self_test(uint8_t *sector, unsigned int entry, uint8_t kind,
		    uint8_t result, unsigned int hours);

/* SCSI: a log page, to which parameters are added; returns its length. */
size_t page_log(uint8_t *page, uint8_t number);
size_t page_parameter(uint8_t *page, unsigned int code, const void *value,
		      size_t len);

/* NVMe */
void page_nvme_identity(uint8_t *page);
void page_nvme_health(uint8_t *page); /* 40 C, spare 100 %, used 3 % */

#endif

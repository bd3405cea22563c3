/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a disk has counted, alike for all protocols. Decides which number of the
 * vendor's is a count, and drops what cannot be one. Must never take a packed
 * field for a number: 48 bits of an attribute may be one counter, three, or
 * filler. Invariant: where two sources of one count disagree, the smaller is
 * taken, unless something else of the disk bears out the larger.
 */
#include "disk_health.h"

/* 16 million sectors are 8 GiB that cannot be read: such a disk does not
 * answer any more. */
#define COUNT_MAX 0xffffff

#define ID_REALLOCATED	 5
#define ID_UNCORRECTABLE 187
#define ID_EVENTS	 196
#define ID_PENDING	 197
#define ID_OFFLINE	 198
#define ID_CRC		 199

/* These give the ids from 184 on other meanings: host reads, erasures. */
static bool is_foreign(const struct hale_disk_reading *d,
		       const struct hale_disk_attribute *a)
{
	return a->foreign || (!d->rotational && a->id >= 184 && a->id < 240 &&
			      (strncasecmp(d->model, "OCZ", 3) == 0 ||
			       strncmp(d->model, "Radeon R7", 9) == 0));
}

const struct hale_disk_attribute *
judging_attribute(const struct hale_disk_reading *d, uint8_t id)
{
	for (uint32_t i = 0;
	     i < d->n_attributes && i < HALE_DISK_ATTRIBUTES_MAX; i++) {
		if (d->attributes[i].id == id)
			return is_foreign(d, &d->attributes[i])
				       ? NULL
				       : &d->attributes[i];
	}
	return NULL;
}

bool judging_is_filler(uint64_t raw)
{
	uint64_t byte = raw & 0xff;

	if (raw == UINT16_MAX || raw == UINT64_MAX)
		return true;
	if (raw <= UINT16_MAX || byte == 0)
		return false;
	for (raw >>= 8; raw != 0; raw >>= 8) {
		if ((raw & 0xff) != byte)
			return false;
	}
	return true;
}

/* A plain counter of 48 bits. */
static bool plain(const struct hale_disk_reading *d, uint8_t id,
		  uint64_t *ret_n)
{
	const struct hale_disk_attribute *a = judging_attribute(d, id);

	if (!a || a->raw > COUNT_MAX || judging_is_filler(a->raw))
		return false;
	*ret_n = a->raw;
	return true;
}

/* One whose upper words are other numbers, where there are any. */
static bool low_word(const struct hale_disk_reading *d, uint8_t id,
		     uint64_t *ret_n)
{
	const struct hale_disk_attribute *a = judging_attribute(d, id);

	if (!a || judging_is_filler(a->raw) || (a->raw & 0xffff) == 0xffff)
		return false;
	*ret_n = a->raw & 0xffff;
	return true;
}

static bool given(const struct hale_disk_reading *d, enum hale_disk_value v,
		  uint64_t *ret_n)
{
	if (!hale_disk_knows(d, v) || d->value[v] > UINT32_MAX ||
	    judging_is_filler(d->value[v]))
		return false;
	*ret_n = d->value[v];
	return true;
}

static void set(struct hale_disk_counts *c, enum hale_disk_count which,
		uint64_t n)
{
	if ((c->known >> which & 1) != 0 && c->count[which] <= n)
		return;
	c->known |= UINT32_C(1) << which;
	c->count[which] = n;
}

static uint64_t errors_logged(const struct hale_disk_reading *d)
{
	uint64_t n = 0;

	given(d, HALE_DISK_ERROR_LOG_UNC, &n);
	return n;
}

/* Attempts count where data was lost, too: some disks keep hours there, and
 * some that were put back to zero kept only these. */
static void count_reallocated(const struct hale_disk_reading *d,
			      struct hale_disk_counts *c)
{
	uint64_t n, events;

	if (!low_word(d, ID_REALLOCATED, &n)) {
		if (given(d, HALE_DISK_REALLOCATED, &n))
			set(c, HALE_DISK_COUNT_REALLOCATED, n);
		return;
	}
	if (d->rotational && n == 0 && errors_logged(d) > 0 &&
	    low_word(d, ID_EVENTS, &events))
		n = events;
	set(c, HALE_DISK_COUNT_REALLOCATED, n);
}

static void count_pending(const struct hale_disk_reading *d,
			  struct hale_disk_counts *c)
{
	uint64_t n;

	/* of flash: some firmware shows one now and then, and means nothing */
	if ((plain(d, ID_PENDING, &n) && (d->rotational || n != 1)) ||
	    given(d, HALE_DISK_PENDING, &n))
		set(c, HALE_DISK_COUNT_PENDING, n);
	/* of flash this id may count what the host has read */
	if (d->rotational && plain(d, ID_OFFLINE, &n))
		set(c, HALE_DISK_COUNT_OFFLINE, n);
}

/* Something else of it says that the medium is, or was, damaged. */
static bool is_borne_out(const struct hale_disk_reading *d,
			 const struct hale_disk_counts *c)
{
	return c->count[HALE_DISK_COUNT_REALLOCATED] > 0 ||
	       c->count[HALE_DISK_COUNT_PENDING] > 0 || errors_logged(d) > 0;
}

/* All ones are filler, but where the value has gone down with the count. */
static bool is_saturated(const struct hale_disk_attribute *a)
{
	return a && a->raw == UINT16_MAX && a->value <= 1 && a->worst <= 1;
}

/*
 * The attribute and the device statistics count the same by the book. On some
 * flash the one is a rate, on some the other is the hours of operation.
 */
static void count_uncorrectable(const struct hale_disk_reading *d,
				struct hale_disk_counts *c)
{
	const struct hale_disk_attribute *a =
		judging_attribute(d, ID_UNCORRECTABLE);
	bool borne_out = is_borne_out(d, c), one, other;
	uint64_t n = 0, m = 0;

	one = low_word(d, ID_UNCORRECTABLE, &n);
	if (one && !d->rotational && a && a->raw > UINT16_MAX && !borne_out)
		one = false;
	if (borne_out && is_saturated(a)) {
		one = true;
		n = UINT16_MAX;
	}
	other = given(d, HALE_DISK_UNCORRECTABLE, &m);
	if (!one || (other && (n < m) == borne_out))
		n = m;
	if (one || other)
		set(c, HALE_DISK_COUNT_UNCORRECTABLE, n);
}

/* Statistics that are wrong of one thing are no witness of another. */
static bool is_disproved(const struct hale_disk_reading *d,
			 const struct hale_disk_counts *c)
{
	const struct hale_disk_attribute *a =
		judging_attribute(d, ID_UNCORRECTABLE);

	return !d->rotational && a && a->raw == 0 &&
	       hale_disk_knows(d, HALE_DISK_UNCORRECTABLE) &&
	       d->value[HALE_DISK_UNCORRECTABLE] > 0 && !is_borne_out(d, c);
}

static void count_ata(const struct hale_disk_reading *d,
		      struct hale_disk_counts *c)
{
	uint64_t n;

	count_reallocated(d, c);
	count_pending(d, c);
	count_uncorrectable(d, c);
	if (plain(d, ID_CRC, &n))
		set(c, HALE_DISK_COUNT_CRC, n);
	if (given(d, HALE_DISK_CRC_ERRORS, &n) && !is_disproved(d, c))
		set(c, HALE_DISK_COUNT_CRC, n);
}

static void count_scsi(const struct hale_disk_reading *d,
		       struct hale_disk_counts *c)
{
	static const enum hale_disk_value uncorrected[] = {
		HALE_DISK_READ_UNCORRECTED,
		HALE_DISK_WRITE_UNCORRECTED,
		HALE_DISK_VERIFY_UNCORRECTED,
	};
	uint64_t n, sum = 0;
	bool any = false;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(uncorrected); i++) {
		if (!given(d, uncorrected[i], &n))
			continue;
		sum += n;
		any = true;
	}
	if (any)
		set(c, HALE_DISK_COUNT_UNCORRECTABLE, sum);
	if (given(d, HALE_DISK_REALLOCATED, &n))
		set(c, HALE_DISK_COUNT_REALLOCATED, n);
	if (given(d, HALE_DISK_PENDING, &n))
		set(c, HALE_DISK_COUNT_PENDING, n);
}

void hale_disk_count(const struct hale_disk_reading *d,
		     struct hale_disk_counts *ret_counts)
{
	uint64_t n;

	memset(ret_counts, 0, sizeof(*ret_counts));
	ret_counts->time_ns = d->time_ns;
	switch (d->protocol) {
	case HALE_DISK_ATA:
		count_ata(d, ret_counts);
		break;
	case HALE_DISK_SCSI:
		count_scsi(d, ret_counts);
		break;
	case HALE_DISK_NVME:
		if (given(d, HALE_DISK_MEDIA_ERRORS, &n))
			set(ret_counts, HALE_DISK_COUNT_UNCORRECTABLE, n);
		break;
	case HALE_DISK_PROTOCOL_COUNT:
		break;
	}
}

uint64_t hale_disk_growth(const struct hale_disk_counts *now,
			  const struct hale_disk_counts *before,
			  enum hale_disk_count which)
{
	if (!before ||
	    (now->known & before->known & UINT32_C(1) << which) == 0 ||
	    now->count[which] <= before->count[which])
		return 0;
	return now->count[which] - before->count[which];
}

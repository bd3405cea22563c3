/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ATA part of smartctl's JSON: attribute table, device statistics, error
 * log, self-test log. Decides by smartctl's drive database which attributes
 * mean something else than their id says, and which entries of the logs are
 * failures of the disk: not what the host aborted. Judges no number. Invariant:
 * of the newest table of each log only, newest entries first.
 */
#include "smartctl_json.h"

#include "hale/base.h"

/* ACS-4, self-test execution status, high nibble */
#define TEST_UNKNOWN_ELEMENT 4
#define TEST_HANDLING_DAMAGE 8
#define TEST_EXTENDED	     2

/* Ids whose number is judged, and words of the names that mean the usual. */
static const struct {
	uint8_t id;
	const char *words[4];
} usual[] = {
	{ 5, { "realloc", "retired", "bad_b", "retried" } },
	{ 173, { "wear_lev", "life" } },
	{ 177, { "wear_lev", "life" } },
	{ 184, { "end-to-end", "error" } },
	{ 187, { "unc", "_ue_" } },
	{ 190, { "temp" } },
	{ 194, { "temp" } },
	{ 196, { "realloc" } },
	{ 197, { "pend" } },
	{ 198, { "unc" } },
	{ 199, { "crc" } },
	{ 202, { "life", "perc" } },
	{ 231, { "life", "temp" } },
	{ 233, { "wear", "life" } },
};

static bool is_foreign(uint64_t id, const char *name)
{
	/* one that is in no database is taken at its id, as a driver would */
	if (!name || strcasestr(name, "unknown"))
		return false;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(usual); i++) {
		if (usual[i].id != id)
			continue;
		for (size_t k = 0; k < HALE_ARRAY_SIZE(usual[i].words); k++) {
			if (usual[i].words[k] &&
			    strcasestr(name, usual[i].words[k]))
				return false;
		}
		return true;
	}
	return false;
}

static uint8_t byte_of(struct smartctl *s, json_t *in, const char *name,
		       uint8_t otherwise)
{
	uint64_t n;

	return smartctl_number(s, in, name, &n) && n <= UINT8_MAX ? (uint8_t)n
								  : otherwise;
}

static void read_attribute(struct smartctl *s, json_t *row)
{
	struct hale_disk_reading *d = s->d;
	struct hale_disk_attribute a = { 0 };
	bool prefailure = false;
	uint64_t id, n;

	if (!smartctl_number(s, row, "id", &id) || id == 0 || id > UINT8_MAX ||
	    d->n_attributes == HALE_DISK_ATTRIBUTES_MAX)
		return;
	a.id = (uint8_t)id;
	/* 254: a value that no rule looks at */
	a.value = byte_of(s, row, "value", 254);
	a.worst = byte_of(s, row, "worst", 254);
	a.threshold_known =
		smartctl_number(s, row, "thresh", &n) && n <= UINT8_MAX;
	a.threshold = byte_of(s, row, "thresh", 0);
	smartctl_bool(s, smartctl_object(s, row, "flags"), "prefailure",
		      &prefailure);
	a.flags = prefailure;
	a.foreign = is_foreign(id, smartctl_string(s, row, "name"));
	if (!smartctl_number(s, smartctl_object(s, row, "raw"), "value",
			     &a.raw) ||
	    a.raw >> 48 != 0)
		a.raw = UINT64_MAX;
	d->attributes[d->n_attributes++] = a;
}

/* Only a disk that spins has these. */
static bool spins(const struct hale_disk_reading *d)
{
	for (uint32_t i = 0; i < d->n_attributes; i++) {
		uint8_t id = d->attributes[i].id;

		if (id == 3 || id == 7 || id == 8 || id == 10 || id == 11)
			return true;
	}
	return false;
}

static void each(struct smartctl *s, const char *where, json_t *table,
		 void (*take)(struct smartctl *s, json_t *row))
{
	size_t n = json_array_size(table);

	s->where = where;
	for (s->row = 0; s->row < n; s->row++) {
		json_t *row = json_array_get(table, s->row);

		if (json_is_object(row))
			take(s, row);
		else if (!s->error[0])
			snprintf(s->error, SMARTCTL_ERROR_MAX,
				 "%.60s[%zu] is not an object", where, s->row);
	}
	s->row = SIZE_MAX;
	s->where = "";
}

static void read_attributes(struct smartctl *s, json_t *root)
{
	json_t *table = smartctl_array(
		s, smartctl_object(s, root, "ata_smart_attributes"), "table");
	uint64_t rate;

	each(s, "ata_smart_attributes.table", table, read_attribute);
	/* older disks do not tell a rate, and nor do most bridges */
	if (!smartctl_number(s, root, "rotation_rate", &rate))
		s->d->rotational = spins(s->d);
}

/* ACS-4, device statistics: page, offset */
static void read_statistic(struct smartctl *s, uint64_t page, json_t *row)
{
	static const struct {
		uint8_t page, offset, value;
	} known[] = {
		{ 3, 32, HALE_DISK_REALLOCATED },
		{ 3, 56, HALE_DISK_PENDING },
		{ 4, 8, HALE_DISK_UNCORRECTABLE },
		{ 5, 88, HALE_DISK_TEMPERATURE_LIMIT },
		{ 6, 24, HALE_DISK_CRC_ERRORS },
		{ 7, 8, HALE_DISK_ENDURANCE_USED },
	};
	uint64_t offset;

	if (!smartctl_number(s, row, "offset", &offset))
		return;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(known); i++) {
		if (known[i].page == page && known[i].offset == offset)
			smartctl_set(s, row, "value",
				     (enum hale_disk_value)known[i].value);
	}
}

static void read_statistics(struct smartctl *s, json_t *page)
{
	json_t *table = smartctl_array(s, page, "table");
	uint64_t number;
	size_t i;
	json_t *row;

	if (!smartctl_number(s, page, "number", &number))
		return;
	json_array_foreach(table, i, row)
	{
		if (json_is_object(row))
			read_statistic(s, number, row);
	}
}

static void read_error(struct smartctl *s, json_t *row)
{
	struct hale_disk_reading *d = s->d;
	const char *text = smartctl_string(s, row, "error_description");
	uint64_t hours;

	if (!text)
		return;
	if (strstr(text, "ICRC")) {
		d->value[HALE_DISK_ERROR_LOG_ICRC]++;
		return;
	}
	/* older disks say of a sector that its address mark is not found */
	if (!strstr(text, "UNC") && !strstr(text, "AMNF"))
		return;
	d->value[HALE_DISK_ERROR_LOG_UNC]++;
	if (!hale_disk_knows(d, HALE_DISK_ERROR_LOG_LAST_HOURS) &&
	    smartctl_number(s, row, "lifetime_hours", &hours))
		hale_disk_set(d, HALE_DISK_ERROR_LOG_LAST_HOURS, hours);
}

/* The fuller one of two logs: with general purpose logging, or without. */
static json_t *log_of(struct smartctl *s, json_t *root, const char *name,
		      const char *otherwise)
{
	json_t *log = smartctl_object(s, root, name);
	json_t *kind = smartctl_object(s, log, "extended");

	return kind ? kind : smartctl_object(s, log, otherwise);
}

static void read_errors(struct smartctl *s, json_t *root)
{
	json_t *log = log_of(s, root, "ata_smart_error_log", "summary");

	if (!log)
		return;
	hale_disk_set(s->d, HALE_DISK_ERROR_LOG_UNC, 0);
	hale_disk_set(s->d, HALE_DISK_ERROR_LOG_ICRC, 0);
	each(s, "ata_smart_error_log.table", smartctl_array(s, log, "table"),
	     read_error);
}

static void fail(struct smartctl *s, json_t *row)
{
	struct hale_disk_reading *d = s->d;

	if (d->value[HALE_DISK_SELF_TEST_FAILED]++ > 0)
		return;
	smartctl_set(s, row, "lifetime_hours", HALE_DISK_SELF_TEST_HOURS);
	smartctl_set(s, row, "lba", HALE_DISK_SELF_TEST_LBA);
}

/*
 * Newest first. What failed counts until a later test has gone over all of the
 * disk and found nothing.
 */
static void read_tests(struct smartctl *s, json_t *root)
{
	json_t *log = log_of(s, root, "ata_smart_self_test_log", "standard");
	json_t *table = smartctl_array(s, log, "table"), *row;
	size_t i;

	if (!log)
		return;
	hale_disk_set(s->d, HALE_DISK_SELF_TEST_FAILED, 0);
	json_array_foreach(table, i, row)
	{
		uint64_t status, type = 0;

		if (!smartctl_number(s, smartctl_object(s, row, "status"),
				     "value", &status))
			continue;
		status >>= 4;
		smartctl_number(s, smartctl_object(s, row, "type"), "value",
				&type);
		if (status >= TEST_UNKNOWN_ELEMENT &&
		    status <= TEST_HANDLING_DAMAGE)
			fail(s, row);
		else if (status == 0 && (type & 0x7f) == TEST_EXTENDED)
			break;
	}
}

/* The last test, where the disk keeps no log of them. */
static void read_last_test(struct smartctl *s, json_t *root)
{
	json_t *data = smartctl_object(s, root, "ata_smart_data");
	json_t *test = smartctl_object(s, data, "self_test");
	uint64_t status;

	if (!smartctl_number(s, smartctl_object(s, test, "status"), "value",
			     &status))
		return;
	status >>= 4;
	if (!hale_disk_knows(s->d, HALE_DISK_SELF_TEST_FAILED))
		hale_disk_set(s->d, HALE_DISK_SELF_TEST_FAILED,
			      status >= TEST_UNKNOWN_ELEMENT &&
				      status <= TEST_HANDLING_DAMAGE);
}

void smartctl_ata(struct smartctl *s, json_t *root)
{
	json_t *pages = smartctl_array(
		s, smartctl_object(s, root, "ata_device_statistics"), "pages");

	read_attributes(s, root);
	each(s, "ata_device_statistics.pages", pages, read_statistics);
	smartctl_set(s, smartctl_object(s, root, "ata_pending_defects_log"),
		     "count", HALE_DISK_PENDING);
	read_errors(s, root);
	read_tests(s, root);
	read_last_test(s, root);
}

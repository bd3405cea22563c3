/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smartctl's JSON as a reading: who the disk is, its overall word, and the
 * parts of NVMe and SCSI; that of ATA is in smartctl_ata.c. Decides whether
 * there is anything to judge at all, and says why where there is not. Must
 * never let a field of a wrong type pass as one that is absent. Invariant: a
 * reading that is returned has texts that are terminated and printable.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/smartctl.h"
#include "hale/text.h"
#include "smartctl_json.h"

/* smartctl(8), exit status */
#define EXIT_FAILING   0x08
#define EXIT_PREFAILED 0x10

/* NVM Express base specification, self-test result; SPC-5, self-test results */
#define NVME_TEST_FAILED_FROM 6
#define NVME_TEST_FAILED_TO   7
#define SCSI_TEST_FAILED_FROM 4
#define SCSI_TEST_FAILED_TO   7
#define SCSI_TESTS	      20
#define TEST_EXTENDED	      2
#define SENSE_MEDIUM	      3
#define SCAN_RESULTS	      2048 /* SBC-4: parameters of the log page */

static void set_text(char *field, size_t size, const char *text)
{
	if (text)
		hale_print_text(field, size, text, strlen(text));
}

static const char *first_of(struct smartctl *s, json_t *root, const char *a,
			    const char *b)
{
	const char *text = smartctl_string(s, root, a);

	return text ? text : smartctl_string(s, root, b);
}

static enum hale_disk_protocol protocol_of(struct smartctl *s, json_t *root)
{
	const char *name = smartctl_string(
		s, smartctl_object(s, root, "device"), "protocol");

	if (json_object_get(root, "nvme_smart_health_information_log"))
		return HALE_DISK_NVME;
	if (json_object_get(root, "ata_smart_attributes") ||
	    json_object_get(root, "ata_smart_data"))
		return HALE_DISK_ATA;
	if (name && strcasecmp(name, "NVMe") == 0)
		return HALE_DISK_NVME;
	if ((name && strcasecmp(name, "SCSI") == 0) ||
	    json_object_get(root, "scsi_grown_defect_list") ||
	    json_object_get(root, "scsi_error_counter_log"))
		return HALE_DISK_SCSI;
	return HALE_DISK_ATA;
}

static void read_identity(struct smartctl *s, json_t *root)
{
	struct hale_disk_reading *d = s->d;
	json_t *device = smartctl_object(s, root, "device");
	const char *name = smartctl_string(s, device, "name");
	uint64_t rate;

	d->protocol = protocol_of(s, root);
	d->ref = HALE_REF_DISK;
	if (name && strncmp(name, "/dev/", 5) == 0)
		name += 5;
	set_text(d->part, sizeof(d->part), name);
	set_text(d->model, sizeof(d->model),
		 first_of(s, root, "model_name", "scsi_model_name"));
	set_text(d->serial, sizeof(d->serial),
		 smartctl_string(s, root, "serial_number"));
	set_text(d->firmware, sizeof(d->firmware),
		 first_of(s, root, "firmware_version", "scsi_revision"));
	d->rotational = d->protocol == HALE_DISK_SCSI;
	if (smartctl_number(s, root, "rotation_rate", &rate))
		d->rotational = rate > 0;
}

/* What smartctl's exit status tells where the report itself does not. */
static void read_exit(struct smartctl *s, json_t *root)
{
	uint64_t status;

	if (hale_disk_knows(s->d, HALE_DISK_PASSED) ||
	    !smartctl_number(s, smartctl_object(s, root, "smartctl"),
			     "exit_status", &status))
		return;
	if ((status & EXIT_FAILING) != 0 ||
	    ((status & EXIT_PREFAILED) != 0 && s->d->n_attributes == 0))
		hale_disk_set(s->d, HALE_DISK_PASSED, 0);
}

static void read_status(struct smartctl *s, json_t *root)
{
	json_t *status = smartctl_object(s, root, "smart_status");
	json_t *scsi = smartctl_object(s, status, "scsi");
	json_t *warm = smartctl_object(s, root, "temperature");
	bool passed;

	if (smartctl_bool(s, status, "passed", &passed))
		hale_disk_set(s->d, HALE_DISK_PASSED, passed);
	smartctl_set(s, scsi, "asc", HALE_DISK_IE_ASC);
	smartctl_set(s, scsi, "ascq", HALE_DISK_IE_ASCQ);
	smartctl_set(s, smartctl_object(s, root, "power_on_time"), "hours",
		     HALE_DISK_POWER_ON_HOURS);
	smartctl_set(s, warm, "current", HALE_DISK_TEMPERATURE);
	smartctl_set(s, warm, "op_limit_max", HALE_DISK_TEMPERATURE_LIMIT);
	smartctl_set(s, warm, "critical_limit_max",
		     HALE_DISK_TEMPERATURE_CRITICAL);
	smartctl_set(s, warm, "drive_trip", HALE_DISK_TEMPERATURE_LIMIT);
	/* 7.4 on, for all protocols */
	smartctl_set(s, smartctl_object(s, root, "endurance_used"),
		     "current_percent", HALE_DISK_ENDURANCE_USED);
}

static bool is_test_failed(struct smartctl *s, json_t *row, const char *name,
			   uint64_t from, uint64_t to)
{
	uint64_t result;

	return smartctl_number(s, smartctl_object(s, row, name), "value",
			       &result) &&
	       result >= from && result <= to;
}

/* Return: whether older tests do not matter any more. */
static bool read_nvme_test(struct smartctl *s, json_t *row)
{
	struct hale_disk_reading *d = s->d;
	uint64_t code = 0;

	if (is_test_failed(s, row, "self_test_result", NVME_TEST_FAILED_FROM,
			   NVME_TEST_FAILED_TO)) {
		if (d->value[HALE_DISK_SELF_TEST_FAILED]++ == 0) {
			smartctl_set(s, row, "power_on_hours",
				     HALE_DISK_SELF_TEST_HOURS);
			smartctl_set(s, row, "lba", HALE_DISK_SELF_TEST_LBA);
		}
		return false;
	}
	smartctl_number(s, smartctl_object(s, row, "self_test_code"), "value",
			&code);
	return code == TEST_EXTENDED &&
	       is_test_failed(s, row, "self_test_result", 0, 0);
}

static void read_nvme_logs(struct smartctl *s, json_t *root)
{
	json_t *log = smartctl_object(s, root, "nvme_self_test_log"), *row;
	size_t i;

	if (log) {
		hale_disk_set(s->d, HALE_DISK_SELF_TEST_FAILED, 0);
		json_array_foreach(smartctl_array(s, log, "table"), i, row)
		{
			if (read_nvme_test(s, row))
				break;
		}
	}
}

static void read_nvme(struct smartctl *s, json_t *root)
{
	static const struct {
		const char *name;
		uint8_t value;
	} fields[] = {
		{ "critical_warning", HALE_DISK_CRITICAL_WARNING },
		{ "temperature", HALE_DISK_TEMPERATURE },
		{ "available_spare", HALE_DISK_SPARE },
		{ "available_spare_threshold", HALE_DISK_SPARE_LIMIT },
		{ "percentage_used", HALE_DISK_ENDURANCE_USED },
		{ "power_on_hours", HALE_DISK_POWER_ON_HOURS },
		{ "unsafe_shutdowns", HALE_DISK_UNSAFE_SHUTDOWNS },
		{ "media_errors", HALE_DISK_MEDIA_ERRORS },
	};
	json_t *log =
		smartctl_object(s, root, "nvme_smart_health_information_log");
	json_t *limits = smartctl_object(
		s, root, "nvme_composite_temperature_threshold");

	s->where = "nvme_smart_health_information_log";
	for (size_t i = 0; i < HALE_ARRAY_SIZE(fields); i++)
		smartctl_set(s, log, fields[i].name,
			     (enum hale_disk_value)fields[i].value);
	s->where = "";
	if (!hale_disk_knows(s->d, HALE_DISK_CRITICAL_WARNING)) {
		json_t *status = smartctl_object(s, root, "smart_status");

		smartctl_set(s, smartctl_object(s, status, "nvme"), "value",
			     HALE_DISK_CRITICAL_WARNING);
	}
	smartctl_set(s, limits, "warning", HALE_DISK_TEMPERATURE_LIMIT);
	smartctl_set(s, limits, "critical", HALE_DISK_TEMPERATURE_CRITICAL);
	read_nvme_logs(s, root);
}

/* scsi_self_test_0 is the newest. */
static void read_scsi_tests(struct smartctl *s, json_t *root)
{
	struct hale_disk_reading *d = s->d;

	for (unsigned int i = 0; i < SCSI_TESTS; i++) {
		char name[32];
		json_t *test;

		snprintf(name, sizeof(name), "scsi_self_test_%u", i);
		test = smartctl_object(s, root, name);
		if (!test)
			return;
		if (i == 0)
			hale_disk_set(d, HALE_DISK_SELF_TEST_FAILED, 0);
		if (is_test_failed(s, test, "code", TEST_EXTENDED,
				   TEST_EXTENDED) &&
		    is_test_failed(s, test, "result", 0, 0))
			return;
		if (!is_test_failed(s, test, "result", SCSI_TEST_FAILED_FROM,
				    SCSI_TEST_FAILED_TO))
			continue;
		if (d->value[HALE_DISK_SELF_TEST_FAILED]++ == 0)
			smartctl_set(s,
				     smartctl_object(s, test, "power_on_time"),
				     "hours", HALE_DISK_SELF_TEST_HOURS);
	}
}

/* Medium errors that the disk's scan found: what it recovered is not one. */
static void read_scan(struct smartctl *s, json_t *root)
{
	json_t *scan = smartctl_object(s, root, "scsi_background_scan");
	uint64_t key;

	if (!scan)
		return;
	hale_disk_set(s->d, HALE_DISK_SCAN_ERRORS, 0);
	for (unsigned int i = 1; i <= SCAN_RESULTS; i++) {
		char name[32];
		json_t *result;

		snprintf(name, sizeof(name), "result_%u", i);
		result = smartctl_object(s, scan, name);
		if (!result)
			return;
		if (smartctl_number(s, smartctl_object(s, result, "sense_key"),
				    "value", &key) &&
		    key == SENSE_MEDIUM)
			s->d->value[HALE_DISK_SCAN_ERRORS]++;
	}
}

static void read_scsi(struct smartctl *s, json_t *root)
{
	static const struct {
		const char *name;
		uint8_t value;
	} logs[] = {
		{ "read", HALE_DISK_READ_UNCORRECTED },
		{ "write", HALE_DISK_WRITE_UNCORRECTED },
		{ "verify", HALE_DISK_VERIFY_UNCORRECTED },
	};
	json_t *counters = smartctl_object(s, root, "scsi_error_counter_log");
	json_t *warm = smartctl_object(s, root, "scsi_temperature");

	for (size_t i = 0; i < HALE_ARRAY_SIZE(logs); i++)
		smartctl_set(s, smartctl_object(s, counters, logs[i].name),
			     "total_uncorrected_errors",
			     (enum hale_disk_value)logs[i].value);
	smartctl_set(s, root, "scsi_grown_defect_list", HALE_DISK_REALLOCATED);
	smartctl_set(s, smartctl_object(s, root, "scsi_pending_defects"),
		     "count", HALE_DISK_PENDING);
	smartctl_set(s, root, "scsi_percentage_used_endurance_indicator",
		     HALE_DISK_ENDURANCE_USED);
	smartctl_set(s, warm, "drive_trip", HALE_DISK_TEMPERATURE_LIMIT);
	read_scsi_tests(s, root);
	read_scan(s, root);
}

/* What smartctl says of its own trouble: its first message. */
static const char *message_of(json_t *root)
{
	json_t *messages =
		json_object_get(json_object_get(root, "smartctl"), "messages");
	json_t *first = json_array_get(messages, 0);

	return json_string_value(json_object_get(first, "string"));
}

static int nothing_to_judge(struct smartctl *s, json_t *root)
{
	const char *message = message_of(root);
	json_t *support = smartctl_object(s, root, "smart_support");
	bool available = true;

	if (message &&
	    (strstr(message, "STANDBY") || strstr(message, "SLEEP"))) {
		s->d->asleep = true;
		return 0;
	}
	smartctl_bool(s, support, "available", &available);
	if (!json_object_get(root, "smartctl") &&
	    !json_object_get(root, "device") && !support) {
		snprintf(s->error, SMARTCTL_ERROR_MAX,
			 "not a report of smartctl: it has neither "
			 "smart_status nor smartctl");
		return -EINVAL;
	}
	if (message) {
		char text[120];

		hale_print_text(text, sizeof(text), message, strlen(message));
		snprintf(s->error, SMARTCTL_ERROR_MAX,
			 "smartctl read nothing of the disk: %s", text);
	} else {
		snprintf(s->error, SMARTCTL_ERROR_MAX, "%s",
			 available ? "no health data in it: run smartctl with "
				     "--json -x"
				   : "smart_support.available is false: the "
				     "disk has no SMART, or a bridge hides it");
	}
	return -ENODATA;
}

static int read_root(struct smartctl *s, json_t *root)
{
	struct hale_disk_reading *d = s->d;

	read_identity(s, root);
	read_status(s, root);
	switch (d->protocol) {
	case HALE_DISK_ATA:
		smartctl_ata(s, root);
		break;
	case HALE_DISK_SCSI:
		read_scsi(s, root);
		break;
	case HALE_DISK_NVME:
		read_nvme(s, root);
		break;
	case HALE_DISK_PROTOCOL_COUNT:
		break;
	}
	read_exit(s, root);
	if (s->error[0])
		return -EINVAL;
	/* hours and a temperature alone do not make a judgment */
	if (d->n_attributes == 0 &&
	    (d->known & ~(UINT64_C(1) << HALE_DISK_POWER_ON_HOURS |
			  UINT64_C(1) << HALE_DISK_TEMPERATURE)) == 0)
		return nothing_to_judge(s, root);
	return 0;
}

int smartctl_read(const char *json, size_t len,
		  struct hale_disk_reading *ret_reading,
		  char ret_error[SMARTCTL_ERROR_MAX])
{
	struct hale_disk_reading d = { 0 };
	struct smartctl s = { &d, ret_error, "", SIZE_MAX };
	json_error_t e;
	json_t *root;
	int r;

	ret_error[0] = '\0';
	if (len > SMARTCTL_JSON_MAX) {
		snprintf(ret_error, SMARTCTL_ERROR_MAX,
			 "longer than %d bytes: not a report of smartctl",
			 SMARTCTL_JSON_MAX);
		return -E2BIG;
	}
	/* some firmware counts beyond 64 bits, and smartctl prints it */
	root = json_loadb(json, len,
			  JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &e);
	if (!root || !json_is_object(root)) {
		char text[100];

		hale_print_text(text, sizeof(text),
				root ? "not an object" : e.text,
				strlen(root ? "not an object" : e.text));
		snprintf(ret_error, SMARTCTL_ERROR_MAX,
			 "not JSON: %s (line %d)", text, root ? 1 : e.line);
		json_decref(root);
		return -EINVAL;
	}
	r = read_root(&s, root);
	json_decref(root);
	if (r < 0)
		return r;
	*ret_reading = d;
	return 0;
}

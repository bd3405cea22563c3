/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How ship follows the gate: a report is stored whole or not at all, since what
 * it does not tell of counts as ended. The store is a stand-in.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/ship/ship.h"
#include "proto/codec.h"

int __wrap_db_add_findings(struct db *db, Hale__V1__Finding *const *findings,
			   size_t n, uint64_t as_of_ns);
void __wrap_ship_judge(struct ship *s, int r);

static struct ship ship;
static int gate;
static int stored; /* reports */
static size_t findings_stored;

int __wrap_db_add_findings(struct db *db, Hale__V1__Finding *const *findings,
			   size_t n, uint64_t as_of_ns)
{
	(void)db;
	(void)findings;
	(void)as_of_ns;
	stored++;
	findings_stored = n;
	return 0;
}

void __wrap_ship_judge(struct ship *s, int r)
{
	s->trouble = r;
}

static int setup(void **state)
{
	int pair[2];

	(void)state;
	memset(&ship, 0, sizeof(ship));
	stored = 0;
	findings_stored = 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	ship.agent_fd = -1;
	ship.gate_fd = pair[0];
	gate = pair[1];
	ship.db = (struct db *)&ship; /* nobody looks in */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	watch_lose(&ship, 0);
	close(gate);
	return 0;
}

static void tell(const char *part, bool last)
{
	uint8_t bytes[512];
	Hale__V1__Part p;
	Hale__V1__Finding f, *list[] = { &f };
	Hale__V1__HostReport report;
	Hale__V1__Reply m;
	ssize_t n;

	hale__v1__part__init(&p);
	hale__v1__finding__init(&f);
	hale__v1__host_report__init(&report);
	hale__v1__reply__init(&m);
	p.id = codec_borrow(part);
	f.part = &p;
	f.condition = codec_borrow("disk.medium_error");
	report.findings = list;
	report.n_findings = 1;
	m.body_case = HALE__V1__REPLY__BODY_REPORT;
	m.report = &report;
	m.last = last;
	n = codec_pack(&m, bytes, sizeof(bytes));
	assert_int_equal(send(gate, bytes, (size_t)n, 0), n);
}

static void test_a_report_of_several_packets_is_stored_once(void **state)
{
	(void)state;
	tell("sda", false);
	watch_read(&ship);
	assert_int_equal(stored, 0);
	tell("sdb", false);
	tell("sdc", true);
	watch_read(&ship);
	assert_int_equal(stored, 1);
	assert_int_equal(findings_stored, 3);
	assert_true(ship.gate_fd >= 0);
}

/* Found by fuzzing: it was left out, and its findings ended in the history. */
static void test_a_report_with_a_packet_that_is_none_is_not_stored(void **state)
{
	(void)state;
	tell("sda", false);
	assert_int_equal(send(gate, "\xff\xff", 2, 0), 2);
	tell("sdc", true);
	watch_read(&ship);
	assert_int_equal(stored, 0);
	assert_int_equal(ship.gate_fd, -1);
	assert_true(ship.gate_ns != 0); /* and asked for anew */
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_a_report_of_several_packets_is_stored_once),
		CASE(test_a_report_with_a_packet_that_is_none_is_not_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the driver trace says of signals, victims and hardware errors.
 */
#include "trace_room.h"

static void test_what_a_process_got_sigbus_for(void **state)
{
	(void)state;
	begin();
	fake_page_signal(&page, 4, "cc1", 4711);
	fake_page_signal(&page, 0, "cc1", 4712);
	deliver();
	assert_int_equal(n_said, 2);
	assert_int_equal(said[0].condition, HALE_PROCESS_SIGBUS);
	assert_string_equal(said[0].part, "process/cc1");
	assert_int_equal(said[0].join, HALE_JOIN_DEATH);
	assert_int_equal(said[0].join_key, 4711);
	assert_int_equal(said[0].count, 1);
	assert_non_null(strstr(said[0].evidence, "code 4 (BUS_MCEERR_AR"));
	/* somebody's kill: no fault of the host */
	assert_int_equal(said[1].count, 0);
	assert_non_null(strstr(said[1].evidence, "sent by pid"));
	end();
}

static void add_death(int32_t signal, int32_t code, int32_t thread)
{
	unsigned char body[32] = { 0 };

	memcpy(body, &signal, sizeof(signal));
	memcpy(body + 8, &code, sizeof(code));
	fake_page_add_by(&page, TRACE_DEATH, thread, body, sizeof(body));
}

/* The thread tells of itself; its name comes with what it got, if at all. */
static void test_who_dies_of_it(void **state)
{
	(void)state;
	begin();
	fake_page_signal(&page, 2, "cc1", 4711);
	add_death(7, 2, 4711);
	add_death(11, 1, 4712);
	add_death(6, -6, 4713);
	deliver();
	assert_int_equal(n_victims, 3);
	assert_int_equal(victims[0].thread, 4711);
	assert_int_equal(victims[0].pid, 4711);
	assert_int_equal(victims[0].signal, 7);
	assert_true(victims[0].code_known);
	assert_int_equal(victims[0].code, 2);
	assert_string_equal(victims[0].comm, "cc1");
	assert_int_equal(victims[0].witnesses, HALE_WITNESS_SIGNAL);
	assert_string_equal(victims[1].comm, "");
	assert_int_equal(victims[2].code, -6);
	end();
}

static void add_fault(int32_t signal, int32_t code, const char *comm,
		      int32_t pid)
{
	unsigned char body[40] = { 0 };

	memcpy(body, &signal, sizeof(signal));
	memcpy(body + 8, &code, sizeof(code));
	memcpy(body + 12, comm, strnlen(comm, 16));
	memcpy(body + 28, &pid, sizeof(pid));
	fake_page_add(&page, TRACE_SIGNAL, 1000, body, sizeof(body));
}

/* gcc's own compilers catch the signal: a crash of them is told of all the
 * same, but is no SIGBUS; what somebody sent is no crash. */
static void test_a_compiler_that_catches_its_crash(void **state)
{
	(void)state;
	begin();
	add_fault(11, 1, "cc1plus", 4711);
	add_fault(4, 2, "cc1", 4712);
	add_fault(11, 0, "cc1", 4713);
	deliver();
	assert_int_equal(n_said, 0);
	assert_int_equal(n_victims, 2);
	assert_int_equal(victims[0].pid, 4711);
	assert_int_equal(victims[0].signal, 11);
	assert_true(victims[0].code_known);
	assert_int_equal(victims[0].code, 1);
	assert_string_equal(victims[0].comm, "cc1plus");
	assert_int_equal(victims[1].signal, 4);
	end();
}

/* The kernel leaves out what is handled: a runtime's null checks are signals,
 * by the thousand. */
static void test_what_is_handled_is_not_asked_for(void **state)
{
	char filter[256];

	(void)state;
	begin();
	fake_trace_read(&tree, "events/signal/signal_deliver/filter", filter,
			sizeof(filter));
	assert_non_null(strstr(filter, "sa_handler == 0 && ("));
	end();
}

static void add_stack(const uint64_t *callers, size_t n)
{
	unsigned char body[8 + 64] = { 0 };

	memcpy(body + 8, callers, n * sizeof(*callers));
	fake_page_add(&page, TRACE_STACK, 10, body,
		      (unsigned int)(8 + n * sizeof(*callers)));
}

static void add_victim(int pid)
{
	fake_page_add(&page, TRACE_OOM, 1000, &pid, sizeof(pid));
}

static const char symbols[] = "ffffffff81000000 T _stext\n"
			      "ffffffff81002000 t mem_cgroup_out_of_memory\n"
			      "ffffffff81002400 T after_it\n"
			      "ffffffff81003000 T out_of_memory\n";

static void begin_with_symbols(const char *text)
{
	begin_without(NULL);
	tree_file(&tree, "proc/kallsyms", text, strlen(text));
	assert_int_equal(trace_driver.probe(&probe), 0);
	fake_page_begin(&page, AT);
}

static void test_whose_memory_ran_out(void **state)
{
	const uint64_t host[] = { 0xffffffff81003100, 0xffffffff81004000,
				  0xffffffff81005000, 0xffffffff81006000 };
	const uint64_t cgroup[] = { 0xffffffff81003100, 0xffffffff81002080,
				    0xffffffff81005000, 0xffffffff81006000 };

	(void)state;
	begin_with_symbols(symbols);
	add_victim(7);
	add_stack(host, 4);
	add_victim(8);
	add_stack(cgroup, 4);
	add_victim(9); /* its stack is missing: the log will tell */
	add_victim(10);
	add_stack(host, 1); /* cut off */
	deliver();
	assert_int_equal(n_said, 2);
	assert_int_equal(said[0].condition, HALE_MEMORY_OOM);
	assert_int_equal(said[0].join, HALE_JOIN_OOM);
	assert_int_equal(said[0].join_key, 7);
	assert_int_equal(said[1].condition, HALE_MEMORY_LIMIT);
	assert_int_equal(said[1].join_key, 8);
	/* and who dies of it; of whose memory nobody knows, the log tells */
	assert_int_equal(n_victims, 2);
	assert_int_equal(victims[0].pid, 7);
	assert_int_equal(victims[0].signal, 9);
	assert_true(victims[0].oom && !victims[0].oom_limit);
	assert_int_equal(victims[1].pid, 8);
	assert_true(victims[1].oom && victims[1].oom_limit);
	end();
}

static void test_hidden_addresses_tell_nothing(void **state)
{
	const uint64_t host[] = { 0xffffffff81003100, 0xffffffff81004000,
				  0xffffffff81005000, 0xffffffff81006000 };

	(void)state;
	begin_with_symbols("0000000000000000 T _stext\n"
			   "0000000000000000 t mem_cgroup_out_of_memory\n");
	add_victim(7);
	add_stack(host, 4);
	deliver();
	assert_int_equal(n_said, 0);
	end();
}

static void test_memory_errors(void **state)
{
	struct {
		uint32_t type, msg, label;
		uint16_t count;
		uint8_t index, layers[9];
		uint64_t address;
		char text[24];
	} mc = { .type = 0,
		 .msg = 40 | 5 << 16,
		 .label = 45 | 8 << 16,
		 .count = 3,
		 .address = 0x1000,
		 .text = "read\0DIMM_A1" };
	struct {
		uint64_t pfn;
		int32_t type, result;
	} failure = { 0x1234, 9, 3 };

	(void)state;
	begin();
	fake_page_add(&page, TRACE_MC, 10, &mc, sizeof(mc));
	mc.type = 1;
	fake_page_add(&page, TRACE_MC, 10, &mc, sizeof(mc));
	mc.type = 4;
	fake_page_add(&page, TRACE_MC, 10, &mc, sizeof(mc));
	fake_page_add(&page, TRACE_MEMORY_FAILURE, 10, &failure,
		      sizeof(failure));
	deliver();
	assert_int_equal(n_said, 3);
	assert_int_equal(said[0].condition, HALE_MEMORY_CORRECTED);
	assert_string_equal(said[0].part, "dimm/DIMM_A1");
	assert_int_equal(said[0].count, 3);
	assert_int_equal(said[1].condition, HALE_MEMORY_UNCORRECTED);
	assert_int_equal(said[2].condition, HALE_MEMORY_POISONED);
	assert_int_equal(said[2].join_key, 0x1234);
	assert_non_null(strstr(said[2].evidence, "recovered"));
	end();
}

static void test_other_hardware(void **state)
{
	struct {
		uint64_t cap, mcg, status, addr;
		uint32_t cpu;
		uint8_t bank;
	} mce = { .status = 0x9000000000000151, .cpu = 3, .bank = 9 };
	struct {
		uint32_t name, status;
		uint8_t severity, pad[3];
		char text[16];
	} aer = { 20 | 13 << 16, 1, 2, { 0 }, "0000:03:00.0" };
	struct {
		uint32_t loc[5];
		char text[64];
	} devlink = { { 28 | 4 << 16, 32 | 13 << 16, 45 | 5 << 16, 50 | 3 << 16,
			53 | 22 << 16 },
		      "pci\0000000:04:00.0\0mlx5\0tx\0TX timeout on queue: 3" };

	(void)state;
	begin();
	fake_page_add(&page, TRACE_MCE, 10, &mce, sizeof(mce));
	fake_page_add(&page, TRACE_AER, 10, &aer, sizeof(aer));
	fake_page_add(&page, TRACE_DEVLINK, 10, &devlink, sizeof(devlink));
	deliver();
	assert_int_equal(n_said, 3);
	assert_int_equal(said[0].condition, HALE_CPU_MACHINE_CHECK);
	assert_string_equal(said[0].part, "cpu/3");
	assert_int_equal(said[1].condition, HALE_BUS_PCIE_ERROR);
	assert_string_equal(said[1].part, "pci/0000:03:00.0");
	assert_non_null(strstr(said[1].evidence, "corrected"));
	assert_int_equal(said[2].condition, HALE_NET_TX_TIMEOUT);
	assert_string_equal(said[2].part, "pci/0000:04:00.0");
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_process_got_sigbus_for),
		cmocka_unit_test(test_who_dies_of_it),
		cmocka_unit_test(test_a_compiler_that_catches_its_crash),
		cmocka_unit_test(test_what_is_handled_is_not_asked_for),
		cmocka_unit_test(test_whose_memory_ran_out),
		cmocka_unit_test(test_hidden_addresses_tell_nothing),
		cmocka_unit_test(test_memory_errors),
		cmocka_unit_test(test_other_hardware),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in rules about memory, processors, the kernel and the buses, class
 * by class, and that what only looks like a fault is none.
 */
#include "rules_rows.h"

static const struct row memory_and_processor_rows[] = {
	{ "EDAC MC3: 12 CE memory scrubbing error on DIMM_B2 "
	  "(channel:1 slot:0 page:0x1 offset:0x0 grain:32)",
	  "memory.corrected dimm/DIMM_B2" },
	{ "EDAC MC3: 1 UE memory read error on DIMM_B2 (channel:1 "
	  "slot:0 page:0x1 offset:0x0 grain:32)",
	  "memory.uncorrected dimm/DIMM_B2" },
	{ "EDAC MC3: CE page 0x1, offset 0x2, grain 8, syndrome 0x3, "
	  "row 1, channel 0, label \"\": k8_edac",
	  "memory.corrected dimm/mc3" },
	{ "Memory failure: 0x1f0a2: recovery action for clean LRU "
	  "page: Recovered",
	  "memory.poisoned " },
	{ "mce: Uncorrected hardware memory error in user-access at "
	  "1f0a2000",
	  "memory.poisoned " },
	{ "mce: [Hardware Error]: Machine check events logged",
	  "cpu.machine_check " },
	{ "mce: [Hardware Error]: CPU 6: Machine Check: 0 Bank 1: "
	  "8c00000000000000",
	  "cpu.machine_check cpu/6" },
	{ "mce: CPU6: Package temperature above threshold, cpu clock "
	  "throttled (total events = 4)",
	  "cpu.throttled cpu/6" },
	{ "CPU6: Core temperature/speed normal", "end cpu.throttled 6" },
	{ "watchdog: BUG: soft lockup - CPU#6 stuck for 26s! [cc1:7]",
	  "cpu.lockup cpu/6" },
	{ "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
	  "cpu.lockup " },
	{ "\t6-....: (21000 ticks this GP) idle=123/1/0x4 softirq=1/1",
	  "cpu.lockup cpu/6" },
	{ "EDAC MC: Ver: 3.0.0", "" },
	{ "EDAC MC3: Giving out device to module x controller y", "" },
	{ "EDAC DEBUG: edac_mc_alloc: allocating", "" },
	{ "mce: CPU supports 20 MCE banks", "" },
	{ "mce: CPU6: Thermal monitoring enabled (TM1)", "" },
	{ "RAS: Correctable Errors collector initialized.", "" },
};

static void memory_and_processor(void **state)
{
	(void)state;
	CHECK(memory_and_processor_rows);
}

static const struct row tasks_and_kernel_rows[] = {
	{ "INFO: rcu_sched_state detected stall on CPU 6 (t=15000 jiffies)",
	  "cpu.lockup cpu/6" },
	{ "INFO: rcu_sched self-detected stall on CPU { 5}  (t=6000 jiffies)",
	  "cpu.lockup cpu/5" },
	{ "rcu: INFO: rcu_sched self-detected stall on CPU", "cpu.lockup " },
	{ "do_page_fault() #2: sending SIGSEGV to ld for invalid write "
	  "access to 00000004",
	  "process.crashes process/ld" },
	{ "potentially unexpected fatal signal 11.", "process.crashes " },
	{ "potentially unexpected fatal signal 7.", "process.sigbus " },
	{ "Alignment trap: not handling instruction f4000000 at [<00010000>]",
	  "process.sigbus " },
	{ "BUG: Unable to handle kernel data access on read at 0x00000008",
	  "kernel.oops " },
	{ "Oops [#3]", "kernel.oops " },
	{ "Oops: Machine check, sig: 7 [#1]", "cpu.machine_check " },
	{ "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),"
	  "cpuset=/,mems_allowed=0,global_oom,task=ld,pid=9,uid=0",
	  "memory.oom " },
	{ "Out of memory: Killed process 9 (ld) total-vm:4kB", "memory.oom " },
	{ "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),"
	  "cpuset=/,mems_allowed=0,oom_memcg=/b,task=ld,pid=9,uid=0",
	  "memory.limit " },
	{ "Memory cgroup out of memory: Killed process 9 (ld) "
	  "total-vm:4kB",
	  "memory.limit " },
	{ "INFO: task ld:99 blocked for more than 241 seconds.",
	  "kernel.hung_task " },
	{ "ld[99]: segfault at 8 ip 0000aa sp 0000bb error 4 in "
	  "ld[400000+9000]",
	  "process.crashes process/ld" },
	{ "traps: ld[99] trap invalid opcode ip:aa sp:bb error:0 in "
	  "ld[400000+9000]",
	  "process.crashes process/ld" },
	{ "VFS: file-max limit 65536 reached", "limit.files " },
	{ "nf_conntrack: table full, dropping packet", "limit.conntrack " },
	{ "cgroup: fork rejected by pids controller in /b", "" },
	{ "BUG: unable to handle page fault for address: ffffa0",
	  "kernel.oops " },
	{ "Unable to handle kernel NULL pointer dereference at virtual "
	  "address 0000000000000010",
	  "kernel.oops " },
	{ "Internal error: Oops: 96000006 [#1] PREEMPT SMP", "kernel.oops " },
	{ "Oops: 0002 [#1] SMP NOPTI", "kernel.oops " },
	{ "kernel BUG at mm/slub.c:4000!", "kernel.oops " },
	{ "divide error: 0000 [#1] SMP", "kernel.oops " },
	{ "Kernel panic - not syncing: Attempted to kill init!",
	  "kernel.crash " },
	{ "Kernel panic - not syncing: Out of memory: x", "memory.oom " },
	{ "WARNING: CPU: 1 PID: 2 at mm/x.c:3 f+0x4/0x5", "" },
	{ "---[ end trace 0000000000000000 ]---", "" },
	{ "BUG: using smp_processor_id() in preemptible [00000000]", "" },
	{ "Oops: efitime: can't read time!", "" },
};

static void tasks_and_kernel(void **state)
{
	(void)state;
	CHECK(tasks_and_kernel_rows);
}

static const struct row buses_and_the_rest_rows[] = {
	{ "usb 2-1.3: can't set config #1, error -110",
	  "bus.usb_disconnect usb/2-1.3" },
	{ "r8168 0000:04:00.0 eno2: Transmit timeout reset Device!",
	  "net.tx_timeout net/eno2" },
	{ "ice 0000:04:00.0 eno2: tx_timeout: VSI_num: 6, Q 3, NTC: 0x2",
	  "net.tx_timeout net/eno2" },
	{ "tg3 0000:04:00.0: eno2: Link is down", "net.link_flap net/eno2" },
	{ "r8152 2-1.3:1.0 eno2: carrier off", "net.link_flap net/eno2" },
	{ "bond3: link status down for active interface eno2, disabling it "
	  "in 100 ms",
	  "net.link_flap net/bond3" },
	{ "bond3: (slave eno2): link status down for active interface, "
	  "disabling it in 100 ms",
	  "net.link_flap net/bond3" },
	{ "amdgpu 0000:81:00.0: ring gfx_0.0.0 timeout, signaled seq=7, "
	  "emitted seq=9",
	  "gpu.fault pci/0000:81:00.0" },
	{ "amdgpu 0000:81:00.0: ring gfx_0.0.0 timeout, signaled seq=0, "
	  "emitted seq=2",
	  "" },
	{ "amdgpu 0000:81:00.0: amdgpu: GPU reset(2) succeeded!",
	  "gpu.fault pci/0000:81:00.0" },
	{ "i915 0000:00:02.0: Resetting rcs0 for hang on rcs0",
	  "gpu.fault pci/0000:00:02.0" },
	{ "pcieport 0000:40:01.1: AER: Corrected error received: "
	  "0000:41:00.0",
	  "bus.pcie_error pci/0000:41:00.0" },
	{ "pcieport 0000:40:01.1: AER: Multiple Corrected error message "
	  "received from 0000:41:00.0",
	  "bus.pcie_error pci/0000:41:00.0" },
	{ "pcieport 0000:40:01.1: AER: Uncorrected (Non-Fatal) error "
	  "received: id=4008",
	  "bus.pcie_error pci/0000:40:01.1" },
	{ "nvme 0000:41:00.0: PCIe Bus Error: severity=Corrected, "
	  "type=Physical Layer, (Receiver ID)",
	  "bus.pcie_error pci/0000:41:00.0" },
	{ "pcieport 0000:40:01.1: AER: enabled with IRQ 31", "" },
	{ "pci 0000:40:01.1: mask Replay Timer Timeout Correctable "
	  "Errors due to 0000:41:00.0 hardware defect",
	  "" },
	{ "usb 4-2.1: USB disconnect, device number 9",
	  "bus.usb_disconnect usb/4-2.1" },
	{ "usb 4-2.1: reset SuperSpeed USB device number 9 using "
	  "xhci_hcd",
	  "bus.usb_disconnect usb/4-2.1" },
	{ "usb 4-2.1: new SuperSpeed USB device number 9 using "
	  "xhci_hcd",
	  "" },
	{ "NETDEV WATCHDOG: eno2 (tg3): transmit queue 0 timed out",
	  "net.tx_timeout net/eno2" },
	{ "e1000e 0000:00:1f.6 eno2: Detected Hardware Unit Hang:",
	  "net.tx_timeout net/eno2" },
	{ "ixgbe 0000:01:00.0 enp1s0: NIC Link is Down",
	  "net.link_flap net/enp1s0" },
	{ "ixgbe 0000:01:00.0 enp1s0: NIC Link is Up 10 Gbps", "" },
	{ "IPv6: ADDRCONF(NETDEV_UP): eth0: link is not ready", "" },
	{ "NVRM: Xid (PCI:0000:81:00): 79, GPU has fallen off the bus.",
	  "gpu.fault pci/0000:81:00" },
	{ "NVRM: loading NVIDIA UNIX x86_64 Kernel Module  535.1", "" },
	{ "[drm:amdgpu_job_timedout] *ERROR* ring sdma1 timeout, "
	  "signaled seq=0, emitted seq=2",
	  "" },
	{ "hwmon hwmon2: Undervoltage detected!", "power.supply " },
	{ "hwmon hwmon2: Voltage normalised", "end power.supply " },
	{ "thermal thermal_zone0: critical temperature reached (105 "
	  "C), shutting down",
	  "sensor.temperature " },
	{ "bluetooth hci0: Direct firmware load for x.bin failed with "
	  "error -2",
	  "" },
	{ "ACPI BIOS Error (bug): Could not resolve symbol [\\_SB.X], "
	  "AE_NOT_FOUND",
	  "" },
};

static void buses_and_the_rest(void **state)
{
	(void)state;
	CHECK(buses_and_the_rest_rows);
}

/* DESIGN's share of the core's 3.5 MiB. */
static void stays_small(void **state)
{
	(void)state;
	assert_true(hale_rules_memory(rules) < 256 * HALE_KIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_and_processor),
		cmocka_unit_test(tasks_and_kernel),
		cmocka_unit_test(buses_and_the_rest),
		cmocka_unit_test(stays_small),
	};

	return cmocka_run_group_tests(tests, compile, release);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a kernel log of a given size for tests/bench/rules.sh: what build
 * hosts print all day (containers, audit, firewall, USB, boots), and now and
 * then a fault. The same seed gives the same bytes.
 * Usage: rules_log MIB
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 42;

static uint32_t number(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(state >> 33) % below;
}

/* '#' becomes a number, '@' four hex digits */
static const char *const everyday[] = {
	"br-@@: port #(veth@@) entered blocking state",
	"br-@@: port #(veth@@) entered disabled state",
	"br-@@: port #(veth@@) entered forwarding state",
	"device veth@@ entered promiscuous mode",
	"device veth@@ left promiscuous mode",
	"eth0: renamed from veth@@",
	"veth@@: renamed from eth0",
	"IPv6: ADDRCONF(NETDEV_CHANGE): veth@@: link becomes ready",
	"audit: type=1400 audit(17@.#:#): apparmor=\"STATUS\" operation="
	"\"profile_replace\" profile=\"unconfined\" name=\"docker-default\" "
	"pid=# comm=\"apparmor_parser\"",
	"audit: type=1326 audit(17@.#:#): auid=# uid=0 gid=0 ses=# pid=# "
	"comm=\"runc:[2:INIT]\" exe=\"/\" sig=0 arch=c000003e syscall=#",
	"audit_printk_skb: # callbacks suppressed",
	"[UFW BLOCK] IN=eth0 OUT= MAC=@:@:@ SRC=10.#.#.# DST=10.#.#.# LEN=# "
	"TOS=0x00 PREC=0x00 TTL=# ID=# DF PROTO=TCP SPT=# DPT=# WINDOW=#",
	"TCP: request_sock_TCP: Possible SYN flooding on port #. Sending "
	"cookies.",
	"EXT4-fs (sda#): mounted filesystem @@-@ r/w with ordered data mode. "
	"Quota mode: none.",
	"EXT4-fs (dm-#): re-mounted @@-@ r/w. Quota mode: none.",
	"EXT4-fs (sdb#): mounting with \"discard\" option",
	"XFS (nvme0n1p#): Mounting V5 Filesystem @@-@-@",
	"XFS (nvme0n1p#): Ending clean mount",
	"overlayfs: upperdir is in-use as upperdir/workdir of another mount",
	"perf: interrupt took too long (# > #), lowering "
	"kernel.perf_event_max_sample_rate to #",
	"usb 1-#: new high-speed USB device number # using xhci_hcd",
	"usb 1-#: New USB device found, idVendor=@, idProduct=@, bcdDevice= "
	"1.00",
	"usb 1-#: Product: USB Keyboard",
	"hid-generic 0003:@:@.@: input,hidraw#: USB HID v1.11 Keyboard on usb-"
	"0000:00:14.0-#/input0",
	"pci 0000:#:00.0: BAR 0: assigned [mem 0x@@@@-0x@@@@ 64bit]",
	"pci 0000:#:00.0: PME# supported from D0 D3hot D3cold",
	"ACPI: \\_SB_.PCI0.RP@: Found # idle states",
	"systemd-journald[#]: Received client request to flush runtime "
	"journal.",
	"CPU# is up",
	"smpboot: Booting Node 0 Processor # APIC 0x@",
	"ata#: SATA link up 6.0 Gbps (SStatus 133 SControl 300)",
	"ata#.00: configured for UDMA/133",
	"sd 0:0:0:0: [sda] # 512-byte logical blocks: (# GB/# GiB)",
	"sd 0:0:0:0: [sda] Write cache: enabled, read cache: enabled, doesn't "
	"support DPO or FUA",
	"nvme nvme0: #/0/0 default/read/poll queues",
	"e1000e 0000:00:1f.6 eno1: NIC Link is Up 1000 Mbps Full Duplex, Flow "
	"Control: Rx/Tx",
	"mlx5_core 0000:#:00.0: firmware version: #.#.#",
	"loop#: detected capacity change from 0 to #",
	"docker0: port #(veth@@) entered blocking state",
	"nf_conntrack: default automatic helper assignment has been turned off",
	"cgroup: cgroup: disabling cgroup2 socket matching due to net_prio",
	"kvm [#]: vcpu0, guest rIP: 0x@@@@ unhandled rdmsr: 0x@",
	"x86/split lock detection: #AC: CPU #/KVM/# took a split_lock trap",
	"Adding #k swap on /dev/sda#.  Priority:-2 extents:1 across:#k SSFS",
	"random: crng init done",
	"clocksource: Switched to clocksource tsc",
	"bash (#): drop_caches: 3",
	"workqueue: output_poll_execute hogged CPU for >#us # times",
	"snd_hda_intel 0000:00:1f.3: azx_get_response timeout, switching to "
	"polling mode: last cmd=0x@@",
	"iwlwifi 0000:#:00.0: loaded firmware version #.@.0 op_mode iwlmvm",
};

static const char *const faults[] = {
	"blk_update_request: I/O error, dev sdb, sector # op 0x0:(READ) flags "
	"0x80700 phys_seg # prio class 0",
	"Buffer I/O error on dev sdb1, logical block #, async page read",
	"EXT4-fs error (device sdb1): ext4_find_entry:#: inode #: comm cc1: "
	"reading directory lblock 0",
	"EDAC MC0: 1 CE memory read error on DIMM_A1 "
	"(channel:0 slot:0 page:0x@@ offset:0x@ grain:32 syndrome:0x0)",
	"mce: CPU7: Core temperature above threshold, cpu clock throttled "
	"(total "
	"events = #)",
	"cc1plus[#]: segfault at @@ ip @@@@ sp @@@@ error 4 in "
	"cc1plus[400000+@@]",
	"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=@@,"
	"mems_allowed=0,oom_memcg=/docker/@@,task=cc1plus,pid=#,uid=0",
};

static size_t fill(const char *form, char *out)
{
	size_t n = 0;

	for (; *form; form++) {
		if (*form == '#')
			n += (size_t)sprintf(out + n, "%" PRIu32, number(9999));
		else if (*form == '@')
			n += (size_t)sprintf(out + n, "%04" PRIx32,
					     number(65536));
		else
			out[n++] = *form;
	}
	out[n++] = '\n';
	return n;
}

int main(int argc, char **argv)
{
	size_t want = (argc > 1 ? strtoul(argv[1], NULL, 10) : 200) << 20;
	size_t n_everyday = sizeof(everyday) / sizeof(everyday[0]);
	size_t n_faults = sizeof(faults) / sizeof(faults[0]);
	uint64_t us = 0;

	for (size_t done = 0; done < want;) {
		char line[2048];
		size_t n;

		us += number(200000);
		n = (size_t)sprintf(line, "[%5" PRIu64 ".%06" PRIu64 "] ",
				    us / 1000000, us % 1000000);
		if (number(1000) == 0)
			n += fill(faults[number((uint32_t)n_faults)], line + n);
		else
			n += fill(everyday[number((uint32_t)n_everyday)],
				  line + n);
		fwrite(line, 1, n, stdout);
		done += n;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}

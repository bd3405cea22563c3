/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in rules about disks and what stands on them, class by class, and
 * that what only looks like a fault is none.
 */
#include "rules_rows.h"

static const struct row block_layer_rows[] = {
	{ "end_request: I/O error, dev sdk, sector 808",
	  "disk.io_error disk/sdk" },
	{ "blk_update_request: I/O error, dev vdb, sector 16 op "
	  "0x1:(WRITE) flags 0x800 phys_seg 1 prio class 0",
	  "disk.io_error disk/vdb" },
	{ "print_req_error: critical medium error, dev sdq, sector 9",
	  "disk.medium_error disk/sdq" },
	{ "critical medium error, dev nvme2n1, sector 4096 op "
	  "0x0:(READ) flags 0x80700 phys_seg 1 prio class 2",
	  "disk.medium_error disk/nvme2n1" },
	{ "timeout error, dev sdb, sector 1 op 0x0:(READ)",
	  "disk.io_error disk/sdb" },
	{ "device offline error, dev sdb, sector 1 op 0x0:(READ)",
	  "disk.offline disk/sdb" },
	{ "recoverable transport error, dev sdb, sector 1",
	  "disk.io_error disk/sdb" },
	{ "critical space allocation error, dev dm-4, sector 1",
	  "virt.backing_full disk/dm-4" },
	{ "Buffer I/O error on dev sdb3, logical block 17, lost async "
	  "page write",
	  "disk.io_error disk/sdb3" },
	{ "Buffer I/O error on device md5, logical block 17",
	  "disk.io_error disk/md5" },
	{ "cc1: attempt to access beyond end of device sdd1: rw=0",
	  "disk.io_error disk/sdd1" },
	{ "blk_update_request: 12 callbacks suppressed", "suppressed 12" },
	{ "show_signal_msg: 24 callbacks suppressed", "suppressed 24" },
	/* look-alikes */
	{ "I/O error, dev sr1, sector 0 op 0x0:(READ)", "" },
	{ "blk_update_request: I/O error, dev fd0, sector 0", "" },
	{ "critical medium error, dev sr0, sector 64", "" },
	{ "Buffer I/O error on dev sr0, logical block 3, async page "
	  "read",
	  "" },
	{ "I/O error, dev loop7, sector 0 op 0x0:(READ) flags 0x0", "" },
	{ "Buffer I/O error on dev loop7, logical block 0, async page "
	  "read",
	  "" },
	{ "operation not supported error, dev sdb, sector 8 op "
	  "0x9:(WRITE_ZEROES) flags 0x0",
	  "" },
	{ "critical target error, dev sdb, sector 8 op 0x3:(DISCARD)", "" },
	{ "program[5]: I/O error, dev sda, sector 4", "" },
	{ "audit: comm=\"x\" I/O error, dev sda, sector 4", "" },
	/* and what is none of them */
	{ "I/O error, dev loop7, sector 8 op 0x0:(READ) flags 0x0",
	  "disk.io_error disk/loop7" },
};

static void block_layer(void **state)
{
	(void)state;
	CHECK(block_layer_rows);
}

static const struct row disks_rows[] = {
	{ "sd 3:0:0:0: [sdd] tag#7 Sense Key : Medium Error [current]",
	  "disk.medium_error disk/sdd" },
	{ "sd 3:0:0:0: [sdd]  Sense Key : Medium Error [current] ",
	  "disk.medium_error disk/sdd" },
	{ "sd 3:0:0:0: [sdd] tag#7 Sense Key : 0x3 [current]",
	  "disk.medium_error disk/sdd" },
	{ "sd 3:0:0:0: [sdd] tag#7 Add. Sense: Unrecovered read error",
	  "disk.medium_error disk/sdd" },
	{ "sd 3:0:0:0: [sdd] tag#7 FAILED Result: "
	  "hostbyte=DID_NO_CONNECT driverbyte=DRIVER_OK cmd_age=0s",
	  "disk.offline disk/sdd" },
	{ "sd 3:0:0:0: rejecting I/O to offline device",
	  "disk.offline disk/3:0:0:0" },
	{ "sd 3:0:0:0: [sdd] tag#7 FAILED Result: hostbyte=DID_OK "
	  "driverbyte=DRIVER_SENSE cmd_age=0s",
	  "" },
	{ "sd 3:0:0:0: [sdd] Synchronize Cache(10) failed: Result: "
	  "hostbyte=DID_NO_CONNECT driverbyte=DRIVER_OK",
	  "" },
	{ "sr 1:0:0:0: [sr0] tag#1 Sense Key : Medium Error [current]", "" },
	{ "ata7.00: exception Emask 0x0 SAct 0x1 SErr 0x0 action 0x6 "
	  "frozen",
	  "disk.timeout disk/ata7" },
	{ "ata7.00: exception Emask 0x10 SAct 0x1 SErr 0x400100 action "
	  "0x6 frozen",
	  "disk.link_error disk/ata7" },
	{ "ata7: hard resetting link", "disk.link_error disk/ata7" },
	{ "ata7.00: error: { UNC }", "disk.medium_error disk/ata7" },
	{ "ata7.00: disabled", "disk.offline disk/ata7" },
	{ "ata7: SATA link up 6.0 Gbps (SStatus 133 SControl 300)", "" },
	{ "nvme nvme3: I/O 17 QID 4 timeout, aborting",
	  "disk.timeout disk/nvme3" },
	{ "nvme nvme3: I/O tag 9 (1009) opcode 0x1 (I/O Cmd) QID 2 "
	  "timeout, completion polled",
	  "disk.timeout disk/nvme3" },
	{ "nvme nvme3: controller is down; will reset: "
	  "CSTS=0xffffffff, PCI_STATUS=0x10",
	  "disk.offline disk/nvme3" },
	{ "nvme3n1: Read(0x2) @ LBA 64, 8 blocks, Unrecovered Read "
	  "Error (sct 0x2 / sc 0x81) DNR",
	  "disk.medium_error disk/nvme3n1" },
	{ "nvme nvme3: missing or invalid SUBNQN field.", "" },
	{ "nvme nvme3: Shutdown timeout set to 8 seconds", "" },
	{ "mmcblk1: error -110 transferring data, sector 99, nr 8, cmd "
	  "response 0x900, card status 0xb00",
	  "disk.timeout disk/mmcblk1" },
	{ "mmc0: error -110 whilst initialising SDIO card", "" },
	{ "hv_storvsc 0a1b2c3d-1111-2222-3333-444455556666: tag#3 cmd "
	  "0x2a status: scsi 0x2 srb 0x4 hv 0xc0000001",
	  "disk.io_error disk/0a1b2c3d-1111-2222-3333-444455556666" },
	{ "hv_storvsc 0a1b2c3d-1111-2222-3333-444455556666: tag#3 cmd "
	  "0x85 status: scsi 0x2 srb 0x6 hv 0xc0000001",
	  "" },
	{ "block nbd3: Receive control failed (result -32)",
	  "disk.offline disk/nbd3" },
	{ "loop: Write error at byte offset 4096, length 4096.",
	  "disk.io_error " },
	{ "device-mapper: thin: 253:6: switching pool to "
	  "out-of-data-space (queue IO) mode",
	  "virt.backing_full disk/dm-6" },
	{ "device-mapper: thin: 253:6: reached low water mark for data "
	  "device: sending event.",
	  "" },
	{ "md/raid1:md4: Disk failure on sdc2, disabling device.",
	  "array.degraded array/md4" },
	{ "md/raid0:md4: Disk failure on sdc2 detected, failing array.",
	  "array.failed array/md4" },
	{ "md/raid:md9: raid level 6 active with 5 out of 6 devices, "
	  "algorithm 2",
	  "array.degraded array/md9" },
	{ "md/raid:md9: raid level 6 active with 6 out of 6 devices, "
	  "algorithm 2",
	  "" },
	{ "md: md9: recovery done.", "" },
};

static void disks(void **state)
{
	(void)state;
	CHECK(disks_rows);
}

static const struct row adapters_rows[] = {
	{ "mpt2sas1: attempting task abort! scmd(00000000c0ffee00)",
	  "disk.timeout " },
	{ "mpt3sas_cm0: attempting host reset! scmd(00000000c0ffee00)",
	  "disk.timeout " },
	{ "mpt2sas1: fault_state(0x2622)!", "disk.offline " },
	{ "mpt3sas_cm0: SAS host is non-operational !!!!", "disk.offline " },
	{ "mpt3sas_cm0: scan devices: complete", "" },
	{ "sd 4:2:1:0: [sdg] megasas: RESET cmd=2a retries=0",
	  "disk.timeout disk/sdg" },
	{ "sd 4:2:1:0: [sdg] tag#8 BRCM Debug mfi stat 0x2d, data len "
	  "requested/completed 0x1000/0x0",
	  "disk.io_error disk/sdg" },
	{ "megaraid_sas 0000:3b:00.0: 77 (7s/0x0002/FATAL) - Unrecoverable "
	  "medium error during recovery on PD 04(e0x20/s4) at 99",
	  "disk.medium_error disk/0000:3b:00.0" },
	{ "pm80xx pm8001_mpi_task_abort_resp 3700:task abort failed status "
	  "0x6 ,tag = 0x2, scp= 0x0",
	  "disk.timeout " },
	{ "sd 3:0:0:0: [sdd] tag#9 uas_zap_pending 0 uas-tag 4 inflight: CMD",
	  "disk.timeout disk/sdd" },
	{ " connection2:0: ping timeout of 5 secs expired, recv timeout 5",
	  "disk.timeout " },
	{ " rport-3:0-1: blocked FC remote port time out: removing target",
	  "disk.offline " },
	{ "lpfc 0000:3b:00.0: 0:1305 Link Down Event x4 received Data: x4",
	  "disk.link_error disk/0000:3b:00.0" },
	{ "nvme nvme3: failed to mark controller CONNECTING",
	  "disk.offline disk/nvme3" },
	{ "nvme nvme3: Identify Controller failed (-4)",
	  "disk.offline disk/nvme3" },
	{ "mmc2: Timeout waiting for hardware cmd interrupt.",
	  "disk.timeout disk/mmc2" },
	{ "md/raid:md9: starting dirty degraded array - data corruption "
	  "possible.",
	  "array.degraded array/md9" },
	{ "raid5: cannot start dirty degraded array for md9",
	  "array.failed array/md9" },
	/* no array is named: the line beside it names one */
	{ "md: super_written gets error=-5", "" },
	{ "md: super_written gets error=-5, uptodate=0", "" },
	{ "md: pers->run() failed ...", "" },
};

static void adapters(void **state)
{
	(void)state;
	CHECK(adapters_rows);
}

static const struct row filesystems_rows[] = {
	{ "EXT4-fs error (device sdb2): ext4_find_entry:1450: inode "
	  "#12: comm ld: reading directory lblock 0",
	  "fs.error fs/sdb2" },
	{ "EXT2-fs (hda3): error: ext2_get_inode: unable to read inode "
	  "block",
	  "fs.error fs/hda3" },
	{ "EXT4-fs (dm-1): Remounting filesystem read-only",
	  "fs.readonly fs/dm-1" },
	{ "Aborting journal on device dm-1-8.", "fs.error fs/dm-1" },
	{ "JBD2: Error -5 detected when updating journal superblock "
	  "for sdb2-8.",
	  "fs.error fs/sdb2" },
	{ "XFS (sdb2): Metadata CRC error detected at "
	  "xfs_agi_read_verify+0xaa/0xf0, xfs_agi block 0x2",
	  "fs.error fs/sdb2" },
	{ "XFS (sdb2): Log I/O Error Detected. Shutting down "
	  "filesystem",
	  "fs.readonly fs/sdb2" },
	{ "BTRFS error (device sdb2): parent transid verify failed on "
	  "1 wanted 2 found 3",
	  "fs.error fs/sdb2" },
	{ "BTRFS info (device sdb2 state E): forced readonly",
	  "fs.readonly fs/sdb2" },
	{ "BTRFS error (device sdb2): bdev /dev/sdb2 errs: wr 0, rd 1, "
	  "flush 0, corrupt 0, gen 0",
	  "fs.error fs/sdb2" },
	{ "BTRFS: Transaction aborted (error -28)", "fs.full " },
	{ "BTRFS: Transaction aborted (error -5)", "fs.error " },
	{ "F2FS-fs (sdb2): Stopped filesystem due to reason: 2",
	  "fs.readonly fs/sdb2" },
	{ "FAT-fs (sdb1): error, fat_free: invalid cluster chain",
	  "fs.error fs/sdb1" },
	{ "SQUASHFS error: Unable to read page, block 1a2b, size 3c",
	  "fs.error " },
	{ "nfs: server 10.1.2.3 not responding, timed out",
	  "fs.hung fs/10.1.2.3" },
	{ "nfs: server 10.1.2.3 OK", "end fs.hung 10.1.2.3" },
	{ "EXT4-fs warning (device sdb2): __ext4_read_dirblock:888: error "
	  "reading directory block (ino 7, block 0)",
	  "fs.error fs/sdb2" },
	{ "EXT4-fs warning (device sdb2): htree_dirblock_to_tree:1003: inode "
	  "#9: lblock 2: comm ld: error -5 reading directory block",
	  "fs.error fs/sdb2" },
	{ "EXT4-fs warning (device sdb2): ext4_clear_journal_err:4800: "
	  "Filesystem error recorded from previous mount: IO failure",
	  "fs.error fs/sdb2" },
	{ "EXT4-fs warning (device sdb2): ext4_multi_mount_protect:328: MMP "
	  "interval 42 higher than expected, please wait.",
	  "" },
	{ "BTRFS: bdev /dev/sdb2 errs: wr 0, rd 3, flush 0, corrupt 0, gen 0",
	  "fs.error fs/sdb2" },
	{ "BTRFS warning (device sdb2): csum hole found for disk bytenr range "
	  "[4096, 8192)",
	  "fs.error fs/sdb2" },
	{ "[EXFAT] Filesystem has been set read-only", "fs.readonly " },
	{ "EXT4-fs (sdb2): mounted filesystem with ordered data mode. "
	  "Opts: errors=remount-ro",
	  "" },
	{ "EXT4-fs (sdb2): re-mounted. Opts: errors=remount-ro", "" },
	{ "EXT4-fs (sdb2): recovery complete", "" },
	{ "BTRFS info (device sdb2): bdev /dev/sdb2 errs: wr 4, rd 0, "
	  "flush 0, corrupt 0, gen 0",
	  "" },
	{ "FAT-fs (sdb1): Volume was not properly unmounted. Some data "
	  "may be corrupt. Please run fsck.",
	  "" },
	{ "FAT-fs (sdb1): unable to read boot sector to mark fs as "
	  "dirty",
	  "" },
	{ "XFS (sdb2): Ending clean mount", "" },
	{ "XFS (sdb2): Invalid superblock magic number", "" },
};

static void filesystems(void **state)
{
	(void)state;
	CHECK(filesystems_rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(block_layer),
		cmocka_unit_test(disks),
		cmocka_unit_test(adapters),
		cmocka_unit_test(filesystems),
	};

	return cmocka_run_group_tests(tests, compile, release);
}

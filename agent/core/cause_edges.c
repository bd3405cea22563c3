/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may follow from what. Decides by rows only: which finding explains which
 * other or which death, in which relation they must stand, how near in time,
 * and how sure that is. `certain` is for a mechanism that was seen (the disk
 * under a filesystem failed its requests), `likely` for what usually is so.
 * Nothing merely possible joins two findings: two roots are two causes. Of
 * several rows that fit, the surest counts, then the first.
 *
 * Invariant: without the rows whose ends may be alike (what stands on what), no
 * way leads from a condition back to it; tests/unit/test_cause.c holds that.
 *
 * Times: a line of the log is late by seconds; what is measured by a period of
 * up to two minutes, or by six hours (a disk's health).
 */
#include "hale/base.h"

#include "cause_edges.h"

#define SOON	30
#define MINUTES 600
#define HOUR	3600
#define DAY	86400
#define EVER	UINT32_MAX

#define POSSIBLE HALE_CONFIDENCE_POSSIBLE
#define LIKELY	 HALE_CONFIDENCE_LIKELY
#define CERTAIN	 HALE_CONFIDENCE_CERTAIN

#define SET(...)                                                               \
	{                                                                      \
		__VA_ARGS__                                                    \
	}
#define ROW(from, to, needs, sure, before_s, after_s, how)                     \
	{                                                                      \
		from, to, needs, sure, before_s, after_s, how                  \
	}

/* A disk's requests fail, or do not come back. */
#define FAILED_REQUESTS                                                        \
	HALE_DISK_IO_ERROR, HALE_DISK_MEDIUM_ERROR, HALE_DISK_OFFLINE
#define LATE_REQUESTS HALE_DISK_TIMEOUT, HALE_DISK_STALLED
#define TROUBLED_FS   HALE_FS_ERROR, HALE_FS_READONLY, HALE_FS_HUNG
#define BAD_MEMORY    HALE_MEMORY_UNCORRECTED, HALE_MEMORY_POISONED

const struct cause_edge cause_edges[] = {
	/* --- one disk --- */
	ROW(SET(HALE_VIRT_BACKING_FULL), SET(HALE_VIRT_BACKING_FULL),
	    CAUSE_BESIDE, CERTAIN, EVER, EVER,
	    "it is a file on the same store"),
	ROW(SET(HALE_VIRT_BACKING_FULL), SET(FAILED_REQUESTS, LATE_REQUESTS),
	    CAUSE_SAME_PART, CERTAIN, HOUR, HOUR,
	    "the store under it has no room for what is written"),
	ROW(SET(HALE_DISK_SMART_FAILING),
	    SET(HALE_DISK_MEDIUM_ERROR, HALE_DISK_IO_ERROR), CAUSE_SAME_PART,
	    CERTAIN, EVER, 7 * DAY,
	    "the disk itself reports that it is failing"),
	ROW(SET(HALE_DISK_SMART_FAILING),
	    SET(LATE_REQUESTS, HALE_DISK_OFFLINE, HALE_DISK_SMART_PREFAIL,
		HALE_DISK_WORN_OUT),
	    CAUSE_SAME_PART, LIKELY, EVER, 7 * DAY,
	    "the disk itself reports that it is failing"),
	ROW(SET(HALE_DISK_SMART_PREFAIL, HALE_DISK_WORN_OUT),
	    SET(HALE_DISK_MEDIUM_ERROR), CAUSE_SAME_PART, LIKELY, EVER, 7 * DAY,
	    "the disk's own counters say that it goes bad"),
	ROW(SET(HALE_DISK_MEDIUM_ERROR), SET(HALE_DISK_IO_ERROR),
	    CAUSE_SAME_PART, CERTAIN, MINUTES, SOON,
	    "it cannot read its medium"),
	ROW(SET(HALE_DISK_OFFLINE), SET(HALE_DISK_IO_ERROR), CAUSE_SAME_PART,
	    CERTAIN, MINUTES, SOON, "requests to a disk that is gone fail"),
	ROW(SET(HALE_DISK_LINK_ERROR),
	    SET(HALE_DISK_TIMEOUT, HALE_DISK_OFFLINE, HALE_DISK_IO_ERROR,
		HALE_DISK_STALLED),
	    CAUSE_SAME_PART, LIKELY, MINUTES, SOON,
	    "its transfers break on the way"),
	ROW(SET(HALE_DISK_TIMEOUT),
	    SET(HALE_DISK_OFFLINE, HALE_DISK_STALLED, HALE_DISK_IO_ERROR),
	    CAUSE_SAME_PART, LIKELY, MINUTES, SOON, "it stopped answering"),
	ROW(SET(HALE_DISK_STALLED), SET(HALE_DISK_OFFLINE, HALE_DISK_IO_ERROR),
	    CAUSE_SAME_PART, LIKELY, MINUTES, SOON, "it stopped answering"),
	ROW(SET(HALE_DISK_HOT), SET(HALE_DISK_TIMEOUT, HALE_DISK_STALLED),
	    CAUSE_SAME_PART, LIKELY, MINUTES, MINUTES,
	    "it is hotter than it bears"),
	/* --- the bus that it hangs on --- */
	ROW(SET(HALE_BUS_USB_DISCONNECT), SET(HALE_DISK_OFFLINE), CAUSE_BENEATH,
	    CERTAIN, SOON, SOON, "it left the bus"),
	ROW(SET(HALE_BUS_USB_DISCONNECT),
	    SET(HALE_DISK_IO_ERROR, LATE_REQUESTS, HALE_DISK_LINK_ERROR),
	    CAUSE_BENEATH, LIKELY, 60, SOON, "the device behind it was reset"),
	ROW(SET(HALE_BUS_PCIE_ERROR),
	    SET(HALE_DISK_LINK_ERROR, HALE_DISK_TIMEOUT, HALE_DISK_STALLED,
		HALE_DISK_OFFLINE, HALE_DISK_IO_ERROR),
	    CAUSE_BENEATH, LIKELY, MINUTES, SOON,
	    "its way to the processor fails"),
	ROW(SET(HALE_BUS_PCIE_ERROR), SET(HALE_GPU_FAULT), CAUSE_SAME_BUS,
	    LIKELY, MINUTES, SOON, "its way to the processor fails"),
	/* --- what stands on disks --- */
	ROW(SET(HALE_ARRAY_POOL_LOW), SET(HALE_VIRT_BACKING_FULL),
	    CAUSE_BENEATH, CERTAIN, EVER, HOUR,
	    "the pool has no room left to give"),
	ROW(SET(HALE_ARRAY_POOL_LOW), SET(HALE_VIRT_BACKING_FULL),
	    CAUSE_SAME_PART, CERTAIN, EVER, HOUR,
	    "the pool has no room left to give"),
	ROW(SET(HALE_VIRT_BACKING_FULL), SET(HALE_FS_FULL), CAUSE_STORE,
	    CERTAIN, HOUR, HOUR, "it is that drive, as it is seen from here"),
	ROW(SET(HALE_FS_FULL), SET(HALE_VIRT_BACKING_FULL), CAUSE_BENEATH,
	    CERTAIN, EVER, MINUTES,
	    "the file that is this disk can grow no further"),
	ROW(SET(HALE_FS_FULL), SET(HALE_DISK_IO_ERROR), CAUSE_BENEATH, LIKELY,
	    EVER, MINUTES, "the file that is this disk can grow no further"),
	ROW(SET(HALE_VIRT_BACKING_FULL), SET(HALE_DISK_IO_ERROR), CAUSE_BENEATH,
	    CERTAIN, HOUR, HOUR, "a disk beneath it has a full store"),
	ROW(SET(FAILED_REQUESTS), SET(HALE_ARRAY_FAILED, HALE_ARRAY_DEGRADED),
	    CAUSE_LEG, CERTAIN, HOUR, MINUTES, "a member failed its requests"),
	ROW(SET(LATE_REQUESTS, HALE_DISK_LINK_ERROR),
	    SET(HALE_ARRAY_FAILED, HALE_ARRAY_DEGRADED), CAUSE_LEG, LIKELY,
	    HOUR, SOON, "a member did not answer"),
	ROW(SET(HALE_ARRAY_DEGRADED), SET(HALE_ARRAY_FAILED), CAUSE_SAME_PART,
	    CERTAIN, EVER, SOON, "it had no member to spare"),
	ROW(SET(HALE_ARRAY_FAILED), SET(HALE_DISK_IO_ERROR, TROUBLED_FS),
	    CAUSE_BENEATH, CERTAIN, HOUR, MINUTES,
	    "the array beneath it is lost"),
	ROW(SET(HALE_ARRAY_FAILED), SET(HALE_DISK_IO_ERROR), CAUSE_SAME_PART,
	    CERTAIN, HOUR, MINUTES, "the array is lost"),
	ROW(SET(FAILED_REQUESTS),
	    SET(HALE_DISK_IO_ERROR, HALE_DISK_MEDIUM_ERROR), CAUSE_BENEATH,
	    CERTAIN, 60, SOON, "a disk beneath it fails its requests"),
	/* --- filesystems --- */
	ROW(SET(HALE_FS_ERROR), SET(HALE_FS_READONLY), CAUSE_SAME_PART, CERTAIN,
	    HOUR, SOON, "it takes no more writes after such an error"),
	ROW(SET(HALE_VIRT_BACKING_FULL), SET(TROUBLED_FS), CAUSE_BENEATH,
	    CERTAIN, HOUR, HOUR, "its disk cannot store what is written"),
	ROW(SET(FAILED_REQUESTS), SET(HALE_FS_ERROR, HALE_FS_READONLY),
	    CAUSE_BENEATH, CERTAIN, MINUTES, SOON,
	    "its disk fails its requests"),
	ROW(SET(HALE_DISK_OFFLINE, HALE_DISK_STALLED), SET(HALE_FS_HUNG),
	    CAUSE_BENEATH, CERTAIN, HOUR, 120, "its disk does not answer"),
	ROW(SET(HALE_DISK_IO_ERROR, HALE_DISK_MEDIUM_ERROR, HALE_DISK_TIMEOUT,
		HALE_DISK_LINK_ERROR),
	    SET(HALE_FS_HUNG), CAUSE_BENEATH, LIKELY, MINUTES, 120,
	    "its disk is slow to fail"),
	ROW(SET(LATE_REQUESTS, HALE_DISK_LINK_ERROR),
	    SET(HALE_FS_ERROR, HALE_FS_READONLY), CAUSE_BENEATH, LIKELY,
	    MINUTES, SOON, "its disk did not answer in time"),
	ROW(SET(HALE_FS_FULL), SET(HALE_FS_READONLY, HALE_FS_ERROR),
	    CAUSE_SAME_PART, LIKELY, HOUR, 120,
	    "it had no room for its own records"),
	ROW(SET(TROUBLED_FS), SET(TROUBLED_FS, HALE_DISK_IO_ERROR),
	    CAUSE_BENEATH, LIKELY, MINUTES, 120,
	    "the filesystem beneath it is in trouble"),
	ROW(SET(HALE_NET_LINK_DOWN, HALE_NET_LINK_FLAP, HALE_NET_TX_TIMEOUT),
	    SET(HALE_FS_HUNG), CAUSE_REMOTE, LIKELY, MINUTES, SOON,
	    "its server is reached over the network"),
	/* --- engines --- */
	ROW(SET(HALE_FS_FULL, HALE_FS_INODES_FULL), SET(HALE_ENGINE_STORAGE),
	    CAUSE_RESTS, CERTAIN, EVER, MINUTES,
	    "there is no room for its data"),
	ROW(SET(HALE_VIRT_BACKING_FULL, FAILED_REQUESTS, LATE_REQUESTS,
		HALE_ARRAY_FAILED, TROUBLED_FS, HALE_FS_FULL,
		HALE_FS_INODES_FULL),
	    SET(HALE_ENGINE_DOWN, HALE_ENGINE_STORAGE,
		HALE_ENGINE_PLUGIN_BROKEN),
	    CAUSE_RESTS, LIKELY, HOUR, MINUTES,
	    "what the engine reads and writes there fails"),
	ROW(SET(CAUSE_DEATH), SET(HALE_ENGINE_PLUGIN_BROKEN, HALE_ENGINE_DOWN),
	    CAUSE_PROCESS, CERTAIN, MINUTES, SOON, "this is that process"),
	ROW(SET(HALE_ENGINE_STORAGE), SET(HALE_ENGINE_DOWN), CAUSE_SAME_PART,
	    LIKELY, HOUR, MINUTES, "the engine's own storage is in trouble"),
	ROW(SET(HALE_MEMORY_OOM, HALE_LIMIT_PIDS, HALE_LIMIT_FILES),
	    SET(HALE_ENGINE_DOWN), CAUSE_HOST, LIKELY, MINUTES, SOON,
	    "the engine is short of it as all are"),
	/* --- memory --- */
	ROW(SET(HALE_MEMORY_CORRECTED), SET(HALE_MEMORY_UNCORRECTED),
	    CAUSE_SAME_PART, LIKELY, EVER, SOON,
	    "the same memory was corrected before"),
	ROW(SET(HALE_MEMORY_UNCORRECTED), SET(HALE_MEMORY_POISONED), CAUSE_HOST,
	    CERTAIN, 10, 10,
	    "the page with the uncorrected error was taken out"),
	ROW(SET(HALE_MEMORY_UNCORRECTED, HALE_MEMORY_CORRECTED),
	    SET(HALE_CPU_MACHINE_CHECK), CAUSE_HOST, LIKELY, 60, 60,
	    "the processor reports what its memory did"),
	ROW(SET(BAD_MEMORY, HALE_MEMORY_CORRECTED), SET(HALE_MEMORY_SUSPECT),
	    CAUSE_HOST, LIKELY, DAY, HOUR, "memory errors were seen"),
	ROW(SET(BAD_MEMORY, HALE_MEMORY_SUSPECT), SET(HALE_PROCESS_CRASHES),
	    CAUSE_HOST, LIKELY, HOUR, HOUR, "programs crash on bad memory"),
	ROW(SET(BAD_MEMORY, HALE_CPU_MACHINE_CHECK),
	    SET(HALE_KERNEL_OOPS, HALE_KERNEL_CRASH), CAUSE_HOST, LIKELY,
	    MINUTES, SOON, "the kernel works with that hardware"),
	ROW(SET(HALE_MEMORY_PRESSURE), SET(HALE_MEMORY_OOM), CAUSE_HOST, LIKELY,
	    MINUTES, SOON, "tasks waited for memory before"),
	ROW(SET(HALE_MEMORY_PRESSURE),
	    SET(HALE_IO_PRESSURE, HALE_KERNEL_HUNG_TASK), CAUSE_HOST, LIKELY,
	    120, SOON, "memory is made free by writing it out"),
	/* --- kernel --- */
	ROW(SET(HALE_DISK_STALLED, HALE_FS_HUNG, HALE_DISK_OFFLINE,
		HALE_ARRAY_FAILED),
	    SET(HALE_KERNEL_HUNG_TASK), CAUSE_HOST, LIKELY, MINUTES, MINUTES,
	    "tasks wait for what does not answer"),
	ROW(SET(HALE_DISK_TIMEOUT, HALE_DISK_MEDIUM_ERROR, HALE_DISK_IO_ERROR,
		HALE_VIRT_BACKING_FULL),
	    SET(HALE_KERNEL_HUNG_TASK), CAUSE_HOST, LIKELY, MINUTES, SOON,
	    "tasks wait for a disk that is slow to fail"),
	ROW(SET(HALE_KERNEL_OOPS, HALE_CPU_LOCKUP), SET(HALE_KERNEL_HUNG_TASK),
	    CAUSE_HOST, LIKELY, MINUTES, SOON,
	    "what died in the kernel lets go of nothing"),
	ROW(SET(HALE_KERNEL_OOPS, HALE_CPU_LOCKUP), SET(HALE_KERNEL_CRASH),
	    CAUSE_HOST, LIKELY, MINUTES, SOON, "the kernel gave up after it"),
	ROW(SET(HALE_CPU_MACHINE_CHECK), SET(HALE_CPU_LOCKUP), CAUSE_HOST,
	    LIKELY, 60, SOON, "the processor reported a fault"),
	ROW(SET(HALE_DISK_STALLED, HALE_DISK_TIMEOUT, HALE_DISK_MEDIUM_ERROR,
		HALE_VIRT_BACKING_FULL, HALE_FS_HUNG),
	    SET(HALE_IO_PRESSURE), CAUSE_HOST, LIKELY, 120, SOON,
	    "tasks wait for a disk that is slow to answer"),
	/* --- heat and power --- */
	ROW(SET(HALE_SENSOR_TEMPERATURE),
	    SET(HALE_CPU_THROTTLED, HALE_DISK_HOT), CAUSE_HOST, LIKELY, MINUTES,
	    MINUTES, "it is too hot in there"),
	ROW(SET(HALE_SENSOR_FAN),
	    SET(HALE_SENSOR_TEMPERATURE, HALE_CPU_THROTTLED, HALE_DISK_HOT),
	    CAUSE_HOST, LIKELY, HOUR, MINUTES, "a fan is too slow"),
	ROW(SET(HALE_POWER_SUPPLY, HALE_SENSOR_VOLTAGE),
	    SET(HALE_CPU_THROTTLED, HALE_CPU_MACHINE_CHECK), CAUSE_HOST, LIKELY,
	    60, 60, "the power is not what it should be"),
	ROW(SET(HALE_POWER_SUPPLY), SET(HALE_SENSOR_VOLTAGE), CAUSE_HOST,
	    LIKELY, 60, 60, "the supply fails"),
	/* --- network --- */
	ROW(SET(HALE_NET_TX_TIMEOUT, HALE_NET_LINK_FLAP),
	    SET(HALE_NET_LINK_DOWN), CAUSE_SAME_PART, LIKELY, MINUTES, SOON,
	    "the link went down before"),
	ROW(SET(HALE_NET_TX_TIMEOUT), SET(HALE_NET_LINK_FLAP), CAUSE_SAME_PART,
	    LIKELY, MINUTES, SOON, "the card was reset"),
	/* --- deaths: cause_death.c asks for these by their needs --- */
	ROW(SET(FAILED_REQUESTS, LATE_REQUESTS, HALE_VIRT_BACKING_FULL,
		HALE_ARRAY_FAILED, HALE_FS_ERROR, HALE_FS_HUNG),
	    SET(CAUSE_DEATH), CAUSE_MAPPED, CERTAIN, 120, 120,
	    "pages that cannot be read in end a process by SIGBUS"),
	ROW(SET(FAILED_REQUESTS, LATE_REQUESTS, HALE_VIRT_BACKING_FULL,
		HALE_ARRAY_FAILED, HALE_FS_ERROR, HALE_FS_HUNG),
	    SET(CAUSE_DEATH), CAUSE_MAPPED, LIKELY, HOUR, MINUTES,
	    "pages that cannot be read in end a process by SIGBUS"),
	ROW(SET(HALE_FS_FULL), SET(CAUSE_DEATH), CAUSE_MAPPED, CERTAIN, EVER,
	    120, "a mapped page that finds no room ends a process by SIGBUS"),
	ROW(SET(FAILED_REQUESTS, HALE_DISK_TIMEOUT, HALE_VIRT_BACKING_FULL,
		HALE_ARRAY_FAILED, HALE_FS_ERROR),
	    SET(CAUSE_DEATH), CAUSE_NEAR, LIKELY, SOON, SOON,
	    "nothing but the time links them"),
	ROW(SET(BAD_MEMORY), SET(CAUSE_DEATH), CAUSE_HOST, CERTAIN, 60, 60,
	    "the kernel sent it for poisoned memory"),
	ROW(SET(BAD_MEMORY), SET(CAUSE_DEATH), CAUSE_HOST, LIKELY, DAY, MINUTES,
	    "the kernel sent it for poisoned memory"),
	ROW(SET(HALE_MEMORY_SUSPECT), SET(CAUSE_DEATH), CAUSE_CRASH, LIKELY,
	    DAY, HOUR, "unrelated programs crash here, as on bad memory"),
	ROW(SET(BAD_MEMORY), SET(CAUSE_DEATH), CAUSE_CRASH, POSSIBLE, MINUTES,
	    MINUTES, "memory failed at that time"),
	ROW(SET(HALE_MEMORY_LIMIT, HALE_MEMORY_OOM), SET(CAUSE_DEATH),
	    CAUSE_PROCESS, CERTAIN, 60, 60,
	    "the kernel chose it when memory ran out"),
	ROW(SET(HALE_MEMORY_OOM, HALE_MEMORY_LIMIT), SET(CAUSE_DEATH),
	    CAUSE_SHORT, LIKELY, 5, 5, "memory ran out just then"),
};

const size_t cause_n_edges = HALE_ARRAY_SIZE(cause_edges);

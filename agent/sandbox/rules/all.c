/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every process of hale's may do, and what none may. Decides nothing about
 * files: the roles' own tables do. A call that stands nowhere fails with ENOSYS
 * where a role is a list of what it may do, as on an older kernel, so that a
 * newer libc falls back. Invariant: what would undo the sandbox is in
 * `hostile`.
 */
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "../room.h"
#include "rules.h"

#define NOT_EXEC                                                               \
	{                                                                      \
		RULE_MASKED, 2, PROT_EXEC, 0                                   \
	}
#define EXEC                                                                   \
	{                                                                      \
		RULE_MASKED, 2, PROT_EXEC, PROT_EXEC                           \
	}
#define FCNTL(mask, command)                                                   \
	{                                                                      \
		RULE_MASKED, 1, mask, command                                  \
	}
#define SELF                                                                   \
	{                                                                      \
		RULE_EQ, 0, 0, SANDBOX_SELF                                    \
	}

const struct rule rules_basic[] = {
	{ "read readv pread64 preadv write writev pwrite64 pwritev lseek close "
	  "close_range fsync fdatasync dup",
	  RULE_ALLOW, "what is open", ANY },
	{ "fstat", RULE_ALLOW, "of what is open", ANY },
	{ "newfstatat fstatat64",
	  RULE_ALLOW,
	  "libc's fstat()",
	  { { RULE_EQ, 3, 0, 0x1000 /* AT_EMPTY_PATH */ } } },
	{ "fcntl fcntl64",
	  RULE_ALLOW,
	  "to duplicate, to set close-on-exec and O_NONBLOCK, to lock",
	  { FCNTL(0xfffffff8, F_DUPFD /* to F_SETLKW, 7 */) } },
	{ "fcntl fcntl64",
	  RULE_ALLOW,
	  "to lock (F_OFD_GETLK to F_OFD_SETLKW)",
	  { FCNTL(0xfffffffc, F_OFD_GETLK) } },
	{ "fcntl fcntl64",
	  RULE_ALLOW,
	  "to duplicate",
	  { FCNTL(0xffffffff, F_DUPFD_CLOEXEC) } },
	{ "poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2 "
	  "epoll_ctl epoll_create1 eventfd2",
	  RULE_ALLOW, "to wait", ANY },
	{ "timerfd_create timerfd_settime timerfd_gettime clock_gettime "
	  "clock_getres clock_nanosleep nanosleep gettimeofday time times",
	  RULE_ALLOW, "time, read only", ANY },
	{ "mmap mmap2",
	  RULE_ALLOW,
	  "memory: what was written is never run",
	  { NOT_EXEC } },
	{ "mmap mmap2",
	  RULE_SOFT,
	  "memory: what was written is never run",
	  { EXEC } },
	{ "mprotect",
	  RULE_ALLOW,
	  "memory: what was written is never run",
	  { NOT_EXEC } },
	{ "mprotect",
	  RULE_SOFT,
	  "memory: what was written is never run",
	  { EXEC } },
	{ "munmap mremap madvise brk mlock mlock2 mlockall munlock msync "
	  "membarrier",
	  RULE_ALLOW, "its own memory", ANY },
	{ "futex set_robust_list rseq sched_yield sched_getaffinity "
	  "restart_syscall",
	  RULE_ALLOW, "libc's own", ANY },
	{ "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending sigaltstack "
	  "signalfd4",
	  RULE_ALLOW, "how it takes signals", ANY },
	{ "setitimer", RULE_ALLOW,
	  "to end a wait that a stranger's descriptor brought (patience.c)",
	  ANY },
	{ "tgkill kill",
	  RULE_ALLOW,
	  "abort(): its own process only",
	  { SELF } },
	{ "getpid gettid getppid getuid geteuid getgid getegid getresuid "
	  "getresgid getgroups getcwd uname sysinfo getrusage getrlimit getcpu "
	  "getpriority capget",
	  RULE_ALLOW, "who and where it is", ANY },
	{ "prlimit64", RULE_ALLOW, "its own limits", { { RULE_EQ, 0, 0, 0 } } },
	{ "getrandom", RULE_ALLOW, "malloc(3) and hash tables", ANY },
	{ "prctl",
	  RULE_ALLOW,
	  "its name, as ps(1) shows it",
	  { { RULE_EQ, 0, 0, PR_SET_NAME } } },
	{ "prctl",
	  RULE_ALLOW,
	  "may its memory be dumped? no",
	  { { RULE_EQ, 0, 0, PR_GET_DUMPABLE } } },
	{ "prctl",
	  RULE_ALLOW,
	  "what malloc(3) calls its pages",
	  { { RULE_EQ, 0, 0, 0x53564d41 /* PR_SET_VMA */ } } },
	{ "ioctl",
	  RULE_ALLOW,
	  "isatty(): is stderr a terminal?",
	  { { RULE_EQ, 1, 0, 0x5401 /* TCGETS */ } } },
	{ "exit exit_group", RULE_ALLOW, "its end", ANY },
	{ "open openat openat2 creat access faccessat faccessat2 stat lstat "
	  "statx statfs readlink readlinkat chdir uname",
	  RULE_SOFT, "libc tries it: time zones, locales, name services", ANY },
	{ NULL, RULE_END, NULL, ANY },
};

const struct rule rules_hostile[] = {
	{ "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd "
	  "process_madvise process_mrelease",
	  RULE_KILL, "other processes' memory and files", ANY },
	{ "mount umount2 umount move_mount open_tree fsopen fsconfig fsmount "
	  "fspick mount_setattr pivot_root chroot swapon swapoff quotactl "
	  "quotactl_fd nfsservctl acct",
	  RULE_KILL, "the tree of files", ANY },
	{ "init_module finit_module delete_module create_module kexec_load "
	  "kexec_file_load reboot bpf perf_event_open userfaultfd "
	  "lookup_dcookie",
	  RULE_KILL, "the kernel", ANY },
	{ "io_uring_setup io_uring_enter io_uring_register", RULE_KILL,
	  "calls by another way, which no filter sees", ANY },
	{ "add_key request_key keyctl", RULE_KILL, "the kernel's keys", ANY },
	{ "unshare setns", RULE_KILL, "namespaces, where it would be root",
	  ANY },
	{ "iopl ioperm modify_ldt vm86 vm86old personality", RULE_KILL,
	  "the processor", ANY },
	{ "settimeofday clock_settime clock_adjtime adjtimex stime "
	  "sethostname setdomainname vhangup syslog",
	  RULE_KILL, "the host's clock, name and log", ANY },
	{ "open_by_handle_at name_to_handle_at fanotify_init", RULE_KILL,
	  "files by other ways than their names", ANY },
	{ "mknod mknodat", RULE_KILL, "device nodes", ANY },
	{ "ioctl",
	  RULE_KILL,
	  "what is typed at a terminal (TIOCSTI)",
	  { { RULE_EQ, 1, 0, 0x5412 } } },
	{ "fcntl fcntl64",
	  RULE_SOFT,
	  "signals for others, sent by the kernel",
	  { FCNTL(0xffffffff, F_SETOWN) } },
	{ "fcntl fcntl64",
	  RULE_SOFT,
	  "likewise",
	  { FCNTL(0xffffffff, F_SETOWN_EX) } },
	{ "fcntl fcntl64",
	  RULE_SOFT,
	  "which of them",
	  { FCNTL(0xffffffff, F_SETSIG) } },
	{ "move_pages migrate_pages mbind set_mempolicy uselib _sysctl",
	  RULE_SOFT, "nothing needs it", ANY },
	{ NULL, RULE_END, NULL, ANY },
};

/* Core, ship and the drivers are one user, and what a user may do to its own
 * processes is to be done to none but itself. */
const struct rule rules_others[] = {
	{ "prlimit64 sched_setscheduler sched_setparam sched_setattr "
	  "sched_setaffinity",
	  RULE_SOFT,
	  "another's limits and time",
	  { { RULE_GE, 0, 0, 1 } } },
	{ "setpriority ioprio_set",
	  RULE_SOFT,
	  "another's priority",
	  { { RULE_GE, 1, 0, 1 } } },
	{ "setpriority",
	  RULE_SOFT,
	  "a group's or a user's priority",
	  { { RULE_GE, 0, 0, PRIO_PGRP } } },
	{ "ioprio_set",
	  RULE_SOFT,
	  "a group's or a user's priority",
	  { { RULE_GE, 0, 0, 2 /* IOPRIO_WHO_PGRP */ } } },
	{ NULL, RULE_END, NULL, ANY },
};

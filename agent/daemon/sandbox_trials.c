/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attempts themselves: what somebody would try who has taken a process of
 * the agent's over, and what the process needs for its work. Decides which role
 * must be refused what. Must never do harm where an attempt succeeds: each is
 * given what a kernel that is asked refuses in its turn, by another error.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "hale/base.h"

#include "agent/daemon/sandbox_trials.h"

#define CORE   ROLE(SANDBOX_CORE)
#define PROBE  ROLE(SANDBOX_PROBE)
#define DRIVER ROLE(SANDBOX_DRIVER)
#define READER ROLE(SANDBOX_READER)
#define WRITER ROLE(SANDBOX_WRITER)
#define SHIP   ROLE(SANDBOX_SHIP)
#define HELPER ROLE(SANDBOX_HELPER)
#define LOOK   ROLE(SANDBOX_LOOK)
#define FLEET  (ROLE(SANDBOX_REPORTER) | DOORS) /* who go out */
#define DOORS  ROLE(SANDBOX_DOORS)
#define EACH   (ROLE(SANDBOX_ROLES) - 1)
/* alone */
#define SINGLE (CORE | DRIVER | READER | WRITER | SHIP | LOOK | FLEET)

static int result(long r)
{
	return r < 0 ? -errno : 0;
}

static int open_in(const char *folder, const char *name, int flags)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* --- what must fail --- */

static int read_file(const struct trial_world *w)
{
	(void)w;
	return open_in("/etc", "passwd", O_RDONLY);
}

static int read_disk(const struct trial_world *w)
{
	return open_in("", w->disk, O_RDONLY);
}

static int write_file(const struct trial_world *w)
{
	return open_in(w->other, "there", O_WRONLY);
}

static int make_file(const struct trial_world *w)
{
	return open_in(w->other, "made", O_WRONLY | O_CREAT);
}

static int remove_file(const struct trial_world *w)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/victim", w->other);
	return result(unlink(path));
}

static int become_root(const struct trial_world *w)
{
	(void)w;
	return result(setresuid(0, 0, 0)) == 0 ? result(setgid(0)) : -errno;
}

static int take_rights(const struct trial_world *w)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	const struct __user_cap_data_struct all = { ~0U, ~0U, 0 };
	const struct __user_cap_data_struct data[2] = { all,
							{ 0x1ff, 0x1ff, 0 } };

	(void)w;
	return result(syscall(SYS_capset, &head, data));
}

static int start_program(const struct trial_world *w)
{
	char name[] = "true";
	char *const argv[] = { name, NULL };

	(void)w;
	return result(execve("/bin/true", argv, environ));
}

static int start_process(const struct trial_world *w)
{
	pid_t pid = fork();

	(void)w;
	if (pid == 0)
		_exit(0);
	return pid > 0 ? result(waitpid(pid, NULL, 0)) : -errno;
}

static int use_network(const struct trial_world *w)
{
	(void)w;
	return result(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int use_packets(const struct trial_world *w)
{
	(void)w;
	return result(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static int call_socket(const struct trial_world *w)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	HALE_SET(address.sun_path, w->socket_path);
	return result(connect(fd, (const struct sockaddr *)&address,
			      sizeof(address)));
}

static int trace_supervisor(const struct trial_world *w)
{
	return result(ptrace(PTRACE_SEIZE, w->supervisor, NULL, NULL));
}

static int read_memory(const struct trial_world *w)
{
	char byte;
	struct iovec here = { &byte, 1 };
	struct iovec there = { (void *)(uintptr_t)w, 1 };

	return result(process_vm_readv(w->supervisor, &here, 1, &there, 1, 0));
}

static int end_supervisor(const struct trial_world *w)
{
	return result(kill(w->supervisor, 0));
}

static int signal_others(const struct trial_world *w)
{
	return result(kill(w->bystander, 0));
}

static int load_module(const struct trial_world *w)
{
	(void)w;
	return result(syscall(SYS_finit_module, -1, "", 0));
}

static int load_bpf(const struct trial_world *w)
{
	(void)w;
	return result(syscall(SYS_bpf, 0, NULL, 0));
}

static int mount_something(const struct trial_world *w)
{
	(void)w;
	return result(mount("none", "/nowhere/to/be/found", "tmpfs", 0, NULL));
}

static int use_io_uring(const struct trial_world *w)
{
	(void)w;
	return result(syscall(SYS_io_uring_setup, 0, NULL));
}

static int new_namespace(const struct trial_world *w)
{
	(void)w;
	return result(unshare(CLONE_NEWUSER));
}

static int set_clock(const struct trial_world *w)
{
	(void)w;
	return result(syscall(SYS_clock_settime, CLOCK_REALTIME, NULL));
}

static int run_written(const struct trial_world *w)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)w;
	return page == MAP_FAILED ? -errno : 0;
}

static int run_later(const struct trial_world *w)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)w;
	if (page == MAP_FAILED)
		return -errno;
	return result(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

#ifdef __x86_64__
/* The same calls under other numbers, which no rule names. */
static int call_x32(const struct trial_world *w)
{
	(void)w;
	return result(syscall(0x40000000 | SYS_getppid));
}

static int call_i386(const struct trial_world *w)
{
	long r;

	(void)w;
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(64L /* getppid */));
	return r < 0 ? (int)r : 0;
}
#endif

/* --- what must work --- */

static int read_open(const struct trial_world *w)
{
	char byte;

	return result(read(w->zero_fd, &byte, 1));
}

static int answer(const struct trial_world *w)
{
	return result(send(w->pair[0], "x", 1, MSG_NOSIGNAL));
}

static int allocate(const struct trial_world *w)
{
	/* one from the heap and one of its own pages */
	char *small = malloc(64), *large = malloc(4 * 1024 * 1024);
	int r = small && large ? 0 : -ENOMEM;

	(void)w;
	free(small);
	free(large);
	return r;
}

static int lock_memory(const struct trial_world *w)
{
	char *page = calloc(1, 4096);
	int r = page ? result(mlock(page, 4096)) : -ENOMEM;

	(void)w;
	free(page);
	return r;
}

static int tell_time(const struct trial_world *w)
{
	struct timespec t;

	(void)w;
	return result(syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &t));
}

static int wait_for(const struct trial_world *w)
{
	struct itimerspec soon = { .it_value.tv_nsec = 1 };
	struct epoll_event e = { .events = EPOLLIN };
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	(void)w;
	if (epoll_fd < 0 || fd < 0 || timerfd_settime(fd, 0, &soon, NULL) < 0 ||
	    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0)
		return -errno;
	return epoll_wait(epoll_fd, &e, 1, 1000) == 1 ? 0 : -ETIME;
}

static int read_proc(const struct trial_world *w)
{
	(void)w;
	return open_in("/proc/self", "mountinfo", O_RDONLY);
}

static int replace_file(const struct trial_world *w)
{
	char from[200], to[200];
	int r = open_in(w->granted, "new", O_WRONLY | O_CREAT | O_TRUNC);

	snprintf(from, sizeof(from), "%s/new", w->granted);
	snprintf(to, sizeof(to), "%s/old", w->granted);
	return r == 0 ? result(rename(from, to)) : r;
}

const struct trial sandbox_trials[] = {
	/* what, roles, must fail, landlock, how */
	{ "read a file", CORE, true, 0, read_file },
	{ "read a file", WRITER | SHIP | LOOK | FLEET, true, 1, read_file },
	{ "read a disk", CORE | DRIVER | WRITER | SHIP, true, 0, read_disk },
	{ "read a disk", LOOK | FLEET, true, 1, read_disk },
	{ "write to a file", CORE | DRIVER | READER, true, 0, write_file },
	{ "write to a file elsewhere", WRITER | SHIP | HELPER | LOOK | FLEET,
	  true, 1, write_file },
	{ "write to a file, by openat2", CORE | DRIVER | READER | HELPER | LOOK,
	  true, 0, trial_write_by_openat2 },
	{ "make a file", CORE | DRIVER | READER, true, 0, make_file },
	{ "make a file elsewhere", WRITER | SHIP | HELPER | LOOK | FLEET, true,
	  1, make_file },
	{ "remove a file", CORE | DRIVER | READER, true, 0, remove_file },
	{ "remove a file elsewhere", WRITER | SHIP | HELPER | LOOK | FLEET,
	  true, 1, remove_file },
	{ "become root", EACH & ~PROBE, true, 0, become_root },
	{ "take capabilities", EACH, true, 0, take_rights },
	{ "start a program", SINGLE, true, 0, start_program },
	{ "start a process", CORE | READER | WRITER | SHIP | FLEET, true, 0,
	  start_process },
	{ "use the network", EACH & ~(FLEET | DOORS), true, 0, use_network },
	{ "let the network in", EACH, true, 0, trial_be_called },
	{ "send raw packets", EACH, true, 0, use_packets },
	{ "call another's socket", CORE | WRITER, true, 0, call_socket },
	{ "trace the supervisor", EACH, true, 0, trace_supervisor },
	{ "read its memory", EACH, true, 0, read_memory },
	{ "end the supervisor", SINGLE, true, 0, end_supervisor },
	{ "end the supervisor", HELPER, true, 6, end_supervisor },
	{ "signal another process", SINGLE, true, 0, signal_others },
	{ "signal another process", HELPER, true, 6, signal_others },
	{ "signal another's thread", SINGLE, true, 0, trial_signal_thread },
	{ "have another signalled", EACH, true, 0, trial_have_signalled },
	{ "limit another process", SINGLE | HELPER, true, 0,
	  trial_limit_others },
	{ "slow another process down", SINGLE | HELPER, true, 0,
	  trial_slow_others },
	{ "shut a socket for all", CORE, true, 0, trial_shut_socket },
	{ "load a kernel module", EACH, true, 0, load_module },
	{ "load a BPF program", EACH, true, 0, load_bpf },
	{ "mount a filesystem", EACH, true, 0, mount_something },
	{ "use io_uring", EACH, true, 0, use_io_uring },
	{ "make a namespace", EACH, true, 0, new_namespace },
	{ "set the clock", EACH, true, 0, set_clock },
	{ "run what it wrote", SINGLE & ~READER, true, 0, run_written },
	{ "run what it wrote, later", CORE | WRITER | SHIP | FLEET, true, 0,
	  run_later },
#ifdef __x86_64__
	{ "call by x32 numbers", EACH, true, 0, call_x32 },
	{ "call by i386 numbers", EACH, true, 0, call_i386 },
#endif
	{ "read what is open", EACH, false, 0, read_open },
	{ "answer a socket", EACH, false, 0, answer },
	{ "allocate memory", EACH, false, 0, allocate },
	{ "lock memory", EACH, false, 0, lock_memory },
	{ "tell the time", EACH, false, 0, tell_time },
	{ "wait for a timer", EACH, false, 0, wait_for },
	{ "read a file", READER | DRIVER | HELPER | PROBE, false, 0,
	  read_file },
	{ "read /proc", DRIVER | HELPER | PROBE | LOOK, false, 0, read_proc },
	{ "replace a file in its folder", WRITER | SHIP | FLEET, false, 0,
	  replace_file },
	{ "call another's socket", SHIP | HELPER | FLEET, false, 0,
	  call_socket },
	{ "start a process", PROBE | HELPER, false, 0, start_process },
	{ "use the network", FLEET | DOORS, false, 0, use_network },
	{ "start a thread", FLEET, false, 0, trial_start_thread },
	{ "start a program", HELPER, false, 0, start_program },
};

const size_t sandbox_n_trials = HALE_ARRAY_SIZE(sandbox_trials);

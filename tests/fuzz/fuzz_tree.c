/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc and cgroups as a build may make them look: processes choose their
 * names, their paths, what their system calls point to and which groups they
 * make. Whatever is read, the tree stays within its bounds and what is told of
 * a stall may be printed. Input: 1 + N bytes that stand for other processes'
 * memory and the kernel's answers, then files as planted.h takes them; proc is
 * /proc, cg the cgroup.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/run/launch/cgroup.h"
#include "agent/run/tree/tree.h"
#include "agent/run/tree/tree_engine.h"
#include "tests/fuzz/planted.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* What would leave the folder: see tests/Makefile.inc. */
ssize_t __wrap_process_vm_readv(pid_t pid, const struct iovec *to, ...);
ssize_t __wrap_send(int fd, const void *buf, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags);

static char root[] = "/dev/shm/fuzz-tree-XXXXXX";
static const uint8_t *memory;
static size_t memory_len;

static void check(bool holds)
{
	if (!holds)
		abort();
}

static ssize_t remember(void *buf, size_t size)
{
	size_t n = size < memory_len ? size : memory_len;

	memcpy(buf, memory, n);
	return (ssize_t)n;
}

ssize_t __wrap_process_vm_readv(pid_t pid, const struct iovec *to, ...)
{
	(void)pid;
	return remember(to->iov_base, to->iov_len);
}

ssize_t __wrap_send(int fd, const void *buf, size_t size, int flags)
{
	(void)fd;
	(void)buf;
	(void)flags;
	return (ssize_t)size;
}

ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags)
{
	(void)fd;
	(void)flags;
	return remember(buf, size);
}

static void check_tree(const struct tree *t)
{
	check(t->n <= TREE_MAX && t->alive <= t->n);
	for (uint32_t i = 0; i < t->n; i++) {
		const struct tree_process *p = &t->processes[i];

		check(p->pid > 0 && p->pid == t->pids[i]);
		check(hale_text_printable(p->comm, sizeof(p->comm)));
	}
}

static void look(int proc_fd, int cg)
{
	static struct tree t;
	struct run_stall stall = { 0 };
	struct tree_engine engine;
	uint64_t before = 0;

	memset(&t, 0, sizeof(t));
	t.proc_fd = proc_fd;
	t.cgroup_fd = cg;
	t.root = 100;
	for (int i = 0; i < 3; i++) {
		tree_sample(&t);
		check_tree(&t);
		check(t.cpu_ticks >= before);
		before = t.cpu_ticks;
	}
	tree_waits(&t, &stall);
	check(hale_text_printable(stall.what, sizeof(stall.what)));
	check(hale_text_printable(stall.comm, sizeof(stall.comm)));
	tree_engine(proc_fd, t.root_start, &engine);
}

/* As cgroup_open() finds them. */
static void usage(int cg)
{
	struct cgroup c = { .root = cg,
			    .own = cg,
			    .path = "a/b",
			    .name = "own",
			    .n_levels = 3,
			    .levels = { { .len = 3 }, { .len = 1 } } };
	static struct run_attempt a;

	memset(&a, 0, sizeof(a));
	cgroup_read(&c, &a);
	check(memchr(a.cgroup, '\0', sizeof(a.cgroup)) != NULL);
	check(memchr(a.limits.cgroup, '\0', sizeof(a.limits.cgroup)) != NULL);
}

static int folder(int root_fd, const char *name)
{
	return openat(root_fd, name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int root_fd = -1;
	_cleanup_fd_ int proc_fd = -1;
	_cleanup_fd_ int cg = -1;

	if (size < 1 || size < 1 + (size_t)data[0])
		return 0;
	if (root_fd < 0)
		root_fd = planted_open(root);
	memory = data + 1;
	memory_len = data[0];
	planted(root_fd, memory + memory_len, size - 1 - memory_len);
	proc_fd = folder(root_fd, "proc");
	cg = folder(root_fd, "cg");
	if (proc_fd >= 0)
		look(proc_fd, cg);
	if (cg >= 0)
		usage(cg);
	planted_clear(root);
	return 0;
}

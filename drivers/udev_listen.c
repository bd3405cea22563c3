/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens what the driver udev listens to. One socket where there is no udevd;
 * with it two, udevd's and the kernel's, behind one epoll descriptor. Reads
 * nothing and leaves nothing open behind a failure that udev_deafen() would not
 * close.
 */
#include <errno.h>
#include <linux/filter.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "udev.h"

/* A shelf of 100 disks that is switched on: some 10,000 events of 1 KiB. */
#define BUFFER_BYTES (8 * 1024 * 1024)
static int listen_to(struct udev *udev, const char *group,
		     struct udev_monitor **ret_monitor)
{
	struct udev_monitor *m;
	int r;

	errno = 0;
	m = udev_monitor_new_from_netlink(udev, group);
	if (!m)
		return errno ? -errno : -ENOMEM;
	r = udev_monitor_filter_add_match_subsystem_devtype(m, "block", NULL);
	/* takes CAP_NET_ADMIN; without it the kernel's default must do */
	udev_monitor_set_receive_buffer_size(m, BUFFER_BYTES);
	if (r >= 0)
		r = udev_monitor_enable_receiving(m);
	if (r < 0) {
		udev_monitor_unref(m);
		return r;
	}
	*ret_monitor = m;
	return 0;
}

/* Lets only messages pass that begin with "remo": the kernel's events begin
 * with their action, and most are network queues of containers. */
static void only_removals(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x72656d6f, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = HALE_ARRAY_SIZE(code),
				      .filter = code };

	/* without it we only wake more often */
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int watch_both(struct udev_state *s)
{
	struct epoll_event e = { .events = EPOLLIN };
	int fd = udev_monitor_get_fd(s->removals);

	only_removals(fd);
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll_fd < 0 ||
	    epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0 ||
	    epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD,
		      udev_monitor_get_fd(s->monitor), &e) < 0)
		return -errno;
	return s->epoll_fd;
}

int udev_listen(struct udev_state *s, bool udevd)
{
	int r;

	s->udev = udev_new();
	if (!s->udev)
		return -ENOMEM;
	r = listen_to(s->udev, udevd ? "udev" : "kernel", &s->monitor);
	if (r < 0 || !udevd)
		return r < 0 ? r : udev_monitor_get_fd(s->monitor);
	r = listen_to(s->udev, "kernel", &s->removals);
	return r < 0 ? r : watch_both(s);
}

void udev_deafen(struct udev_state *s)
{
	if (s->removals) {
		udev_monitor_unref(s->removals);
		close(s->epoll_fd);
	}
	if (s->monitor)
		udev_monitor_unref(s->monitor);
	if (s->udev)
		udev_unref(s->udev);
	memset(s, 0, sizeof(*s));
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire between whoever has a build to tell or a question about builds, and
 * `haled: ship`. Must never wait without a deadline: a store whose disk hangs
 * may cost its askers patience, never a build. Knows nothing of what is stored.
 */
#include "store_ask.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "detach.h"

static int wait_for(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	long long end = detach_now_ms() + ms;
	int n;

	while ((n = poll(&p, 1, detach_left_ms(end))) < 0 && errno == EINTR)
		;
	return n < 0 ? -errno : n == 0 ? -ETIMEDOUT : 0;
}

/* The kernel says ECONNRESET where something was left unread. */
static int gone_or(int error)
{
	return error == ECONNRESET ? -EPIPE : -error;
}

int store_send(int fd, const Hale__V1__StoreRequest *request, int ms)
{
	size_t size = hale__v1__store_request__get_packed_size(request);
	_cleanup_free_ uint8_t *buf = NULL;
	int r;

	if (size > STORE_MESSAGE_MAX)
		return -EMSGSIZE;
	buf = malloc(size + 1);
	if (!buf)
		return -ENOMEM;
	hale__v1__store_request__pack(request, buf);
	r = wait_for(fd, POLLOUT, ms);
	if (r == 0 && send(fd, buf, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		r = gone_or(errno);
	return r;
}

int store_receive(int fd, int ms, Hale__V1__StoreReply **ret_reply)
{
	_cleanup_free_ uint8_t *buf = NULL;
	Hale__V1__StoreReply *reply;
	ssize_t n;
	int r = wait_for(fd, POLLIN, ms);

	if (r < 0)
		return r;
	buf = malloc(STORE_MESSAGE_MAX);
	if (!buf)
		return -ENOMEM;
	n = recv(fd, buf, STORE_MESSAGE_MAX, MSG_DONTWAIT | MSG_TRUNC);
	if (n <= 0)
		return n < 0 ? gone_or(errno) : -ECONNRESET;
	if (n > STORE_MESSAGE_MAX)
		return -EMSGSIZE;
	reply = hale__v1__store_reply__unpack(NULL, (size_t)n, buf);
	if (!reply)
		return -EBADMSG;
	*ret_reply = reply;
	return 0;
}

int store_own_path(const char *state_dir, char ret_path[STORE_PATH_MAX])
{
	const char *dir = state_dir, *below = "";
	int n;

	if (!dir || !dir[0]) {
		dir = secure_getenv("XDG_STATE_HOME");
		below = "/hale";
		if (!dir || dir[0] != '/') {
			dir = secure_getenv("HOME");
			below = "/.local/state/hale";
		}
		if (!dir || dir[0] != '/')
			return -ENOENT;
	}
	n = snprintf(ret_path, STORE_PATH_MAX, "%s%s/builds.db", dir, below);
	return n < STORE_PATH_MAX ? 0 : -ENAMETOOLONG;
}

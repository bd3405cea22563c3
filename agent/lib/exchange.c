/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire between client and gate. It never waits without a deadline, never
 * believes a length, and gives either a whole answer or an error; what that
 * error means for a verdict is blind.c's to say.
 */
#include "exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "hale/base.h"

#include "detach.h"

#define SCAN_NAME    "/hale-scan"
#define SCAN_SECONDS 4 /* then SIGALRM ends it */

extern char **environ;

/* --- connecting --- */

/* A path longer than an address can be is reached through its folder. */
static int address(const char *run_dir, const char *name,
		   struct sockaddr_un *sa, int *ret_dir)
{
	size_t len = strlen(run_dir), more = strlen(name) + 1;

	sa->sun_family = AF_UNIX;
	if (len + more <= sizeof(sa->sun_path)) {
		memcpy(sa->sun_path, run_dir, len);
		memcpy(sa->sun_path + len, name, more);
		return 0;
	}
	*ret_dir = open(run_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*ret_dir < 0)
		return -errno;
	snprintf(sa->sun_path, sizeof(sa->sun_path), "/proc/self/fd/%d%s",
		 *ret_dir, name);
	return 0;
}

/* EAGAIN: the queue of clients is full. Wait for a place, but not for long. */
static int connect_patiently(int fd, const struct sockaddr_un *sa, uint32_t ms)
{
	const struct sockaddr *to = (const struct sockaddr *)(const void *)sa;
	struct timeval patience = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000) * 1000,
	};

	if (connect(fd, to, sizeof(*sa)) == 0)
		return 0;
	if (errno != EAGAIN)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (fcntl(fd, F_SETFL, 0) < 0)
		return -errno;
	if (connect(fd, to, sizeof(*sa)) == 0)
		return 0;
	return errno == EAGAIN ? -ETIMEDOUT : -errno;
}

int exchange_connect(const char *run_dir, const char *name, uint32_t answer_ms,
		     int *ret_fd)
{
	struct sockaddr_un sa;
	_cleanup_fd_ int dir = -1;
	int fd, r;

	r = address(run_dir, name, &sa, &dir);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	r = connect_patiently(fd, &sa, answer_ms);
	if (r < 0) {
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

/* --- a scan of our own --- */

struct program {
	const char *path;
	char *argv[2];
};

/* Either may be 0 to 2 where the caller has closed its own: above them first,
 * so that none overwrites another; what is left up there ends with the exec. */
static void become(void *ctx, int fd)
{
	struct program *p = ctx;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int high_null = fcntl(null, F_DUPFD_CLOEXEC, 3);
	int high = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	dup2(high, 0);
	dup2(high, 1);
	if (dup2(high_null, 2) < 0)
		close(2);
	execve(p->path, p->argv, environ);
}

int exchange_scan(const char *exec_dir, int *ret_fd)
{
	size_t size = strlen(exec_dir) + sizeof(SCAN_NAME);
	_cleanup_free_ char *path = malloc(size);
	char name[] = "hale-scan";
	struct program p = { .path = path, .argv = { name, NULL } };
	int pair[2], r;

	if (!path)
		return -ENOMEM;
	snprintf(path, size, "%s" SCAN_NAME, exec_dir);
	if (access(path, X_OK) < 0)
		return -errno;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	r = detach(pair[1], SCAN_SECONDS, become, &p);
	close(pair[1]);
	if (r < 0) {
		close(pair[0]);
		return r;
	}
	*ret_fd = pair[0];
	return 0;
}

/* --- messages --- */

int exchange_send(int fd, const Hale__V1__Request *request)
{
	size_t size = hale__v1__request__get_packed_size(request);
	_cleanup_free_ uint8_t *buf = NULL;

	if (size > EXCHANGE_MESSAGE_MAX)
		return -EMSGSIZE;
	buf = malloc(size + 1); /* an empty message has no bytes at all */
	if (!buf)
		return -ENOMEM;
	hale__v1__request__pack(request, buf);
	if (send(fd, buf, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return -errno;
	return 0;
}

static int wait_readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	long long end = ms < 0 ? 0 : detach_now_ms() + ms;
	int n;

	while ((n = poll(&p, 1, ms)) < 0 && errno == EINTR)
		ms = ms < 0 ? ms : detach_left_ms(end);
	return n < 0 ? -errno : n == 0 ? -ETIMEDOUT : 0;
}

static int unpack(const uint8_t *buf, size_t len, Hale__V1__Reply **ret_reply)
{
	Hale__V1__Reply *reply = hale__v1__reply__unpack(NULL, len, buf);

	if (!reply)
		return -EBADMSG;
	if (reply->body_case == HALE__V1__REPLY__BODY__NOT_SET) {
		hale__v1__reply__free_unpacked(reply, NULL);
		return -EBADMSG;
	}
	*ret_reply = reply;
	return 0;
}

/* A reset is what the kernel says of one that closed with a message unread
 * (net/unix/af_unix.c, unix_release_sock); all others are an end. */
static int gone_or(int error)
{
	return error == ECONNRESET ? -EPIPE : -error;
}

/* Its length comes first, so that no more is allocated than there is. */
static int receive_one(int fd, int ms, size_t *ret_len, Hale__V1__Reply **ret)
{
	_cleanup_free_ uint8_t *buf = NULL;
	ssize_t n;
	int r = wait_readable(fd, ms);

	if (r < 0)
		return r;
	n = recv(fd, NULL, 0, MSG_DONTWAIT | MSG_TRUNC | MSG_PEEK);
	if (n <= 0)
		return n == 0 ? -ECONNRESET : gone_or(errno);
	if ((size_t)n > EXCHANGE_MESSAGE_MAX)
		return -EMSGSIZE;
	buf = malloc((size_t)n);
	if (!buf)
		return -ENOMEM;
	if (recv(fd, buf, (size_t)n, MSG_DONTWAIT) != n)
		return -EBADMSG;
	*ret_len = (size_t)n;
	return unpack(buf, (size_t)n, ret);
}

static int receive_more(int fd, int next_ms, Hale__V1__Reply *all)
{
	long long end = detach_now_ms() + EXCHANGE_WHOLE_MS;
	size_t total = 0, len = 0;

	while (!all->last) {
		Hale__V1__Reply *next = NULL;
		int left = detach_left_ms(end);
		int r = receive_one(fd, next_ms < left ? next_ms : left, &len,
				    &next);

		if (r < 0 || !next)
			return r < 0 ? r : -EBADMSG;
		total += len;
		all->last = next->last;
		r = exchange_join(all, next);
		hale__v1__reply__free_unpacked(next, NULL);
		if (r < 0)
			return r;
		if (total > EXCHANGE_BYTES_MAX)
			return -EMSGSIZE;
	}
	return 0;
}

int exchange_receive(int fd, int first_ms, int next_ms,
		     Hale__V1__Reply **ret_reply)
{
	Hale__V1__Reply *reply = NULL;
	size_t len;
	int r = receive_one(fd, first_ms, &len, &reply);

	if (r == 0)
		r = reply ? receive_more(fd, next_ms, reply) : -EBADMSG;
	if ((r == -ECONNRESET || r == -EPIPE) && reply)
		r = -ECONNABORTED;
	if (r < 0) {
		if (reply)
			hale__v1__reply__free_unpacked(reply, NULL);
		return r;
	}
	*ret_reply = reply;
	return 0;
}

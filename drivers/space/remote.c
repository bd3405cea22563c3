/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks servers. Each is asked by a process of its own, all at the same time, so
 * that one that hangs costs neither the others nor the driver. Whoever has not
 * answered in time is killed and said to hang. A process that not even SIGKILL
 * ends keeps a lock on its filesystem's byte of a file in memory: as long as it
 * sits there no second one is sent after it. Their number is bounded.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "space.h"

/* Asked at once; of more, another sixteen each pass. */
enum {
	REMOTES_MAX = 16,
	LOCK_BYTES = 1 << 20
};

/* Death by SIGKILL takes microseconds; sixteen that do not die, 320 ms. */
#define DEATH_MS 20

struct asked {
	const struct mounts_fs *fs;
	pid_t pid;
};

struct round {
	const struct space *sp;
	unsigned int n;
	struct asked asked[REMOTES_MAX];
	struct pollfd fds[REMOTES_MAX];
};

static int lock_op(const struct space *sp, const struct mounts_fs *fs, int cmd,
		   struct flock *lock)
{
	const struct space_state *state = sp->p->state;
	const uint64_t at = fs->major * 65537u + fs->minor;

	*lock = (struct flock){ .l_type = F_WRLCK,
				.l_whence = SEEK_SET,
				.l_start = (off_t)(at % LOCK_BYTES),
				.l_len = 1 };
	return fcntl(state->lock_fd, cmd, lock);
}

static bool sits_there(const struct space *sp, const struct mounts_fs *fs)
{
	struct flock lock;

	return lock_op(sp, fs, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* The asking process: from its fork to its end. */
static _Noreturn void ask_and_exit(const struct space *sp,
				   const struct mounts_fs *fs, int fd)
{
	struct space_answer answer;
	struct flock lock;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (lock_op(sp, fs, F_SETLK, &lock) < 0)
		_exit(1);
	space_ask(sp, fs, &answer);
	_exit(write(fd, &answer, sizeof(answer)) != sizeof(answer));
}

static int send_out(struct round *r, const struct mounts_fs *fs)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		ask_and_exit(r->sp, fs, fds[1]);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return -EAGAIN;
	}
	r->fds[r->n] = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	r->asked[r->n++] = (struct asked){ .fs = fs, .pid = pid };
	return 0;
}

static void hung(const struct space *sp, const struct mounts_fs *fs)
{
	char evidence[HALE_EVIDENCE_MAX];

	snprintf(evidence, sizeof(evidence), "%.160s (%s) does not answer",
		 fs->source, fs->type);
	space_state(sp, fs, HALE_FS_HUNG, true, evidence);
}

static void take_answer(struct round *r, unsigned int i)
{
	const struct mounts_fs *fs = r->asked[i].fs;
	struct space_answer answer;

	if (read(r->fds[i].fd, &answer, sizeof(answer)) == sizeof(answer)) {
		space_state(r->sp, fs, HALE_FS_HUNG, false, "");
		space_say(r->sp, fs, &answer);
	}
	close(r->fds[i].fd);
	r->fds[i].fd = -1;
	waitpid(r->asked[i].pid, NULL, 0);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Takes what is there; returns from how many. */
static unsigned int take_answers(struct round *r)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < r->n; i++) {
		if (r->fds[i].fd < 0 || !r->fds[i].revents)
			continue;
		take_answer(r, i);
		n++;
	}
	return n;
}

static void collect(struct round *r, int ms)
{
	int64_t end = now_ms() + ms, left = ms;
	unsigned int open = r->n;

	while (open && left > 0) {
		if (poll(r->fds, r->n, (int)left) > 0)
			open -= take_answers(r);
		left = end - now_ms();
	}
}

/* It dies at once, or it sits in the kernel and nobody can help it. */
static void kill_and_reap(pid_t pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	kill(pid, SIGKILL);
	if (pidfd >= 0) {
		poll(&p, 1, DEATH_MS);
		close(pidfd);
	}
	waitpid(pid, NULL, WNOHANG);
}

static void give_up(struct round *r)
{
	for (unsigned int i = 0; i < r->n; i++) {
		if (r->fds[i].fd < 0)
			continue;
		kill_and_reap(r->asked[i].pid);
		close(r->fds[i].fd);
		hung(r->sp, r->asked[i].fs);
	}
}

/* Where to begin, so that all get their turn where they are many. */
static uint32_t first_of(const struct space *sp)
{
	uint64_t turn = sp->p->now_ns / (30 * HALE_NS_PER_S);

	return (uint32_t)(turn * REMOTES_MAX % (sp->mounts->n_fs + 1));
}

void space_ask_remote(const struct space *sp, int ms)
{
	struct round r = { .sp = sp };
	uint32_t first = first_of(sp);

	for (uint32_t i = 0; i < sp->mounts->n_fs && r.n < REMOTES_MAX; i++) {
		uint32_t at = (first + i) % sp->mounts->n_fs;
		const struct mounts_fs *fs = &sp->mounts->fs[at];

		if (!space_has_room(fs) || !space_is_remote(fs))
			continue;
		if (sits_there(sp, fs))
			hung(sp, fs);
		else if (send_out(&r, fs) < 0)
			break;
	}
	collect(&r, ms);
	give_up(&r);
}

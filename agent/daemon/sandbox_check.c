/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `haled --check-sandbox`: is the sandbox there? Enters each role in a child of
 * its own for each attempt (sandbox_trials.c) and tells how it ended. Decides
 * what counts as barred: a refusal, or the child's end by a signal; an error
 * from the call's own work, "bad address", shows that nobody barred it.
 * Invariant: exit status 0 only where every attempt was made and ended as it
 * must, or this kernel is known to lack what would have barred it.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/landlock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "hale/base.h"

#include "agent/daemon/sandbox_trials.h"

/* A child that does not come back has not been barred. */
#define TRIAL_S 10

enum outcome {
	DONE,	 /* it could */
	BARRED,	 /* refused, or ended for it */
	REACHED, /* the kernel began on it, and found another fault */
	LOST,	 /* it did not come to the attempt */
};

struct report {
	bool entered;
	int error; /* negative errno of the attempt, or of entering */
	char lacks[SANDBOX_TEXT_MAX];
};

struct checker {
	const struct sandbox_user *user;
	struct trial_world world;
	char folder[32], granted[48], other[48];
	int landlock; /* its level; 0: this kernel has none */
	unsigned int faults, attempts;
	bool told[SANDBOX_ROLES];
};

/* --- in the child --- */

static void say(int fd, const struct report *r)
{
	if (write(fd, r, sizeof(*r)) != sizeof(*r))
		_exit(1);
}

static _Noreturn void attempt(const struct checker *c, enum sandbox_role role,
			      const struct trial *t, int fd)
{
	const char *const writable[] = { c->world.granted, NULL };
	const struct sandbox_setup setup = {
		.user = c->user,
		.writable = role == SANDBOX_WRITER || role == SANDBOX_SHIP ||
					    role == SANDBOX_REPORTER ||
					    role == SANDBOX_DOORS
				    ? writable
				    : NULL,
	};
	struct report r = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(TRIAL_S);
	r.error = sandbox_enter(role, &setup, r.lacks);
	r.entered = r.error == 0;
	say(fd, &r);
	if (!r.entered)
		_exit(1);
	r.error = t->run(&c->world);
	say(fd, &r);
	_exit(0);
}

/* --- outside --- */

/* Errors that stand for a refusal; others come from the call's own work. */
static bool is_refusal(int error)
{
	return error == -EPERM || error == -EACCES || error == -EROFS ||
	       error == -ENOSYS || error == -EXDEV;
}

static enum outcome judge(bool entered, bool tried, const struct report *r,
			  int status)
{
	if (!entered || (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM))
		return LOST;
	if (!tried && WIFSIGNALED(status))
		return BARRED;
	if (!tried || r->error == 0) /* not to come back is to be a program */
		return DONE;
	return is_refusal(r->error) ? BARRED : REACHED;
}

static void tell_lacks(struct checker *c, enum sandbox_role role,
		       const struct report *r)
{
	if (c->told[role] || r->lacks[0] == '\0')
		return;
	c->told[role] = true;
	printf("%-7s lacks %s\n", sandbox_role_name(role), r->lacks);
}

static void describe(const struct report *r, enum outcome outcome, int status,
		     char *ret_text, size_t size)
{
	const char *name =
		WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;

	if (outcome == DONE)
		snprintf(ret_text, size, "works");
	else if (outcome == LOST)
		snprintf(ret_text, size, "not tried: %s",
			 r->entered ? "no answer" : strerror(-r->error));
	else if (name)
		snprintf(ret_text, size, "ended by SIG%s", name);
	else if (outcome == BARRED)
		snprintf(ret_text, size, "refused: %s", strerror(-r->error));
	else
		snprintf(ret_text, size, "failed, but was not refused: %s",
			 strerror(-r->error));
}

static void tell(struct checker *c, enum sandbox_role role,
		 const struct trial *t, const char *how, enum outcome outcome)
{
	bool right = outcome == (t->must_fail ? BARRED : DONE);
	const char *mark = right ? "" : "  <-- WRONG";

	if (!right && t->landlock > c->landlock && outcome != LOST)
		mark = "  (to bar it, this kernel lacks landlock's level)";
	else
		c->faults += !right;
	c->attempts++;
	printf("%-7s %-11s %-30s %s%s\n", sandbox_role_name(role),
	       t->must_fail ? "must not" : "can", t->what, how, mark);
}

static void try_one(struct checker *c, enum sandbox_role role,
		    const struct trial *t)
{
	struct report r = { 0 };
	bool entered, tried;
	int fds[2], status = 0;
	enum outcome outcome;
	char how[96];
	pid_t pid;

	fflush(stdout);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0)
		attempt(c, role, t, fds[1]);
	close(fds[1]);
	entered = read(fds[0], &r, sizeof(r)) == sizeof(r) && r.entered;
	tell_lacks(c, role, &r);
	tried = entered && read(fds[0], &r, sizeof(r)) == sizeof(r);
	close(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		entered = false;
	outcome = judge(entered, tried, &r, status);
	describe(&r, outcome, status, how, sizeof(how));
	tell(c, role, t, how, outcome);
}

/* --- the world that they are tried in --- */

static bool put_file(const char *folder, const char *name)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return false;
	fchmod(fd, 0666);
	close(fd);
	return true;
}

/* Folders that anyone may write to: only the sandbox is in the way. */
static bool make_folders(struct checker *c)
{
	HALE_SET(c->folder, "/tmp/hale-sandbox-XXXXXX");
	if (!mkdtemp(c->folder) || chmod(c->folder, 0755) < 0)
		return false;
	snprintf(c->granted, sizeof(c->granted), "%s/granted", c->folder);
	snprintf(c->other, sizeof(c->other), "%s/other", c->folder);
	c->world.granted = c->granted;
	c->world.other = c->other;
	return mkdir(c->granted, 0777) == 0 && mkdir(c->other, 0777) == 0 &&
	       chmod(c->granted, 0777) == 0 && chmod(c->other, 0777) == 0 &&
	       put_file(c->other, "there");
}

static void remove_folders(const struct checker *c)
{
	static const char *const names[] = { "granted/new",  "granted/old",
					     "other/there",  "other/made",
					     "other/victim", "socket",
					     "granted",	     "other" };
	char path[80];

	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", c->folder, names[i]);
		remove(path);
	}
	remove(c->folder);
}

static bool listen_somewhere(struct checker *c)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(c->world.socket_path, sizeof(c->world.socket_path),
		 "%s/socket", c->folder);
	HALE_SET(address.sun_path, c->world.socket_path);
	return fd >= 0 &&
	       bind(fd, (const struct sockaddr *)&address, sizeof(address)) ==
		       0 &&
	       chmod(c->world.socket_path, 0666) == 0 && listen(fd, 64) == 0;
}

static void find_disk(struct trial_world *w)
{
	glob_t found = { 0 };
	struct stat st;

	if (glob("/sys/block/*", GLOB_NOSORT, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && !w->disk[0]; i++) {
			snprintf(w->disk, sizeof(w->disk), "dev/%.40s",
				 strrchr(found.gl_pathv[i], '/') + 1);
			if (fstatat(AT_FDCWD, w->disk, &st, 0) < 0)
				w->disk[0] = '\0';
		}
		globfree(&found);
	}
}

/* Somebody else of the same user, who does nothing. */
static pid_t start_bystander(const struct sandbox_user *user)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (user->known &&
		    setresuid(user->uid, user->uid, user->uid) < 0)
			_exit(1);
		pause();
		_exit(0);
	}
	return pid;
}

static bool make_world(struct checker *c)
{
	long level = syscall(SYS_landlock_create_ruleset, NULL, 0,
			     LANDLOCK_CREATE_RULESET_VERSION);

	c->landlock = level > 0 ? (int)level : 0;
	c->world.supervisor = getpid();
	c->world.zero_fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (chdir("/") < 0 || !make_folders(c) || !listen_somewhere(c) ||
	    c->world.zero_fd < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
		       c->world.pair) < 0)
		return false;
	find_disk(&c->world);
	c->world.bystander = start_bystander(c->user);
	return c->world.bystander > 0;
}

static void try_role(struct checker *c, enum sandbox_role role)
{
	for (size_t i = 0; i < sandbox_n_trials; i++) {
		const struct trial *t = &sandbox_trials[i];

		if ((t->roles & ROLE(role)) == 0)
			continue;
		put_file(c->other, "victim");
		try_one(c, role, t);
	}
}

int sandbox_check(const struct sandbox_user *user)
{
	struct checker c = { .user = user };

	if (!make_world(&c)) {
		fprintf(stderr, "haled: cannot set up the trials in /tmp: %s\n",
			strerror(errno));
		remove_folders(&c);
		return EXIT_FAILURE;
	}
	signal(SIGPIPE, SIG_IGN);
	for (int role = 0; role < SANDBOX_ROLES; role++)
		try_role(&c, (enum sandbox_role)role);
	kill(c.world.bystander, SIGKILL);
	waitpid(c.world.bystander, NULL, 0);
	remove_folders(&c);
	printf("%u attempts in %d roles, %u wrong\n", c.attempts, SANDBOX_ROLES,
	       c.faults);
	return c.faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

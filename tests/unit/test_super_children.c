/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor and children that go wrong in ways of their own: what is said
 * of a core that died with words on the wire, and how often a ship is replaced
 * that asks for it each time. The children are this test's.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/host_exec.h"
#include "agent/sandbox/successor.h"
#include "agent/super/super.h"

static struct super s;
static char dir[] = "/tmp/hale-super-XXXXXX";
static int client = -1;

int __wrap_agent_run(const struct agent_setup *setup);
int __wrap_host_exec_program(const char *name, char *const *argv, char *ret_dir,
			     size_t size);

/* In the child: a core that wants a client, and dies. */
int __wrap_agent_run(const struct agent_setup *setup)
{
	wire_send_up(setup->wire_fd, WIRE_ACCEPT, 0);
	raise(SIGKILL);
	return 0;
}

/* Likewise: a ship that cannot do its work where it is. */
int __wrap_host_exec_program(const char *name, char *const *argv, char *ret_dir,
			     size_t size)
{
	(void)name;
	(void)argv;
	(void)ret_dir;
	(void)size;
	_exit(SUCCESSOR_WANTED);
}

static int setup(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	if (!mkdtemp(dir) || loop_init(&s.loop) < 0)
		return -1;
	s.run_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s.lock_fd = s.state_fd = s.gate_fd = s.ship_fd = s.waiting_fd = -1;
	s.logs[0] = s.logs[1] = s.signals.fd = s.notify.fd = -1;
	s.vault = (struct vault)VAULT_NULL;
	s.options.run_dir = dir;
	s.options.state_dir = dir;
	snprintf(s.gate_path, sizeof(s.gate_path), "%s/gate.sock", dir);
	fit_init(&s.fit, s.run_fd);
	super_init_config(&s);
	super_init_core(&s);
	super_init_reopen(&s);
	super_init_probe(&s);
	super_init_ship(&s);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	child_done(&s.core.child);
	child_done(&s.dying);
	child_done(&s.ship.child);
	unlink(s.gate_path);
	unlink(s.ship_path);
	if (client >= 0)
		close(client);
	client = -1;
	close(s.gate_fd);
	close(s.ship_fd);
	close(s.run_fd);
	loop_done(&s.loop);
	return rmdir(dir);
}

static void knock(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	s.gate_fd = gate_listen(s.gate_path);
	assert_true(s.gate_fd >= 0);
	client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	HALE_SET(a.sun_path, s.gate_path);
	assert_int_equal(connect(client, (struct sockaddr *)&a, sizeof(a)), 0);
}

/* Until it is dead, and still nobody has looked. */
static void await_death(const struct child *c)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOWAIT),
			 0);
}

/* What goes to stderr meanwhile. */
static const char *said_in_turns(int turns)
{
	static char text[4096];
	int kept = dup(STDERR_FILENO), fds[2];
	ssize_t n;

	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	dup2(fds[1], STDERR_FILENO);
	for (int i = 0; i < turns; i++)
		loop_once(&s.loop, 0);
	dup2(kept, STDERR_FILENO);
	n = read(fds[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(kept);
	close(fds[0]);
	close(fds[1]);
	return text;
}

static void test_the_last_words_of_a_dead_core(void **state)
{
	const char *said;

	(void)state;
	knock();
	super_start_core(&s);
	await_death(&s.core.child);
	s.stopping = true; /* one core is enough */
	said = said_in_turns(3);
	assert_non_null(strstr(said, "haled: core was ended by SIGKILL"));
	assert_null(strstr(said, "did not answer"));
}

/* @ret_ns: until it is started again, after the end that is awaited here. */
static uint64_t delay_after_end(void)
{
	uint64_t now = clock_boot_ns(), started = s.ship.began_ns;

	await_death(&s.ship.child);
	said_in_turns(2);
	if (s.ship.began_ns != started)
		return 0;
	assert_true(s.ship.timer.due_ns > now);
	return s.ship.timer.due_ns - now;
}

static void test_a_ship_that_is_never_content(void **state)
{
	uint64_t delay = 0, last = 0;

	(void)state;
	super_configure_ship(&s, NULL);
	assert_int_equal(delay_after_end(), 0);
	for (int i = 0; i < 12; i++) {
		if (s.ship.child.state == CHILD_NONE) {
			loop_timer_hasten(&s.loop, &s.ship.timer, 0);
			said_in_turns(1);
		}
		delay = delay_after_end();
		assert_true(delay + HALE_NS_PER_S > last);
		last = delay;
	}
	assert_in_range(delay, 60 * HALE_NS_PER_S, 70 * HALE_NS_PER_S);
}

static uid_t owner(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_uid;
}

/* A disk that was mounted anew has a folder of root's: whoever is started after
 * that works there. */
static void test_a_state_folder_that_was_replaced(void **state)
{
	char path[64];
	const char *wrong;
	int fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	snprintf(path, sizeof(path), "%s/state", dir);
	s.options.state_dir = path;
	s.user = (struct sandbox_user){ true, 65534, 65534 };
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mkdir(path, 0755), 0);
		fd = super_open_state(&s, &wrong);
		assert_true(fd >= 0);
		assert_int_equal(owner(path), 65534);
		close(fd);
		assert_int_equal(rmdir(path), 0);
	}
	assert_int_equal(super_open_state(&s, &wrong), -1);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(chmod(path, 0777), 0);
	assert_int_equal(super_open_state(&s, &wrong), -1);
	assert_string_equal(wrong, "others may write to it");
	assert_int_equal(owner(path), 0);
	assert_int_equal(rmdir(path), 0);
	s.options.state_dir = dir;
}

/* Nor does the ship after it have to ask for it. */
static void test_a_ship_finds_its_folder_given(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	s.user = (struct sandbox_user){ true, 65534, 65534 };
	assert_int_equal(chown(dir, 0, 0), 0);
	super_configure_ship(&s, NULL);
	await_death(&s.ship.child);
	assert_int_equal(owner(dir), 65534);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(test_the_last_words_of_a_dead_core),
		TEST(test_a_ship_that_is_never_content),
		TEST(test_a_state_folder_that_was_replaced),
		TEST(test_a_ship_finds_its_folder_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helper of the driver engine: engines that answer well, badly or not at
 * all, and those that it must not ask. The real engine is
 * tests/integration/engine.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hale/base.h"

#include "fake_engine.h"

static const struct engine_reply healthy[] = {
	{ "/_ping", 200, "OK" },
	{ "/info", 200,
	  "{\"DockerRootDir\":\"/srv/data\",\"Driver\":\"overlay2\"}" },
	{ "/system/df?type=build-cache&type=image", 200,
	  "{\"BuildCache\":[{\"Size\":32000000000},{\"Size\":500,"
	  "\"InUse\":true}],\"Images\":[]}" },
	{ NULL, 0, NULL },
};

static const struct engine_reply broken[] = {
	{ "/_ping", 200, "OK" },
	{ "/info", 500,
	  "{\"message\":\"mkdir /srv/data/tmp: no space left on device\"}" },
	{ NULL, 0, NULL },
};

static const struct engine_reply garbage[] = {
	{ "/_ping", 0, "\x16\x03\x01 this is not HTTP\n" },
	{ NULL, 0, NULL },
};

static const struct engine_reply podman[] = {
	{ "/_ping", 0,
	  "HTTP/1.1 200 OK\r\nLibpod-Api-Version: 4.3.1\r\n"
	  "Content-Length: 2\r\n\r\nOK" },
	{ NULL, 0, NULL },
};

static const struct engine_reply forbidding[] = {
	{ "/_ping", 403, "no" },
	{ NULL, 0, NULL },
};

/* Looks at an engine that answers so, and ends it. */
static char *look_at(const struct engine_reply *replies, bool once, bool asked)
{
	struct tree t;
	char *facts;
	pid_t pid;

	engine_root_new(&t);
	pid = engine_serve(&t, replies);
	facts = engine_look(&t, once, asked);
	engine_stop(pid);
	tree_remove(&t);
	return facts;
}

static void an_engine_that_works(void **state)
{
	char *facts = look_at(healthy, false, true);

	(void)state;
	engine_says(facts, "state engine.down part=engine/docker holds=0");
	engine_says(facts, "state engine.storage part=engine/docker holds=0");
	engine_says(facts, "rests engine/docker on /srv/data 8:17 holds=1");
	engine_says(facts,
		    "state engine.reclaimable part=engine/docker holds=1 "
		    "value=32000000000 total=32000000500 "
		    "evidence=\"`docker builder prune` would free 32.0 GB");
	engine_says(facts, "coverage engine live why=\"\"");
	engine_says(facts, "plugin_broken part=engine/docker holds=0");
	free(facts);
}

/* Docker Desktop, as a distribution of WSL sees it. */
static void an_engine_of_another_distribution(void **state)
{
	static const struct engine_reply desktop[] = {
		{ "/_ping", 200, "OK" },
		{ "/info", 200,
		  "{\"DockerRootDir\":\"/var/lib/docker\","
		  "\"OperatingSystem\":\"Docker Desktop\","
		  "\"KernelVersion\":\"6.6.36.3-microsoft-standard-WSL2\"}" },
		{ NULL, 0, NULL },
	};
	struct tree t;
	char *facts;
	pid_t pid;

	(void)state;
	engine_root_new(&t);
	tree_line(&t, "file proc/sys/kernel/osrelease = "
		      "6.6.36.3-microsoft-standard-WSL2");
	pid = engine_serve(&t, desktop);
	facts = engine_look(&t, true, false);
	engine_says(facts,
		    "rests engine/docker on /var/lib/docker 0:0 holds=1");
	engine_says(facts, "rests engine/docker on disk/unmounted 0:0 holds=1");
	free(facts);
	/* a machine of its own has disks of its own */
	tree_line(&t, "file proc/sys/kernel/osrelease = 6.1.0-13-amd64");
	facts = engine_look(&t, true, false);
	engine_says(facts, "rests engine/docker on disk/unmounted 0:0 holds=0");
	free(facts);
	engine_stop(pid);
	tree_remove(&t);
}

/* What costs the engine something is not asked each time. */
static void not_all_each_time(void **state)
{
	char *facts = look_at(healthy, true, false);

	(void)state;
	engine_says(facts, "state engine.down part=engine/docker holds=0");
	engine_says_not(facts, "reclaimable part=engine/docker");
	engine_says_not(facts, "plugin");
	free(facts);
}

static void an_engine_that_fails(void **state)
{
	char *facts = look_at(broken, true, false);

	(void)state;
	engine_says(facts,
		    "state engine.down part=engine/docker holds=1 value=0 "
		    "total=0 evidence=\"GET /info: 500 mkdir /srv/data/tmp: no "
		    "space left on device\"");
	engine_says(facts, "state engine.storage part=engine/docker holds=1");
	engine_says(facts, "coverage engine live");
	free(facts);
	facts = look_at(garbage, true, false);
	engine_says(facts,
		    "engine.down part=engine/docker holds=1 value=0 total=0 "
		    "evidence=\"/run/docker.sock: no answer to GET /_ping");
	free(facts);
	facts = look_at(podman, true, false);
	engine_says_not(facts, "holds=1");
	free(facts);
	facts = look_at(forbidding, true, false);
	engine_says_not(facts, "holds=1");
	free(facts);
}

static void an_engine_that_hangs(void **state)
{
	char *facts = look_at(NULL, false, false);

	(void)state;
	engine_says(facts,
		    "state engine.down part=engine/docker holds=1 value=0 "
		    "total=0 evidence=\"/run/docker.sock: it does not answer, "
		    "not within 8.0 s\"");
	engine_says(facts, "coverage engine live");
	free(facts);
	/* a scan has no time to be sure */
	facts = look_at(NULL, true, false);
	engine_says_not(facts, "holds=1");
	engine_says(facts, "coverage engine blind why=\"it did not answer");
	free(facts);
}

static void a_socket_that_nobody_serves(void **state)
{
	struct tree t;
	char *facts;

	(void)state;
	engine_root_new(&t);
	close(engine_listener(&t));
	facts = engine_look(&t, true, false);
	engine_says(facts,
		    "engine.down part=engine/docker holds=1 value=0 total=0 "
		    "evidence=\"/run/docker.sock is there, but nobody serves "
		    "it\"");
	free(facts);
	tree_remove(&t);
}

static void no_engine(void **state)
{
	struct tree t;
	char *facts;

	(void)state;
	engine_root_new(&t);
	facts = engine_look(&t, false, true);
	engine_says(
		facts,
		"coverage engine blind why=\"no container engine runs here\"");
	engine_says_not(facts, "holds=1");
	engine_says_not(facts, "rests");
	/* what was said of one that was removed is over */
	engine_says(facts, "engine.down part=engine/docker holds=0");
	engine_says(facts, "engine.storage part=engine/docker holds=0");
	engine_says(facts, "engine.reclaimable part=engine/docker holds=0");
	free(facts);
	/* installed, but stopped by its owner: no fault either */
	tree_line(&t, "file usr/sbin/dockerd = x");
	facts = engine_look(&t, false, true);
	engine_says_not(facts, "holds=1");
	free(facts);
	/* nor are the engines of single users ours to ask */
	tree_line(&t, "file run/user/1000/podman/podman.sock = x");
	facts = engine_look(&t, false, true);
	engine_says(facts,
		    "coverage engine of run/user/1000/podman/podman.sock blind "
		    "why=\"an engine of one user");
	free(facts);
	tree_remove(&t);
}

static void systemd_root_new(struct tree *t)
{
	engine_root_new(t);
	tree_line(t, "dir run/systemd/system");
	tree_line(t, "file usr/lib/systemd/system/docker.service = x");
	tree_line(t, "file usr/lib/systemd/system/docker.socket = x");
	tree_line(t, "file usr/sbin/dockerd = x");
}

/* Both units stopped by their owner, and the socket's file is left: a socket
 * unit does not take it along, unless it says so. */
static void a_socket_that_a_unit_has_left(void **state)
{
	struct tree t;
	char *facts;
	int fd;

	(void)state;
	systemd_root_new(&t);
	engine_program(&t, "usr/bin/systemctl", "exit 1");
	fd = engine_listener(&t);
	facts = engine_look(&t, false, false);
	engine_says_not(facts, "holds=1 value");
	engine_says(facts, "engine.down part=engine/docker holds=0");
	engine_says(facts, "coverage engine blind why=\"it is stopped: nobody "
			   "listens on its socket\"");
	free(facts);
	/* but where systemd gave up, it closes the socket, too */
	engine_program(&t, "usr/bin/systemctl",
		       "[ $1$2 = is-faileddocker.service ]");
	facts = engine_look(&t, false, false);
	engine_says(facts, "engine.down part=engine/docker holds=1 value=0 "
			   "total=0 evidence=\"docker.service has failed");
	free(facts);
	close(fd);
	tree_remove(&t);
}

static void units_that_systemd_keeps(void **state)
{
	struct tree t;
	char *facts, line[160];
	int fd;

	(void)state;
	systemd_root_new(&t);
	engine_program(&t, "usr/bin/systemctl", "[ $1$2 = is-failedx ]");
	facts = engine_look(&t, false, false);
	engine_says_not(facts, "holds=1");
	free(facts);
	engine_program(&t, "usr/bin/systemctl",
		       "[ $1$2 = is-faileddocker.service ]");
	facts = engine_look(&t, false, false);
	engine_says(facts,
		    "engine.down part=engine/docker holds=1 value=0 total=0 "
		    "evidence=\"docker.service has failed");
	free(facts);
	/* systemd listens, and would start it: that would be our doing */
	engine_program(&t, "usr/bin/systemctl", "exit 1");
	tree_line(&t, "file etc/docker/daemon.json = "
		      "{\"data-root\":\"/srv/data\"}");
	fd = engine_listener(&t);
	snprintf(line, sizeof(line),
		 "file proc/self/net/unix = Num\\n"
		 "0: 2 0 00010000 0001 01 4711 /run/docker.sock\\n");
	tree_line(&t, line);
	facts = engine_look(&t, false, false);
	engine_says_not(facts, "holds=1 value");
	engine_says(facts, "rests engine/docker on /srv/data 8:17 holds=1");
	engine_says(facts,
		    "coverage engine partial why=\"it is stopped; systemd");
	free(facts);
	/* now its service runs: it is asked, and found to be mute */
	tree_line(&t, "file sys/fs/cgroup/system.slice/docker.service/"
		      "cgroup.procs = 17");
	facts = engine_look(&t, false, false);
	engine_says(facts, "engine.down part=engine/docker holds=1");
	free(facts);
	close(fd);
	tree_remove(&t);
}

/* Docker Desktop's in WSL is a link; podman-docker's leads to podman's, which
 * is asked by its own name. */
static void a_socket_that_is_a_link(void **state)
{
	struct tree t;
	char *facts;
	pid_t pid;

	(void)state;
	engine_root_new(&t);
	pid = engine_serve(&t, broken);
	assert_int_equal(renameat(t.root_fd, "run/docker.sock", t.root_fd,
				  "run/desktop.sock"),
			 0);
	assert_int_equal(
		symlinkat("desktop.sock", t.root_fd, "run/docker.sock"), 0);
	facts = engine_look(&t, true, false);
	engine_says(facts, "engine.down part=engine/docker holds=1");
	free(facts);
	assert_int_equal(unlinkat(t.root_fd, "run/docker.sock", 0), 0);
	tree_line(&t, "dir run/podman");
	assert_int_equal(renameat(t.root_fd, "run/desktop.sock", t.root_fd,
				  "run/podman/podman.sock"),
			 0);
	assert_int_equal(
		symlinkat("podman/podman.sock", t.root_fd, "run/docker.sock"),
		0);
	facts = engine_look(&t, true, false);
	engine_says_not(facts, "part=engine/docker");
	free(facts);
	engine_stop(pid);
	tree_remove(&t);
}

static void podman_without_a_service(void **state)
{
	struct tree t;
	char *facts;

	(void)state;
	engine_root_new(&t);
	tree_line(&t, "file usr/bin/podman = x");
	tree_line(&t, "file etc/containers/storage.conf = "
		      "[storage]\\ngraphroot\\s=\\s\"/srv/data\"\\n");
	facts = engine_look(&t, false, false);
	engine_says(facts, "rests engine/podman on /srv/data 8:17 holds=1");
	engine_says(facts, "engine.down part=engine/podman holds=0");
	engine_says(facts, "coverage engine partial");
	free(facts);
	tree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_engine_that_works),
		cmocka_unit_test(an_engine_of_another_distribution),
		cmocka_unit_test(not_all_each_time),
		cmocka_unit_test(an_engine_that_fails),
		cmocka_unit_test(an_engine_that_hangs),
		cmocka_unit_test(a_socket_that_nobody_serves),
		cmocka_unit_test(no_engine),
		cmocka_unit_test(a_socket_that_a_unit_has_left),
		cmocka_unit_test(units_that_systemd_keeps),
		cmocka_unit_test(a_socket_that_is_a_link),
		cmocka_unit_test(podman_without_a_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

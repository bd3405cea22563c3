/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration, at start and anew. A child reads and checks it, because a
 * file may be on a disk that does not answer, and because who reads text is not
 * to be root; it hands over a whole config or one line about what is wrong.
 * Must never apply a part of it. Invariant: the old configuration stays until a
 * whole new one is here.
 */
#include <errno.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/super/super.h"

#define DEADLINE_NS (5 * HALE_NS_PER_S)
#define FIRST_MS    10000

/* In the child. The struct holds no pointer: its bytes are all of it. */
static int work(void *data, int fd)
{
	struct super *s = data;
	char error[CONFIG_ERROR_MAX] = "the reader cannot be confined";
	int file = config_open(s->options.config);
	int r;

	if (s->vault.fd >= 0)
		close(s->vault.fd); /* what the agent knows is not its matter */
	if (s->state_fd >= 0)
		close(s->state_fd);
	if (!s->user.known) /* the first time: nobody has said who */
		sandbox_find_user(SANDBOX_USER, &s->user);
	r = super_confine(s, SANDBOX_READER);
	if (r == 0)
		r = config_load_fd(file, s->options.config,
				   !s->options.config_given, &s->fresh, error);
	if (r < 0) {
		send(fd, error, strlen(error) + 1, MSG_NOSIGNAL);
		return 1;
	}
	config_resolve(&s->fresh);
	return send(fd, &s->fresh, sizeof(s->fresh), MSG_NOSIGNAL) < 0;
}

static void on_message(void *data, const void *bytes, size_t len)
{
	struct super *s = data;

	/* it lies in its place; whatever follows lies over it */
	s->fresh_whole = len >= sizeof(s->fresh) && !s->fresh_whole &&
			 config_valid(&s->fresh, len);
	if (len >= sizeof(s->fresh))
		return;
	hale_print_text(s->read_error, sizeof(s->read_error), bytes,
			strnlen(bytes, len));
}

static void keep_old(struct super *s)
{
	if (s->read_error[0] == '\0')
		HALE_SET(s->read_error, "it could not be read in time");
	log_asked(LOG_LEVEL_ERROR, "%s; the configuration stays as it was",
		  s->read_error);
	super_tell(s, WIRE_NO_CONFIG, s->read_error, strlen(s->read_error));
}

static void take(struct super *s)
{
	s->config = s->fresh;
	s->user = (struct sandbox_user){
		.known = s->config.user_found && geteuid() == 0,
		.uid = s->config.uid,
		.gid = s->config.user_gid,
	};
}

static void apply(struct super *s)
{
	static struct config old;

	old = s->config;
	take(s);
	log_asked(LOG_LEVEL_NOTICE, "configuration read again");
	super_tell(s, WIRE_CONFIG, &s->config, sizeof(s->config));
	super_configure_ship(s, &old);
	super_configure_program(&s->fleet);
	super_configure_program(&s->doors);
}

static void on_ended(void *data, int status)
{
	struct super *s = data;

	if (s->read_again) { /* the file may be another meanwhile */
		super_reload(s);
		return;
	}
	if (status == 0 && s->fresh_whole)
		apply(s);
	else
		keep_old(s);
	notify_send(&s->notify, "READY=1");
}

static void on_stuck(void *data)
{
	struct super *s = data;

	HALE_SET(s->read_error, "the configuration could not be read");
	log_asked(LOG_LEVEL_ERROR,
		  "%s does not answer; the configuration stays "
		  "as it was",
		  s->options.config);
	super_tell(s, WIRE_NO_CONFIG, s->read_error, strlen(s->read_error));
}

static int start_reader(struct super *s, void (*ended)(void *, int))
{
	struct child_job job = {
		.name = "hale-config",
		.work = work,
		.in_child = super_in_child,
		.in_child_data = s,
		.message = on_message,
		.buffer = &s->fresh,
		.size = sizeof(s->fresh),
		.stuck = on_stuck,
		.ended = ended,
		.data = s,
		.deadline_ns = DEADLINE_NS,
	};
	int r = child_start(&s->reader, &job);

	if (r == 0) {
		s->fresh_whole = false;
		s->read_error[0] = '\0';
	}
	return r;
}

void super_reload(struct super *s)
{
	int r = start_reader(s, on_ended);

	s->read_again = r == -EBUSY && s->reader.state != CHILD_STUCK;
	if (s->read_again)
		return;
	if (r < 0) {
		HALE_SET(s->read_error, "the configuration cannot be read now");
		log_asked(LOG_LEVEL_ERROR, "cannot reload: err=%s",
			  strerror(-r));
		super_tell(s, WIRE_NO_CONFIG, s->read_error,
			   strlen(s->read_error));
		return;
	}
	notify_reloading(&s->notify);
}

int super_read_config(struct super *s)
{
	int r = start_reader(s, NULL);

	if (r < 0) {
		log_line(LOG_LEVEL_ERROR, "cannot read the configuration: %s",
			 strerror(-r));
		return EXIT_FAILURE;
	}
	if (!child_wait(&s->reader, FIRST_MS) || !s->fresh_whole) {
		log_line(LOG_LEVEL_ERROR, "%s%s",
			 s->read_error[0] ? s->read_error : s->options.config,
			 s->read_error[0] ? "" : ": cannot be read");
		return EXIT_FAILURE;
	}
	take(s);
	return 0;
}

void super_init_config(struct super *s)
{
	child_init(&s->reader, &s->loop);
}

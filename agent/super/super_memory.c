/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a core starts with: the vault as the last one left it, or else what the
 * disk has. Decides nothing (distrust.c does); must never read either. No core
 * runs while anything of this happens, so nobody but the next one waits.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/daemon/process.h"
#include "agent/super/super.h"

/* A disk that is silent for longer is left alone. */
#define READ_MS	      2000
#define READ_AGAIN_MS 300

int super_open_state(const struct super *s, const char **ret_wrong)
{
	int fd = open(s->options.state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret_wrong = fd < 0 ? strerror(errno)
			    : process_dir_wrong_for(fd, s->user.uid);
	if (*ret_wrong) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (s->user.known)
		process_give_dir(fd, s->user.uid, s->user.gid);
	return fd;
}

/* In the child that reads or writes: another folder may be there by now, on a
 * disk that was mounted anew. Where none is, the one that was is as good. */
static int confine_writer(void *data)
{
	struct super *s = data;
	const char *wrong;
	int fd = super_open_state(s, &wrong);

	if (fd >= 0)
		s->disk.dir_fd = fd;
	return super_confine(s, SANDBOX_WRITER);
}

static void say_saved(void *data, int error)
{
	struct super *s = data;
	const struct wire_down_message m = { .kind = WIRE_SAVED,
					     .value = (uint64_t)error };

	super_send(s, &m, NULL);
}

void super_take_memory(struct super *s)
{
	int r = vault_new_in(s->run_fd, &s->vault);

	s->disk.loop = &s->loop;
	s->disk.vault = &s->vault;
	s->disk.dir_fd = s->state_fd;
	s->disk.dir = s->options.state_dir;
	s->disk.in_child = super_in_child;
	s->disk.in_child_data = s;
	s->disk.confine = confine_writer;
	s->disk.saved = say_saved;
	s->disk.data = s;
	if (r < 0) {
		log_line(LOG_LEVEL_ERROR,
			 "vault: %s; findings and clears will not survive a "
			 "restart",
			 strerror(-r));
		s->disk.dir_fd = -1;
	}
	state_disk_init(&s->disk);
	if (r == 0)
		state_disk_read(&s->disk, READ_MS);
}

/* A writer that is at work may hold what is given up here: it is waited for, so
 * that the file is not read while it changes. */
static void start_from_disk(struct super *s)
{
	log_line(LOG_LEVEL_ERROR,
		 "%d cores in a row ended before they were ready: what the "
		 "last one knew is given up for what the disk has",
		 DISTRUST_DEATHS);
	vault_forget(&s->vault);
	if (child_wait(&s->disk.writer, READ_AGAIN_MS))
		state_disk_read(&s->disk, READ_AGAIN_MS);
}

void super_distrust(struct super *s, bool was_ready)
{
	if (s->vault.fd < 0)
		return;
	switch (distrust_after(&s->unready, was_ready)) {
	case DISTRUST_NOTHING:
		break;
	case DISTRUST_VAULT:
		start_from_disk(s);
		break;
	case DISTRUST_DISK:
		log_line(LOG_LEVEL_ERROR,
			 "nor does a core start with what the disk has: "
			 "starting without memory");
		vault_forget(&s->vault);
		state_disk_bad(&s->disk, EBADMSG);
		break;
	}
}

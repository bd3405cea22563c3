/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do the CLI plugins that builds use still start? The engine's own command
 * calls each of them with this word before every build, and one whose file can
 * no longer be read in dies there, by SIGBUS. Decides that only such a death,
 * or a file that cannot be executed for its contents, is a fault: whatever a
 * plugin says or exits with is its own affair.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "engine.h"
#include "run.h"

/* A cold start from a slow disk reads 60 MB. */
#define START_MS 3000

static const char *const folders[] = {
	"root/.docker/cli-plugins",
	"usr/local/lib/docker/cli-plugins",
	"usr/local/libexec/docker/cli-plugins",
	"usr/lib/docker/cli-plugins",
	"usr/libexec/docker/cli-plugins",
};

static const char *const names[] = { "docker-buildx", "docker-compose" };

/* Of the signals, those that say that the program itself is in trouble. */
static bool is_fault(int signal)
{
	return signal == SIGBUS || signal == SIGSEGV || signal == SIGILL ||
	       signal == SIGABRT || signal == SIGFPE || signal == SIGTRAP ||
	       signal == SIGSYS;
}

static bool is_broken(const struct engine_end *end)
{
	if (end->error)
		return end->error == -EIO || end->error == -ENOEXEC ||
		       end->error == -EUCLEAN || end->error == -EBADMSG;
	return !end->late && is_fault(end->signal);
}

static void tell(const char *folder, const char *name,
		 const struct engine_end *end, char *ret_text, size_t size)
{
	const char *signal = sigabbrev_np(end->signal);

	if (end->error)
		snprintf(ret_text, size, "%s (/%s) cannot be started: %s", name,
			 folder, strerror(-end->error));
	else
		snprintf(ret_text, size, "%s (/%s) died by SIG%s when started",
			 name, folder, signal ? signal : "?");
}

/* Return: it was started, well or not; then @end says how. */
static bool try_one(const struct hale_probe *p, const char *folder,
		    const char *name, struct engine_end *end)
{
	char path[96];
	const struct engine_program program = {
		.path = path,
		.argument = "docker-cli-plugin-metadata",
		.ms = START_MS,
	};

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	engine_run(p->root_fd, &program, end);
	return end->error != -ENOENT && end->error != -EACCES &&
	       end->error != -EPERM;
}

int engine_try_plugins(struct hale_probe *p)
{
	char broken[HALE_EVIDENCE_MAX] = "";
	struct engine_end end = { 0 };
	bool late = false, refused = false;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(folders); i++) {
		for (size_t k = 0; k < HALE_ARRAY_SIZE(names); k++) {
			bool tried = try_one(p, folders[i], names[k], &end);

			refused |= end.error == -EPERM;
			if (!tried)
				continue;
			late |= end.late;
			if (is_broken(&end) && !broken[0])
				tell(folders[i], names[k], &end, broken,
				     sizeof(broken));
		}
	}
	/* one that hangs, or was not started, is not known to start */
	if (broken[0] || (!late && !refused))
		engine_state(p, "engine/docker", HALE_ENGINE_PLUGIN_BROKEN,
			     broken[0], broken);
	return refused ? -EPERM : 0;
}

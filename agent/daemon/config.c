/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the configuration file: bytes to lines by libinih, lines to settings by
 * config_key.c. Decides where an error stands. It must never leave a setting
 * half applied nor guess what a line may have meant. Invariant: a config is
 * either the defaults with every line of the file applied, or it is not there.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ini.h>
#include <pwd.h>
#include <sys/stat.h>

#include "hale/base.h"
#include "hale/doors.h"
#include "hale/kernel_log.h"
#include "hale/text.h"

#include "agent/daemon/config.h"

/* Every key once with a path each is 6 KiB. */
#define CONFIG_FILE_MAX (64 * 1024)

/* Where the driver kmsg finds rules, if it is told nothing else. */
#define RULES_DIR "/etc/hale/rules.d"
/* More than that in one folder are looked at no further. */
#define RULE_FILES_MAX 1000

struct reading {
	struct config *config;
	struct hale_doors *doors;
	const char *at; /* the next line */
	int line;	/* the one that libinih has now, from 1 */
	int bad_line;	/* the first that is wrong, 0: none */
	char error[CONFIG_ERROR_MAX];
};

void config_default(struct config *ret_config)
{
	memset(ret_config, 0, sizeof(*ret_config));
	hale_policy_default(&ret_config->policy);
	HALE_SET(ret_config->group, "hale");
	HALE_SET(ret_config->user, "hale");
}

static void complain(struct reading *r, const char *what)
{
	if (r->bad_line != 0)
		return;
	r->bad_line = r->line;
	HALE_SET(r->error, what);
}

/* As fgets(3): one line a call. Leading blanks are cut, because to libinih they
 * would make the line a second value of the key above it. */
static char *next_line(char *buf, int size, void *stream)
{
	struct reading *r = stream;
	size_t len = strcspn(r->at, "\n");
	size_t room = (size_t)size - 1, blank;

	if (*r->at == '\0')
		return NULL;
	r->line++;
	if (len > CONFIG_LINE_MAX || len > room)
		complain(r, "line too long: at most 198 bytes");
	blank = strspn(r->at, " \t\r");
	if (blank > len)
		blank = len;
	hale_copy(buf, (size_t)size, r->at + blank,
		  len - blank < room ? len - blank : room);
	r->at += len + (r->at[len] == '\n');
	return buf;
}

static int on_key(void *user, const char *section, const char *key,
		  const char *value)
{
	struct reading *r = user;
	char error[CONFIG_ERROR_MAX] = "";

	if (hale_doors_owns(section)
		    ? hale_doors_set(r->doors, section, key, value, error) == 0
		    : config_set(r->config, section, key, value, error) == 0)
		return 1;
	complain(r, error);
	return 0;
}

/* "file:line: what is wrong", or of no one line "file: ...". It quotes the
 * file, which may hold anything. */
static int say_wrong(const struct reading *r, const char *name,
		     char ret_error[CONFIG_ERROR_MAX])
{
	char line[CONFIG_ERROR_MAX], number[16] = "";
	int n;

	if (r->bad_line != 0)
		snprintf(number, sizeof(number), ":%d", r->bad_line);
	n = snprintf(line, sizeof(line), "%.80s%s: %.150s", name, number,
		     r->error);
	hale_print_text(ret_error, CONFIG_ERROR_MAX, line, (size_t)n);
	return -EINVAL;
}

int config_parse(const char *text, const char *name, struct config *ret_config,
		 char ret_error[CONFIG_ERROR_MAX])
{
	_cleanup_free_ struct config *fresh = malloc(sizeof(*fresh));
	_cleanup_free_ struct hale_doors *doors = malloc(sizeof(*doors));
	struct reading r = { .config = fresh, .doors = doors, .at = text };
	int bad;

	if (!fresh || !doors)
		return -ENOMEM;
	config_default(fresh);
	hale_doors_default(doors);
	bad = ini_parse_stream(next_line, &r, on_key, &r);
	if (bad < 0)
		return -ENOMEM;
	if (bad > 0 && (r.bad_line == 0 || bad < r.bad_line)) {
		r.bad_line = bad;
		HALE_SET(r.error, "expected \"key = value\" or \"[section]\"");
	}
	if (r.bad_line != 0)
		return say_wrong(&r, name, ret_error);
	if (hale_doors_check(doors, r.error) < 0)
		return say_wrong(&r, name, ret_error);
	fresh->doors = hale_doors_wanted(doors);
	ret_error[0] = '\0';
	*ret_config = *fresh;
	return 0;
}

int config_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

static int read_text(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0)
		return fd;
	while (n > 0 && len < size) {
		n = read(fd, buf + len, size - len);
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? (size_t)n : 0;
	}
	if (len == size)
		return -EFBIG;
	buf[len] = '\0';
	return memchr(buf, '\0', len) ? -EILSEQ : 0;
}

int config_load(const char *path, bool optional, struct config *ret_config,
		char ret_error[CONFIG_ERROR_MAX])
{
	return config_load_fd(config_open(path), path, optional, ret_config,
			      ret_error);
}

int config_load_fd(int fd, const char *path, bool optional,
		   struct config *ret_config, char ret_error[CONFIG_ERROR_MAX])
{
	_cleanup_free_ char *text = malloc(CONFIG_FILE_MAX);
	int r = text ? read_text(fd, text, CONFIG_FILE_MAX) : -ENOMEM;

	if (fd >= 0)
		close(fd);
	if (r == -ENOENT && optional) {
		text[0] = '\0';
		r = 0;
	}
	if (r == -EILSEQ) {
		snprintf(ret_error, CONFIG_ERROR_MAX,
			 "%.160s: holds NUL bytes, so it is no text", path);
		return -EINVAL;
	}
	if (r < 0) {
		snprintf(ret_error, CONFIG_ERROR_MAX, "%.160s: %s", path,
			 strerror(-r));
		return r;
	}
	return config_parse(text, path, ret_config, ret_error);
}

static uint64_t add_byte(uint64_t stamp, uint64_t byte)
{
	return (stamp ^ (byte & 0xff)) * UINT64_C(0x100000001b3);
}

/* FNV-1a over a name and what stat(2) says of its file. */
static uint64_t add_to_stamp(uint64_t stamp, const char *name,
			     const struct stat *st)
{
	const uint64_t numbers[] = { (uint64_t)st->st_ino,
				     (uint64_t)st->st_size,
				     (uint64_t)st->st_mtim.tv_sec,
				     (uint64_t)st->st_mtim.tv_nsec };

	for (; *name; name++)
		stamp = add_byte(stamp, (uint8_t)*name);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(numbers); i++) {
		for (unsigned int shift = 0; shift < 64; shift += 8)
			stamp = add_byte(stamp, numbers[i] >> shift);
	}
	return stamp;
}

/* Changes with the folder's files; their order in it does not matter. */
static uint64_t stamp_of(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	struct stat st;
	uint64_t stamp = 0;

	if (!d)
		return 0;
	for (int n = 0; n < RULE_FILES_MAX && (e = readdir(d)) != NULL; n++) {
		if (e->d_name[0] != '.' &&
		    fstatat(dirfd(d), e->d_name, &st, 0) == 0)
			stamp ^= add_to_stamp(UINT64_C(0xcbf29ce484222325),
					      e->d_name, &st);
	}
	closedir(d);
	return stamp;
}

static const char *option_of(const struct config *config, const char *driver,
			     const char *key)
{
	for (uint32_t i = 0; i < config->n_options; i++) {
		if (strcmp(config->options[i].driver, driver) == 0 &&
		    strcmp(config->options[i].key, key) == 0)
			return config->options[i].value;
	}
	return NULL;
}

static void config_resolve_user(struct config *config)
{
	const struct passwd *p = getpwnam(config->user);

	config->user_found = p && p->pw_uid != 0;
	config->uid = config->user_found ? p->pw_uid : 0;
	config->user_gid = config->user_found ? p->pw_gid : 0;
}

void config_resolve(struct config *config)
{
	const struct group *found = getgrnam(HALE_LOG_GROUP);
	const char *dir = option_of(config, "kmsg", "rules_dir");
	struct config_option *o = &config->options[config->n_options];

	config_resolve_builders(config);
	config_resolve_user(config);
	config->readers_known = found != NULL;
	config->readers = found ? found->gr_gid : 0;
	found = getgrnam(config->group);
	config->group_known = found != NULL;
	config->gid = found ? found->gr_gid : 0;
	if (config->n_options == CONFIG_OPTIONS_MAX)
		return;
	config->n_options++;
	HALE_SET(o->driver, "kmsg");
	HALE_SET(o->key, "rules_stamp");
	snprintf(o->value, sizeof(o->value), "%016llx",
		 (unsigned long long)stamp_of(dir ? dir : RULES_DIR));
}

const char *config_doubt(const struct config *config,
			 char ret_text[CONFIG_ERROR_MAX])
{
	if (config->unknown_builder[0]) {
		snprintf(
			ret_text, CONFIG_ERROR_MAX,
			"[crashes] users: there is no user %s, who is left out",
			config->unknown_builder);
		return ret_text;
	}
	if (!config->group_given || config->group_known)
		return config_doubt_fleet(&config->fleet);
	snprintf(ret_text, CONFIG_ERROR_MAX,
		 "[agent] group = %s: there is no such group, so only root and "
		 "the agent's own user may clear and reload",
		 config->group);
	return ret_text;
}

size_t config_driver_options(const struct config *config,
			     struct driver_option ret_options[], size_t max)
{
	size_t n = 0;

	for (; n < config->n_options && n < max; n++) {
		ret_options[n].driver = config->options[n].driver;
		ret_options[n].key = config->options[n].key;
		ret_options[n].value = config->options[n].value;
	}
	return n;
}

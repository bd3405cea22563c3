/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of hale.conf(5), as one table. Decides what a value may be. A key or
 * value that the table does not know is an error, never ignored: a threshold
 * with a typo in it would be a gate that stays open. Invariant: the table, the
 * commented example and the man page name the same keys.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/coverage.h"
#include "hale/text.h"

#include "agent/daemon/config.h"

struct key_row {
	const char *section;
	const char *key; /* NULL: any condition's name */
	/* @key as written; 0 or -EINVAL. @target: @offset into the config. */
	int (*parse)(struct config *c, const struct key_row *row,
		     const char *key, const char *value);
	size_t offset;
	const char *expects; /* for people: what the value may be */
};

static void *target_of(struct config *c, const struct key_row *row)
{
	return (char *)c + row->offset;
}

static int parse_group(struct config *c, const struct key_row *row,
		       const char *key, const char *value)
{
	(void)key;
	if (value[0] == '\0' || strchr(value, ' '))
		return -EINVAL;
	c->group_given = true;
	return hale_copy(target_of(c, row), HALE_NAME_MAX, value, strlen(value))
		       ? 0
		       : -EINVAL;
}

static int parse_user(struct config *c, const struct key_row *row,
		      const char *key, const char *value)
{
	(void)key;
	if (value[0] == '\0' || strchr(value, ' '))
		return -EINVAL;
	return hale_copy(target_of(c, row), HALE_NAME_MAX, value, strlen(value))
		       ? 0
		       : -EINVAL;
}

static int parse_paths(struct config *c, const struct key_row *row,
		       const char *key, const char *value)
{
	struct hale_policy *p = &c->policy;

	(void)row;
	(void)key;
	p->n_host_paths = 0;
	while (*value != '\0') {
		size_t len = strcspn(value, " \t");

		if (value[0] != '/' || p->n_host_paths >= HALE_SCOPE_PATHS_MAX)
			return -EINVAL;
		if (!hale_copy(p->host_paths[p->n_host_paths++], HALE_PATH_MAX,
			       value, len))
			return -EINVAL;
		value += len;
		value += strspn(value, " \t");
	}
	p->host_scope_set = p->n_host_paths > 0;
	return p->host_scope_set ? 0 : -EINVAL;
}

static int parse_threshold(struct config *c, const struct key_row *row,
			   const char *key, const char *value)
{
	(void)key;
	return config_parse_threshold(value, target_of(c, row));
}

/* Adds to the three that are always required. */
static int parse_senses(struct config *c, const struct key_row *row,
			const char *key, const char *value)
{
	uint32_t senses = c->policy.required_senses;

	(void)row;
	(void)key;
	while (*value != '\0') {
		size_t len = strcspn(value, ", \t");
		enum hale_sense sense = hale_sense_from_name(value, len);

		if (sense == HALE_SENSE_COUNT)
			return -EINVAL;
		senses |= 1U << sense;
		value += len;
		value += strspn(value, ", \t");
	}
	c->policy.required_senses = senses;
	return 0;
}

static int parse_seconds(struct config *c, const struct key_row *row,
			 const char *key, const char *value)
{
	uint32_t *seconds = target_of(c, row);
	uint64_t ns;

	(void)key;
	if (hale_duration_parse(value, &ns) < 0 || ns < HALE_NS_PER_S ||
	    ns / HALE_NS_PER_S > UINT32_MAX)
		return -EINVAL;
	*seconds = (uint32_t)(ns / HALE_NS_PER_S);
	return 0;
}

static enum hale_condition condition_of(const char *key)
{
	return hale_condition_from_name(key, strlen(key));
}

static int parse_effect(struct config *c, const struct key_row *row,
			const char *key, const char *value)
{
	(void)row;
	for (int i = 0; i < HALE_EFFECT_COUNT; i++) {
		if (strcmp(value, hale_effect_name((enum hale_effect)i)) != 0)
			continue;
		c->policy.effect[condition_of(key)] = (enum hale_effect)i;
		return 0;
	}
	return -EINVAL;
}

static int parse_rate(struct config *c, const struct key_row *row,
		      const char *key, const char *value)
{
	enum hale_condition condition = condition_of(key);

	(void)row;
	if (hale_condition_info(condition)->life != HALE_LIFE_RATE)
		return -EINVAL;
	return hale_rate_parse(value, &c->policy.rate[condition]) < 0 ? -EINVAL
								      : 0;
}

static int parse_expiry(struct config *c, const struct key_row *row,
			const char *key, const char *value)
{
	uint64_t ns = 0;

	(void)row;
	if (strcmp(value, "never") != 0 &&
	    (hale_duration_parse(value, &ns) < 0 || ns == 0))
		return -EINVAL;
	c->policy.expires_ns[condition_of(key)] = ns;
	return 0;
}

/* A driver's own key: kept as text for the driver. */
static int keep_option(struct config *c, const struct key_row *row,
		       const char *value)
{
	uint32_t i = 0;

	while (i < c->n_options &&
	       (strcmp(c->options[i].driver, row->section) != 0 ||
		strcmp(c->options[i].key, row->key) != 0))
		i++;
	if (i == CONFIG_OPTIONS_MAX || !HALE_SET(c->options[i].value, value))
		return -EINVAL;
	HALE_SET(c->options[i].driver, row->section);
	HALE_SET(c->options[i].key, row->key);
	if (i == c->n_options)
		c->n_options++;
	return 0;
}

static int parse_yes_no(struct config *c, const struct key_row *row,
			const char *key, const char *value)
{
	(void)key;
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return -EINVAL;
	return keep_option(c, row, value);
}

static int parse_folder(struct config *c, const struct key_row *row,
			const char *key, const char *value)
{
	(void)key;
	return value[0] == '/' ? keep_option(c, row, value) : -EINVAL;
}

static int parse_containers(struct config *c, const struct key_row *row,
			    const char *key, const char *value)
{
	(void)row;
	(void)key;
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return -EINVAL;
	c->policy.containers = value[0] == 'y';
	return 0;
}

/* `hale reclaim` reads it for itself; here only mistakes in it are told. */
static int parse_cache(struct config *c, const struct key_row *row,
		       const char *key, const char *value)
{
	char path[HALE_PATH_MAX];
	uint64_t age_ns;

	(void)c;
	(void)row;
	(void)key;
	return hale_cache_parse(value, path, &age_ns);
}

static int parse_store(struct config *c, const struct key_row *row,
		       const char *key, const char *value)
{
	(void)row;
	return config_set_store(&c->store, key, value);
}

static int parse_fleet(struct config *c, const struct key_row *row,
		       const char *key, const char *value)
{
	(void)row;
	return config_set_fleet(&c->fleet, key, value);
}

static int parse_builders(struct config *c, const struct key_row *row,
			  const char *key, const char *value)
{
	(void)row;
	(void)key;
	return config_set_builders(c, value);
}

/* The driver says what it means: hale_driver.check. */
static int parse_text(struct config *c, const struct key_row *row,
		      const char *key, const char *value)
{
	(void)key;
	return value[0] ? keep_option(c, row, value) : -EINVAL;
}

#define AT(member) offsetof(struct config, member)
#define THRESHOLD  "\"2%, 2GiB\": the smaller counts; either may be left out"

static const struct key_row keys[] = {
	{ "agent", "group", parse_group, AT(group), "the name of a group" },
	{ "agent", "user", parse_user, AT(user), "the name of a user" },
	{ "scope", "host", parse_paths, 0,
	  "absolute paths with spaces between them, at most 16" },
	{ "scope", "containers", parse_containers, 0, "yes or no" },
	{ "space", "blocks", parse_threshold, AT(policy.space_blocks),
	  THRESHOLD },
	{ "space", "warns", parse_threshold, AT(policy.space_warns),
	  THRESHOLD },
	{ "space", "inodes_block", parse_threshold, AT(policy.inodes_block),
	  "\"1%, 1000\": the smaller counts; either may be left out" },
	{ "space", "inodes_warn", parse_threshold, AT(policy.inodes_warn),
	  "\"5%, 10000\": the smaller counts; either may be left out" },
	{ "coverage", "require", parse_senses, 0, "senses" },
	{ "coverage", "stale", parse_seconds, AT(policy.stale_s),
	  "a time like 10min, at least 1s" },
	{ "policy", NULL, parse_effect, 0, "blocks, warns, notes or none" },
	{ "rates", NULL, parse_rate, 0,
	  "\"10 / 24h\", for a condition that goes by its rate" },
	{ "expiry", NULL, parse_expiry, 0, "a time like 24h, or never" },
	{ "store", "enabled", parse_store, 0, "yes or no" },
	{ "store", "path", parse_store, 0, "an absolute path" },
	{ "store", "retention", parse_store, 0,
	  "a time like 365d, at least 1d" },
	{ "store", "size", parse_store, 0, "a size, 1MiB to 64GiB" },
	{ "fleet", "servers", parse_fleet, 0,
	  "servers like tls://a.example.org:4222, without a user, at most 32" },
	{ "fleet", "seed", parse_fleet, 0, "an absolute path" },
	{ "fleet", "ca", parse_fleet, 0, "an absolute path" },
	{ "fleet", "certificate", parse_fleet, 0, "an absolute path" },
	{ "fleet", "key", parse_fleet, 0, "an absolute path" },
	{ "fleet", "labels", parse_fleet, 0,
	  "labels like rack=7, at most 16, names in lower case" },
	{ "fleet", "obey", parse_fleet, 0,
	  "operators' public NKeys (\"U\" and 55 more), at most 4" },
	{ "fleet", "heartbeat", parse_fleet, 0, "a time, 5s to 1h" },
	{ "fleet", "spool_size", parse_fleet, 0, "a size, 1MiB to 1GiB" },
	{ "fleet", "spool_age", parse_fleet, 0, "a time, 1h to 366d" },
	{ "crashes", "users", parse_builders, 0,
	  "users, numbers or ranges like 100000-165535, at most 16" },
	{ "kmsg", "trust_user_records", parse_yes_no, 0, "yes or no" },
	{ "engine", "socket", parse_folder, 0, "an absolute path" },
	{ "virt", "host_drive", parse_folder, 0, "an absolute path" },
	{ "kmsg", "rules_dir", parse_folder, 0, "an absolute path" },
	{ "pressure", "memory", parse_text, 0, "off, or full 20% / 10s" },
	{ "pressure", "io", parse_text, 0, "off, or full 60% / 10s" },
	{ "trace", "buffer_kib", parse_text, 0, "16 to 4096" },
	{ "array", "pool_warns", parse_text, 0, "a share like 90%" },
	{ "limits", "pids", parse_text, 0, "a share like 90%" },
	{ "limits", "files", parse_text, 0, "a share like 90%" },
	{ "limits", "conntrack", parse_text, 0, "a share like 95%" },
	{ "smart", "wake", parse_yes_no, 0, "yes or no" },
	{ "smart", "smartctl", parse_text, 0, "yes, no or an absolute path" },
	{ "clock", "step", parse_text, 0, "a time like 2s" },
	{ "reclaim", "cache", parse_cache, 0,
	  "an absolute path and an age, like /home/ci/.cache/x 14d" },
	/* drivers that only tests build */
	{ "test_helper", "fan", parse_text, 0,
	  "stopped, broken, slow or well" },
	{ "test_stall", "part", parse_text, 0, "a part to hang at" },
};

static bool fits(const struct key_row *row, const char *section,
		 const char *key)
{
	if (strcmp(row->section, section) != 0)
		return false;
	if (row->key)
		return strcmp(row->key, key) == 0;
	return condition_of(key) != HALE_CONDITION_NONE;
}

static int refuse_key(const char *section, const char *key,
		      char ret_error[CONFIG_ERROR_MAX])
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(keys); i++) {
		if (strcmp(keys[i].section, section) != 0)
			continue;
		snprintf(ret_error, CONFIG_ERROR_MAX,
			 keys[i].key ? "unknown key \"%.48s\" in [%.48s]"
				     : "no such condition: \"%.48s\" in "
				       "[%.48s]; `hale explain` lists them",
			 key, section);
		return -EINVAL;
	}
	if (section[0] == '\0')
		snprintf(ret_error, CONFIG_ERROR_MAX,
			 "\"%.48s\" stands in no [section]", key);
	else
		snprintf(ret_error, CONFIG_ERROR_MAX, "unknown section [%.48s]",
			 section);
	return -EINVAL;
}

/* Of a list of senses, the first that is none. */
static int refuse_senses(const char *value, char ret_error[CONFIG_ERROR_MAX])
{
	char shown[24];
	size_t len;

	for (;; value += len + strspn(value + len, ", \t")) {
		len = strcspn(value, ", \t");
		if (hale_sense_from_name(value, len) == HALE_SENSE_COUNT)
			break;
	}
	hale_print_text(shown, sizeof(shown), value, len);
	snprintf(ret_error, CONFIG_ERROR_MAX,
		 "no such sense: %s; `hale status --coverage` and "
		 "hale.conf(5) list them",
		 shown);
	return -EINVAL;
}

int config_set(struct config *config, const char *section, const char *key,
	       const char *value, char ret_error[CONFIG_ERROR_MAX])
{
	char shown[64];

	for (size_t i = 0; i < HALE_ARRAY_SIZE(keys); i++) {
		if (!fits(&keys[i], section, key))
			continue;
		if (keys[i].parse(config, &keys[i], key, value) == 0)
			return 0;
		if (keys[i].parse == parse_senses)
			return refuse_senses(value, ret_error);
		hale_print_text(shown, sizeof(shown), value, strlen(value));
		snprintf(ret_error, CONFIG_ERROR_MAX, "%.48s = %s: expected %s",
			 key, shown, keys[i].expects);
		return -EINVAL;
	}
	return refuse_key(section, key, ret_error);
}

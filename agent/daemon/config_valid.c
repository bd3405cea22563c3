/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration that comes as bytes, from a process that read what people
 * wrote. Decides whether they are one. Must never read a member as its type
 * before its bytes were looked at: a bool of 7 is no bool, and a text without
 * an end goes on into the next. Invariant: what passes here is safe to copy, to
 * compare and to index with; whether it is wise is not judged.
 */
#include "hale/base.h"

#include "agent/daemon/config.h"

static bool is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

#define TEXT(member) is_text((member), sizeof(member))

static bool is_bool(const void *byte)
{
	return *(const unsigned char *)byte <= 1;
}

static bool policy_valid(const struct hale_policy *p)
{
	bool good = is_bool(&p->host_scope_set) && is_bool(&p->containers) &&
		    p->builders.n <= HALE_UID_RANGES_MAX &&
		    p->n_host_paths <= HALE_SCOPE_PATHS_MAX;

	for (size_t i = 0; i < HALE_CONDITION_COUNT; i++)
		good = good && (unsigned int)p->effect[i] < HALE_EFFECT_COUNT;
	for (size_t i = 0; i < HALE_SCOPE_PATHS_MAX; i++)
		good = good && TEXT(p->host_paths[i]);
	return good;
}

static bool options_valid(const struct config *c)
{
	bool good = c->n_options <= CONFIG_OPTIONS_MAX;

	for (size_t i = 0; i < CONFIG_OPTIONS_MAX; i++)
		good = good && TEXT(c->options[i].driver) &&
		       TEXT(c->options[i].key) && TEXT(c->options[i].value);
	return good;
}

static bool fleet_valid(const struct config_fleet *f)
{
	return TEXT(f->servers) && TEXT(f->labels) && TEXT(f->obey) &&
	       TEXT(f->seed) && TEXT(f->ca) && TEXT(f->certificate) &&
	       TEXT(f->key);
}

bool config_valid(const void *bytes, size_t len)
{
	const struct config *c = bytes;

	return len == sizeof(*c) && is_bool(&c->store.disabled) &&
	       is_bool(&c->doors) && is_bool(&c->group_given) &&
	       is_bool(&c->group_known) && is_bool(&c->user_found) &&
	       is_bool(&c->readers_known) && TEXT(c->store.path) &&
	       TEXT(c->builders) && TEXT(c->unknown_builder) &&
	       TEXT(c->group) && TEXT(c->user) &&
	       /* a name for root would make all of this pointless */
	       (!c->user_found || c->uid != 0) && policy_valid(&c->policy) &&
	       fleet_valid(&c->fleet) && options_valid(c);
}

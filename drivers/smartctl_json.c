/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of a JSON object by name and type. Decides nothing about disks. Must
 * never turn a wrong type into a number: the first one is kept as the fault of
 * the whole document, and is named. Invariant: what is returned belongs to the
 * document, which its reader frees.
 */
#include "smartctl_json.h"

#include "hale/base.h"

/* Doubles hold every integer up to here. */
#define NUMBER_MAX 9007199254740992.0

static void fault(struct smartctl *s, const char *name, const char *wanted)
{
	char where[64] = "";

	if (s->error[0])
		return;
	if (s->row != SIZE_MAX)
		snprintf(where, sizeof(where), "%.40s[%zu].", s->where, s->row);
	else if (s->where[0])
		snprintf(where, sizeof(where), "%.40s.", s->where);
	snprintf(s->error, SMARTCTL_ERROR_MAX, "%s%s is not %s", where, name,
		 wanted);
}

static json_t *member(json_t *in, const char *name)
{
	json_t *v = in ? json_object_get(in, name) : NULL;

	return json_is_null(v) ? NULL : v;
}

json_t *smartctl_object(struct smartctl *s, json_t *in, const char *name)
{
	json_t *v = member(in, name);

	if (!v || json_is_object(v))
		return v;
	fault(s, name, "an object");
	return NULL;
}

json_t *smartctl_array(struct smartctl *s, json_t *in, const char *name)
{
	json_t *v = member(in, name);

	if (!v || json_is_array(v))
		return v;
	fault(s, name, "an array");
	return NULL;
}

const char *smartctl_string(struct smartctl *s, json_t *in, const char *name)
{
	json_t *v = member(in, name);

	if (v && !json_is_string(v))
		fault(s, name, "a string");
	return v ? json_string_value(v) : NULL;
}

bool smartctl_number(struct smartctl *s, json_t *in, const char *name,
		     uint64_t *ret_n)
{
	json_t *v = member(in, name);
	double n;

	if (!v)
		return false;
	if (!json_is_number(v)) {
		fault(s, name, "a number");
		return false;
	}
	n = json_number_value(v);
	if (!(n >= 0) || n > NUMBER_MAX)
		return false;
	*ret_n = (uint64_t)n;
	return true;
}

bool smartctl_bool(struct smartctl *s, json_t *in, const char *name,
		   bool *ret_yes)
{
	json_t *v = member(in, name);

	if (!v)
		return false;
	if (!json_is_boolean(v)) {
		fault(s, name, "true or false");
		return false;
	}
	*ret_yes = json_is_true(v);
	return true;
}

void smartctl_set(struct smartctl *s, json_t *in, const char *name,
		  enum hale_disk_value v)
{
	uint64_t n;

	if (smartctl_number(s, in, name, &n))
		hale_disk_set(s->d, v, n);
}

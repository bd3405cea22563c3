/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an engine's answers say, by jansson. Decides which fields matter and
 * what an unfit value becomes: nothing. Must never believe a number or a text
 * of theirs unbounded: whoever can put a socket in the engine's place writes
 * these bytes. Pure.
 *
 * Shapes: Docker Engine API, GET /info and GET /system/df; in 1.52 the lists of
 * df gave way to sums.
 */
#include <errno.h>
#include <jansson.h>

#include "engine.h"

/* What engines, and the kernel through them, say of storage in trouble. */
static const char *const storage_words[] = {
	"no space left on device",   "input/output error",
	"read-only file system",     "structure needs cleaning",
	"disk quota exceeded",	     "out of data space",
	"running out of data space", "layer does not exist",
};

bool engine_tells_storage(const char *text)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(storage_words); i++) {
		if (strcasestr(text, storage_words[i]))
			return true;
	}
	return false;
}

static json_t *load(const char *body, size_t len)
{
	/* duplicate keys: the last one counts, as for the engine's own CLI */
	return json_loadb(body, len, JSON_DISABLE_EOF_CHECK, NULL);
}

static void take_text(const json_t *object, const char *key, char *ret_text,
		      size_t size)
{
	const json_t *v = json_object_get(object, key);

	ret_text[0] = '\0';
	if (json_is_string(v))
		hale_print_text(ret_text, size, json_string_value(v),
				json_string_length(v));
}

/* Sizes are never negative, but -1 stands for "not counted". */
static uint64_t take_size(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	json_int_t n = json_is_integer(v) ? json_integer_value(v) : 0;

	return n > 0 ? (uint64_t)n : 0;
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void take_warnings(const json_t *info, struct engine_info *ret)
{
	const json_t *list = json_object_get(info, "Warnings"), *w;
	size_t i;

	json_array_foreach(list, i, w)
	{
		const char *text = json_string_value(w);

		if (!text || !engine_tells_storage(text))
			continue;
		hale_print_text(ret->trouble, sizeof(ret->trouble), text,
				strlen(text));
		return;
	}
}

/* DriverStatus is a list of pairs; NULL: there is no such. */
static const char *status_of(const json_t *info, const char *name)
{
	const json_t *list = json_object_get(info, "DriverStatus"), *pair;
	size_t i;

	json_array_foreach(list, i, pair)
	{
		const char *key = json_string_value(json_array_get(pair, 0));

		if (key && strcmp(key, name) == 0)
			return json_string_value(json_array_get(pair, 1));
	}
	return NULL;
}

/* "107.4GB", "512 MB", in powers of 1000. Return: false: it is no size. */
static bool read_size(const char *text, double *ret_bytes)
{
	static const char units[] = "BkMGTP"; /* as Go prints them */
	const char *unit;
	char *end;
	double n = strtod(text, &end);

	if (end == text || n < 0)
		return false;
	end += strspn(end, " ");
	unit = *end ? strchr(units, *end) : units;
	if (!unit)
		return false;
	for (; unit > units; unit--)
		n *= 1000;
	*ret_bytes = n;
	return true;
}

/* devicemapper, of old engines: a thin pool of its own that can run full. */
static void take_pool(const json_t *info, struct engine_info *ret)
{
	const char *left = status_of(info, "Data Space Available");
	const char *whole = status_of(info, "Data Space Total");
	double avail, total;
	char text[96];
	int n;

	if (!left || !whole || ret->trouble[0] || !read_size(left, &avail) ||
	    !read_size(whole, &total) || avail >= total / 50)
		return;
	n = snprintf(text, sizeof(text),
		     "%.31s: data space available %.20s of %.20s", ret->driver,
		     left, whole);
	hale_print_text(ret->trouble, sizeof(ret->trouble), text, (size_t)n);
}

int engine_read_info(const char *body, size_t len, struct engine_info *ret_info)
{
	json_t *info = load(body, len);
	struct engine_info i = { .root = "" };
	char text[HALE_NAME_MAX];
	const char *kind;

	if (!json_is_object(info)) {
		json_decref(info);
		return -EBADMSG;
	}
	take_text(info, "DockerRootDir", i.root, sizeof(i.root));
	take_text(info, "Driver", i.driver, sizeof(i.driver));
	take_text(info, "ServerVersion", i.version, sizeof(i.version));
	take_text(info, "KernelVersion", i.kernel, sizeof(i.kernel));
	take_text(info, "OperatingSystem", text, sizeof(text));
	i.elsewhere = strncmp(text, "Docker Desktop", 14) == 0;
	kind = status_of(info, "driver-type");
	i.containerd = kind && strncmp(kind, "io.containerd.", 14) == 0;
	take_warnings(info, &i);
	take_pool(info, &i);
	json_decref(info);
	if (i.root[0] != '/')
		i.root[0] = '\0';
	*ret_info = i;
	return 0;
}

static void add_cache(const json_t *list, struct engine_usage *u)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		uint64_t size = take_size(entry, "Size");

		u->cache_bytes = add(u->cache_bytes, size);
		if (!json_is_true(json_object_get(entry, "InUse")) &&
		    !json_is_true(json_object_get(entry, "Shared")))
			u->cache_reclaimable = add(u->cache_reclaimable, size);
	}
}

static void add_images(const json_t *list, struct engine_usage *u)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		const json_t *used = json_object_get(entry, "Containers");
		uint64_t size = take_size(entry, "Size");
		uint64_t shared = take_size(entry, "SharedSize");

		u->image_bytes = add(u->image_bytes, size);
		if (json_is_integer(used) && json_integer_value(used) == 0 &&
		    shared < size)
			u->image_reclaimable =
				add(u->image_reclaimable, size - shared);
	}
}

int engine_read_usage(const char *body, size_t len,
		      struct engine_usage *ret_usage)
{
	struct engine_usage u = { 0 };
	json_t *df = load(body, len);
	const json_t *cache, *images;

	if (!json_is_object(df)) {
		json_decref(df);
		return -EBADMSG;
	}
	cache = json_object_get(df, "BuildCacheUsage");
	images = json_object_get(df, "ImageUsage");
	add_cache(json_object_get(df, "BuildCache"), &u);
	add_images(json_object_get(df, "Images"), &u);
	if (json_is_object(cache)) {
		u.cache_bytes = take_size(cache, "TotalSize");
		u.cache_reclaimable = take_size(cache, "Reclaimable");
	}
	if (json_is_object(images)) {
		u.image_bytes = take_size(images, "TotalSize");
		u.image_reclaimable = take_size(images, "Reclaimable");
	}
	json_decref(df);
	*ret_usage = u;
	return 0;
}

void engine_read_error(const char *body, size_t len, char *ret_text,
		       size_t size)
{
	json_t *error = load(body, len);

	ret_text[0] = '\0';
	if (json_is_object(error))
		take_text(error, "message", ret_text, size);
	json_decref(error);
	if (!ret_text[0])
		hale_print_text(ret_text, size, body, len < size ? len : size);
}

bool engine_read_graphroot(const char *text, char *ret_path, size_t size)
{
	const char *line = text, *from, *to;

	for (; line; line = strchr(line, '\n')) {
		line += strspn(line, "\n \t");
		if (strncmp(line, "graphroot", 9) != 0)
			continue;
		from = line + 9 + strspn(line + 9, " \t");
		if (*from++ != '=')
			continue;
		from += strspn(from, " \t");
		if (*from != '"' && *from != '\'')
			continue;
		to = strchr(from + 1, *from);
		if (to && from[1] == '/' && to - from < (long)size)
			return hale_copy(ret_path, size, from + 1,
					 (size_t)(to - from - 1));
	}
	return false;
}

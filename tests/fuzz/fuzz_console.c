/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strangers say to the console: headers and paths of a browser, the words
 * of a --listen, ids to go on from; and what hosts call themselves, which must
 * come out as one line of JSON whatever it is.
 */
#include "hale/base.h"

#include "agent/console/events.h"
#include "agent/console/guard.h"
#include "agent/console/listen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_words(const char *words)
{
	static const struct guard guard = { .names = { "fleet.example.org" } };
	union listen_address address;
	char url[LISTEN_URL_MAX];
	const char *id;

	if (listen_read(words, &address) == 0)
		listen_url(&address, 80, url);
	if (guard_host(&guard, words) && strstr(words, "evil"))
		abort();
	guard_site(words, false);
	if (guard_path_host(words, &id) && strlen(id) != 56)
		abort();
}

/* One line each, with no control and nothing that turns the writing. */
static void show_host(const char *words)
{
	const char *const labels[] = { words, words };
	struct row row = { .id = "A",
			   .name = words,
			   .why = words,
			   .part = words,
			   .condition = words,
			   .labels = labels,
			   .labels_n = 2 };
	struct screen_piece piece;
	struct screen screen;
	struct jot out = { 0 };

	if (screen_init(&screen) < 0)
		return;
	if (screen_put(&screen, &row) == 1 &&
	    screen_read(&screen, 0, 1000, &out, &piece)) {
		for (size_t i = 0; i < out.len; i++) {
			if ((unsigned char)out.bytes[i] < 0x20)
				abort();
		}
	}
	jot_done(&out);
	screen_done(&screen);
}

static void go_on(const char *id)
{
	struct events_reader reader;
	struct screen screen;
	char buf[512];
	int n = 0;

	if (screen_init(&screen) < 0)
		return;
	screen_say(&screen, TOPIC_LINK, "{}");
	events_start(&reader, &screen, 0xabc, id);
	while (events_read(&reader, &screen, 1, buf, sizeof(buf)) > 0) {
		if (n++ > 10)
			abort();
	}
	events_end(&reader);
	screen_done(&screen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *words = malloc(size + 1);

	if (!words || size == 0)
		return 0;
	memcpy(words, data, size);
	words[size] = '\0';
	read_words(words);
	show_host(words);
	go_on(words);
	return 0;
}

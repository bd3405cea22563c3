/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uevents whose properties are a device's own words: what the driver makes of
 * them are valid facts, and it gives every object back. A line "+ACTION" (or
 * "*ACTION", told by the kernel) begins an event, the others are its KEY=VALUE.
 */
#include <stdlib.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "tests/unit/fake_udev.h"

enum {
	EVENTS = 8,
	PROPERTIES = 22
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct hale_driver udev_driver;

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void take(void *sink, const struct hale_fact *f)
{
	(void)sink;
	check(hale_fact_valid(f));
}

/* How many events there are in @text, which is cut to pieces. */
static size_t read_events(char *text, struct udev_device events[EVENTS])
{
	size_t n = 0, n_properties = 0;
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, '=');

		if (line[0] == '+' || line[0] == '*') {
			if (n == EVENTS)
				break;
			events[n] = (struct udev_device){
				.action = line + 1,
				.kernel = line[0] == '*',
				.seqnum = 10 + n % 3,
			};
			n_properties = 0;
			n++;
		} else if (value && n > 0 && n_properties < PROPERTIES) {
			*value = '\0';
			events[n - 1].properties[n_properties++] = line;
			events[n - 1].properties[n_properties++] = value + 1;
		}
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(16) char udev_state[4096];
	struct udev_device events[EVENTS] = { { .action = NULL } };
	struct hale_probe p = { .state = udev_state,
				.event_fd = -1,
				.root_fd = -1,
				.now_ns = UINT64_C(1700000000) * HALE_NS_PER_S,
				.emit = take };
	char *text = strndup((const char *)data, size);

	check(udev_driver.state_size <= sizeof(udev_state));
	memset(udev_state, 0, sizeof(udev_state));
	memset(&fake, 0, sizeof(fake));
	fake.events = events;
	fake.n = read_events(text, events);
	check(udev_driver.probe(&p) == 0);
	check(udev_driver.sample(&p) == 0);
	udev_driver.remove(&p);
	check(fake.refs == 0);
	free(text);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server of a fleet, or whoever sits on the way to it, answers a reader:
 * JSON, a reply subject, an event of a connection, and a fleet.conf, all of the
 * same bytes. Whatever comes, texts are printable and an id is one.
 */
#include <stdlib.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/fleetcli/consumer.h"
#include "agent/fleetcli/settings.h"
#include "proto/codec_fleet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void answers(const char *text, size_t len)
{
	char id[FLEET_ID_SIZE], why[64];
	struct consumer_reply r;
	struct consumer_place p;

	if (consumer_reply_read(text, len, &r) == 0) {
		must(hale_text_printable(r.text, sizeof(r.text)));
		must(r.error >= 0 && r.error < 1000);
	}
	if (consumer_place_read(text, &p) == 0)
		must(strnlen(p.name, sizeof(p.name)) < sizeof(p.name));
	if (consumer_event_read(text, len, id, why) == 0) {
		must(fleet_id_valid(id));
		must(hale_text_printable(why, sizeof(why)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fleet_settings s;
	char said[FLEET_SAID_MAX], *text = calloc(1, size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	answers(text, size);
	if (settings_parse(text, "/f/fleet.conf", &s, said) == 0)
		must(s.n_servers > 0 && s.n_servers <= FLEET_SERVERS_MAX);
	else
		must(said[0] != '\0');
	free(text);
	return 0;
}

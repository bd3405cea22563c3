/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a sensor's value within the limits that its own chip has? Decides which
 * values and limits can be meant at all: boards leave inputs unconnected and
 * limits at what the chip wakes up with. Pure. Invariant: without a limit that
 * somebody chose nothing is bad, and what lies in the hysteresis is left as it
 * was said before, so that a value at its limit does not flap.
 */
#include "sensors.h"

/* An open diode reads -128, -55, 127 or 127.9 degrees; 0 K is -273. */
#define TEMP_LOWEST  (-40 * 1000)
#define TEMP_HIGHEST (126 * 1000)
/* A limit outside of these was not set by anybody. */
#define LIMIT_LOWEST  (40 * 1000)
#define LIMIT_HIGHEST (200 * 1000)
/* Hysteresis where the chip has none. */
#define TEMP_BAND 2000
/* A critical alarm is believed if it is that hot. */
#define ALARM_BAND 10000

static int64_t value(const struct sensor *s, enum sensor_value v)
{
	return s->value[v];
}

static bool flagged(const struct sensor *s, enum sensor_value v)
{
	return sensor_knows(s, v) && s->value[v] > 0;
}

static bool temp_limit(const struct sensor *s, enum sensor_value v,
		       int64_t *ret_limit)
{
	if (!sensor_knows(s, v) || value(s, v) < LIMIT_LOWEST ||
	    value(s, v) > LIMIT_HIGHEST)
		return false;
	*ret_limit = value(s, v);
	return true;
}

/* Of these chips "max" is where fans should run at full speed (Intel) or a
 * number that is the same for all (AMD): builds pass it all day. */
static bool max_is_no_limit(const struct sensor *s)
{
	return strcmp(s->prefix, "coretemp") == 0 ||
	       strcmp(s->prefix, "k10temp") == 0;
}

static bool is_of(const struct sensor *s, const char *const *families, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strncmp(s->prefix, families[i], strlen(families[i])) == 0)
			return true;
	}
	return false;
}

/* Boards leave inputs of these chips open, which then read whatever; and they
 * wake up with max 80 and its hysteresis 75 for each of them. */
static bool max_is_as_at_power_on(const struct sensor *s)
{
	static const char *const families[] = { "nct6", "w83", "f71", "f81" };

	return is_of(s, families, HALE_ARRAY_SIZE(families)) &&
	       value(s, SENSOR_MAX) == 80 * 1000 &&
	       sensor_knows(s, SENSOR_MAX_HYST) &&
	       value(s, SENSOR_MAX_HYST) == 75 * 1000;
}

static bool temp_limits(const struct sensor *s, int64_t *limit, int64_t *back)
{
	enum sensor_value hyst = SENSOR_CRIT_HYST;

	if (!temp_limit(s, SENSOR_CRIT, limit) &&
	    !temp_limit(s, SENSOR_EMERGENCY, limit)) {
		hyst = SENSOR_MAX_HYST;
		if (max_is_no_limit(s) || !temp_limit(s, SENSOR_MAX, limit) ||
		    max_is_as_at_power_on(s))
			return false;
	}
	*back = *limit - TEMP_BAND;
	if (sensor_knows(s, hyst) && value(s, hyst) < *limit &&
	    value(s, hyst) >= *limit - 30 * 1000)
		*back = value(s, hyst);
	return true;
}

/* Intel's is a log of what once was, which nobody clears before the next boot
 * (Documentation/hwmon/coretemp.rst). */
static bool alarms(const struct sensor *s)
{
	return flagged(s, SENSOR_CRIT_ALARM) &&
	       strcmp(s->prefix, "coretemp") != 0;
}

static void judge_temperature(const struct sensor *s, struct sensor_judgment *j)
{
	int64_t now = value(s, SENSOR_INPUT), limit, back;
	bool alarm;

	j->condition = HALE_SENSOR_TEMPERATURE;
	if (flagged(s, SENSOR_FAULT) || now <= TEMP_LOWEST ||
	    now >= TEMP_HIGHEST || !temp_limits(s, &limit, &back))
		return;
	alarm = now >= limit - ALARM_BAND && now < limit && alarms(s);
	if (now >= limit || alarm)
		j->word = SENSOR_BAD;
	else
		j->word = now > back ? SENSOR_BETWEEN : SENSOR_GOOD;
	snprintf(j->text, sizeof(j->text),
		 "%s of %s: %.1f C, its limit is %.1f C%s", s->label, s->chip,
		 (double)now / 1000, (double)limit / 1000,
		 alarm ? ", and the chip raises its critical alarm" : "");
}

/* 1350000 / (255 * divisor), and 675000 / 65535: what chips of Winbond,
 * Nuvoton and ITE have as minimum until somebody sets one. */
static bool is_power_on_minimum(int64_t min)
{
	static const int64_t defaults[] = { 5294, 2647, 1323, 661, 330,
					    165,  82,	41,   10 };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(defaults); i++) {
		if (min / 1000 >= defaults[i] - 5 &&
		    min / 1000 <= defaults[i] + 5)
			return true;
	}
	return false;
}

/* Of these "min" is the speed that the fan is driven at, or could be, when
 * there is little to cool: it turns at that, some less, or not at all. */
static bool min_is_no_limit(const struct sensor *s)
{
	static const char *const families[] = { "applesmc", "macsmc", "amdgpu",
						"dell_smm", "nouveau" };

	return is_of(s, families, HALE_ARRAY_SIZE(families));
}

static void judge_fan(const struct sensor *s, struct sensor_judgment *j)
{
	int64_t now = value(s, SENSOR_INPUT);
	int64_t min = sensor_knows(s, SENSOR_MIN) ? value(s, SENSOR_MIN) : 0;
	bool chosen =
		min > 0 && !is_power_on_minimum(min) && !min_is_no_limit(s);
	/* a power supply's fan has no minimum, but knows when it fails */
	bool broken = !sensor_knows(s, SENSOR_MIN) &&
		      flagged(s, SENSOR_FAULT) && now == 0;

	j->condition = HALE_SENSOR_FAN;
	if (now < 0 ||
	    (!chosen && !broken && (min > 0 || !sensor_knows(s, SENSOR_FAULT))))
		return;
	if (broken || (chosen && now < min))
		j->word = SENSOR_BAD;
	else if (chosen && now < min + min / 20)
		j->word = SENSOR_BETWEEN;
	else if (chosen || !sensor_knows(s, SENSOR_MIN))
		j->word = SENSOR_GOOD;
	if (chosen)
		snprintf(j->text, sizeof(j->text),
			 "%s of %s: %lld RPM, its minimum is %lld RPM",
			 s->label, s->chip, (long long)(now / 1000),
			 (long long)(min / 1000));
	else
		snprintf(j->text, sizeof(j->text),
			 "%s of %s stands still and reports a fault", s->label,
			 s->chip);
}

/* A window that somebody chose for a rail is narrow; what a chip wakes up with
 * is 0 to all it can measure, or 0 to 0. */
static bool window(const struct sensor *s, enum sensor_value low,
		   enum sensor_value high, int64_t *min, int64_t *max)
{
	if (!sensor_knows(s, low) || !sensor_knows(s, high))
		return false;
	*min = value(s, low);
	*max = value(s, high);
	return *min > 0 && *max > *min && *max <= *min * 3 / 2;
}

/* The feed of a power supply (Documentation/hwmon/pmbus.rst). */
static bool is_feed(const struct sensor *s)
{
	return strcmp(s->label, "vin") == 0;
}

static void judge_feed(const struct sensor *s, struct sensor_judgment *j)
{
	int64_t now = value(s, SENSOR_INPUT);
	int64_t least = 0;

	if (sensor_knows(s, SENSOR_LCRIT))
		least = value(s, SENSOR_LCRIT);
	else if (sensor_knows(s, SENSOR_MIN))
		least = value(s, SENSOR_MIN);
	j->condition = HALE_POWER_SUPPLY;
	if (least <= 0)
		return;
	if (now < least)
		j->word = SENSOR_BAD;
	else
		j->word =
			now < least + least / 50 ? SENSOR_BETWEEN : SENSOR_GOOD;
	snprintf(j->text, sizeof(j->text),
		 "%s: its feed has %.1f V, at least %.1f V is needed", s->chip,
		 (double)now / 1000, (double)least / 1000);
}

static void judge_voltage(const struct sensor *s, struct sensor_judgment *j)
{
	int64_t now = value(s, SENSOR_INPUT), min, max;

	j->condition = HALE_SENSOR_VOLTAGE;
	if (!window(s, SENSOR_MIN, SENSOR_MAX, &min, &max) &&
	    !window(s, SENSOR_LCRIT, SENSOR_CRIT, &min, &max))
		return;
	/* half or double of it, and no machine would run: not connected, or
	 * scaled otherwise than its limits */
	if (now < min / 2 || now > max * 2)
		return;
	if (now < min || now > max)
		j->word = SENSOR_BAD;
	else
		j->word = now < min + min / 200 || now > max - max / 200
				  ? SENSOR_BETWEEN
				  : SENSOR_GOOD;
	snprintf(j->text, sizeof(j->text),
		 "%s of %s: %.2f V, its limits are %.2f V and %.2f V", s->label,
		 s->chip, (double)now / 1000, (double)min / 1000,
		 (double)max / 1000);
}

/* Without one nobody would judge it, and nothing is missing. */
static bool has_limit(const struct sensor *s)
{
	const uint32_t limits = 1U << SENSOR_MIN | 1U << SENSOR_MAX |
				1U << SENSOR_LCRIT | 1U << SENSOR_CRIT |
				1U << SENSOR_EMERGENCY | 1U << SENSOR_FAULT;

	return (s->known & limits) != 0;
}

void sensor_judge(const struct sensor *s, struct sensor_judgment *ret)
{
	struct sensor_judgment j = { .word = SENSOR_IGNORED };

	if (s->error && has_limit(s)) {
		j.word = SENSOR_UNREADABLE;
		snprintf(j.text, sizeof(j.text), "%s of %s cannot be read: %s",
			 s->label, s->chip, strerror(s->error));
	}
	if (s->error || !sensor_knows(s, SENSOR_INPUT)) {
		*ret = j;
		return;
	}
	switch (s->kind) {
	case SENSOR_TEMPERATURE:
		judge_temperature(s, &j);
		break;
	case SENSOR_FAN:
		judge_fan(s, &j);
		break;
	case SENSOR_VOLTAGE:
		if (is_feed(s))
			judge_feed(s, &j);
		else
			judge_voltage(s, &j);
		break;
	case SENSOR_KIND_COUNT:
		break;
	}
	*ret = j;
}

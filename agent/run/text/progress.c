/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a build is, by what its tool prints. Decides for each line whether it
 * is one of the forms below; of several builds in one output the last one
 * counts. Must never be told anything by a line that merely holds "3/9"
 * somewhere: a form begins where its tool begins it. Invariant: @step is at
 * most @steps, and no line is kept beyond its first 255 bytes.
 */
#include "progress.h"

#include <ctype.h>

#include "hale/base.h"

#define STEPS_MAX 10000000

/* --- reading one line: each returns false where it is not that form ---------
 */

/* Digits, with commas between thousands as bazel writes them. */
static bool take_number(const char **at, uint32_t *ret)
{
	const char *s = *at;
	uint64_t n = 0;

	if (!isdigit((unsigned char)*s))
		return false;
	for (; isdigit((unsigned char)*s) || *s == ','; s++) {
		if (*s == ',' && !isdigit((unsigned char)s[1]))
			break;
		if (*s != ',')
			n = n * 10 + (uint64_t)(*s - '0');
		if (n > STEPS_MAX)
			return false;
	}
	*at = s;
	*ret = (uint32_t)n;
	return true;
}

static bool take(const char **at, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

static void skip_blanks(const char **at)
{
	while (**at == ' ')
		(*at)++;
}

/* "3/9", "1,234 / 5,678" */
static bool take_steps(struct progress *p, const char **at)
{
	const char *s = *at;
	uint32_t step, steps;

	if (!take_number(&s, &step))
		return false;
	skip_blanks(&s);
	if (!take(&s, "/"))
		return false;
	skip_blanks(&s);
	if (!take_number(&s, &steps) || steps == 0 || step > steps)
		return false;
	p->step = step;
	p->steps = steps;
	p->percent = false;
	*at = s;
	return true;
}

static bool take_percent(struct progress *p, const char **at)
{
	const char *s = *at;
	uint32_t n;

	skip_blanks(&s);
	if (!take_number(&s, &n) || n > 100 || !take(&s, "%"))
		return false;
	p->step = n;
	p->steps = 100;
	p->percent = true;
	*at = s;
	return true;
}

/* What stands in brackets: "3/9" of ninja, "stage-1 3/9" and "linux/amd64
 * build 3/9" of BuildKit, " 41%" of cmake. */
static bool take_bracket(struct progress *p, const char *s)
{
	const char *end = strchr(s, ']');
	const char *last = s;

	if (!end)
		return false;
	if (take_percent(p, &s) || take_steps(p, &s))
		return s == end;
	for (const char *c = s; c < end; c++) {
		if (*c == ' ')
			last = c + 1;
	}
	return last > s && take_steps(p, &last) && last == end;
}

static bool read_bracket(struct progress *p, const char *s)
{
	struct progress was = *p;

	if (take(&s, "[") && take_bracket(p, s))
		return true;
	*p = was;
	return false;
}

/* docker, buildx: "#12 [stage-1 3/9] RUN make", "#12 CACHED". What a step
 * prints, "#12 0.345 [ 41%] Building", is not the build's own progress. */
static bool read_buildkit(struct progress *p, const char *s)
{
	uint32_t vertex;

	if (!take(&s, "#") || !take_number(&s, &vertex) || !take(&s, " "))
		return false;
	if (strcmp(s, "CACHED") == 0)
		p->cached++;
	else
		read_bracket(p, s);
	p->engine = true;
	return true;
}

/* The same on a terminal, drawn again and again: "[+] Building 1.2s (5/9)", and
 * below it "=> CACHED [2/9] RUN make". */
static bool read_frame(struct progress *p, const char *s)
{
	if (take(&s, "=> ")) {
		if (take(&s, "CACHED ") && ++p->frame > p->cached)
			p->cached = p->frame;
		return true;
	}
	if (!take(&s, "[+] "))
		return false;
	p->engine = true;
	p->frame = 0;
	s = strpbrk(s, "0123456789");
	if (s && take_steps(p, &s))
		return true; /* compose: "[+] Running 3/5" */
	s = s ? strchr(s, '(') : NULL;
	if (s) {
		s++;
		take_steps(p, &s);
	}
	return true;
}

/* docker without BuildKit: "Step 3/9 : RUN make", " ---> Using cache"; podman:
 * "STEP 3/9: RUN make", "--> Using cache 5b0bcabd1ed2". */
static bool read_classic(struct progress *p, const char *s)
{
	if (strcmp(s, "---> Using cache") == 0 ||
	    strncmp(s, "--> Using cache ", 16) == 0) {
		p->cached++;
		return true;
	}
	if (take(&s, "STEP ") ? !take_steps(p, &s) || !take(&s, ": ")
			      : !take(&s, "Step ") || !take_steps(p, &s) ||
					!take(&s, " :"))
		return false;
	p->engine = true;
	return true;
}

/* cargo: "Building [====>    ] 12/40: serde" */
static bool read_cargo(struct progress *p, const char *s)
{
	if (!take(&s, "Building ["))
		return false;
	s = strstr(s, "] ");
	if (!s)
		return false;
	s += 2;
	return take_steps(p, &s);
}

/* gradle: "<=====--------> 41% EXECUTING [3s]" */
static bool read_gradle(struct progress *p, const char *s)
{
	if (s[0] != '<' || (s[1] != '=' && s[1] != '-'))
		return false;
	s += 1 + strspn(s + 1, "=-");
	return take(&s, "> ") && take_percent(p, &s);
}

/* maven's reactor: "[INFO] Building core 1.0-SNAPSHOT      [3/12]" */
static bool read_maven(struct progress *p, const char *s)
{
	const char *last = strrchr(s, '[');

	return take(&s, "[INFO] Building ") && last >= s &&
	       read_bracket(p, last);
}

/* dnf: "(3/12): gcc-13.2", "  Installing : gcc-13.2      3/12" */
static bool read_dnf(struct progress *p, const char *s)
{
	const char *last = strrchr(s, ' ');

	if (take(&s, "("))
		return take_steps(p, &s) && *s == ')';
	if (!take(&s, "Installing ") && !take(&s, "Upgrading "))
		return false;
	skip_blanks(&s);
	if (*s != ':' || !last)
		return false;
	last++;
	return take_steps(p, &last) && *last == '\0';
}

#define ENGINE_FORMS 3 /* the first ones below */

static void read_line(struct progress *p)
{
	static bool (*const forms[])(struct progress *, const char *) = {
		read_buildkit, read_frame, read_classic, read_cargo,
		read_gradle,   read_maven, read_dnf,	 read_bracket,
	};
	struct progress was = *p;
	size_t n = p->engine ? ENGINE_FORMS : HALE_ARRAY_SIZE(forms);
	bool known = false;

	while (was.used > 0 && was.line[was.used - 1] == ' ')
		was.used--;
	was.line[was.used] = '\0';
	for (size_t i = 0; i < n && !known; i++) {
		*p = was;
		known = forms[i](p, was.line);
	}
	if (!known)
		*p = was;
}

/* --- bytes to lines ----------------------------------------------------------
 */

enum {
	PLAIN = 0,
	ESCAPE,
	SEQUENCE,
	STRING,
	STRING_ESCAPE
};

/* ECMA-48: ESC [ … final; ESC ] … BEL or ESC \ . */
static void put_escape(struct progress *p, char c)
{
	if (p->escape == ESCAPE && c == '[')
		p->escape = SEQUENCE;
	else if (p->escape == ESCAPE && (c == ']' || c == 'P'))
		p->escape = STRING;
	else if (p->escape == STRING)
		p->escape = c == '\033' ? STRING_ESCAPE
			    : c == '\a' ? PLAIN
					: STRING;
	else if (p->escape != SEQUENCE || (c >= 0x40 && c <= 0x7e))
		p->escape = PLAIN;
	if (p->escape == PLAIN && strchr("ABEFGHJf", c) && c != '\0')
		p->redraws = true; /* the cursor goes elsewhere */
}

static void end_line(struct progress *p)
{
	if (p->used > 0 && !p->skip)
		read_line(p);
	p->used = 0;
	p->skip = false;
	p->escape = PLAIN;
}

static void put_byte(struct progress *p, char c)
{
	if (p->escape != PLAIN) {
		put_escape(p, c);
	} else if (c == '\033') {
		p->escape = ESCAPE;
	} else if (p->used > 0 || (c != ' ' && c != '\t')) {
		/* what the forms begin with */
		p->skip =
			p->used == 0 && (c == '\0' || !strchr("[#=S-B<(IU", c));
		if (p->used < sizeof(p->line) - 1)
			p->line[p->used++] = c;
	}
}

/* Where a line that tells nothing ends. @newline: the next one, or @end; looked
 * for once, however many carriage returns come before it. */
static const char *skip_line(const char *s, const char *end,
			     const char **newline)
{
	const char *found;

	if (!*newline || *newline < s) {
		found = memchr(s, '\n', (size_t)(end - s));
		*newline = found ? found : end;
	}
	found = memchr(s, '\r', (size_t)(*newline - s));
	return found ? found : *newline;
}

void progress_put(struct progress *p, const void *bytes, size_t len)
{
	const char *s = bytes, *end = s + len, *newline = NULL;

	if (len > 0)
		p->midline = end[-1] != '\n';
	for (; s < end; s++) {
		if (p->skip && (s = skip_line(s, end, &newline)) == end)
			break;
		if (*s == '\n' || *s == '\r')
			end_line(p);
		else
			put_byte(p, *s);
	}
}

/* --- telling it
 * --------------------------------------------------------------- */

#define FIRST_NS  (10 * HALE_NS_PER_S)
#define SECOND_NS (20 * HALE_NS_PER_S)
#define LATER_NS  (60 * HALE_NS_PER_S)

bool progress_due(struct progress_pace *pace, const struct progress *p,
		  bool shared, uint64_t elapsed_ns, uint64_t mono_ns)
{
	bool room = !shared || (!p->midline && !p->redraws);

	if (elapsed_ns < FIRST_NS || mono_ns < pace->next_mono_ns || !room)
		return false;
	pace->said++;
	pace->next_mono_ns = mono_ns + (pace->said < 6 ? SECOND_NS : LATER_NS);
	return true;
}

static int print_time(char *text, size_t size, uint64_t ns)
{
	unsigned long long s = ns / HALE_NS_PER_S;

	if (s < 60)
		return snprintf(text, size, "%llu s", s);
	if (s < 3600)
		return snprintf(text, size, "%llu min %llu s", s / 60, s % 60);
	return snprintf(text, size, "%llu h %llu min", s / 3600, s / 60 % 60);
}

void progress_print(const struct progress *p, uint64_t elapsed_ns,
		    uint64_t expected_ns, char *ret_text, size_t size)
{
	char step[48] = "", elapsed[48], expected[64] = "";

	if (p->percent)
		snprintf(step, sizeof(step), "%u %%, ", p->step);
	else if (p->steps > 0)
		snprintf(step, sizeof(step), "step %u/%u, ", p->step, p->steps);
	print_time(elapsed, sizeof(elapsed), elapsed_ns);
	if (expected_ns >= HALE_NS_PER_S) {
		char all[48];

		print_time(all, sizeof(all), expected_ns);
		snprintf(expected, sizeof(expected),
			 elapsed_ns <= expected_ns ? ", about %s in all"
						   : ", longer than usual (%s)",
			 all);
	}
	snprintf(ret_text, size, "%s%s%s", step, elapsed, expected);
}

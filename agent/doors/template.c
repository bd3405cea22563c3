/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills a template: text with {names}. Decides how each value is spelt. There
 * are no conditions, loops or nested names, so a template costs what it is
 * long, whatever it says. Must never let a value be read as template again.
 */
#include "hale/base.h"
#include "hale/text.h"

#include "agent/doors/body.h"

/* A value is cut there: evidence has 240 bytes, advice some hundred. */
#define VALUE_MAX 512

static const char *of_finding(const struct change *c,
			      enum hale_template_value which)
{
	const Hale__V1__Finding *f = c->finding;

	if (!f)
		return "";
	if (which == HALE_VALUE_EVIDENCE)
		return f->evidence;
	if (which == HALE_VALUE_MEANING)
		return f->meaning;
	return which == HALE_VALUE_ADVICE ? f->advice : f->clears;
}

static void number_of(const struct change *c, enum hale_template_value which,
		      struct text *t)
{
	if (!c->finding)
		return;
	if (which == HALE_VALUE_COUNT)
		text_putf(t, "%llu", (unsigned long long)c->finding->count);
	else
		text_time(t, c->finding->last_ns);
}

static const char *word_of(enum hale_template_value which,
			   const struct change *c, const struct picture *p)
{
	switch (which) {
	case HALE_VALUE_HOST:
		return p->host ? p->host : "";
	case HALE_VALUE_CHANGE:
		return change_name(c->kind);
	case HALE_VALUE_EFFECT:
		return effect_name((Hale__V1__Effect)c->what.effect);
	case HALE_VALUE_CONDITION:
		return c->what.condition;
	case HALE_VALUE_PART:
		return c->what.part;
	case HALE_VALUE_ALIAS:
		return c->what.alias[0] ? c->what.alias : c->what.part;
	case HALE_VALUE_VERDICT:
		return fitness_name(picture_fitness(p));
	case HALE_VALUE_EVIDENCE:
	case HALE_VALUE_MEANING:
	case HALE_VALUE_ADVICE:
	case HALE_VALUE_CLEARS:
		return of_finding(c, which);
	case HALE_VALUE_COUNT:
	case HALE_VALUE_TIME:
	case HALE_VALUES:
		break;
	}
	return "";
}

/* In JSON the template has its own quotes: what stands between them. */
static void put_value(struct text *t, enum template_form form,
		      const char *value)
{
	char clean[VALUE_MAX], json[VALUE_MAX * 6 + 3];
	struct text quoted = { .at = json, .size = sizeof(json) };

	hale_print_text(clean, sizeof(clean), value, strlen(value));
	if (form == TEMPLATE_TEXT) {
		text_put(t, clean);
		return;
	}
	text_json(&quoted, clean);
	if (quoted.len >= 2)
		text_add(t, json + 1, quoted.len - 2);
}

static void put_name(struct text *t, enum template_form form, int which,
		     const struct change *c, const struct picture *p)
{
	if (which == HALE_VALUE_COUNT || which == HALE_VALUE_TIME)
		number_of(c, (enum hale_template_value)which, t);
	else if (which >= 0)
		put_value(t, form,
			  word_of((enum hale_template_value)which, c, p));
}

void template_print(const char *template, enum template_form form,
		    const struct change *c, const struct picture *p,
		    struct text *t)
{
	while (*template != '\0') {
		size_t len = strcspn(template, "{}");

		text_add(t, template, len);
		template += len;
		if (*template == '\0')
			break;
		if (template[1] == template[0]) {
			text_add(t, template, 1);
			template += 2;
			continue;
		}
		len = strcspn(++template, "}");
		put_name(t, form, hale_template_name(template, len), c, p);
		template += len + (template[len] == '}');
	}
}

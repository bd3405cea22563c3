/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notes of the middle's rooms, to messages and back. Decides only their form:
 * how many numbers and texts, and that texts are short and printable. What they
 * mean is for agent/core to refuse.
 */
#include "codec_note.h"

#include <errno.h>

Hale__V1__Memory__Note *codec_note(struct codec_arena *a,
				   const struct hale_memory_note *note)
{
	Hale__V1__Memory__Note *m =
		codec_new(a, &hale__v1__memory__note__descriptor);

	if (!m)
		return NULL;
	m->room = note->room;
	m->n_number = note->n_numbers;
	m->number = (uint64_t *)(uintptr_t)note->number;
	m->n_text = note->n_texts;
	m->text = codec_alloc(a, (note->n_texts + 1U) * sizeof(*m->text));
	for (uint32_t i = 0; m->text && i < note->n_texts; i++)
		m->text[i] = codec_borrow(note->text[i]);
	return m->text ? m : NULL;
}

static bool text_fits(const char *text)
{
	size_t len = 0;

	for (; text[len]; len++) {
		unsigned char byte = (unsigned char)text[len];

		if (byte < 0x20 || byte == 0x7f || len >= HALE_NOTE_TEXT_MAX)
			return false;
	}
	return true;
}

int codec_read_note(const Hale__V1__Memory__Note *m,
		    struct hale_memory_note *ret_note)
{
	if (m->n_number > HALE_NOTE_NUMBERS || m->n_text > HALE_NOTE_TEXTS)
		return -EBADMSG;
	for (size_t i = 0; i < m->n_text; i++) {
		if (!text_fits(m->text[i]))
			return -EBADMSG;
	}
	memset(ret_note, 0, sizeof(*ret_note));
	ret_note->room = m->room;
	ret_note->n_numbers = (uint32_t)m->n_number;
	ret_note->n_texts = (uint32_t)m->n_text;
	for (size_t i = 0; i < m->n_number; i++)
		ret_note->number[i] = m->number[i];
	for (size_t i = 0; i < HALE_NOTE_TEXTS; i++)
		ret_note->text[i] = i < m->n_text ? m->text[i] : "";
	return 0;
}

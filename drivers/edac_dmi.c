/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds in the firmware's tables whether the system memory has ECC. Pure. The
 * table is taken for what it may be, a mess: every length is held against what
 * is there, and what does not fit ends the search without an answer.
 */
#include "edac.h"

enum {
	HEADER = 4, /* type, length of the formatted part, handle */
	TYPE_ARRAY = 16,
	TYPE_END = 127,
	ARRAY_USE = 5, /* 3: system memory */
	ARRAY_ECC = 6, /* 3: none, 4: parity, 5 and 6: ECC, 7: CRC */
};

/* The texts behind a structure end with two NULs. Its length, 0: no end. */
static size_t skip_texts(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++) {
		if (at[i] == 0 && at[i + 1] == 0)
			return i + 2;
	}
	return 0;
}

static enum edac_ecc ecc_of(const uint8_t *structure, size_t len)
{
	if (len <= ARRAY_ECC || structure[ARRAY_USE] != 3)
		return EDAC_ECC_UNKNOWN;
	if (structure[ARRAY_ECC] == 3 || structure[ARRAY_ECC] == 4)
		return EDAC_ECC_NONE;
	if (structure[ARRAY_ECC] >= 5 && structure[ARRAY_ECC] <= 7)
		return EDAC_ECC_PRESENT;
	return EDAC_ECC_UNKNOWN;
}

enum edac_ecc edac_dmi_ecc(const uint8_t *table, size_t len)
{
	enum edac_ecc found = EDAC_ECC_UNKNOWN, ecc;

	while (len >= HEADER && table[0] != TYPE_END) {
		size_t size = table[1], texts;

		if (size < HEADER || size > len)
			break;
		ecc = table[0] == TYPE_ARRAY ? ecc_of(table, size)
					     : EDAC_ECC_UNKNOWN;
		if (ecc > found)
			found = ecc;
		texts = skip_texts(table + size, len - size);
		if (texts == 0)
			break;
		table += size + texts;
		len -= size + texts;
	}
	return found;
}

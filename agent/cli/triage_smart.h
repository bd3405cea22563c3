/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_TRIAGE_SMART_H
#define HALE_CLI_TRIAGE_SMART_H

#include <stdbool.h>

/* Is `hale triage smart` what was asked for? */
bool triage_smart_meant(int argc, char **argv);

/* Return: the exit code. */
int triage_smart(int argc, char **argv);

#endif

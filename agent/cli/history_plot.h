/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_HISTORY_PLOT_H
#define HALE_CLI_HISTORY_PLOT_H

#include "history.h"

/* Medians of the days as one line of bars, the last ones that fit into @width
 * columns; ASCII where the locale is not UTF-8. Nothing for a single day. */
void plot_days(struct out *o, const struct history_rows *h, size_t width);

/* Days since the epoch, as the local calendar has them. */
long plot_day(uint64_t ns);

#endif

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The numbers behind a picture as a table, for readers who cannot see it or want to compute. */
#ifndef HWV_REPORT_LISTING_H
#define HWV_REPORT_LISTING_H

#include "report/plot.h"
#include "report/table.h"

#define HWV_LISTING_ROWS 48 /* of a line plot; from more points evenly spaced ones are taken */

/* Owns all of it; the table has no caption but a note. Zero-initialise. */
typedef struct hwv_listing {
    hwv_table table;
    hwv_column *columns;
    char (*titles)[96];
    hwv_text note;
} hwv_listing;

/* A shortage of memory is remembered in table.failed. */
void hwv_listing_plot(hwv_listing *listing, const hwv_plot *plot);
void hwv_listing_bars(hwv_listing *listing, const hwv_bars *bars);
void hwv_listing_histogram(hwv_listing *listing, const hwv_histogram *histogram);
/* Not the cells: how many rows fired how often. */
void hwv_listing_raster(hwv_listing *listing, const hwv_raster *raster);
/* Values as they are, not shares. */
void hwv_listing_strip(hwv_listing *listing, const hwv_strip *strip);
void hwv_listing_free(hwv_listing *listing);

#endif

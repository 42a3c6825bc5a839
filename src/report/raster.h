/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What both renderings of a raster share: averages over blocks of cells. */
#ifndef HWV_REPORT_RASTER_H
#define HWV_REPORT_RASTER_H

#include "report/figure.h"

/* Owns its arrays. `rows` x `columns` blocks of the raster's cells. */
typedef struct hwv_raster_grid {
    size_t rows, columns;
    size_t down, across; /* cells per block */
    uint8_t *level;      /* [rows][columns]: 0..255, but at least 1 where anything fired */
    uint8_t *dead;       /* [rows]: 0 none, 1 some, 2 all rows of the block */
    size_t dead_rows;    /* of the raster itself */
} hwv_raster_grid;

/* At most that many blocks. False on a shortage of memory. */
bool hwv_raster_grid_open(hwv_raster_grid *grid, const hwv_raster *raster, size_t rows, size_t columns);
void hwv_raster_grid_close(hwv_raster_grid *grid);
/* "64 units down, 1437 inputs across". */
void hwv_raster_head(const hwv_raster *raster, char *head, size_t size);
/* "12 of 64 units never fired", and how many cells a block averages. */
void hwv_raster_say(const hwv_raster *raster, const hwv_raster_grid *grid, char *note, size_t size);

#endif

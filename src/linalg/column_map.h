/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a batch norm of running statistics does to each column of a matrix: (x - center) * scale + offset. */
#ifndef HWV_LINALG_COLUMN_MAP_H
#define HWV_LINALG_COLUMN_MAP_H

#include <stddef.h>

/* Arrays of one float a column; all NULL: nothing is done. */
typedef struct hwv_column_map {
    const float *center, *scale, *offset;
} hwv_column_map;

/* The map from column `at` on. */
static inline hwv_column_map hwv_column_map_at(const hwv_column_map *map, size_t at)
{
    if (map->center == NULL)
        return *map;
    return (hwv_column_map){map->center + at, map->scale + at, map->offset + at};
}

#endif

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The columns of a statistics file. */
#include "check/columns.h"

#define AT(member) offsetof(hwv_unit_tally, member)

const hwv_column hwv_unit_columns[] = {
    {"fired", HWV_COLUMN_COUNT, AT(fired), true, false, false},
    {"fired_samples", HWV_COLUMN_COUNT, AT(fired_samples), true, true, false},
    {"zeros", HWV_COLUMN_COUNT, AT(zeros), false, false, false},
    {"nans", HWV_COLUMN_COUNT, AT(nans), false, false, false},
    {"low", HWV_COLUMN_COUNT, AT(low), false, false, false},
    {"high", HWV_COLUMN_COUNT, AT(high), false, false, false},
    {"min", HWV_COLUMN_EXTREME, AT(min), false, false, false},
    {"max", HWV_COLUMN_EXTREME, AT(max), false, false, true},
    {"summed", HWV_COLUMN_COUNT, AT(summed), false, false, false},
    {"sum", HWV_COLUMN_SUM, AT(z.hi), false, false, false},
    {"sum_low", HWV_COLUMN_SUM, AT(z.lo), false, false, false},
    {"square_sum", HWV_COLUMN_SUM, AT(square.hi), false, false, false},
    {"square_sum_low", HWV_COLUMN_SUM, AT(square.lo), false, false, false},
    {"magnitude_sum", HWV_COLUMN_SUM, AT(magnitude.hi), false, false, false},
    {"magnitude_sum_low", HWV_COLUMN_SUM, AT(magnitude.lo), false, false, false},
};
const size_t hwv_unit_column_count = sizeof hwv_unit_columns / sizeof hwv_unit_columns[0];

const hwv_input_column hwv_input_columns[4] = {
    {"sum", false, false}, {"sum_low", false, true}, {"square_sum", true, false}, {"square_sum_low", true, true}};

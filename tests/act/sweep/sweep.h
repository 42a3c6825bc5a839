/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What every float does to a kernel: blocks of work, and the committed table of what was found,
 * docs/accuracy.tsv. */
#ifndef HWV_TESTS_SWEEP_H
#define HWV_TESTS_SWEEP_H

#include "lanes.h"

#include <stdint.h>
#include <stdio.h>

/* One line of the table: a row of ops.def, a pass, a tier, a set. */
typedef struct sweep_line {
    hwv_op op;
    bool gradient;
    hwv_tier tier; /* HWV_ACCURATE for derivatives, which have no tiers */
    hwv_isa set;
    double worst, bound; /* in the measure of sweep_measure */
    uint32_t at;         /* bits of the input with the largest error */
    uint64_t over_half;  /* inputs whose error is over half the bound */
    uint64_t inputs;
    uint64_t fingerprint; /* of the results for two million inputs: another one means another kernel */
} sweep_line;

/* A block: all columns of an operator's pass on the runnable vector sets. */
#define SWEEP_COLUMNS ((size_t)HWV_ISA_COUNT * 2)
#define SWEEP_INPUTS  (UINT64_C(1) << 32)

/* The columns of a block with everything but what is measured; returns how many. */
size_t sweep_columns(hwv_op op, bool gradient, sweep_line columns[SWEEP_COLUMNS]);
lanes_measure sweep_measure(const sweep_line *line);
/* Measures them over every `stride`-th chunk of inputs (1: all 2^32). */
void sweep_block(sweep_line *columns, size_t count, uint32_t stride);

/* Lines in the order of the table. */
typedef struct sweep_table {
    sweep_line *lines;
    size_t count, room;
} sweep_table;

/* False, with a word on stderr, for a file that cannot be read as a table; a missing one is empty. */
bool sweep_read(sweep_table *table, const char *path);
/* Replaces the line of the same operator, pass, tier and set, or adds it in its place. */
void sweep_put(sweep_table *table, const sweep_line *line);
const sweep_line *sweep_find(const sweep_table *table, const sweep_line *like);
/* Writes the whole file, by way of another one; false, with a word on stderr, when that fails. */
bool sweep_write(const sweep_table *table, const char *path);
void sweep_print(FILE *file, const sweep_line *line);
bool sweep_parse(sweep_line *line, const char *text);
/* The table for people, docs/accuracy.md. */
void sweep_write_page(FILE *file, const sweep_table *table);

#endif

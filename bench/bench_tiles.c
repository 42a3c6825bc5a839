/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Every tile of products, convolutions and weight gradients on every set, as a share of the set's peak of multiply-adds:
 * a compiler that keeps a tile's sums in memory makes no result wrong, only slow.
 *     bench_tiles [SET...]        pin it: taskset -c 1 bench_tiles
 * A tile is marked where it has less than 0.8 of what its shape allows: of the peak, of the chains that keep two units of
 * four cycles busy, and of two loads a cycle. Without fused multiply-adds copies of registers take more than that. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/clock.h"
#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "linalg/dispatch.h"
#include "linalg/speed.h"

#define ROUNDS        9
#define ROUND_SECONDS 0.001
#define DEPTH         ((size_t)128) /* A and B of a tile stay in the first cache level */
#define A_STRIDE      (DEPTH + HWV_STRIP_PAD)
#define ENOUGH        0.8

typedef enum family { GEMM, GEMM_TRANSPOSED, CONV, CONV_WEIGHT, FAMILIES } family;

static const char *const names[FAMILIES] = {"products", "products, A'", "convolution", "weight gradients"};

typedef struct tile {
    family family;
    size_t rows, columns;
    union {
        hwv_tile_function *gemm;
        hwv_conv_tile_function *conv;
        hwv_conv_sum_function *weight;
    } run;
    float *a, *b, *c;
} tile;

static void run_tile(void *context, size_t repeats)
{
    const tile *t = context;
    const size_t a_stride = t->family == GEMM ? A_STRIDE : HWV_PANEL;
    const hwv_tile product = {
        .batch = 1, .depth = DEPTH, .a_stride = a_stride, .b_stride = HWV_PANEL, .c_stride = HWV_PANEL};
    const hwv_conv_segment segment = {.depth = DEPTH};
    const hwv_conv_tile pixels = {
        .batch = 1, .a_stride = A_STRIDE, .c_stride = HWV_PANEL, .segments = &segment, .count = 1};
    const hwv_conv_sum sum = {
        .images = 1, .lines = 1, .depth = DEPTH, .a_stride = HWV_PANEL, .b_stride = HWV_PANEL, .c_stride = HWV_PANEL};
    for (size_t i = 0; i < repeats; i++) {
        if (t->family == CONV)
            t->run.conv(&pixels, t->a, t->b, t->c, t->columns, NULL);
        else if (t->family == CONV_WEIGHT)
            t->run.weight(&sum, t->a, t->b, t->c);
        else
            t->run.gemm(&product, t->a, t->b, t->c, t->columns, NULL);
    }
}

static void run_peak(void *context, size_t repeats)
{
    hwv_peak_of (*(const hwv_isa *)context)(repeats);
}

/* The tile of a family; false where the set has none of this height. */
static bool tile_find(tile *t, hwv_isa isa, size_t vectors)
{
    const hwv_linalg_kernels *kernels = hwv_linalg_kernels_of(isa);
    const size_t v = vectors - 1, r = t->rows - 1;
    t->columns = vectors * kernels->gemm->lanes;
    switch (t->family) {
    case GEMM:
    case GEMM_TRANSPOSED:
        t->run.gemm = t->rows <= HWV_TILE_ROWS ? kernels->gemm->tiles[t->family == GEMM_TRANSPOSED][v][r] : NULL;
        return t->run.gemm != NULL;
    case CONV:
        t->run.conv = kernels->conv->tiles[v][r];
        return t->run.conv != NULL;
    case CONV_WEIGHT:
        t->run.weight = kernels->conv_weight->sums[v][r];
        return t->run.weight != NULL;
    case FAMILIES:
    default:
        return false;
    }
}

/* Share of the peak that chains and loads allow. */
static double allowed(size_t rows, size_t vectors)
{
    const double sums = (double)(rows * vectors);
    return fmin(1.0, fmin(sums / 8.0, sums / (double)(rows + vectors)));
}

static hwv_status share_of(tile *t, hwv_isa isa, double *share, hwv_error *error)
{
    hwv_candidate candidates[2] = {{.name = "peak", .run = run_peak, .context = &isa},
                                   {.name = "tile", .run = run_tile, .context = t}};
    HWV_TRY(hwv_rounds(candidates, 2, ROUNDS, ROUND_SECONDS, error));
    const double of_tile = 2.0 * (double)(t->rows * t->columns * DEPTH);
    /* Of one step of the peak: all its chains. */
    *share = of_tile / (hwv_peak_of(isa)(16) / 16) * candidates[1].ratio;
    return HWV_OK;
}

static hwv_status line(tile *t, hwv_isa isa, size_t vectors, size_t *slow, hwv_error *error)
{
    bool any = false;
    for (t->rows = 1; t->rows <= HWV_CONV_ROWS; t->rows++) {
        double share;
        if (!tile_find(t, isa, vectors))
            continue;
        if (!any)
            printf("%-7s %-16s x%zu ", hwv_isa_name(isa), names[t->family], vectors);
        any = true;
        HWV_TRY(share_of(t, isa, &share, error));
        const bool bad = share < ENOUGH * allowed(t->rows, vectors);
        printf(" %zu:%.2f%s", t->rows, share, bad ? "!" : "");
        *slow += bad;
    }
    if (any)
        printf("\n");
    fflush(stdout);
    return HWV_OK;
}

static hwv_status tables(hwv_isa isa, const hwv_arena *memory, size_t *slow, hwv_error *error)
{
    for (family f = GEMM; f < FAMILIES; f++)
        for (size_t vectors = HWV_TILE_VECTORS; vectors > 0; vectors--) {
            float *floats = (float *)(void *)memory->base;
            tile t = {.family = f, .a = floats, .b = floats + 16 * A_STRIDE + DEPTH * HWV_PANEL};
            t.c = t.b + DEPTH * HWV_PANEL + 16;
            HWV_TRY(line(&t, isa, vectors, slow, error));
        }
    return HWV_OK;
}

static bool chosen(hwv_isa isa, char **words, int count)
{
    for (int i = 1; i < count; i++)
        if (strcmp(words[i], hwv_isa_name(isa)) == 0)
            return true;
    return count == 1;
}

int main(int count, char **words)
{
    hwv_error error;
    hwv_arena arena = {0};
    size_t slow = 0;
    const size_t floats = 16 * A_STRIDE + 2 * DEPTH * HWV_PANEL + 16 + HWV_CONV_ROWS * HWV_PANEL;
    hwv_status status = hwv_arena_init(&arena, floats * sizeof(float), &error);
    printf("Share of the peak of multiply-adds, by rows of a tile of so many vectors, k = %zu; !: below %.1f of what "
           "chains\n"
           "and loads allow\n",
           DEPTH, ENOUGH);
    for (size_t i = 0; status == HWV_OK && i < hwv_isa_count(); i++)
        if (chosen(hwv_isa_get(i), words, count))
            status = tables(hwv_isa_get(i), &arena, &slow, &error);
    hwv_arena_free(&arena);
    if (status != HWV_OK) {
        fprintf(stderr, "bench_tiles: %s\n", error.text);
        return 4;
    }
    printf("%zu slow tile%s\n", slow, slow == 1 ? "" : "s");
    return 0;
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What tests of convolutions have in common: shapes, and arrays that end at a closed page. */
#ifndef HWV_TEST_CONV_PROBLEM_H
#define HWV_TEST_CONV_PROBLEM_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/isa.h"
#include "halfwave/random.h"
#include "linalg/conv.h"
#include "page.h"

#define SEED UINT64_C(31)

static unsigned failures;
static size_t checked;

typedef struct shape {
    hwv_conv conv;
    size_t images;
} shape;

static inline void fail(const shape *s, const char *what)
{
    const hwv_conv *c = &s->conv;
    if (failures++ < 20)
        printf("FAIL %s: %zu images %zux%zux%zu, %zu filters %zux%zu, stride %zu,%zu, pad %zu,%zu %zu,%zu, groups %zu: "
               "%s\n",
               hwv_isa_name(hwv_isa_current()), s->images, c->height, c->width, c->channels, c->filters, c->kernel[0],
               c->kernel[1], c->stride[0], c->stride[1], c->pad_before[0], c->pad_before[1], c->pad_after[0],
               c->pad_after[1], c->groups, what);
}

static inline void *allocate(size_t count, size_t size)
{
    void *block = calloc(count > 0 ? count : 1, size);
    if (!block) {
        printf("out of memory\n");
        exit(1);
    }
    return block;
}

/* An array of floats that ends at a closed page, with the same values and their absolutes in double. */
typedef struct array {
    size_t count;
    float *at;
    double *exact, *size;
    page_edge edge;
} array;

static inline array array_make(size_t count, uint32_t stream)
{
    array a = {.count = count, .edge = page_edge_make(count * sizeof(float))};
    a.at = a.edge.data;
    a.exact = allocate(count, sizeof *a.exact);
    a.size = allocate(count, sizeof *a.size);
    for (size_t i = 0; i < count; i++) {
        uint32_t r[4];
        hwv_philox(SEED, stream, 0, i, r);
        a.at[i] = (float)((int32_t)r[0]) * 0x1p-30f;
        a.exact[i] = (double)a.at[i];
        a.size[i] = fabs(a.exact[i]);
    }
    return a;
}

static inline void array_free(array *a)
{
    page_edge_free(&a->edge);
    free(a->exact);
    free(a->size);
}

static inline uint64_t bits_of(const array *a)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < a->count; i++) {
        uint32_t bits;
        memcpy(&bits, &a->at[i], sizeof bits);
        hash = (hash ^ bits) * UINT64_C(0x100000001b3);
    }
    return hash;
}

/* Sums with fused multiply-add are the same on all sets that have it. */
static inline bool fuses(void)
{
    const char *name = hwv_isa_name(hwv_isa_current());
    return strcmp(name, "scalar") != 0 && strcmp(name, "sse2") != 0;
}

/* Square kernels, the same padding and stride in both dimensions. */
static inline shape square(size_t images, size_t size, size_t channels, size_t filters, size_t kernel, size_t stride,
                           size_t pad, size_t groups)
{
    return (shape){{size, size, channels, filters, {kernel, kernel}, {stride, stride}, {pad, pad}, {pad, pad}, groups},
                   images};
}

static inline size_t draw(uint32_t stream, uint64_t index, size_t below)
{
    uint32_t r[4];
    hwv_philox(SEED, stream, 0, index, r);
    return r[0] % below;
}

#endif

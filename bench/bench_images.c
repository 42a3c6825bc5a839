/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pooling, batch norm, what lies between two convolutions, dropout and sums of columns beside memcpy of as many bytes (half of what an operation reads and
 * writes, copied), in interleaved rounds, one thread, every set of this machine but the scalar one.
 *     bench_images [pool] [norm] [bridge] [drop] [sum]        pin it: taskset -c 1 bench_images */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/clock.h"
#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "linalg/batch_norm.h"
#include "linalg/bridge.h"
#include "linalg/dropout.h"
#include "linalg/pooling.h"
#include "linalg/vector.h"

#define ROUNDS        21
#define ROUND_SECONDS 0.004
/* Bytes of the largest array. */
#define LARGEST ((size_t)128 * 32 * 32 * 32 * sizeof(float))

/* Arrays of the largest case. */
typedef struct arrays {
    float *x, *y, *dx, *dy;
    uint8_t *taps;
    void *workspace;
} arrays;

typedef struct work {
    const arrays *a;
    size_t images, bytes; /* read and written */
    hwv_pooling pooling;
    hwv_batch_norm norm;
    hwv_bridge bridge;
    void (*run)(const struct work *work);
} work;

static void run_copy(void *context, size_t repeats)
{
    const work *w = context;
    for (size_t i = 0; i < repeats; i++)
        for (size_t left = w->bytes / 2, part = left; left > 0; left -= part) {
            part = left < LARGEST ? left : LARGEST;
            memcpy(w->a->y, w->a->x, part);
        }
}

static void run_work(void *context, size_t repeats)
{
    const work *w = context;
    for (size_t i = 0; i < repeats; i++)
        w->run(w);
}

static void max_train(const work *w)
{
    hwv_max_pool_forward(&w->pooling, NULL, w->images, w->a->x, w->a->y, w->a->taps);
}

static void max_forward(const work *w)
{
    hwv_max_pool_forward(&w->pooling, NULL, w->images, w->a->x, w->a->y, NULL);
}

static void max_backward(const work *w)
{
    hwv_max_pool_backward(&w->pooling, NULL, w->images, w->a->dy, w->a->taps, w->a->dx);
}

static void mean_forward(const work *w)
{
    hwv_average_pool_forward(&w->pooling, NULL, w->images, w->a->x, w->a->y);
}

static void mean_backward(const work *w)
{
    hwv_average_pool_backward(&w->pooling, NULL, w->images, w->a->dy, w->a->dx);
}

static void global_forward(const work *w)
{
    const hwv_pooling *p = &w->pooling;
    hwv_global_average_forward(NULL, w->images, p->height * p->width, p->channels, w->a->x, w->a->y);
}

static float channel[4][1024];
static hwv_batch_norm_moments moments[1024];

static void norm_measure(const work *w)
{
    hwv_batch_norm_measure(&w->norm, NULL, w->a->x, 0.1f, channel[0], channel[1], moments, w->a->workspace);
}

static void norm_forward(const work *w)
{
    hwv_batch_norm_forward(&w->norm, NULL, w->a->x, moments, w->a->y, NULL, NULL, w->a->workspace);
}

static void norm_train(const work *w)
{
    norm_measure(w);
    norm_forward(w);
}

static void norm_backward(const work *w)
{
    const hwv_batch_norm_gradients gradients = {w->a->dx, channel[2], channel[3], false, false};
    hwv_batch_norm_backward(&w->norm, NULL, w->a->x, w->a->dy, moments, false, &gradients, w->a->workspace);
}

static const struct {
    const char *name;
    void (*run)(const work *work);
    size_t passes; /* over an array of the size of x */
} norm_operations[] = {
    {"norm, moments", norm_measure, 1},
    {"norm, y", norm_forward, 2},
    {"norm forward", norm_train, 3},
    {"norm backward", norm_backward, 5},
};

static const struct {
    const char *name;
    void (*run)(const work *work);
    size_t y_bytes; /* read or written for an element of y, beside one of x for each of x */
} operations[] = {
    {"max, taps kept", max_train, 5},    {"max", max_forward, 4},
    {"max backward", max_backward, 5},   {"mean", mean_forward, 4},
    {"mean backward", mean_backward, 4}, {"mean of all", global_forward, 0},
};

static hwv_status compare(work w, const char *shape, const char *name, hwv_error *error)
{
    hwv_candidate candidates[HWV_ISA_COUNT] = {{.name = "memcpy", .run = run_copy, .context = &w}};
    hwv_candidate own = {.name = name, .run = run_work, .context = &w};
    for (size_t set = 0; set + 1 < hwv_isa_count(); set++) {
        HWV_TRY(hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), error));
        candidates[1] = own;
        HWV_TRY(hwv_rounds(candidates, 2, ROUNDS, ROUND_SECONDS, error));
        printf("%-28s %-16s %-7s %7.3f ms %6.1f GB/s, memcpy %6.1f GB/s, ratio %.2f (%.2f to %.2f)\n", shape, name,
               hwv_isa_name(hwv_isa_current()), candidates[1].seconds * 1e3,
               (double)w.bytes / candidates[1].seconds * 1e-9, (double)w.bytes / candidates[0].seconds * 1e-9,
               candidates[1].ratio, candidates[1].ratio_low, candidates[1].ratio_high);
    }
    return HWV_OK;
}

static const struct {
    const char *name;
    size_t images;
    hwv_pooling pooling;
} shapes[] = {
    {"64 x 28 x 28 x 32, 2/2", 64, {28, 28, 32, {2, 2}, {2, 2}, {0, 0}, {0, 0}, false}},
    {"2 x 28 x 28 x 32, 2/2", 2, {28, 28, 32, {2, 2}, {2, 2}, {0, 0}, {0, 0}, false}},
    {"64 x 32 x 32 x 32, 3/2 pad 1", 64, {32, 32, 32, {3, 3}, {2, 2}, {1, 1}, {1, 1}, false}},
    {"64 x 28 x 28 x 6, 2/2", 64, {28, 28, 6, {2, 2}, {2, 2}, {0, 0}, {0, 0}, false}},
};

static hwv_status pools(const arrays *a, hwv_error *error)
{
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (size_t o = 0; o < sizeof operations / sizeof operations[0]; o++) {
            const hwv_pooling *p = &shapes[s].pooling;
            size_t x = shapes[s].images * p->height * p->width * p->channels;
            size_t y = shapes[s].images * hwv_pooling_height(p) * hwv_pooling_width(p) * p->channels;
            work w = {.a = a, .images = shapes[s].images, .pooling = *p, .run = operations[o].run};
            w.bytes = x * sizeof(float) + y * operations[o].y_bytes;
            HWV_TRY(compare(w, shapes[s].name, operations[o].name, error));
        }
    return HWV_OK;
}

static hwv_status norms(const arrays *a, hwv_error *error)
{
    static const size_t of[][2] = {{128 * 32 * 32, 32}, {128 * 8 * 8, 128}, {128 * 32 * 32, 3}, {256, 512}};
    for (size_t s = 0; s < sizeof of / sizeof of[0]; s++)
        for (size_t o = 0; o < sizeof norm_operations / sizeof norm_operations[0]; o++) {
            char name[48];
            work w = {.a = a, .norm = {of[s][0], of[s][1], 1e-5f, a->dy, a->dy, 0, 0}, .run = norm_operations[o].run};
            w.bytes = norm_operations[o].passes * of[s][0] * of[s][1] * sizeof(float);
            snprintf(name, sizeof name, "%zu x %zu", of[s][0], of[s][1]);
            HWV_TRY(compare(w, name, norm_operations[o].name, error));
        }
    return HWV_OK;
}

static const hwv_dropout dropout = {.rate = 0.5f, .seed = 1, .stream = 4};

static void drop_forward(const work *w)
{
    hwv_dropout_forward(&dropout, NULL, w->images, w->a->x, w->a->y, w->a->workspace);
}

static void drop_backward(const work *w)
{
    hwv_dropout_backward(&dropout, NULL, w->images, w->a->x, w->a->workspace, w->a->y);
}

/* 64 rows of 512 features. */
static void bridge_measure(const work *w)
{
    for (size_t i = 0; i < w->images; i++)
        hwv_bridge_measure(&w->bridge, i, w->a->x + i * hwv_bridge_in(&w->bridge));
    hwv_bridge_measured(&w->bridge, 0.1f, channel[0], channel[1]);
}

static void bridge_forward(const work *w)
{
    for (size_t i = 0; i < w->images; i++)
        hwv_bridge_forward(&w->bridge, w->a->x + i * hwv_bridge_in(&w->bridge),
                           w->a->y + i * hwv_bridge_out(&w->bridge));
}

static void bridge_sum(const work *w)
{
    const hwv_batch_norm_gradients gradients = {NULL, channel[2], channel[3], false, false};
    for (size_t i = 0; i < w->images; i++)
        hwv_bridge_sum(&w->bridge, i, w->a->x + i * hwv_bridge_in(&w->bridge),
                       w->a->dy + i * hwv_bridge_out(&w->bridge));
    hwv_bridge_summed(&w->bridge, &gradients);
}

static void bridge_backward(const work *w)
{
    for (size_t i = 0; i < w->images; i++) {
        const size_t at = i * hwv_bridge_in(&w->bridge);
        hwv_bridge_backward(&w->bridge, w->a->x + at, w->a->dy + i * hwv_bridge_out(&w->bridge), w->a->dx + at);
    }
}

/* An image that stays in the cache, and a batch. */
static hwv_status bridges(const arrays *a, hwv_error *error)
{
    static const struct {
        const char *name;
        void (*run)(const work *work);
        size_t z, d; /* arrays of their sizes that are read or written */
    } walks[] = {{"measure", bridge_measure, 1, 0},
                 {"make a", bridge_forward, 1, 1},
                 {"sum", bridge_sum, 1, 1},
                 {"make dz", bridge_backward, 2, 1}};
    static const size_t of[][2] = {{32, 32}, {16, 64}, {8, 128}}, images[] = {1, 128};
    for (size_t i = 0; i < 2 * sizeof of / sizeof of[0] * 2; i++)
        for (size_t k = 0; k < sizeof walks / sizeof walks[0]; k++) {
            const size_t side = of[i / 4][0], channels = of[i / 4][1], pool = i % 2, many = images[i / 2 % 2];
            char name[48];
            work w = {.a = a,
                      .images = many,
                      .bridge = {.norm = {many * side * side, channels, 1e-5f, a->dy, a->dy, side, side},
                                 .act = hwv_act_make(HWV_OP_RELU),
                                 .pool = pool,
                                 .kept = a->workspace},
                      .run = walks[k].run};
            const size_t z = many * hwv_bridge_in(&w.bridge), d = many * hwv_bridge_out(&w.bridge);
            w.bytes = (walks[k].z * z + walks[k].d * d) * sizeof(float);
            snprintf(name, sizeof name, "%zu x %zu x %zu x %zu%s", many, side, side, channels, pool ? ", pool" : "");
            HWV_TRY(compare(w, name, walks[k].name, error));
        }
    return HWV_OK;
}

static hwv_status dropouts(const arrays *a, hwv_error *error)
{
    work w = {.a = a, .images = (size_t)64 * 512, .bytes = (size_t)64 * 512 * (2 * sizeof(float)), .run = drop_forward};
    HWV_TRY(compare(w, "32768", "dropout", error));
    w.run = drop_backward;
    return compare(w, "32768", "dropout backward", error);
}

static void sum_plain(const work *w)
{
    hwv_column_sum(w->norm.rows, w->norm.channels, w->a->x, w->norm.channels, false, channel[0]);
}

static void sum_blocks(const work *w)
{
    hwv_column_sum_on(NULL, w->norm.rows, w->norm.channels, w->a->x, w->norm.channels, false, channel[0],
                      w->a->workspace);
}

/* A bias gradient of images. */
static hwv_status sums(const arrays *a, hwv_error *error)
{
    work w = {.a = a, .norm = {.rows = 64 * 28 * 28, .channels = 32}, .run = sum_plain};
    w.bytes = w.norm.rows * w.norm.channels * sizeof(float);
    HWV_TRY(compare(w, "50176 x 32", "column sum", error));
    w.run = sum_blocks;
    return compare(w, "50176 x 32", "sum of blocks", error);
}

static bool asked(int count, char **arguments, const char *what)
{
    for (int i = 1; i < count; i++)
        if (strcmp(arguments[i], what) == 0)
            return true;
    return count == 1;
}

static hwv_status bench(int count, char **arguments, hwv_error *error)
{
    const size_t largest = LARGEST, rest = largest / 8;
    hwv_arena arena = {0};
    HWV_TRY(hwv_arena_init(&arena, 4 * largest + 2 * rest, error));
    arrays a = {.x = hwv_arena_take(&arena, largest),
                .y = hwv_arena_take(&arena, largest),
                .dx = hwv_arena_take(&arena, largest),
                .dy = hwv_arena_take(&arena, largest),
                .taps = hwv_arena_take(&arena, rest),
                .workspace = hwv_arena_take(&arena, rest)};
    for (size_t i = 0; i < largest / sizeof(float); i++) {
        a.x[i] = (float)((i * 2654435761u >> 8) % 12001) * 0.001f - 6.0f;
        a.dy[i] = a.x[i] * 0.5f;
    }
    for (size_t i = 0; i < rest; i++)
        a.taps[i] = (uint8_t)(i % 4);
    hwv_status status = HWV_OK;
    if (asked(count, arguments, "pool"))
        status = pools(&a, error);
    if (status == HWV_OK && asked(count, arguments, "norm"))
        status = norms(&a, error);
    if (status == HWV_OK && asked(count, arguments, "bridge"))
        status = bridges(&a, error);
    if (status == HWV_OK && asked(count, arguments, "drop"))
        status = dropouts(&a, error);
    if (status == HWV_OK && asked(count, arguments, "sum"))
        status = sums(&a, error);
    hwv_arena_free(&arena);
    return status;
}

int main(int count, char **arguments)
{
    hwv_error error;
    if (bench(count, arguments, &error) != HWV_OK) {
        fprintf(stderr, "%s\n", error.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Convolution: the layers of two networks, and some others, in all three directions, one thread, beside the peak rate
 * of multiply-adds measured in the same rounds; directly and, where it suits, by Winograd (the second line; both: the two
 * gradients in one call). Operations are those of taps inside the image, whatever the algorithm does.
 *     bench_conv [set...] [layer...] [batch=N]        pin it: taskset -c 1 bench_conv avx2 batch=16 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "halfwave/clock.h"
#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "halfwave/pool.h"
#include "linalg/conv.h"
#include "linalg/speed.h"
#include "linalg/winograd.h"

#define ROUNDS 15
/* Rounds are short, so that many are not interrupted; the lower quartile of all calls counts (the clock of a virtual
 * machine makes the best too good now and then). */
#define ROUND_SECONDS 0.002
#define CALLS         ((size_t)32)
#define PEAK_STEPS    20000

typedef struct layer {
    const char *name;
    size_t batch;
    hwv_conv conv;
} layer;

#define SAME(size, channels, filters, kernel, stride, groups)                                                          \
    {                                                                                                                  \
        size, size, channels, filters, {kernel, kernel}, {stride, stride}, {kernel / 2, kernel / 2},                   \
            {kernel / 2, kernel / 2}, groups                                                                           \
    }

static const layer layers[] = {
    {"lenet1", 64, SAME(28, 1, 32, 5, 1, 1)},     {"lenet2", 64, SAME(14, 32, 64, 5, 1, 1)},
    {"vgg1", 128, SAME(32, 3, 32, 3, 1, 1)},      {"vgg2", 128, SAME(32, 32, 32, 3, 1, 1)},
    {"vgg3", 128, SAME(16, 32, 64, 3, 1, 1)},     {"vgg4", 128, SAME(16, 64, 64, 3, 1, 1)},
    {"vgg5", 128, SAME(8, 64, 128, 3, 1, 1)},     {"vgg6", 128, SAME(8, 128, 128, 3, 1, 1)},
    {"small1", 64, SAME(32, 3, 16, 5, 1, 1)},     {"small2", 64, SAME(16, 16, 16, 5, 1, 1)},
    {"small3", 64, SAME(8, 16, 32, 5, 1, 1)},     {"at4", 64, SAME(4, 128, 128, 3, 1, 1)},
    {"stem7x7/2", 4, SAME(112, 3, 64, 7, 2, 1)},  {"down3x3/2", 64, SAME(16, 32, 64, 3, 2, 1)},
    {"point1x1", 64, SAME(16, 64, 128, 1, 1, 1)}, {"point1x1/2", 64, SAME(16, 64, 128, 1, 2, 1)},
    {"at7", 32, SAME(7, 128, 128, 3, 1, 1)},      {"at56", 4, SAME(56, 64, 64, 3, 1, 1)},
    {"odd", 32, SAME(15, 20, 50, 3, 1, 1)},       {"group4", 32, SAME(16, 64, 64, 3, 1, 4)},
    {"depth3x3", 64, SAME(16, 64, 64, 3, 1, 64)}, {"depth3x3/2", 64, SAME(16, 64, 64, 3, 2, 64)},
};

typedef struct buffers {
    float *x, *y, *weight, *result, *dweight;
    void *workspace;
} buffers;

static const char *const directions[] = {"forward", "data", "weight", "both"};
#define DIRECTIONS (sizeof directions / sizeof *directions)

static void run_direct(const layer *l, size_t images, size_t direction, const buffers *b)
{
    if (direction == 0)
        hwv_conv_forward(&l->conv, NULL, images, b->x, b->weight, NULL, b->result, NULL, NULL, b->workspace);
    if (direction == 1 || direction == 3)
        hwv_conv_backward_data(&l->conv, NULL, images, b->y, b->weight, b->result, b->workspace);
    if (direction == 2 || direction == 3)
        hwv_conv_backward_weight(&l->conv, NULL, images, b->x, b->y, b->dweight, false, b->workspace);
}

static void run_winograd(const layer *l, size_t images, size_t direction, const buffers *b)
{
    const hwv_image_source x = {.at = b->x}, dy = {.at = b->y};
    const hwv_conv_after after = {.bias = NULL};
    const hwv_winograd_gradients gradients = {.dweight = direction != 1 ? b->dweight : NULL,
                                              .dx = direction != 2 ? b->result : NULL};
    if (direction == 0)
        hwv_winograd_forward(&l->conv, NULL, images, &x, b->weight, &after, b->result, b->workspace);
    else
        hwv_winograd_backward(&l->conv, NULL, images, &x, &dy, b->weight, &gradients, b->workspace);
}

typedef void run_function(const layer *l, size_t images, size_t direction, const buffers *b);

/* Time that this thread had the CPU. */
static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static float *take(hwv_arena *arena, size_t count)
{
    float *x = hwv_arena_take(arena, count * sizeof *x);
    for (size_t i = 0; i < count; i++)
        x[i] = (float)(i * 7 % 97) / 97.0f - 0.5f;
    return x;
}

static size_t largest(size_t a, size_t b)
{
    return a > b ? a : b;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t workspace_of(const hwv_conv *c, size_t images)
{
    const size_t direct =
        largest(hwv_conv_forward_workspace(c, images, 1), largest(hwv_conv_backward_data_workspace(c, images, 1),
                                                                  hwv_conv_backward_weight_workspace(c, images, 1)));
    if (!hwv_winograd_suits(c))
        return direct;
    return largest(
        direct, largest(hwv_winograd_forward_workspace(c, images, 1), hwv_winograd_backward_workspace(c, images, 1)));
}

/* All directions in turn, in rounds. */
static void measure(const layer *l, size_t images, hwv_isa isa, const char *algorithm, run_function *function,
                    const buffers *b)
{
    static double times[DIRECTIONS][ROUNDS * CALLS];
    size_t calls[DIRECTIONS] = {0};
    double rates[ROUNDS];
    for (size_t round = 0; round < ROUNDS; round++) {
        double start = cpu_seconds(), done = hwv_peak_of(isa)(PEAK_STEPS);
        rates[round] = done / (cpu_seconds() - start);
        for (size_t d = 0; d < DIRECTIONS; d++) {
            double began = cpu_seconds(), now = began;
            for (size_t call = 0; call < CALLS && (call < 2 || now - began < ROUND_SECONDS); call++) {
                start = now;
                function(l, images, d, b);
                now = cpu_seconds();
                times[d][calls[d]++] = now - start;
            }
        }
    }
    const double rate = hwv_median(rates, ROUNDS);
    printf("%-10s %-8s %4zu %-7s %6.1f", l->name, algorithm, images, hwv_isa_name(isa), rate * 1e-9);
    for (size_t d = 0; d < DIRECTIONS; d++) {
        qsort(times[d], calls[d], sizeof *times[d], compare_doubles);
        const double done = hwv_conv_flops(&l->conv) * (double)images * (d == 3 ? 2.0 : 1.0);
        const double seconds = times[d][calls[d] / 4], flops = done / seconds;
        printf(" | %7.3f %5.1f %.2f", seconds * 1e3, flops * 1e-9, flops / rate);
    }
    printf("\n");
    fflush(stdout);
}

static void bench_layer(const layer *l, size_t images, hwv_isa isa)
{
    const hwv_conv *c = &l->conv;
    const size_t x = images * c->height * c->width * c->channels;
    const size_t y = images * hwv_conv_height(c) * hwv_conv_width(c) * c->filters;
    const size_t w = c->filters * (c->channels / c->groups) * c->kernel[0] * c->kernel[1];
    const size_t space = workspace_of(c, images);
    hwv_error error = {HWV_OK, ""};
    hwv_arena arena = {0};
    if (hwv_arena_init(&arena, (x + y + 2 * w + largest(x, y)) * sizeof(float) + space + 6 * HWV_ALIGNMENT, &error) !=
        HWV_OK) {
        fprintf(stderr, "bench_conv: %s\n", error.text);
        exit(4);
    }
    const buffers b = {take(&arena, x), take(&arena, y),
                       take(&arena, w), take(&arena, largest(x, y)),
                       take(&arena, w), hwv_arena_take(&arena, space)};
    measure(l, images, isa, "direct", run_direct, &b);
    if (hwv_winograd_suits(c))
        measure(l, images, isa, "winograd", run_winograd, &b);
    hwv_arena_free(&arena);
}

/* Whether one of the arguments is this name, or none names any of these things. */
static bool wanted(const char *name, int argc, char **argv, bool (*known)(const char *name))
{
    bool any = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], name) == 0)
            return true;
        any |= known(argv[i]);
    }
    return !any;
}

static bool is_layer(const char *name)
{
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        if (strcmp(layers[i].name, name) == 0)
            return true;
    return false;
}

static bool is_set(const char *name)
{
    for (size_t i = 0; i < hwv_isa_count(); i++)
        if (strcmp(hwv_isa_name(hwv_isa_get(i)), name) == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    size_t batch = 0;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "batch=", 6) == 0) {
            batch = strtoul(argv[i] + 6, NULL, 10);
        } else if (!is_layer(argv[i]) && !is_set(argv[i])) {
            fprintf(stderr, "bench_conv: '%s' is neither a set, a layer nor batch=N\n", argv[i]);
            return 2;
        }
    }
    printf("%-10s %-8s %4s %-7s %6s", "layer", "by", "n", "set", "peak");
    for (size_t d = 0; d < DIRECTIONS; d++)
        printf(" | %-7s ms GF/s sh", directions[d]);
    printf("\n");
    for (size_t l = 0; l < sizeof layers / sizeof *layers; l++) {
        for (size_t i = 0; i < hwv_isa_count(); i++) {
            const char *set = hwv_isa_name(hwv_isa_get(i));
            if (!wanted(layers[l].name, argc, argv, is_layer) || !wanted(set, argc, argv, is_set))
                continue;
            hwv_isa_force(set, NULL);
            bench_layer(&layers[l], batch > 0 ? batch : layers[l].batch, hwv_isa_get(i));
        }
    }
    return 0;
}

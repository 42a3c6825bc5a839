/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Every row of the table on every runnable set beside the copy ceiling: the fastest of memcpy, a vector loop and
 * a loop around the cache over the same byte streams, in interleaved rounds. Then the small calls of a training
 * step, and counts. Sizes are those of one array.
 *     bench_act [BYTES...]        pin it: taskset -c 1 bench_act 16384 524288 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/act.h"
#include "halfwave/clock.h"
#include "halfwave/memory.h"

#define ROUNDS        51
#define ROUND_SECONDS 0.0005

typedef enum what { FORWARD, BACKWARD, FORWARD_MASK, BACKWARD_MASK, BIAS, WHATS } what;
static const char *const what_names[WHATS] = {"forward", "backward", "forward+mask", "backward mask", "bias"};

/* One contestant: an activation's pass on rows * cols elements, or a copy (`method` >= 0) of as many streams. */
typedef struct work {
    hwv_act act;
    what what;
    int method;
    size_t rows, cols;
    float *y;
    const float *x, *dy;
    uint64_t *mask;
} work;

static void run(void *context, size_t repeats)
{
    const work *w = context;
    volatile size_t rows_now = w->rows, cols_now = w->cols;
    size_t rows = rows_now, cols = cols_now, words = hwv_mask_words(cols);
    for (size_t i = 0; i < repeats; i++) {
        if (w->method >= 0)
            hwv_copy_f32(w->method, w->y, w->x, w->what == BACKWARD ? w->dy : NULL, rows * cols);
        else if (w->what == FORWARD)
            hwv_act_forward(&w->act, HWV_F32, rows, cols, w->y, cols, w->x, cols);
        else if (w->what == BACKWARD)
            hwv_act_backward(&w->act, HWV_F32, rows, cols, w->y, cols, w->dy, cols, w->x, cols);
        else if (w->what == FORWARD_MASK)
            hwv_act_forward_mask(&w->act, HWV_F32, rows, cols, w->y, cols, w->x, cols, w->mask, words);
        else if (w->what == BACKWARD_MASK)
            hwv_act_backward_mask(&w->act, HWV_F32, rows, cols, w->y, cols, w->dy, cols, w->mask, words);
        else
            hwv_act_bias_forward(&w->act, HWV_F32, rows, cols, w->y, cols, w->x, cols, w->dy, NULL, 0);
    }
}

static int has(const hwv_act *act, what p)
{
    return (p != FORWARD_MASK && p != BACKWARD_MASK) || (hwv_act_claims(act) & HWV_PIECEWISE);
}

static hwv_status beside_ceiling(work w, size_t bytes, hwv_error *error)
{
    work copy[HWV_COPY_METHODS];
    hwv_candidate candidates[1 + HWV_COPY_METHODS] = {{.name = "pass", .run = run, .context = &w}};
    for (int m = 0; m < HWV_COPY_METHODS; m++) {
        copy[m] = w;
        copy[m].method = m;
        candidates[m + 1] = (hwv_candidate){.name = "copy", .run = run, .context = &copy[m]};
    }
    HWV_TRY(hwv_rounds(candidates, 1 + HWV_COPY_METHODS, ROUNDS, ROUND_SECONDS, error));
    const hwv_candidate *best = &candidates[1];
    for (int m = 1; m < HWV_COPY_METHODS; m++)
        if (candidates[m + 1].seconds < best->seconds)
            best = &candidates[m + 1];
    double moved = (double)bytes * (w.what == BACKWARD ? 3 : 2) * 1e-9;
    printf("%-7s %-11s %-14s %9zu B %8.1f GB/s ceiling %6.1f (%d) share %.3f [%.3f, %.3f]\n",
           hwv_isa_name(hwv_isa_current()), hwv_op_row(w.act.op)->name, what_names[w.what], bytes,
           moved / candidates[0].seconds, moved / best->seconds, (int)(best - candidates) - 1, 1 / best->ratio,
           1 / best->ratio_high, 1 / best->ratio_low);
    return HWV_OK;
}

/* Calls as a step of training makes them. */
static hwv_status small(work w, hwv_error *error)
{
    static const size_t shapes[][2] = {{1, 320}, {32, 32}, {32, 128}, {32, 512}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        w.rows = shapes[s][0], w.cols = shapes[s][1];
        printf("%-7s %-11s %3zu x %3zu:", hwv_isa_name(hwv_isa_current()), hwv_op_row(w.act.op)->name, w.rows, w.cols);
        for (what p = 0; p < WHATS; p++) {
            hwv_candidate candidate = {.name = "pass", .run = run, .context = &w};
            w.what = p;
            if (!has(&w.act, p))
                continue;
            HWV_TRY(hwv_rounds(&candidate, 1, ROUNDS, ROUND_SECONDS / 2, error));
            printf("  %s %.0f ns", what_names[p], candidate.seconds * 1e9);
        }
        printf("\n");
    }
    return HWV_OK;
}

typedef struct counting {
    size_t rows, cols;
    uint64_t *mask, counts[512];
} counting;

static void run_count(void *context, size_t repeats)
{
    counting *c = context;
    for (size_t i = 0; i < repeats; i++)
        hwv_mask_count(c->rows, c->cols, c->mask, hwv_mask_words(c->cols), c->counts);
}

static hwv_status counts(uint64_t *mask, hwv_error *error)
{
    static const size_t shapes[][2] = {{32, 32}, {32, 512}, {1000, 64}, {1000, 512}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        counting c = {.rows = shapes[s][0], .cols = shapes[s][1], .mask = mask};
        hwv_candidate candidate = {.name = "count", .run = run_count, .context = &c};
        HWV_TRY(hwv_rounds(&candidate, 1, ROUNDS, ROUND_SECONDS / 2, error));
        printf("%-7s count %4zu x %3zu: %.0f ns, %.1f bits/ns\n", hwv_isa_name(hwv_isa_current()), c.rows, c.cols,
               candidate.seconds * 1e9, (double)(c.rows * c.cols) / (candidate.seconds * 1e9));
    }
    return HWV_OK;
}

static hwv_status bench(const size_t *sizes, size_t count, hwv_error *error)
{
    size_t largest = 1 << 20;
    for (size_t i = 0; i < count; i++)
        largest = sizes[i] > largest ? sizes[i] : largest;
    hwv_arena arena = {0};
    HWV_TRY(hwv_arena_init(&arena, 4 * hwv_size_align(largest) + 4096, error));
    float *x = hwv_arena_take(&arena, largest), *dy = hwv_arena_take(&arena, largest);
    float *y = hwv_arena_take(&arena, largest);
    uint64_t *mask = hwv_arena_take(&arena, largest);
    for (size_t i = 0; i < largest / sizeof *x; i++) {
        x[i] = (float)((i * 2654435761u >> 8) % 12001) * 0.001f - 6.0f;
        dy[i] = x[i] * 0.5f;
    }
    memset(mask, 0x5a, largest);
    hwv_status status = HWV_OK;
    for (size_t set = 0; status == HWV_OK && set + 1 < hwv_isa_count(); set++) {
        status = hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), error);
        for (size_t o = 0; status == HWV_OK && o < hwv_op_count(); o++) {
            work w = {.act = hwv_act_make(hwv_op_get(o)->op),
                      .method = -1,
                      .rows = 1,
                      .y = y,
                      .x = x,
                      .dy = dy,
                      .mask = mask};
            for (size_t i = 0; i < count; i++)
                for (w.what = FORWARD; status == HWV_OK && w.what < BIAS; w.what++) {
                    w.cols = sizes[i] / sizeof *x;
                    if (has(&w.act, w.what))
                        status = beside_ceiling(w, sizes[i], error);
                }
            if (status == HWV_OK)
                status = small(w, error);
        }
        if (status == HWV_OK)
            status = counts(mask, error);
    }
    hwv_arena_free(&arena);
    return status;
}

int main(int count, char **arguments)
{
    size_t sizes[16] = {16384, 524288}, given = 2;
    if (count > 1)
        for (given = 0; given < 16 && given + 1 < (size_t)count; given++)
            sizes[given] = (size_t)strtoull(arguments[given + 1], NULL, 0);
    hwv_error error;
    if (bench(sizes, given, &error) != HWV_OK) {
        fprintf(stderr, "%s\n", error.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

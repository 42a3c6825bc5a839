/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The feed-forward layer of one token, up + relu + down, with the weights of zeros left out and without, in turn.
 *     bench_generate [--threads N] [--width N] [--write FOLDER] [CHECKPOINT]
 * Drawn vectors of a given share of zeros; and of a checkpoint of halfwave train --data text:FILE every layer at every token
 * of a text that it generates, by the generator's own steps, and whole tokens. Without zeros beside the product of
 * training. */
#include <stdlib.h>

#include "halfwave/clock.h"
#include "halfwave/generate.h"
#include "halfwave/isa.h"
#include "halfwave/random.h"
#include "halfwave/train.h"
#include "linalg/gemm.h"
#include "machine.h"
#include "model/generator.h"

#define ROUNDS        11
#define ROUND_SECONDS 0.01
#define VECTORS       ((size_t)16) /* that take turns, so that no branch is foretold */
#define TOKENS        ((size_t)256)

static void check(hwv_status status, const char *what, const hwv_error *error)
{
    if (status == HWV_OK)
        return;
    fprintf(stderr, "bench_generate: %s: %s\n", what, error->text);
    exit(4);
}

/* ---- drawn vectors ------------------------------------------------------------------------------------ */

typedef enum kind { DENSE, SKIPPING, GEMM, WAYS } kind;

typedef struct layer {
    size_t width, units;
    hwv_gemv up, down;
    float *up_packed, *down_packed, *up_bias, *down_bias, *x, *h, *z, *y; /* h: VECTORS of units */
    int32_t *rows;
    void *workspace;
    const hwv_executor *executor;
} layer;

typedef struct run {
    layer *layer;
    kind way;
} run;

static void product(const layer *l, kind way, const hwv_gemv *w, const float *packed, const float *x, const float *bias,
                    bool zeros, float *y)
{
    const hwv_gemm gemm = {.m = 1, .n = w->cols, .k = w->rows, .b_transposed = true};
    if (way == GEMM) {
        hwv_gemm_run_packed(&gemm, l->executor, x, w->rows, packed, y, w->cols, bias, l->workspace);
        return;
    }
    if (zeros && way == SKIPPING)
        hwv_gemv_run_nonzero(w, l->executor, x, bias, l->rows, y);
    else
        hwv_gemv_run(w, l->executor, x, NULL, w->rows, bias, y);
}

static void layer_run(void *context, size_t repeats)
{
    const run *r = context;
    layer *l = r->layer;
    for (size_t i = 0; i < repeats; i++) {
        product(l, r->way, &l->up, l->up_packed, l->x, l->up_bias, false, l->z);
        hwv_relu_f32(l->z, l->z, l->units);
        product(l, r->way, &l->down, l->down_packed, l->h + i % VECTORS * l->units, l->down_bias, true, l->y);
    }
}

static float *take(hwv_arena *arena, size_t count, uint32_t stream)
{
    float *x = hwv_arena_take(arena, count * sizeof *x);
    uint32_t drawn[4] = {0};
    for (size_t i = 0; i < count; i++) {
        if (i % 4 == 0)
            hwv_philox(1, HWV_STREAM_TEST, stream, i / 4, drawn);
        x[i] = (float)(drawn[i % 4] >> 8) * 0x1p-24f - 0.5f;
    }
    return x;
}

/* The matrices are alike in content; what counts is where they lie. */
static void layer_make(layer *l, hwv_arena *arena, size_t width, size_t units, bool packed)
{
    hwv_error error;
    const hwv_gemm up = {.m = 1, .n = units, .k = width, .b_transposed = true};
    const hwv_gemm down = {.m = 1, .n = width, .k = units, .b_transposed = true};
    const size_t workers = hwv_executor_workers(l->executor), up_space = hwv_gemm_workspace(&up, workers);
    const size_t down_space = hwv_gemm_workspace(&down, workers), space = up_space > down_space ? up_space : down_space;
    l->up = hwv_gemv_turned(width, units, false);
    l->down = hwv_gemv_turned(units, width, true);
    const size_t up_floats = hwv_gemv_floats(&l->up), down_floats = hwv_gemv_floats(&l->down);
    const size_t floats = up_floats + down_floats + (VECTORS + 4) * (width + units + HWV_GEMV_SPARE);
    const size_t bytes = packed ? hwv_gemm_packed_bytes(&up) + hwv_gemm_packed_bytes(&down) : 0;
    check(hwv_arena_init(arena, floats * sizeof(float) + bytes + space + 16 * HWV_ALIGNMENT, &error), "memory", &error);
    l->width = width;
    l->units = units;
    l->up.w = take(arena, up_floats, 1);
    l->down.w = take(arena, down_floats, 2);
    l->up_packed = packed ? take(arena, hwv_gemm_packed_bytes(&up) / sizeof(float), 3) : NULL;
    l->down_packed = packed ? take(arena, hwv_gemm_packed_bytes(&down) / sizeof(float), 4) : NULL;
    l->up_bias = take(arena, units, 5);
    l->down_bias = take(arena, width, 6);
    l->x = take(arena, width, 7);
    l->h = take(arena, VECTORS * units, 8);
    l->z = take(arena, units, 9);
    l->y = take(arena, width, 10);
    l->rows = hwv_arena_take(arena, (units + HWV_GEMV_SPARE) * sizeof(int32_t));
    l->workspace = hwv_arena_take(arena, space);
}

/* The share that it came to. */
static double zeros_draw(layer *l, double share)
{
    size_t zeros = 0;
    for (size_t i = 0; i < VECTORS * l->units; i++) {
        const bool zero = hwv_random_uniform(2, HWV_STREAM_TEST, 0, i) < share;
        l->h[i] = zero ? 0 : 0.25f + 0.5f * (float)(i % 7);
        zeros += zero;
    }
    return (double)zeros / (double)(VECTORS * l->units);
}

static void print_ratio(FILE *out, double zeros, const hwv_candidate *skipping)
{
    const double ideal = 2 / (2 - zeros);
    fprintf(out, " %.2f (%.2f to %.2f) | %.2f | %.2f |", skipping->ratio, skipping->ratio_low, skipping->ratio_high,
            ideal, skipping->ratio / ideal);
}

static void drawn(FILE *out, const hwv_executor *executor, size_t width, size_t units)
{
    static const double shares[] = {0, 0.5, 0.9, 0.95, 0.99};
    layer l = {.executor = executor};
    hwv_arena arena = {0};
    hwv_error error;
    layer_make(&l, &arena, width, units, true);
    for (size_t s = 0; s < sizeof shares / sizeof shares[0]; s++) {
        run runs[WAYS] = {{&l, DENSE}, {&l, SKIPPING}, {&l, GEMM}};
        hwv_candidate ways[WAYS] = {{.name = "dense", .run = layer_run, .context = &runs[DENSE]},
                                    {.name = "skipping", .run = layer_run, .context = &runs[SKIPPING]},
                                    {.name = "gemm", .run = layer_run, .context = &runs[GEMM]}};
        const double zeros = zeros_draw(&l, shares[s]);
        check(hwv_rounds(ways, s == 0 ? WAYS : GEMM, ROUNDS, ROUND_SECONDS, &error), "rounds", &error);
        const double seconds = ways[DENSE].seconds;
        fprintf(out, "| %zu -> %zu -> %zu | %.1f %% | %.3g | %.1f |", width, units, width, 100 * zeros, 1e6 * seconds,
                2e-9 * (double)(width * units * sizeof(float)) / seconds);
        print_ratio(out, zeros, &ways[SKIPPING]);
        if (s == 0)
            fprintf(out, " %.2f |\n", 1 / ways[GEMM].ratio);
        else
            fprintf(out, " |\n");
        fflush(out);
    }
    hwv_arena_free(&arena);
}

/* ---- a checkpoint ------------------------------------------------------------------------------------------- */

/* The steps of a feed-forward layer, and what they read at each token. */
typedef struct replayed {
    size_t first, last; /* steps: up, down */
    float *x;           /* [TOKENS, in] */
} replayed;

typedef struct replay {
    hwv_generator *generator;
    replayed layers[64];
    size_t count;
    bool dense;
} replay;

static void replay_run(void *context, size_t repeats)
{
    const replay *r = context;
    hwv_generator *g = r->generator;
    const hwv_generator_span span = {.end = 1};
    g->dense = r->dense;
    for (size_t i = 0; i < repeats * TOKENS; i++)
        for (size_t l = 0; l < r->count; l++) {
            const replayed *of = &r->layers[l];
            const hwv_generator_step *up = &g->steps[of->first];
            memcpy((float *)(uintptr_t)up->x, of->x + i % TOKENS * up->in, up->in * sizeof(float));
            for (size_t s = of->first; s <= of->last; s++)
                g->steps[s].run(g, &g->steps[s], &span);
        }
}

static void text_next(hwv_generator *g)
{
    hwv_sampling sampling = hwv_sampling_defaults();
    hwv_error error;
    int32_t token = 0;
    if (hwv_generator_logits(g))
        check(hwv_generator_sample(g, &sampling, &token, &error), "a token", &error);
    check(hwv_generator_feed(g, &token, 1, &error), "a token", &error);
}

static void text_run(void *context, size_t repeats)
{
    const replay *r = context;
    r->generator->dense = r->dense;
    hwv_generator_reset(r->generator);
    for (size_t i = 0; i < repeats * TOKENS; i++)
        text_next(r->generator);
}

/* A dense step behind an activation, and the one in front. */
static void layers_find(replay *r)
{
    const hwv_generator *g = r->generator;
    for (size_t s = 0; s < g->step_count; s++) {
        size_t first = s;
        if (!g->steps[s].from_act)
            continue;
        while (first > 0 && (first == s || !g->steps[first].turned))
            first--;
        if (r->count == sizeof r->layers / sizeof r->layers[0] || !g->steps[first].turned)
            continue;
        replayed *of = &r->layers[r->count++];
        *of = (replayed){first, s, hwv_calloc(TOKENS, g->steps[first].in * sizeof(float))};
        if (!of->x)
            check(HWV_ERR_MEMORY, "memory", &(hwv_error){HWV_ERR_MEMORY, "none"});
    }
    for (size_t t = 0; t < TOKENS; t++) {
        text_next(r->generator);
        for (size_t l = 0; l < r->count; l++) {
            const hwv_generator_step *up = &g->steps[r->layers[l].first];
            const size_t row = (size_t)(g->last - g->logits) / g->classes;
            memcpy(r->layers[l].x + t * up->in, up->x + row * up->in, up->in * sizeof(float));
        }
    }
}

static void compare(FILE *out, const char *what, replay *r, void (*work)(void *context, size_t repeats))
{
    replay dense = *r;
    hwv_error error;
    dense.dense = true;
    hwv_candidate ways[] = {{.name = "dense", .run = work, .context = &dense},
                            {.name = "skipping", .run = work, .context = r}};
    const hwv_generator_rows before = hwv_generator_count(r->generator);
    work(r, 1);
    hwv_generator_rows rows = hwv_generator_count(r->generator);
    rows.all -= before.all;
    rows.skipped -= before.skipped;
    check(hwv_rounds(ways, 2, ROUNDS, ROUND_SECONDS, &error), "rounds", &error);
    const double zeros = rows.all > 0 ? (double)rows.skipped / (double)rows.all : 0;
    fprintf(out, "| %s | %.1f %% | %.3g |", what, 100 * zeros, 1e6 * ways[0].seconds / (double)TOKENS);
    if (work == replay_run)
        print_ratio(out, zeros, &ways[1]);
    else
        fprintf(out, " %.2f (%.2f to %.2f) | | |", ways[1].ratio, ways[1].ratio_low, ways[1].ratio_high);
    fprintf(out, "\n");
}

static void checkpoint(FILE *out, const char *path, const hwv_executor *executor)
{
    hwv_model model;
    hwv_error error;
    const hwv_generator_options options = {.executor = executor};
    replay r = {0};
    check(hwv_checkpoint_load(&model, path, &error), path, &error);
    check(hwv_generator_create(&r.generator, &model, &options, &error), path, &error);
    layers_find(&r);
    fprintf(out,
            "\nA checkpoint, `%s`, at %zu tokens of a text it generates:\n\n"
            "| | zeros | dense us | dense / skipping | ideal | of it |\n| --- | --- | --- | --- | --- | --- |\n",
            model.notation, TOKENS);
    compare(out, "its feed-forward layers", &r, replay_run);
    compare(out, "a whole token", &r, text_run);
    for (size_t l = 0; l < r.count; l++)
        hwv_free(r.layers[l].x);
    hwv_generator_destroy(r.generator);
    hwv_model_free(&model);
}

/* In the second-level cache, beyond it, in the third, beyond that. */
static const size_t layers[][2] = {{128, 512}, {256, 1024}, {768, 3072}, {4096, 16384}};
enum { LAYERS = sizeof layers / sizeof layers[0] };

int main(int count, char **words)
{
    const char *folder = NULL, *path = NULL;
    size_t threads = 1, only = 0;
    hwv_pool *pool = NULL;
    hwv_error error;
    check(hwv_initialise(&error), "the instruction set", &error);
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--threads") == 0 && i + 1 < count)
            threads = strtoul(words[++i], NULL, 10);
        else if (strcmp(words[i], "--write") == 0 && i + 1 < count)
            folder = words[++i];
        else if (strcmp(words[i], "--width") == 0 && i + 1 < count)
            only = strtoul(words[++i], NULL, 10);
        else
            path = words[i];
    }
    if (threads != 1)
        check(hwv_pool_create(&pool, threads, &error), "threads", &error);
    const hwv_executor *executor = pool ? hwv_pool_executor(pool) : NULL;
    FILE *out = machine_page(folder, "generate.md");
    if (!out)
        return 4;
    machine_heading_of(out, "Zeros that are not read", "./run bench generate", threads);
    fprintf(
        out,
        "\nThe feed-forward layer of one token, up, relu and down, set %s: what dense takes, medians of %d rounds in\n"
        "turn, and the median of the rounds' ratios (90 %% interval): dense in times of skipping the rows of zeros.\n"
        "Ideal: 2 / (2 - zeros). GEMM: the product of training in times of dense, above 1 it is slower.\n\n"
        "| layer | zeros | dense us | GB/s | dense / skipping | ideal | of it | GEMM |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n",
        hwv_isa_name(hwv_isa_current()), ROUNDS);
    for (size_t l = 0; l < LAYERS; l++)
        if (only == 0 || only == layers[l][0])
            drawn(out, executor, layers[l][0], layers[l][1]);
    if (path)
        checkpoint(out, path, executor);
    else
        fprintf(stderr, "without a checkpoint of text: its part is left out\n");
    hwv_pool_destroy(pool);
    return folder ? fclose(out) != 0 : 0;
}

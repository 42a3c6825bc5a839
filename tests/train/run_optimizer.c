/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Optimisers, schedules and clipping against the reference vectors, on every runnable set; the same bits on
 * all sets; what a bad option gets. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "halfwave/isa.h"
#include "halfwave/random.h"
#include "halfwave/train.h"
#include "reference.h"
#include "train/clip.h"
#include "train/optimizer.h"

static int failures;

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: [%s] %s\n", __FILE__, __LINE__, hwv_isa_name(hwv_isa_current()), #condition);      \
            failures++;                                                                                                \
        }                                                                                                              \
    } while (0)

enum { SIZE = 64, STEPS = 5 };

typedef struct row {
    const char *name;
    hwv_optimizer_options options;
} row;

static const row rows[] = {
    {"optim_sgd", {.lr = 0.1}},
    {"optim_sgd_momentum", {.lr = 0.1, .momentum = 0.9}},
    {"optim_sgd_nesterov", {.lr = 0.1, .momentum = 0.9, .nesterov = true}},
    {"optim_sgd_weight_decay", {.lr = 0.1, .weight_decay = 0.01}},
    {"optim_sgd_momentum_weight_decay", {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.01}},
    {"optim_adam", {.optimizer = HWV_OPTIMIZER_ADAM, .lr = 0.01, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8}},
    {"optim_adam_l2",
     {.optimizer = HWV_OPTIMIZER_ADAM, .lr = 0.01, .beta1 = 0.85, .beta2 = 0.99, .eps = 1e-6, .weight_decay = 0.01}},
    {"optim_adamw",
     {.optimizer = HWV_OPTIMIZER_ADAMW, .lr = 0.01, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.01}},
};

/* The options above are those of the case. */
static void check_options(const row *r)
{
    static const char *const paths[] = {"params/lr", "params/momentum", "params/weight_decay", "params/eps"};
    const hwv_optimizer_options *o = &r->options;
    const double values[] = {o->lr, o->momentum, o->weight_decay, o->eps};
    for (size_t i = 0; i < 4; i++) {
        double number;
        if (values[i] != 0)
            CHECK(reference_number(r->name, paths[i], &number) && number == values[i]);
    }
}

/* All 5 steps of a case. tail: the last elements are updated by a call of their own, to see short lengths. */
static void run_case(const row *r, size_t tail)
{
    reference_array p = {0}, g = {0}, exact = {0};
    if (!reference_load(&p, r->name, "in_params") || !reference_load(&g, r->name, "in_grads") ||
        !reference_load(&exact, r->name, "out_params_exact")) {
        failures++;
        return;
    }
    CHECK(p.count == SIZE && g.count == STEPS * SIZE);
    float moments[2][SIZE] = {{0}};
    for (size_t step = 1; step <= STEPS; step++) {
        size_t head = SIZE - tail;
        const float *gradients = g.f32 + (step - 1) * SIZE;
        hwv_optimizer_update(&r->options, r->options.lr, step, true, p.f32, gradients, moments[0], moments[1], head);
        hwv_optimizer_update(&r->options, r->options.lr, step, true, p.f32 + head, gradients + head, moments[0] + head,
                             moments[1] + head, tail);
        for (size_t i = 0; i < SIZE; i++) {
            double wanted = exact.values[(step - 1) * SIZE + i];
            if (!(fabs((double)p.f32[i] - wanted) <= 2e-6 * fmax(1, fabs(wanted)))) {
                fprintf(stderr, "%s, %s, step %zu, element %zu: got %.9g, wanted %.17g\n", r->name,
                        hwv_isa_name(hwv_isa_current()), step, i, (double)p.f32[i], wanted);
                failures++;
            }
        }
    }
    reference_free(&p);
    reference_free(&g);
    reference_free(&exact);
}

static void check_schedule(const char *name, const char *array, const hwv_optimizer_options *options, size_t total)
{
    reference_array t = {0}, lr = {0};
    if (!reference_load(&t, name, "in_t") || !reference_load(&lr, name, array)) {
        failures++;
        return;
    }
    for (size_t i = 0; i < t.count; i++) {
        double got = hwv_schedule_rate(options, (size_t)t.i64[i], total), wanted = lr.values[i];
        if (!(fabs(got - wanted) <= 1e-6 * fabs(wanted) + 1e-9 * options->lr)) {
            fprintf(stderr, "%s, t %zu: got %.17g, wanted %.17g\n", name, i, got, wanted);
            failures++;
        }
    }
    reference_free(&t);
    reference_free(&lr);
}

static void check_schedules(void)
{
    hwv_optimizer_options cosine = {.lr = 0.001, .schedule = HWV_SCHEDULE_COSINE};
    hwv_optimizer_options step = {.lr = 0.001, .schedule = HWV_SCHEDULE_STEP, .step_every = 30, .gamma = 0.1};
    check_schedule("schedule_cosine", "out_lr_torch", &cosine, 100);
    cosine.warmup = 10;
    check_schedule("schedule_cosine_warmup_from_one", "out_lr_exact", &cosine, 100);
    cosine.warmup_from_zero = true;
    check_schedule("schedule_cosine_warmup_from_zero", "out_lr_exact", &cosine, 100);
    check_schedule("schedule_step_decay", "out_lr_torch", &step, 100);
    hwv_optimizer_options multi_step = {
        .lr = 0.001, .schedule = HWV_SCHEDULE_MULTI_STEP, .milestones = {25, 60, 80}, .gamma = 0.1};
    check_schedule("schedule_multi_step", "out_lr_torch", &multi_step, 100);
    hwv_optimizer_options constant = {.lr = 0.3, .warmup = 4};
    CHECK(hwv_schedule_rate(&constant, 1, 10) == 0.3 * 2 / 4 && hwv_schedule_rate(&constant, 4, 10) == 0.3);
    CHECK(hwv_schedule_rate(&cosine, 10, 10) == 0.0 && hwv_schedule_rate(&cosine, 500, 100) == 0.0);
    hwv_optimizer_options tenth = cosine, given = cosine;
    tenth.lr_min = NAN;
    given.lr_min = cosine.lr / 10;
    for (size_t t = 0; t < 120; t += 7)
        CHECK(hwv_schedule_rate(&tenth, t, 100) == hwv_schedule_rate(&given, t, 100));
}

/* The three arrays of a clipping case in one block, as the trainer has them. */
static void check_clip(const char *name)
{
    static const char *const arrays[] = {"a", "b", "c"};
    float block[512];
    double exact[512], most;
    size_t n = 0;
    for (size_t i = 0; i < 3; i++) {
        char in[32], out[32];
        reference_array x = {0}, y = {0};
        snprintf(in, sizeof in, "in_grad_%s", arrays[i]);
        snprintf(out, sizeof out, "out_grad_%s_exact", arrays[i]);
        if (!reference_load(&x, name, in) || !reference_load(&y, name, out) || n + x.count > 512) {
            failures++;
            return;
        }
        memcpy(block + n, x.f32, x.count * sizeof *block);
        memcpy(exact + n, y.values, x.count * sizeof *exact);
        n += x.count;
        reference_free(&x);
        reference_free(&y);
    }
    reference_array norm = {0};
    if (!reference_load(&norm, name, "out_norm_exact") || !reference_number(name, "params/max_norm", &most)) {
        failures++;
        return;
    }
    double got = hwv_gradient_norm(NULL, NULL, block, n);
    CHECK(fabs(got - norm.values[0]) <= 1e-12 * norm.values[0]);
    const float factor = hwv_gradient_factor(got, most);
    for (size_t i = 0; i < n; i++)
        CHECK(fabs((double)(factor * block[i]) - exact[i]) <= 2e-6 * fabs(exact[i]));
    reference_free(&norm);
}

/* Random data of an odd length: all sets give the bits of the scalar one, which a plain loop confirms for sgd. */
static void check_same_bits(const row *r)
{
    enum { N = 1037 };
    static float first[3][N], block[4][N];
    hwv_error error;
    for (size_t s = 0; s < hwv_isa_count(); s++) {
        CHECK(hwv_isa_force(hwv_isa_name(hwv_isa_get(s)), &error) == HWV_OK);
        for (size_t a = 0; a < 4; a++)
            for (size_t i = 0; i < N; i++)
                block[a][i] = a == 0 || a == 3 ? (float)hwv_random_normal(7, HWV_STREAM_TEST, (uint32_t)a, i) : 0.0f;
        for (size_t step = 1; step <= 3; step++)
            hwv_optimizer_update(&r->options, 0.03, step, step != 2, block[0], block[3], block[1], block[2], N);
        if (s == 0)
            memcpy(first, block, sizeof first);
        else
            for (size_t a = 0; a < 3; a++)
                CHECK(compare_bits(r->name, block[a], first[a], N));
    }
}

/* A gradient that the update scales is one that was scaled before. */
static void check_scale(const row *r)
{
    enum { N = 75 };
    static const float scale = 0.3f;
    float given[4][N], scaled[4][N];
    for (size_t a = 0; a < 4; a++)
        for (size_t i = 0; i < N; i++) {
            given[a][i] = a == 0 || a == 3 ? (float)hwv_random_normal(9, HWV_STREAM_TEST, (uint32_t)a, i) : 0.0f;
            scaled[a][i] = a == 3 ? given[a][i] * scale : given[a][i];
        }
    for (size_t step = 1; step <= 2; step++) {
        hwv_update update = hwv_update_make(&r->options, 0.03, step, true);
        CHECK(hwv_update_run(r->options.optimizer, &update, scaled[0], scaled[3], scaled[1], scaled[2], N));
        update.scale = scale;
        CHECK(hwv_update_run(r->options.optimizer, &update, given[0], given[3], given[1], given[2], N));
    }
    for (size_t a = 0; a < 3; a++)
        CHECK(compare_bits(r->name, given[a], scaled[a], N));
}

/* A parameter that stops being finite is noticed wherever it is. */
static void check_finite(void)
{
    enum { N = 75 };
    hwv_optimizer_options sgd = {.lr = 1, .momentum = 0.5},
                          adam = {.optimizer = HWV_OPTIMIZER_ADAM, .lr = 1, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};
    for (size_t at = 0; at <= N; at++) {
        for (int kind = 0; kind < 2; kind++) {
            float p[N + 1], g[N + 1], moments[2][N + 1];
            memset(moments, 0, sizeof moments);
            for (size_t i = 0; i <= N; i++)
                p[i] = g[i] = 1;
            g[at] = at % 2 ? NAN : INFINITY;
            hwv_optimizer_options *o = kind ? &adam : &sgd;
            hwv_update update = hwv_update_make(o, 1, 1, true);
            CHECK(hwv_update_run(o->optimizer, &update, p, g, moments[0], moments[1], N) == (at == N));
        }
    }
}

/* The first largest, ties and NaN. */
static void check_wrong(void)
{
    enum { ROWS = 60, MOST = 70 };
    static float x[ROWS * MOST];
    for (size_t classes = 1; classes <= MOST; classes++) {
        int32_t labels[ROWS];
        uint8_t got[ROWS];
        size_t sum = 0;
        for (size_t r = 0; r < ROWS; r++) {
            for (size_t c = 0; c < classes; c++)
                x[r * classes + c] =
                    -(float)hwv_random_below(5, HWV_STREAM_TEST, (uint32_t)classes, r * MOST + c, r % 2 ? 3 : 100000);
            labels[r] = (int32_t)hwv_random_below(6, HWV_STREAM_TEST, (uint32_t)classes, r, (uint32_t)classes);
            if (r % 7 == 3)
                x[r * classes + r % classes] = NAN;
        }
        size_t told = hwv_train_kernels_current()->wrong(ROWS, classes, x, labels, got);
        for (size_t r = 0; r < ROWS; r++) {
            const float *row_x = x + r * classes;
            size_t best = 0;
            bool nan = false;
            for (size_t c = 0; c < classes; c++) {
                if (row_x[c] > row_x[best])
                    best = c;
                nan |= isnan(row_x[c]) != 0;
            }
            uint8_t wanted = nan || (int32_t)best != labels[r];
            CHECK(got[r] == wanted);
            sum += wanted;
        }
        CHECK(told == sum);
    }
    float zeros[100];
    for (size_t n = 0; n <= 100; n++) {
        size_t wanted = 0;
        for (size_t i = 0; i < n; i++) {
            zeros[i] = i % 3 == 0 ? 0.0f : i % 3 == 1 ? -0.0f : i % 2 ? 1e-45f : NAN;
            wanted += i % 3 != 2;
        }
        CHECK(hwv_train_kernels_current()->zeros(n, zeros) == wanted);
    }
}

static void check_bad_options(void)
{
    hwv_error error;
    hwv_optimizer_options good = hwv_train_defaults().optimizer, o;
    CHECK(hwv_optimizer_check(&good, &error) == HWV_OK);
#define BAD(assignment)                                                                                                \
    o = good;                                                                                                          \
    o.assignment;                                                                                                      \
    CHECK(hwv_optimizer_check(&o, &error) == HWV_ERR_ARGUMENT)
    BAD(lr = -1);
    BAD(lr = NAN);
    BAD(lr = INFINITY);
    BAD(momentum = 1);
    BAD(weight_decay = -0.1);
    BAD(clip = NAN);
    BAD(optimizer = (hwv_optimizer)99);
    BAD(schedule = (hwv_schedule)-1);
    good.optimizer = HWV_OPTIMIZER_ADAM;
    BAD(eps = 0);
    BAD(beta2 = 1);
    good.schedule = HWV_SCHEDULE_COSINE;
    BAD(lr_min = -1);
    o = good;
    o.lr_min = NAN; /* a tenth of lr */
    CHECK(hwv_optimizer_check(&o, &error) == HWV_OK);
    good.schedule = HWV_SCHEDULE_STEP;
    BAD(step_every = 0);
    good.schedule = HWV_SCHEDULE_MULTI_STEP;
    BAD(milestones[1] = 4);
    good.milestones[0] = 5;
    BAD(milestones[1] = 5);
    CHECK(hwv_optimizer_check(&good, &error) == HWV_OK);
    hwv_optimizer found;
    hwv_schedule schedule;
    CHECK(hwv_optimizer_find(&found, "adam", &error) == HWV_OK && found == HWV_OPTIMIZER_ADAM);
    CHECK(hwv_optimizer_find(&found, "adan", &error) == HWV_ERR_NAME && strstr(error.text, "'adam'"));
    CHECK(hwv_optimizer_find(&found, "adamw", &error) == HWV_OK && found == HWV_OPTIMIZER_ADAMW);
    CHECK(hwv_schedule_find(&schedule, "cosin", &error) == HWV_ERR_NAME && strstr(error.text, "'cosine'"));
    CHECK(!strcmp(hwv_schedule_name(HWV_SCHEDULE_STEP), "step") &&
          !strcmp(hwv_optimizer_name((hwv_optimizer)7), "unknown"));
}

int main(void)
{
    bool missing = reference_missing();
    hwv_error error;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        check_same_bits(&rows[r]);
    check_bad_options();
    for (size_t s = 0; s < hwv_isa_count(); s++) {
        CHECK(hwv_isa_force(hwv_isa_name(hwv_isa_get(s)), &error) == HWV_OK);
        check_finite();
        check_wrong();
        for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
            check_scale(&rows[r]);
        for (size_t r = 0; !missing && r < sizeof rows / sizeof rows[0]; r++) {
            check_options(&rows[r]);
            for (size_t tail = 0; tail <= 33; tail++)
                run_case(&rows[r], tail);
        }
        if (!missing) {
            check_clip("clip_global_norm_active");
            check_clip("clip_global_norm_inactive");
        }
    }
    if (!missing)
        check_schedules();
    if (failures > 0)
        fprintf(stderr, "%d failures\n", failures);
    return failures > 0 ? 1 : missing ? 77 : 0;
}

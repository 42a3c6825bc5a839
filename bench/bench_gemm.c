/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Matrix products: every shape on the sets of this machine beside OpenBLAS in interleaved rounds, one
 * thread; the five products of a small MLP step; softmax and column sums.
 *     bench_gemm [shapes] [step] [rows]        pin it: taskset -c 1 bench_gemm */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "halfwave/clock.h"
#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "linalg/dispatch.h"
#include "linalg/gemm.h"
#include "linalg/softmax.h"
#include "linalg/vector.h"
#ifdef HWV_HAVE_OPENBLAS
#include <cblas.h>
#endif

#define ROUNDS        9
#define ROUND_SECONDS 0.004

typedef struct problem {
    const char *name;
    size_t m, n, k;
    bool a_transposed, b_transposed;
} problem;

static const problem shapes[] = {
    {"cube", 64, 64, 64, false, false},          {"cube A'", 64, 64, 64, true, false},
    {"cube B'", 64, 64, 64, false, true},        {"cube A'B'", 64, 64, 64, true, true},
    {"cube", 96, 96, 96, false, false},          {"cube B'", 96, 96, 96, false, true},
    {"cube", 128, 128, 128, false, false},       {"cube A'", 128, 128, 128, true, false},
    {"cube B'", 128, 128, 128, false, true},     {"cube A'B'", 128, 128, 128, true, true},
    {"cube", 200, 200, 200, false, false},       {"cube", 256, 256, 256, false, false},
    {"cube A'", 256, 256, 256, true, false},     {"cube B'", 256, 256, 256, false, true},
    {"cube A'B'", 256, 256, 256, true, true},    {"cube", 512, 512, 512, false, false},
    {"cube A'", 512, 512, 512, true, false},     {"cube B'", 512, 512, 512, false, true},
    {"cube A'B'", 512, 512, 512, true, true},    {"cube", 1000, 1000, 1000, false, false},
    {"cube", 1024, 1024, 1024, false, false},    {"cube A'", 1024, 1024, 1024, true, false},
    {"cube B'", 1024, 1024, 1024, false, true},  {"cube A'B'", 1024, 1024, 1024, true, true},
    {"fc forward", 64, 512, 3136, false, true},  {"fc data", 64, 3136, 512, false, false},
    {"fc weights", 512, 3136, 64, true, false},  {"qkv", 768, 384, 128, false, true},
    {"qkv weights", 512, 128, 768, true, false}, {"scores", 64, 64, 32, false, true},
    {"values", 64, 32, 64, false, false},
};

/* One training step of 64 -> 32 -> 10 on 32 samples. */
static const problem step[] = {
    {"forward 1", 32, 32, 64, false, true}, {"forward 2", 32, 10, 32, false, true},
    {"weights 2", 10, 32, 32, true, false}, {"data 1", 32, 32, 10, false, false},
    {"weights 1", 32, 64, 32, true, false},
};
#define STEPS (sizeof step / sizeof *step)

/* One contestant: `count` products by OpenBLAS (isa NULL) or by us on a set. */
typedef struct run {
    const problem *problems;
    size_t count;
    const char *isa;
    float *a, *b, *c;
    void *workspace;
} run;

static void run_products(void *context, size_t repeats)
{
    const run *r = context;
    if (r->isa)
        hwv_isa_force(r->isa, NULL);
    for (size_t i = 0; i < repeats; i++) {
        for (size_t p = 0; p < r->count; p++) {
            const problem *q = &r->problems[p];
            size_t lda = q->a_transposed ? q->m : q->k, ldb = q->b_transposed ? q->k : q->n;
            if (r->isa) {
                const hwv_gemm g = {
                    .m = q->m, .n = q->n, .k = q->k, .a_transposed = q->a_transposed, .b_transposed = q->b_transposed};
                hwv_gemm_run(&g, NULL, r->a, lda, r->b, ldb, r->c, q->n, r->workspace);
                continue;
            }
#ifdef HWV_HAVE_OPENBLAS
            cblas_sgemm(CblasRowMajor, q->a_transposed ? CblasTrans : CblasNoTrans,
                        q->b_transposed ? CblasTrans : CblasNoTrans, (blasint)q->m, (blasint)q->n, (blasint)q->k, 1.0f,
                        r->a, (blasint)lda, r->b, (blasint)ldb, 0.0f, r->c, (blasint)q->n);
#endif
        }
    }
}

static void die(const hwv_error *error)
{
    fprintf(stderr, "bench_gemm: %s\n", error->text);
    exit(4);
}

static float *take(hwv_arena *arena, size_t count)
{
    float *x = hwv_arena_take(arena, count * sizeof *x);
    for (size_t i = 0; i < count; i++)
        x[i] = (float)(i % 97) / 97.0f - 0.5f;
    return x;
}

static double operations(const problem *p, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += 2.0 * (double)p[i].m * (double)p[i].n * (double)p[i].k;
    return sum;
}

static void most(size_t *have, size_t value)
{
    *have = value > *have ? value : *have;
}

/* Prints one line: GFLOP/s of OpenBLAS, then of each set with its ratio to OpenBLAS (or to the first). */
static void compare(const char *name, const problem *p, size_t count)
{
    size_t a = 0, b = 0, c = 0, space = 0, contestants = 0;
    for (size_t i = 0; i < count; i++) {
        const hwv_gemm g = {.m = p[i].m,
                            .n = p[i].n,
                            .k = p[i].k,
                            .a_transposed = p[i].a_transposed,
                            .b_transposed = p[i].b_transposed};
        most(&a, p[i].m * p[i].k);
        most(&b, p[i].n * p[i].k);
        most(&c, p[i].m * p[i].n);
        most(&space, hwv_gemm_workspace(&g, 1));
    }
    hwv_error error = {HWV_OK, ""};
    hwv_arena arena = {0};
    if (hwv_arena_init(&arena, (a + b + c) * sizeof(float) + space + 4 * HWV_ALIGNMENT, &error) != HWV_OK)
        die(&error);
    run base = {p, count, NULL, take(&arena, a), take(&arena, b), take(&arena, c), hwv_arena_take(&arena, space)};
    run runs[HWV_ISA_COUNT + 1];
    hwv_candidate candidates[HWV_ISA_COUNT + 1];
#ifdef HWV_HAVE_OPENBLAS
    runs[contestants++] = base;
#endif
    for (size_t i = 0; i + 1 < hwv_isa_count(); i++) {
        runs[contestants] = base;
        runs[contestants++].isa = hwv_isa_name(hwv_isa_get(i));
    }
    for (size_t i = 0; i < contestants; i++)
        candidates[i] = (hwv_candidate){.name = name, .run = run_products, .context = &runs[i]};
    if (hwv_rounds(candidates, contestants, ROUNDS, ROUND_SECONDS, &error) != HWV_OK)
        die(&error);
    printf("%-12s %5zu %5zu %5zu ", name, p->m, p->n, p->k);
    for (size_t i = 0; i < contestants; i++) {
        double rate = operations(p, count) / candidates[i].seconds * 1e-9;
        if (i == 0)
            printf(" %9.3f us  %6.1f", candidates[i].seconds * 1e6, rate);
        else
            printf(" | %6.1f  %.2f [%.2f %.2f]", rate, candidates[i].ratio, candidates[i].ratio_low,
                   candidates[i].ratio_high);
    }
    printf("\n");
    fflush(stdout);
    hwv_arena_free(&arena);
}

static void heading(void)
{
    printf("GFLOP/s; ratio of times to the first, with its 90 %% interval\n%-12s %5s %5s %5s ", "", "m", "n", "k");
#ifdef HWV_HAVE_OPENBLAS
    printf("            OpenBLAS");
#endif
    for (size_t i = 0; i + 1 < hwv_isa_count(); i++)
        printf(" | %-24s", hwv_isa_name(hwv_isa_get(i)));
    printf("\n");
}

static void bench_shapes(void)
{
    heading();
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        compare(shapes[i].name, &shapes[i], 1);
}

static void bench_step(void)
{
    heading();
    for (size_t i = 0; i < STEPS; i++)
        compare(step[i].name, &step[i], 1);
    compare("all five", step, STEPS);
}

#define BATCH   32
#define CLASSES 10
#define HIDDEN  32
static float logits[BATCH * CLASSES], probabilities[BATCH * CLASSES], gradient[BATCH * CLASSES];
static float hidden[BATCH * HIDDEN], sums[HIDDEN];
static int32_t labels[BATCH];
static volatile double sink;

static void run_loss(void *context, size_t repeats)
{
    hwv_isa_force(context, NULL);
    for (size_t i = 0; i < repeats; i++)
        sink = hwv_cross_entropy_forward(BATCH, CLASSES, logits, CLASSES, labels, 0.0f, probabilities);
}

static void run_loss_backward(void *context, size_t repeats)
{
    hwv_isa_force(context, NULL);
    for (size_t i = 0; i < repeats; i++)
        hwv_cross_entropy_backward(BATCH, CLASSES, probabilities, labels, 0.0f, 1.0f, gradient, CLASSES);
}

static void run_wide_sums(void *context, size_t repeats)
{
    hwv_isa_force(context, NULL);
    for (size_t i = 0; i < repeats; i++)
        hwv_column_sum(BATCH, HIDDEN, hidden, HIDDEN, true, sums);
}

static void run_narrow_sums(void *context, size_t repeats)
{
    hwv_isa_force(context, NULL);
    for (size_t i = 0; i < repeats; i++)
        hwv_column_sum(BATCH, CLASSES, gradient, CLASSES, true, sums);
}

static void run_squares(void *context, size_t repeats)
{
    hwv_isa_force(context, NULL);
    for (size_t i = 0; i < repeats; i++)
        sink = hwv_sum_of_squares(BATCH * HIDDEN, hidden);
}

static void bench_rows(void)
{
    static void (*const functions[])(void *, size_t) = {run_loss, run_loss_backward, run_narrow_sums, run_wide_sums,
                                                        run_squares};
    for (size_t i = 0; i < BATCH * CLASSES; i++)
        logits[i] = (float)(i % 13) - 6.0f;
    for (size_t i = 0; i < BATCH; i++)
        labels[i] = (int32_t)(i % CLASSES);
    printf("ns: cross-entropy %dx%d forward, backward; column sums x%d, x%d; %d squares\n", BATCH, CLASSES, CLASSES,
           HIDDEN, BATCH * HIDDEN);
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        char isa[16];
        snprintf(isa, sizeof isa, "%s", hwv_isa_name(hwv_isa_get(i)));
        printf("%-7s", isa);
        for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
            hwv_error error = {HWV_OK, ""};
            hwv_candidate one = {.name = "rows", .run = functions[f], .context = isa};
            if (hwv_rounds(&one, 1, ROUNDS, 0.001, &error) != HWV_OK)
                die(&error);
            printf(" %8.1f", one.seconds * 1e9);
        }
        printf("\n");
    }
}

/* OpenBLAS reads its environment before main: variables that hold it back are removed and the program
 * started again. */
static void clean_environment(char **argv)
{
    static const char *const names[] = {"OPENBLAS_CORETYPE",  "OPENBLAS_NUM_THREADS", "OPENBLAS_VERBOSE",
                                        "OPENBLAS_MAIN_FREE", "GOTO_NUM_THREADS",     "OMP_NUM_THREADS"};
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (getenv(names[i])) {
            printf("removed from the environment: %s=%s\n", names[i], getenv(names[i]));
            unsetenv(names[i]);
            found = true;
        }
    }
    fflush(stdout);
    if (found)
        execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } parts[] = {{"shapes", bench_shapes}, {"step", bench_step}, {"rows", bench_rows}};
    clean_environment(argv);
#ifdef HWV_HAVE_OPENBLAS
    openblas_set_num_threads(1);
    printf("%s, core %s\n", openblas_get_config(), openblas_get_corename());
#endif
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        bool wanted = argc < 2;
        for (int j = 1; j < argc; j++)
            wanted |= strcmp(argv[j], parts[i].name) == 0;
        if (wanted)
            parts[i].run();
    }
    return 0;
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Cycles per 16 elements of every row, tier, pass and set, with everything in the first-level cache. The clock is
 * measured beside each kernel, in the same rounds, by a chain of dependent additions: one each cycle.
 *     bench_cycles [--write FOLDER] [OP...]      pin it: taskset -c 1 bench_cycles
 * --write renews FOLDER/cycles.md. Exit 1: more cycles than promised, or a slow range of inputs. */
#include "linalg/speed.h"
#include "machine.h"

#include "halfwave/act.h"
#include "halfwave/clock.h"
#include "halfwave/memory.h"

#include <math.h>
#include <stdlib.h>

enum { FORWARD_COUNT = 4096, BACKWARD_COUNT = 2048, CHAIN = 1024, ROUNDS = 15 };
#define ROUND_SECONDS 0.0004

typedef enum kind { ACCURATE, FAST, DERIVATIVE, KINDS } kind;
static const char *const kinds[KINDS] = {"Forward, accurate", "Forward, fast", "Backward, from x"};

/* Ranges of x. The first is the ordinary one. */
typedef enum range { SMALL, WIDE, HUGE_ONLY, SUBNORMAL, NANS, RANGES } range;

/* What AVX-512 promises on [-6, 6]; 0: nothing. */
static const struct {
    const char *op;
    double most[KINDS];
} promises[] = {
    {"exp", {10, 0, 13}},     {"sigmoid", {15.5, 10, 13}}, {"tanh", {13.5, 11, 13}},
    {"silu", {16.5, 11, 13}}, {"gelu", {27, 9.7, 13}},     {"gelu_tanh", {23, 9.7, 13}},
    {"elu", {12.5, 9.2, 13}}, {"softplus", {21.5, 0, 13}}, {"mish", {18.5, 12.5, 18}},
};
/* AVX2's rate as a share of AVX-512's where 512 bits are two runs of 256-bit units; where the units are wider the share
 * counts as much more as the peak of multiply-adds is higher. And the slowest range beside the ordinary one. */
static const double least_share[KINDS] = {0.6, 0.55, 0};
#define MOST_SLOWER 1.5

typedef struct work {
    hwv_act act;
    int backward;
    float *y;
    const float *x, *dy;
} work;

static void run(void *context, size_t repeats)
{
    const work *w = context;
    volatile size_t now = w->backward ? BACKWARD_COUNT : FORWARD_COUNT;
    size_t n = now;
    for (size_t i = 0; i < repeats; i++)
        if (w->backward)
            hwv_act_backward(&w->act, HWV_F32, 1, n, w->y, n, w->dy, n, w->x, n);
        else
            hwv_act_forward(&w->act, HWV_F32, 1, n, w->y, n, w->x, n);
}

/* CHAIN additions, each waiting for the one before. */
static void chain(void *context, size_t repeats)
{
    volatile size_t *sink = context;
    size_t a = *sink;
#define ADD                                                                                                            \
    a++;                                                                                                               \
    __asm__ volatile("" : "+r"(a));
#define ADD4  ADD ADD ADD ADD
#define ADD16 ADD4 ADD4 ADD4 ADD4
    for (size_t i = 0; i < repeats * (CHAIN / 64); i++) {
        ADD16 ADD16 ADD16 ADD16
    }
    *sink = a;
}

/* Cycles per 16 elements on the set in use. */
static hwv_status cycles(const work *w, double *result, hwv_error *error)
{
    volatile size_t sink = 0;
    work copy = *w;
    hwv_candidate candidates[2] = {{.name = "clock", .run = chain, .context = (void *)(uintptr_t)&sink},
                                   {.name = "kernel", .run = run, .context = &copy}};
    HWV_TRY(hwv_rounds(candidates, 2, ROUNDS, ROUND_SECONDS, error));
    *result = CHAIN / candidates[1].ratio / (w->backward ? BACKWARD_COUNT : FORWARD_COUNT) * 16;
    return HWV_OK;
}

static void fill(float *x, range r)
{
    for (uint32_t i = 0; i < FORWARD_COUNT; i++) {
        uint32_t h = (i + 1) * 2654435761u;
        h ^= h >> 15;
        h *= 2246822519u;
        h ^= h >> 13;
        float unit = (float)(h >> 8) * 0x1p-24f, sign = h & 1 ? -1.0f : 1.0f;
        x[i] = r == SMALL       ? unit * 12 - 6
               : r == WIDE      ? unit * 200 - 100
               : r == HUGE_ONLY ? sign * (87 + unit * (i % 2 ? 20.0f : 1e30f))
               : r == SUBNORMAL ? sign * unit * 0x1p-127f
                                : (float)NAN;
    }
}

static int asked(const char *name, char **names, int count)
{
    int among = count == 0;
    for (int i = 0; i < count; i++)
        among |= strcmp(names[i], name) == 0;
    return among;
}

/* One line: a row and a kind on every set. */
static hwv_status line(FILE *out, const hwv_op_info *row, kind k, float *const x[RANGES], float *dy, float *y,
                       double wider, int *missed, hwv_error *error)
{
    work w = {.act = hwv_act_make(row->op), .backward = k == DERIVATIVE, .y = y, .dy = dy};
    double found[HWV_ISA_COUNT][RANGES] = {{0}}, most = 0;
    w.act.tier = k == FAST ? HWV_FAST : HWV_ACCURATE;
    for (size_t s = 0; s + 1 < hwv_isa_count(); s++) {
        hwv_isa set = hwv_isa_get(s);
        HWV_TRY(hwv_isa_force(hwv_isa_name(set), error));
        for (int r = 0; r < (s == 0 ? RANGES : WIDE + 1); r++) {
            w.x = x[r];
            HWV_TRY(cycles(&w, &found[set][r], error));
        }
    }
    for (size_t i = 0; i < sizeof promises / sizeof promises[0]; i++)
        if (strcmp(promises[i].op, row->name) == 0)
            most = promises[i].most[k];
    fprintf(out, "| %s |", row->name);
    for (size_t s = 0; s + 1 < hwv_isa_count(); s++)
        fprintf(out, " %.2f | %.2f |", found[hwv_isa_get(s)][SMALL], found[hwv_isa_get(s)][WIDE]);
    const double *wide = found[hwv_isa_get(0)];
    for (int r = HUGE_ONLY; r < RANGES; r++) {
        /* On 512 bits no range is slow. Below four cycles memory sets the pace, and one cycle is within its noise. */
        int slow = hwv_isa_get(0) == HWV_ISA_avx512 && wide[r] > MOST_SLOWER * wide[SMALL] && wide[r] > 4;
        *missed += slow;
        fprintf(out, slow ? " **%.2f** |" : " %.2f |", wide[r] / wide[SMALL]);
    }
    if (found[HWV_ISA_avx512][SMALL] > 0 && found[HWV_ISA_avx2][SMALL] > 0) {
        double share = found[HWV_ISA_avx512][SMALL] / found[HWV_ISA_avx2][SMALL];
        int low = most > 0 && share * wider < least_share[k];
        int over = most > 0 && found[HWV_ISA_avx512][SMALL] > most;
        *missed += low + over;
        fprintf(out, low ? " **%.2f** |" : " %.2f |", share);
        if (most > 0)
            fprintf(out, over ? " **%.1f** |" : " %.1f |", most);
        else
            fprintf(out, " - |");
    } else {
        fprintf(out, " - | - |");
    }
    fprintf(out, "\n");
    fflush(out);
    return HWV_OK;
}

static void run_peak(void *context, size_t repeats)
{
    hwv_peak_of (*(const hwv_isa *)context)(repeats);
}

/* Peak of multiply-adds with AVX-512 over that with AVX2; 1 where they are not here. */
static hwv_status width(double *wider, hwv_error *error)
{
    hwv_isa sets[2] = {HWV_ISA_avx2, HWV_ISA_avx512};
    hwv_candidate candidates[2] = {{.name = "avx2", .run = run_peak, .context = &sets[0]},
                                   {.name = "avx512", .run = run_peak, .context = &sets[1]}};
    *wider = 1;
    if (hwv_isa_get(0) != HWV_ISA_avx512)
        return HWV_OK;
    HWV_TRY(hwv_rounds(candidates, 2, ROUNDS, ROUND_SECONDS, error));
    *wider = candidates[1].ratio * hwv_peak_of(sets[1])(16) / hwv_peak_of(sets[0])(16);
    return HWV_OK;
}

static hwv_status tables(FILE *out, char **names, int count, int *missed, hwv_error *error)
{
    hwv_arena arena = {0};
    size_t bytes = FORWARD_COUNT * sizeof(float);
    HWV_TRY(hwv_arena_init(&arena, (RANGES + 2) * hwv_size_align(bytes) + 4096, error));
    float *x[RANGES], *dy = hwv_arena_take(&arena, bytes), *y = hwv_arena_take(&arena, bytes);
    for (int r = 0; r < RANGES; r++) {
        x[r] = hwv_arena_take(&arena, bytes);
        fill(x[r], (range)r);
    }
    for (size_t i = 0; i < FORWARD_COUNT; i++)
        dy[i] = 1 + (float)i * 0x1p-13f;
    double wider = 1;
    hwv_status status = width(&wider, error);
    fprintf(out, "Peak of multiply-adds: avx512's is %.2f times avx2's.\n", wider);
    for (int k = 0; k < KINDS; k++) {
        fprintf(out, "\n## %s\n\n| operator |", kinds[k]);
        for (size_t s = 0; s + 1 < hwv_isa_count(); s++)
            fprintf(out, " %s | to 100 |", hwv_isa_name(hwv_isa_get(s)));
        fprintf(out, " over 87 | subnormal | NaN | avx2 / avx512 | promised |\n|---|");
        for (size_t s = 0; s + 1 < hwv_isa_count(); s++)
            fprintf(out, "---|---|");
        fprintf(out, "---|---|---|---|---|\n");
        for (size_t i = 0; status == HWV_OK && i < hwv_op_count(); i++) {
            const hwv_op_info *row = hwv_op_get(i);
            if (asked(row->name, names, count) && !(k == FAST && row->fast == 0))
                status = line(out, row, (kind)k, x, dy, y, wider, missed, error);
        }
    }
    hwv_arena_free(&arena);
    return status;
}

int main(int count, char **arguments)
{
    const char *folder = NULL;
    int first = 1, missed = 0;
    if (count > 2 && strcmp(arguments[1], "--write") == 0) {
        folder = arguments[2];
        first = 3;
    }
    hwv_error error;
    FILE *out = machine_page(folder, "cycles.md");
    if (!out)
        return EXIT_FAILURE;
    machine_heading(out, "Cycles", "./run bench cycles");
    fprintf(
        out,
        "\nCycles per 16 elements, medians of %d rounds: %d elements forward, %d backward (with the product with dy),\n"
        "all in the first-level cache; x uniform in [-6, 6], and in [-100, 100] (*to 100*). *over 87*, *subnormal*,\n"
        "*NaN*: the widest set's time for such inputs beside the ordinary ones. *avx2 / avx512*: share of its rate.\n"
        "*promised*: at most, for avx512 on [-6, 6]. **Bold**: a promise missed. The share of avx2 is to be 0.6 "
        "accurate,\n"
        "0.55 fast where 512-bit instructions run on 256-bit units, and as much less as wider units have a higher "
        "peak.\n",
        ROUNDS, FORWARD_COUNT, BACKWARD_COUNT);
    if (tables(out, arguments + first, count - first, &missed, &error) != HWV_OK) {
        fprintf(stderr, "%s\n", error.text);
        return EXIT_FAILURE;
    }
    if (folder)
        fclose(out);
    printf("%d promises missed\n", missed);
    return missed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Double precision: every pass of every row, as run_kernels; and values and gradients at random points against long
 * double. HALFWAVE_EXHAUSTIVE: tens of millions of points a row.
 *     run_f64 [SEED [ROW]] */
#define HWV_TEST_F64
#include "every_pass.h"

enum { CHUNK = 4096 };

/* Point i of a chunk: all bit patterns, uniform near 0, in the middle and where exponentials end, and small ones. */
static real point(uint64_t index, unsigned kind)
{
    uint32_t r[4];
    hwv_philox(seed, HWV_STREAM_TEST, 1, index, r);
    double unit = ldexp((double)r[0], -31) - 1 + ldexp((double)r[1], -63);
    switch (kind % 6) {
    case 0:
        return real_of((real_bits)r[0] << 32 | r[1]);
    case 1:
        return unit * 2;
    case 2:
        return unit * 8;
    case 3:
        return unit * 50;
    case 4:
        return unit * 800;
    default:
        return ldexp(unit, -(int)(r[2] % 64));
    }
}

/* Largest errors of one activation on a set. */
typedef struct worst {
    double value, gradient, gradient_y, value_at, gradient_at;
} worst;

static void sweep_chunk(const hwv_act *act, const real *x, worst *all)
{
    static real y[CHUNK], dy[CHUNK], dx[CHUNK], dx_y[CHUNK];
    static exact_real value[CHUNK], slope[CHUNK];
    bool from_y = hwv_act_claims(act) & HWV_GRADIENT_FROM_Y;
    for (size_t i = 0; i < CHUNK; i++) {
        value[i] = truth_value(act, x[i]);
        slope[i] = truth_slope(act, x[i]);
        dy[i] = i % 4 ? 1 : ldexp((double)draw(i) - 2147483648.0, (int)(i % 80) - 70);
    }
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        worst *w = &all[set];
        hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL);
        hwv_act_forward(act, HWV_F64, 1, CHUNK, y, CHUNK, x, CHUNK);
        hwv_act_backward(act, HWV_F64, 1, CHUNK, dx, CHUNK, dy, CHUNK, x, CHUNK);
        if (from_y)
            hwv_act_backward_y(act, HWV_F64, 1, CHUNK, dx_y, CHUNK, dy, CHUNK, y, CHUNK);
        for (size_t i = 0; i < CHUNK; i++) {
            double error, share;
            oracle_checks += 2;
            if (!value_close(act, x[i], value[i], y[i], &error))
                oracle_fail("value", act, CHUNK, 0, i, x[i], y[i], (double)value[i], error);
            if (isfinite(x[i]) && isnan(y[i]))
                oracle_fail("NaN from a finite input", act, CHUNK, 0, i, x[i], y[i], 0, (double)INFINITY);
            if (error > w->value)
                w->value = error, w->value_at = x[i];
            if (!gradient_close(act, slope[i], dy[i], dx[i], &share))
                oracle_fail("gradient", act, CHUNK, 0, i, x[i], dx[i], (double)(slope[i] * dy[i]), share);
            if (share > w->gradient)
                w->gradient = share, w->gradient_at = x[i];
            if (from_y && !gradient_close(act, slope[i], dy[i], dx_y[i], &share))
                oracle_fail("gradient from y", act, CHUNK, 0, i, x[i], dx_y[i], (double)(slope[i] * dy[i]), share);
            if (from_y && share > w->gradient_y)
                w->gradient_y = share;
        }
    }
}

static void sweep(const hwv_act *act, size_t chunks, bool tell)
{
    static real x[CHUNK];
    worst w[HWV_ISA_COUNT] = {{0}};
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        for (size_t i = 0; i < CHUNK; i++)
            x[i] = point(chunk * CHUNK + i, (unsigned)chunk);
        sweep_chunk(act, x, w);
    }
    for (size_t set = 0; set < hwv_isa_count() && tell; set++)
        printf("%-7s %-12s value %.3f ULP at %a, gradient %.2f of the allowed error at %a, from y %.2f\n",
               hwv_isa_name(hwv_isa_get(set)), hwv_op_row(act->op)->name, w[set].value, w[set].value_at,
               w[set].gradient, w[set].gradient_at, w[set].gradient_y);
}

int main(int count, char **arguments)
{
    if (!REAL_TRUTH) {
        printf("long double is no wider than double here: nothing to compare with\n");
        return 77;
    }
    if (count > 1)
        seed = strtoull(arguments[1], NULL, 0);
    printf("seed %llu (repeat with: run_f64 %llu)\n", (unsigned long long)seed, (unsigned long long)seed);
    bool full = getenv("HALFWAVE_EXHAUSTIVE") != NULL;
    /* Where long double is software, every sixth chunk. */
    const unsigned share = LDBL_MANT_DIG > 64 ? 6 : 1;
    for (size_t i = 0; i < hwv_op_count(); i++) {
        hwv_act act[8];
        if (count > 2 && strcmp(hwv_op_get(i)->name, arguments[2]) != 0)
            continue;
        size_t variants = oracle_variants(hwv_op_get(i), act);
        for (size_t k = 0; k < variants; k++)
            sweep(&act[k], (k == 0 ? 36u : 6u) / share * (full && hwv_op_get(i)->ulp > 0 ? 200u : 1u), k == 0);
    }
    if (count < 3)
        every_pass();
    return oracle_end("f64");
}

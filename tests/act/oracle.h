/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a kernel's result is compared with, and how a difference is reported. Shared by the programs here. */
#ifndef HWV_TESTS_ACT_ORACLE_H
#define HWV_TESTS_ACT_ORACLE_H

#include "halfwave/act.h"
#include "real.h"

#include <stdio.h>
#include <stdlib.h>

/* Each program counts here; the first few failures are printed. */
static unsigned long oracle_checks, oracle_failures;

/* A NaN must come out as the same NaN, but may be made quiet and lose its sign. */
static inline bool same_nan(real got, real from)
{
    return isnan(got) && ((bits_of(got) ^ bits_of(from)) & (REAL_FRACTION >> 1)) == 0;
}

static inline bool same_bits(real a, real b)
{
    return bits_of(a) == bits_of(b);
}

/* The same bits, but a signalling NaN may have become quiet on one of two ways: some compilers turn
 * "m ? dy : slope*dy" into "(m ? 1 : slope) * dy". */
static inline bool same_result(real a, real b)
{
    return same_bits(a, b) || (isnan(a) && same_nan(a, b));
}

/* Whether `got` is f(x) = exact as promised; *ulp becomes the error, of a fast kernel as a share of max(1, |f(x)|). */
static inline bool value_close(const hwv_act *act, real x, exact_real exact, real got, double *ulp)
{
    const hwv_op_info *row = hwv_op_row(act->op);
    *ulp = ulp_error(got, exact);
    if (isnan(x))
        return same_nan(got, x);
    if (act->tier == HWV_FAST && row->fast > 0 && REAL_DTYPE == HWV_F32) {
        if (isinf(x))
            return got == (real)exact; /* limits are right */
        double size = fabs((double)exact);
        *ulp = isinf((real)exact) || isinf(got) ? *ulp : (double)TRUTH_ABS((exact_real)got - exact) / fmax(1, size);
        return *ulp <= row->fast;
    }
    if (row->ulp == 0)
        return same_bits(got, (real)exact) || (isnan(exact) && isnan(got));
    return *ulp <= REAL_ULP(row->ulp);
}
static inline bool value_ok(const hwv_act *act, real x, real got, double *ulp)
{
    return value_close(act, x, truth_value(act, (double)x), got, ulp);
}

/* Whether `got` is dy * f'(x), f'(x) = slope, as promised. *share becomes the error as a share of the allowed one. */
static inline bool gradient_close(const hwv_act *act, exact_real slope, real dy, real got, double *share)
{
    const hwv_op_info *row = hwv_op_row(act->op);
    exact_real exact = slope * dy;
    *share = 0;
    if (row->gradient_ulp == 0) {
        if (slope == 1)
            return same_result(got, dy);
        /* A gradient that is 0 is selected, so that an infinite dy does not become NaN. */
        if (slope == 0 && (row->claims & HWV_FLAT_SILENT))
            return got == 0;
        return same_bits(got, truth_product(slope, dy)) || (isnan(exact) && isnan(got)) || (exact == 0 && got == 0);
    }
    if (isnan(exact) || isnan(dy))
        return isnan(got) || isinf(dy) || (slope == 0 && got == 0);
    if (isinf(dy))
        return isnan(got) || isinf(got) || (slope == 0 && got == 0);
    /* exp: where f' itself is beyond the floats, its infinity is the factor, as it is where y is what is kept. */
    if (isinf((real)slope))
        return isnan(got) || isinf(got);
    if (isinf((real)exact) && isinf(got))
        return (got > 0) == (exact > 0);
    double allowed = fmax(row->gradient_ulp * ulp_at(exact), ldexp(4, 1 - REAL_DIGITS) * fabs((double)dy));
    *share = (double)TRUTH_ABS((exact_real)got - exact) / allowed;
    return *share <= 1;
}

static inline bool gradient_ok(const hwv_act *act, real x, real dy, real got, double *share)
{
    return gradient_close(act, truth_slope(act, (double)x), dy, got, share);
}

static inline bool oracle_fail(const char *what, const hwv_act *act, size_t length, size_t offset, size_t at, real x,
                               real got, double wanted, double ulp)
{
    if (oracle_failures++ < 20)
        printf("FAIL %s: %s(%g) set %s length %zu offset %zu element %zu: x %a (%08llx) got %a (%08llx) wanted %a, "
               "%.3g ULP\n",
               what, hwv_op_row(act->op)->name, (double)act->param[0], hwv_isa_name(hwv_isa_current()), length, offset,
               at, (double)x, (unsigned long long)bits_of(x), (double)got, (unsigned long long)bits_of(got), wanted,
               ulp);
    return false;
}

static inline void check(bool ok, const char *what)
{
    oracle_checks++;
    if (!ok && oracle_failures++ < 20)
        printf("FAIL %s (set %s)\n", what, hwv_isa_name(hwv_isa_current()));
}

/* Activations to test: each row with its initial parameters and with others in range. */
static inline size_t oracle_variants(const hwv_op_info *row, hwv_act out[8])
{
    size_t count = 0;
    out[count++] = hwv_act_make(row->op);
    const float tried[] = {0, 1, -0.5f, 0.3f};
    for (size_t i = 0; i < HWV_ACT_PARAMS && row->param[i].name; i++) {
        for (size_t k = 0; k < sizeof tried / sizeof tried[0] && count < 8; k++) {
            hwv_act act = hwv_act_make(row->op);
            act.param[i] = tried[k];
            if (hwv_act_check(&act, NULL) == HWV_OK)
                out[count++] = act;
        }
    }
    return count;
}

/* Inputs where kernels go wrong. `out` has room for ORACLE_HARD numbers; returns how many. */
#define ORACLE_HARD 1200
static inline size_t oracle_hard(real out[ORACLE_HARD])
{
    /* Kinks, ends of polynomials, saturation, range tests, and where results turn subnormal or 0. */
    static const real around[] = {
        (real)0.5,
        (real)0.6,
        (real)0.605,
        1,
        2,
        3,
        6,
        9,
        (real)9.01,
        (real)9.375,
        10,
        15,
        (real)16.6,
        17,
        (real)17.33,
        20,
        40,
        (real)0.625,
        (real)1e-4,
        (real)1e-10,
        (real)1e-19,
        (real)1e-20,
        (real)1e-30,
        (real)1e20,
        (real)1e30,
        (real)4.3e26,
        (real)1e38,
        127,
        128,
#if defined(HWV_TEST_F64)
        1.125,
        1.375,
        1.5,
        5,
        18.5,
        22,
        23,
        36.7,
        37,
        37.5,
        38.4,
        38.6,
        50,
        60,
        690,
        693,
        708.39,
        708.4,
        709.08,
        709.78,
        709.79,
        710,
        744.44,
        745.13,
        746,
        750,
        800,
        1024,
        1e-154,
        1e-160,
        1e-290,
        1e154,
        1e160,
        1e200,
        1e300,
        DBL_MAX,
        DBL_MIN
#else
        69.3f,
        86.6f,
        87,
        87.33f,
        87.34f,
        88,
        88.37f,
        88.73f,
        103.28f,
        103.97f,
        104,
        110,
        FLT_MAX,
        FLT_MIN
#endif
    };
    size_t n = 0;
    for (size_t i = 0; i < sizeof around / sizeof around[0]; i++)
        for (int step = -2; step <= 2; step++) {
            real a = real_of(bits_of(around[i]) + (real_bits)step);
            if (isnan(a))
                continue;
            out[n++] = a;
            out[n++] = -a;
        }
    /* +-0, subnormals, infinities; NaNs quiet and signalling, of both signs, with and without payload. */
    const real_bits quiet = (REAL_FRACTION >> 1) + 1;
    const real_bits patterns[] = {0,
                                  1,
                                  2,
                                  REAL_FRACTION,
                                  quiet,
                                  0x1234,
                                  REAL_INFINITY,
                                  REAL_INFINITY | quiet,
                                  REAL_INFINITY | 1,
                                  REAL_INFINITY | quiet | 0x12345,
                                  REAL_INFINITY | REAL_FRACTION,
                                  REAL_INFINITY | 0x12345};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        out[n++] = real_of(patterns[i]);
        out[n++] = real_of(patterns[i] | REAL_SIGN);
    }
    const real first = REAL_DTYPE == HWV_F64 ? 708 : 88, last = REAL_DTYPE == HWV_F64 ? 746 : 104;
    for (real a = first; a <= last; a += (last - first) / 128) {
        out[n++] = a;
        out[n++] = -a;
    }
    for (real a = -12; a <= 12; a += (real)0.1237)
        out[n++] = a;
    for (unsigned e = 1; e < REAL_EXPONENT && n < ORACLE_HARD; e += (REAL_EXPONENT + 1) / 256)
        out[n++] = real_of((e & 1 ? REAL_SIGN : 0) | (real_bits)e << (REAL_DIGITS - 1) |
                           (((real_bits)e * 7919u << (REAL_DIGITS - 24)) & REAL_FRACTION));
    return n;
}

/* Closing line and exit status. */
static inline int oracle_end(const char *program)
{
    printf("%s: %lu checks, %lu failed\n", program, oracle_checks, oracle_failures);
    return oracle_failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif

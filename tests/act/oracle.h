/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a kernel's result is compared with, and how a difference is reported. Shared by the programs here. */
#ifndef HWV_TESTS_ACT_ORACLE_H
#define HWV_TESTS_ACT_ORACLE_H

#include "act/reference.h"
#include "compare.h"
#include "halfwave/act.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each program counts here; the first few failures are printed. */
static unsigned long oracle_checks, oracle_failures;

static inline uint32_t bits_of(float a)
{
    uint32_t i;
    memcpy(&i, &a, sizeof i);
    return i;
}

static inline float float_of(uint32_t i)
{
    float a;
    memcpy(&a, &i, sizeof a);
    return a;
}

/* Spacing of floats at |a|, never below 2^-149. */
static inline double ulp_at(double a)
{
    int e;
    if (!isfinite(a) || a == 0)
        return 0x1p-149;
    frexp(a, &e);
    return ldexp(1, e - 24 < -149 ? -149 : e - 24);
}

/* A NaN must come out as the same NaN, but may be made quiet and lose its sign. */
static inline bool same_nan(float got, float from)
{
    return isnan(got) && ((bits_of(got) ^ bits_of(from)) & 0x3fffff) == 0;
}

static inline bool same_bits(float a, float b)
{
    return bits_of(a) == bits_of(b);
}

/* The same bits, but a signalling NaN may have become quiet on one of two ways: some compilers turn
 * "m ? dy : slope*dy" into "(m ? 1 : slope) * dy". */
static inline bool same_result(float a, float b)
{
    return same_bits(a, b) || (isnan(a) && same_nan(a, b));
}

/* Whether `got` is f(x) as promised; *ulp becomes the error, of a fast kernel as a share of max(1, |f(x)|). */
static inline bool value_ok(const hwv_act *act, float x, float got, double *ulp)
{
    const hwv_op_info *row = hwv_op_row(act->op);
    double exact = hwv_act_reference(act, (double)x);
    *ulp = compare_ulp_error(got, exact);
    if (isnan(x))
        return same_nan(got, x);
    if (act->tier == HWV_FAST && row->fast > 0) {
        if (isinf(x))
            return got == (float)exact; /* limits are right */
        *ulp = isinf((float)exact) || isinf(got) ? *ulp : fabs((double)got - exact) / fmax(1, fabs(exact));
        return *ulp <= row->fast;
    }
    if (row->ulp == 0)
        return same_bits(got, (float)exact) || (isnan(exact) && isnan(got));
    return *ulp <= row->ulp;
}

/* Whether `got` is dy * f'(x) as promised. *share becomes the error as a share of the allowed one. */
static inline bool gradient_ok(const hwv_act *act, float x, float dy, float got, double *share)
{
    const hwv_op_info *row = hwv_op_row(act->op);
    double slope = hwv_act_reference_gradient(act, (double)x), exact = slope * (double)dy;
    *share = 0;
    if (row->gradient_ulp == 0) {
        if (slope == 1)
            return same_result(got, dy);
        /* A gradient that is 0 is selected, so that an infinite dy does not become NaN. */
        if (slope == 0 && (row->claims & HWV_FLAT_SILENT))
            return got == 0;
        return same_bits(got, (float)exact) || (isnan(exact) && isnan(got)) || (exact == 0 && got == 0);
    }
    if (isnan(exact) || isnan(dy))
        return isnan(got) || isinf(dy) || (slope == 0 && got == 0);
    if (isinf(dy))
        return isnan(got) || isinf(got) || (slope == 0 && got == 0);
    double allowed = fmax(row->gradient_ulp * ulp_at(exact), 4 * 0x1p-23 * fabs((double)dy));
    *share = fabs((double)got - exact) / allowed;
    return *share <= 1;
}

static inline bool oracle_fail(const char *what, const hwv_act *act, size_t length, size_t offset, size_t at, float x,
                               float got, double wanted, double ulp)
{
    if (oracle_failures++ < 20)
        printf(
            "FAIL %s: %s(%g) set %s length %zu offset %zu element %zu: x %a (%08x) got %a (%08x) wanted %a, %.3g ULP\n",
            what, hwv_op_row(act->op)->name, (double)act->param[0], hwv_isa_name(hwv_isa_current()), length, offset, at,
            (double)x, (unsigned)bits_of(x), (double)got, (unsigned)bits_of(got), wanted, ulp);
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

/* Inputs where kernels go wrong. `out` has room for ORACLE_HARD floats; returns how many. */
#define ORACLE_HARD 1200
static inline size_t oracle_hard(float out[ORACLE_HARD])
{
    /* Kinks, ends of polynomials, saturation, range tests, and where results turn subnormal or 0. */
    static const float around[] = {0.5f,   0.6f,   0.605f, 1.0f,    2.0f,   3.0f,    6.0f,   9.0f,    9.01f,
                                   9.375f, 10.0f,  15.0f,  16.6f,   17.0f,  17.33f,  20.0f,  40.0f,   69.3f,
                                   86.6f,  87.0f,  87.33f, 87.34f,  88.0f,  88.37f,  88.73f, 103.28f, 103.97f,
                                   104.0f, 110.0f, 127.0f, 128.0f,  0.625f, 1e-4f,   1e-10f, 1e-19f,  1e-20f,
                                   1e-30f, 1e20f,  1e30f,  4.3e26f, 1e38f,  FLT_MAX, FLT_MIN};
    size_t n = 0;
    for (size_t i = 0; i < sizeof around / sizeof around[0]; i++)
        for (int step = -2; step <= 2; step++) {
            float a = float_of(bits_of(around[i]) + (uint32_t)step);
            if (isnan(a))
                continue;
            out[n++] = a;
            out[n++] = -a;
        }
    /* +-0, subnormals, infinities; NaNs quiet and signalling, of both signs, with and without payload. */
    static const uint32_t patterns[] = {0x00000000, 0x00000001, 0x00000002, 0x007fffff, 0x00400000, 0x00001234,
                                        0x7f800000, 0x7fc00000, 0x7f800001, 0x7fc12345, 0x7fffffff, 0x7f812345};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        out[n++] = float_of(patterns[i]);
        out[n++] = float_of(patterns[i] | 0x80000000u);
    }
    for (float a = 88; a <= 104; a += 0.125f) {
        out[n++] = a;
        out[n++] = -a;
    }
    for (float a = -12; a <= 12; a += 0.1237f)
        out[n++] = a;
    for (uint32_t e = 1; e < 255 && n < ORACLE_HARD; e++)
        out[n++] = float_of((e & 1 ? 0x80000000u : 0) | e << 23 | (e * 7919u & 0x7fffffu));
    return n;
}

/* Closing line and exit status. */
static inline int oracle_end(const char *program)
{
    printf("%s: %lu checks, %lu failed\n", program, oracle_checks, oracle_failures);
    return oracle_failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A block: the truth is computed once per chunk of inputs, all kernels are compared with it. */
#include "oracle.h"
#include "act/dispatch.h"
#include "sweep.h"

enum { CHUNK = 4096 };

static hwv_act act_of(const sweep_line *line)
{
    hwv_act act = hwv_act_make(line->op);
    act.tier = line->tier;
    return act;
}

/* The kernel of a column. */
static void run(const sweep_line *line, float *out, const float *x, size_t count)
{
    static float ones[CHUNK];
    const hwv_act act = act_of(line);
    if (ones[0] == 0)
        for (size_t i = 0; i < CHUNK; i++)
            ones[i] = 1;
    hwv_isa_force(hwv_isa_name(line->set), NULL);
    if (line->gradient)
        hwv_act_backward(&act, HWV_F32, 1, count, out, count, ones, count, x, count);
    else
        hwv_act_forward(&act, HWV_F32, 1, count, out, count, x, count);
}

/* Results for some of all floats, for those where functions bend, and for the hard ones. NaNs, whose payload is a
 * matter of the compiler's choice, are left out. */
static uint64_t fingerprint(const sweep_line *line)
{
    static float x[CHUNK], y[CHUNK], hard[ORACLE_HARD];
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    size_t hards = oracle_hard(hard), count = 0;
    uint64_t all = SWEEP_INPUTS / 65537, bends = (0x41800000u - 0x3c800000u) / 83;
    for (uint64_t i = 0; i < all + 2 * bends + hards; i++) {
        float a = i < all ? float_of((uint32_t)i * 65537u)
                  : i < all + 2 * bends
                      ? float_of((0x3c800000u + (uint32_t)((i - all) / 2) * 83) | (uint32_t)(i & 1) << 31)
                      : hard[i - all - 2 * bends];
        if (!isnan(a))
            x[count++] = a;
        if (count < CHUNK && i + 1 < all + 2 * bends + hards)
            continue;
        run(line, y, x, count);
        for (size_t k = 0; k < count; k++) {
            hash = (hash ^ (isnan(y[k]) ? 0x7fc00000u : bits_of(y[k]))) * UINT64_C(0x100000001b3);
            hash ^= hash >> 29;
        }
        count = 0;
    }
    return hash;
}

/* A fast column whose kernel is the accurate one, which is the column before. */
static bool shared_kernel(const sweep_line *line)
{
    hwv_isa_force(hwv_isa_name(line->set), NULL);
    hwv_kernel *const *passes = hwv_kernels_current()->pass[HWV_F32][line->op];
    return line->tier == HWV_FAST && passes[HWV_PASS_forward_fast] == passes[HWV_PASS_forward];
}

size_t sweep_columns(hwv_op op, bool gradient, sweep_line columns[SWEEP_COLUMNS])
{
    const hwv_op_info *row = hwv_op_row(op);
    size_t count = 0;
    for (size_t i = 0; i < hwv_isa_count(); i++)
        for (int tier = HWV_ACCURATE; tier <= (gradient ? HWV_ACCURATE : HWV_FAST); tier++) {
            hwv_isa set = hwv_isa_get(i);
            if (set == HWV_ISA_scalar)
                continue;
            sweep_line line = {.op = op, .gradient = gradient, .tier = (hwv_tier)tier, .set = set};
            line.bound = gradient ? row->gradient_ulp : tier == HWV_FAST && row->fast > 0 ? row->fast : row->ulp;
            line.fingerprint = shared_kernel(&line) ? columns[count - 1].fingerprint : fingerprint(&line);
            columns[count++] = line;
        }
    return count;
}

lanes_measure sweep_measure(const sweep_line *line)
{
    const hwv_op_info *row = hwv_op_row(line->op);
    if (line->gradient)
        return row->gradient_ulp > 0 ? LANES_GRADIENT : LANES_EQUAL;
    if (row->ulp == 0)
        return LANES_EXACT;
    return line->tier == HWV_FAST && row->fast > 0 ? LANES_RELATIVE : LANES_ULP;
}

static void worse(sweep_line *line, double error, float x)
{
    if (error > line->worst) {
        line->worst = error;
        line->at = bits_of(x);
    }
}

/* A chunk of infinities and NaNs, one by one. Limits are exact in both tiers; a NaN keeps its payload. */
static void special(sweep_line *line, const float *x, const float *got)
{
    const hwv_act act = act_of(line);
    for (size_t i = 0; i < CHUNK; i++) {
        bool ok;
        double truth =
            line->gradient ? hwv_act_reference_gradient(&act, (double)x[i]) : hwv_act_reference(&act, (double)x[i]);
        if (isnan(x[i]))
            ok = line->gradient && !isnan(truth) ? got[i] == (float)truth
                 : line->gradient                ? isnan(got[i]) != 0
                                                 : same_nan(got[i], x[i]);
        else
            ok = got[i] == (float)truth || (isnan(truth) && isnan(got[i])) ||
                 (line->gradient && fabs((double)got[i] - truth) <= line->bound * 0x1p-23);
        if (!ok) {
            worse(line, (double)INFINITY, x[i]);
            line->over_half++;
        }
    }
}

void sweep_block(sweep_line *columns, size_t count, uint32_t stride)
{
    static uint32_t bits[CHUNK];
    static float x[CHUNK], got[CHUNK];
    static double exact[CHUNK], error[CHUNK];
    const lanes *vectors = lanes_get();
    bool shared[SWEEP_COLUMNS];
    for (size_t c = 0; c < count; c++)
        shared[c] = shared_kernel(&columns[c]);
    const hwv_act act = act_of(&columns[0]);
    for (uint64_t base = 0; base < SWEEP_INPUTS; base += (uint64_t)CHUNK * stride) {
        bool specials = (base & 0x7f800000u) == 0x7f800000u;
        for (uint32_t i = 0; i < CHUNK; i++)
            bits[i] = (uint32_t)base + i;
        memcpy(x, bits, sizeof x);
        if (!specials) {
            vectors->reference(&act, columns[0].gradient, exact, x, CHUNK);
            /* The vectors against the scalar functions that run_truth also knows. */
            double scalar = columns[0].gradient ? hwv_act_reference_gradient(&act, (double)x[base / CHUNK % CHUNK])
                                                : hwv_act_reference(&act, (double)x[base / CHUNK % CHUNK]);
            double vector = exact[base / CHUNK % CHUNK];
            double unit = fmax(ulp_at(scalar), columns[0].gradient ? 0x1p-23 : 0);
            if (vector != scalar && !(fabs(vector - scalar) <= 2e-6 * unit)) {
                fprintf(stderr, "%s(%a): the reference is %a, in vectors %a\n", hwv_op_row(act.op)->name,
                        (double)x[base / CHUNK % CHUNK], scalar, vector);
                exit(EXIT_FAILURE);
            }
        }
        for (size_t c = 0; c < count; c++) {
            sweep_line *line = &columns[c];
            if (!shared[c])
                run(line, got, x, CHUNK);
            line->inputs += CHUNK;
            if (specials) {
                special(line, x, got);
                continue;
            }
            /* Also the same measure: the same figures, copied below. */
            if (shared[c] && sweep_measure(line) == sweep_measure(line - 1))
                continue;
            lanes_errors e = vectors->measure(sweep_measure(line), error, got, exact, CHUNK, line->bound / 2);
            line->over_half += e.over;
            for (size_t i = 0; e.worst > line->worst && i < CHUNK; i++)
                worse(line, error[i], x[i]);
        }
    }
    for (size_t c = 1; c < count; c++)
        if (shared[c] && sweep_measure(&columns[c]) == sweep_measure(&columns[c - 1])) {
            columns[c].worst = columns[c - 1].worst;
            columns[c].at = columns[c - 1].at;
            columns[c].over_half = columns[c - 1].over_half;
        }
}

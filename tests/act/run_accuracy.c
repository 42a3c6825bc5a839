/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Values and gradients of every row on every runnable set against the double reference, in both tiers, for every
 * 65537th float; the claims of the rows; the references' derivatives against central differences. All floats are
 * the matter of tests/act/sweep. */
#include "oracle.h"

enum { CHUNK = 4096 };

/* Largest errors of one activation on each runnable set. */
typedef struct worst {
    double value, gradient, gradient_y;
    float value_at, gradient_at, gradient_y_at;
} worst;

static void force(size_t set)
{
    hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL);
}

/* Any dy, without regard to x: all sizes and signs. */
static float any_dy(uint32_t i)
{
    uint32_t h = i * 2654435761u;
    h ^= h >> 15;
    return i % 7 == 0 ? 1.0f : ldexpf((float)(h & 0xffff) - 32768.0f, (int)(h >> 16 & 31) - 24);
}

/* Checks `count` inputs on the set in use. `full` also runs the passes that must agree with others bit by bit. */
static void check_inputs(const hwv_act *act, const float *x, size_t count, worst *w, bool full)
{
    static float y[CHUNK], dy[CHUNK], dx[CHUNK], other[CHUNK];
    static uint64_t mask[CHUNK / 64];
    unsigned claims = hwv_act_claims(act);
    for (size_t i = 0; i < count; i++)
        dy[i] = any_dy(bits_of(x[i]));
    hwv_act_forward(act, HWV_F32, 1, count, y, count, x, count);
    hwv_act_backward(act, HWV_F32, 1, count, dx, count, dy, count, x, count);
    for (size_t i = 0; i < count; i++) {
        double error, share;
        oracle_checks += 2;
        if (!value_ok(act, x[i], y[i], &error))
            oracle_fail("value", act, count, 0, i, x[i], y[i], hwv_act_reference(act, (double)x[i]), error);
        if (isfinite(x[i]) && isnan(y[i]))
            oracle_fail("NaN from a finite input", act, count, 0, i, x[i], y[i], 0, INFINITY);
        if ((claims & HWV_BOUNDED) && act->tier == HWV_ACCURATE && !(fabsf(y[i]) <= 1) && !isnan(x[i]))
            oracle_fail("bounded", act, count, 0, i, x[i], y[i], 1, INFINITY);
        if (!gradient_ok(act, x[i], dy[i], dx[i], &share))
            oracle_fail("gradient", act, count, 0, i, x[i], dx[i],
                        (double)dy[i] * hwv_act_reference_gradient(act, (double)x[i]), share);
        if (error > w->value)
            w->value = error, w->value_at = x[i];
        if (share > w->gradient)
            w->gradient = share, w->gradient_at = x[i];
    }
    if (!full)
        return;
    if (claims & HWV_GRADIENT_FROM_Y) {
        hwv_act_backward_y(act, HWV_F32, 1, count, other, count, dy, count, y, count);
        for (size_t i = 0; i < count; i++) {
            double share;
            oracle_checks++;
            if (!gradient_ok(act, x[i], dy[i], other[i], &share))
                oracle_fail("gradient from y", act, count, 0, i, x[i], other[i],
                            (double)dy[i] * hwv_act_reference_gradient(act, (double)x[i]), share);
            if (share > w->gradient_y)
                w->gradient_y = share, w->gradient_y_at = x[i];
        }
    }
    if (claims & HWV_PIECEWISE) {
        hwv_act_forward_mask(act, HWV_F32, 1, count, other, count, x, count, mask, CHUNK / 64);
        for (size_t i = 0; i < count; i++) {
            oracle_checks++;
            if (!same_result(y[i], other[i]) ||
                (mask[i / 64] >> i % 64 & 1) != hwv_act_reference_pass(act, (double)x[i]))
                oracle_fail("forward with mask", act, count, 0, i, x[i], other[i], (double)y[i], 0);
        }
        hwv_act_backward_mask(act, HWV_F32, 1, count, other, count, dy, count, mask, CHUNK / 64);
        for (size_t i = 0; i < count; i++) {
            oracle_checks++;
            if (!same_result(dx[i], other[i]))
                oracle_fail("gradient from mask", act, count, 0, i, x[i], other[i], (double)dx[i], 0);
        }
    }
    if (claims & HWV_ODD) {
        for (size_t i = 0; i < count; i++)
            other[i] = -x[i];
        hwv_act_forward(act, HWV_F32, 1, count, other, count, other, count);
        for (size_t i = 0; i < count; i++) {
            oracle_checks++;
            if (!same_bits(other[i], -y[i]) && !(other[i] == 0 && y[i] == 0) && !isnan(x[i]))
                oracle_fail("odd", act, count, 0, i, x[i], other[i], -(double)y[i], 0);
        }
    }
    uint64_t nans = 0, wanted = 0;
    hwv_act_fires(act, HWV_F32, 1, count, x, count, mask, CHUNK / 64, &nans);
    for (size_t i = 0; i < count; i++) {
        wanted += isnan(x[i]) ? 1 : 0;
        oracle_checks++;
        if ((mask[i / 64] >> i % 64 & 1) != hwv_act_reference_fires(act, (double)x[i]))
            oracle_fail("fires", act, count, 0, i, x[i], 0, 0, 0);
    }
    check(nans == wanted, "count of NaNs");
}

/* Inputs in ascending order: `a` is the previous result's input. */
static void check_monotone(const hwv_act *act, float a, float ya, float b, float yb)
{
    const hwv_op_info *row = hwv_op_row(act->op);
    double slack =
        act->tier == HWV_FAST ? 2 * row->fast * fmax(1, fabs((double)ya)) : row->ulp * 2 * ulp_at(fabs((double)ya));
    oracle_checks++;
    if ((double)yb < (double)ya - slack)
        oracle_fail("monotone", act, 0, 0, 0, b, yb, (double)ya, ((double)ya - (double)yb) / ulp_at((double)ya));
    if (hwv_act_reference(act, (double)b) < hwv_act_reference(act, (double)a))
        oracle_fail("the claim of monotony", act, 0, 0, 0, b, yb, (double)ya, 0);
}

/* Ends and the middle: flat sides, zero at zero. Claims that do not stand must not hold either, so that a row
 * cannot hide that its units may die. */
static void check_ends(const hwv_act *act)
{
    unsigned claims = hwv_act_claims(act);
    const float far[2] = {-1e30f, 1e30f}, one[2] = {1, 1}, zero[2] = {0.0f, -0.0f};
    float dx[2], y[2];
    hwv_act_backward(act, HWV_F32, 1, 2, dx, 2, one, 2, far, 2);
    check((dx[0] == 0) == ((claims & HWV_FLAT_LEFT) != 0), "flat to the left as claimed");
    check((dx[1] == 0) == ((claims & HWV_FLAT_RIGHT) != 0), "flat to the right as claimed");
    /* Silent is dead as claimed, and where it is not claimed, some silent input has a gradient. Clip's gradient at
     * its lower kink itself does not count. */
    bool dead = true;
    for (float x = -8; x <= 8; x += 0.0625f) {
        double below = hwv_act_reference_gradient(act, (double)nextafterf(x, -INFINITY));
        if (!hwv_act_reference_fires(act, (double)x) && below != 0)
            dead = dead && hwv_act_reference_gradient(act, (double)x) == 0;
    }
    check(dead == ((claims & HWV_FLAT_SILENT) != 0), "silent is dead as claimed");
    hwv_act_forward(act, HWV_F32, 1, 2, y, 2, zero, 2);
    check((y[0] == 0 && y[1] == 0) == ((claims & HWV_ZERO_AT_0) != 0), "zero at zero as claimed");
}

static void sweep(const hwv_act *act, worst *w)
{
    static float x[CHUNK], y[CHUNK], hard[ORACLE_HARD];
    check_inputs(act, hard, oracle_hard(hard), w, true);
    check_ends(act);
    bool monotone = hwv_act_claims(act) & HWV_MONOTONE;
    /* Ascending: negative floats by falling bits, then positive ones. */
    const uint32_t step = 65537;
    float last_x = -INFINITY, last_y = 0;
    bool first = true;
    size_t count = 0;
    for (uint64_t i = 0; i < (UINT64_C(1) << 32); i += step) {
        x[count++] = i < 0x80000000u ? float_of(0xffffffffu - (uint32_t)i) : float_of((uint32_t)i - 0x80000000u);
        if (count < CHUNK && i + step < (UINT64_C(1) << 32))
            continue;
        check_inputs(act, x, count, w, true);
        hwv_act_forward(act, HWV_F32, 1, count, y, count, x, count);
        for (size_t k = 0; monotone && k < count; k++) {
            if (isnan(x[k]) || isnan(y[k]))
                continue;
            if (!first)
                check_monotone(act, last_x, last_y, x[k], y[k]);
            first = false;
            last_x = x[k], last_y = y[k];
        }
        count = 0;
    }
}

/* Bounded rows again where they bend, -16 to 16, densely: their worst inputs are rare. */
static void sweep_middle(const hwv_act *act, worst *w)
{
    static float x[CHUNK];
    size_t count = 0;
    for (uint32_t i = 0x3c800000u; i <= 0x41800000u; i += 691) {
        x[count++] = float_of(i);
        x[count++] = -float_of(i);
        if (count == CHUNK) {
            check_inputs(act, x, count, w, false);
            count = 0;
        }
    }
    check_inputs(act, x, count, w, false);
}

/* f' of the reference against a central difference, away from kinks; at 0 it is one of the one-sided limits. */
static void check_reference(const hwv_act *act)
{
    for (double x = -20; x <= 20; x += 0.0123) {
        double h = 1e-5, left = hwv_act_reference_gradient(act, x - h), right = hwv_act_reference_gradient(act, x + h);
        double g = hwv_act_reference_gradient(act, x);
        if (fabs(left - right) > 1e-3)
            continue;
        double difference = (hwv_act_reference(act, x + h) - hwv_act_reference(act, x - h)) / (2 * h);
        check(fabs(difference - g) <= 1e-8 * (1 + fabs(g)), "derivative of the reference against a difference");
    }
    double at = hwv_act_reference_gradient(act, 0), tiny = 1e-12;
    bool pass = hwv_act_reference_pass(act, 0);
    /* Parameters may make two kinks one, which is then a branch of its own: clip(0, 0), hardshrink(0). */
    if (pass != hwv_act_reference_pass(act, -tiny) && pass != hwv_act_reference_pass(act, tiny))
        return;
    double left = hwv_act_reference_gradient(act, -tiny), right = hwv_act_reference_gradient(act, tiny);
    check(fabs(at - left) < 1e-9 || fabs(at - right) < 1e-9, "gradient at 0 is a one-sided limit");
}

int main(void)
{
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        force(set);
        for (size_t i = 0; i < hwv_op_count(); i++) {
            hwv_act act[8];
            size_t variants = oracle_variants(hwv_op_get(i), act);
            for (size_t k = 0; k < variants; k++) {
                worst w = {0};
                sweep(&act[k], &w);
                if (hwv_op_get(i)->ulp > 0)
                    sweep_middle(&act[k], &w);
                if (set == 0)
                    check_reference(&act[k]);
                worst fast = {0};
                if (hwv_op_get(i)->fast > 0) {
                    act[k].tier = HWV_FAST;
                    sweep(&act[k], &fast);
                    sweep_middle(&act[k], &fast);
                }
                if (k == 0)
                    printf(
                        "%-7s %-12s value %.3f ULP at %a, fast %.1e, gradient %.2f of the allowed error, from y %.2f\n",
                        hwv_isa_name(hwv_isa_current()), hwv_op_get(i)->name, w.value, (double)w.value_at, fast.value,
                        w.gradient, w.gradient_y);
            }
        }
    }
    return oracle_end("accuracy");
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The double references, scalar and in vectors, against MPFR: at points where formulas lose digits (tails, zeros,
 * beside kinks, subnormals) the error must stay below a millionth of float's ULP. HALFWAVE_EXHAUSTIVE: a million
 * points for each operator. */
#ifdef HWV_HAVE_MPFR
#include "oracle.h"
#include "lanes.h"

#include <mpfr.h>

/* 500 bits: x - tanh(x) of the smallest float cancels 300. */
enum { PRECISION = 500, BATCH = 512 };
#define LIMIT 1e-6

static mpfr_t t[6]; /* for the functions below */

#define N MPFR_RNDN

/* f and f' of x; the parameters are doubles. */
typedef void truth(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p);

/* s = 1/(1+exp(-x)); overwrites t[0] */
static void logistic(mpfr_t s, mpfr_srcptr x)
{
    mpfr_neg(t[0], x, N);
    mpfr_exp(t[0], t[0], N);
    mpfr_add_ui(t[0], t[0], 1, N);
    mpfr_ui_div(s, 1, t[0], N);
}

static void truth_sigmoid(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    (void)p;
    logistic(f, x);
    mpfr_neg(t[1], x, N);
    logistic(g, t[1]);
    mpfr_mul(g, g, f, N);
}

static void truth_tanh(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    (void)p;
    mpfr_tanh(f, x, N);
    mpfr_sech(g, x, N);
    mpfr_sqr(g, g, N);
}

static void truth_tanhshrink(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    (void)p;
    mpfr_tanh(g, x, N);
    mpfr_sub(f, x, g, N);
    mpfr_sqr(g, g, N);
}

static void truth_softsign(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    (void)p;
    mpfr_abs(g, x, N);
    mpfr_add_ui(g, g, 1, N);
    mpfr_div(f, x, g, N);
    mpfr_sqr(g, g, N);
    mpfr_ui_div(g, 1, g, N);
}

static void truth_exp(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    (void)p;
    mpfr_exp(f, x, N);
    mpfr_set(g, f, N);
}

/* x s(bx); s + bx s(bx) s(-bx) */
static void truth_swish(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    mpfr_mul_d(t[1], x, p[0], N);
    logistic(t[2], t[1]);
    mpfr_mul(f, x, t[2], N);
    mpfr_neg(t[3], t[1], N);
    logistic(g, t[3]);
    mpfr_mul(g, g, t[1], N);
    mpfr_mul(g, g, t[2], N);
    mpfr_add(g, g, t[2], N);
}

static void truth_silu(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    (void)p;
    truth_swish(f, g, x, (const double[2]){1, 0});
}

/* scale * (x > 0 ? x : alpha * expm1(x / width)) */
static void exponential(mpfr_t f, mpfr_t g, mpfr_srcptr x, double alpha, double scale, double width)
{
    mpfr_set(f, x, N);
    mpfr_set_ui(g, 1, N);
    if (mpfr_sgn(x) <= 0) {
        mpfr_div_d(t[0], x, width, N);
        mpfr_expm1(f, t[0], N);
        mpfr_mul_d(f, f, alpha, N);
        mpfr_exp(g, t[0], N);
        mpfr_mul_d(g, g, alpha, N);
        mpfr_div_d(g, g, width, N);
    }
    mpfr_mul_d(f, f, scale, N);
    mpfr_mul_d(g, g, scale, N);
}

static void truth_elu(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    exponential(f, g, x, p[0], 1, 1);
}

static void truth_selu(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    exponential(f, g, x, p[0], p[1], 1);
}

static void truth_celu(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    exponential(f, g, x, p[0], 1, p[0]);
}

/* log(1+exp(x)) = max(x,0) + log1p(exp(-|x|)); overwrites t[0] */
static void log_one_exp(mpfr_t f, mpfr_srcptr x)
{
    mpfr_abs(t[0], x, N);
    mpfr_neg(t[0], t[0], N);
    mpfr_exp(t[0], t[0], N);
    mpfr_log1p(f, t[0], N);
    if (mpfr_sgn(x) > 0)
        mpfr_add(f, f, x, N);
}

static void truth_softplus(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    mpfr_mul_d(t[1], x, p[0], N);
    if (mpfr_cmp_d(t[1], p[1]) > 0) {
        mpfr_set(f, x, N);
        mpfr_set_ui(g, 1, N);
        return;
    }
    log_one_exp(f, t[1]);
    mpfr_div_d(f, f, p[0], N);
    logistic(g, t[1]);
}

static void truth_logsigmoid(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    (void)p;
    mpfr_neg(t[1], x, N);
    log_one_exp(f, t[1]);
    mpfr_neg(f, f, N);
    logistic(g, t[1]);
}

/* x erfc(-x/sqrt 2)/2; erfc(-x/sqrt 2)/2 + x exp(-x^2/2)/sqrt(2 pi) */
static void truth_gelu(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    (void)p;
    mpfr_sqrt_ui(t[0], 2, N);
    mpfr_div(t[0], x, t[0], N);
    mpfr_neg(t[1], t[0], N);
    mpfr_erfc(t[1], t[1], N);
    mpfr_div_ui(t[1], t[1], 2, N);
    mpfr_mul(f, x, t[1], N);
    mpfr_sqr(t[0], t[0], N);
    mpfr_neg(t[0], t[0], N);
    mpfr_exp(t[0], t[0], N);
    mpfr_const_pi(t[2], N);
    mpfr_mul_ui(t[2], t[2], 2, N);
    mpfr_sqrt(t[2], t[2], N);
    mpfr_div(t[0], t[0], t[2], N);
    mpfr_mul(g, x, t[0], N);
    mpfr_add(g, g, t[1], N);
}

/* x (1 + tanh u)/2; (1 + tanh u)/2 + x (1 - tanh^2 u) u'/2, u = sqrt(2/pi)(x + 0.044715 x^3) */
static void truth_gelu_tanh(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    (void)p;
    mpfr_const_pi(t[0], N);
    mpfr_ui_div(t[0], 2, t[0], N);
    mpfr_sqrt(t[0], t[0], N);
    mpfr_set_ui(t[1], 44715, N);
    mpfr_div_ui(t[1], t[1], 1000000, N);
    mpfr_sqr(t[2], x, N);
    mpfr_mul(t[1], t[1], t[2], N); /* 0.044715 x^2 */
    mpfr_add_ui(t[2], t[1], 1, N);
    mpfr_mul(t[2], t[2], x, N);
    mpfr_mul(t[2], t[2], t[0], N); /* u */
    mpfr_mul_ui(t[1], t[1], 3, N);
    mpfr_add_ui(t[1], t[1], 1, N);
    mpfr_mul(t[1], t[1], t[0], N); /* u' */
    mpfr_tanh(t[3], t[2], N);
    mpfr_add_ui(t[3], t[3], 1, N);
    mpfr_div_ui(t[3], t[3], 2, N);
    mpfr_mul(f, x, t[3], N);
    mpfr_sech(t[2], t[2], N);
    mpfr_sqr(t[2], t[2], N);
    mpfr_mul(g, t[2], t[1], N);
    mpfr_mul(g, g, x, N);
    mpfr_div_ui(g, g, 2, N);
    mpfr_add(g, g, t[3], N);
}

/* x tanh(v); tanh(v) + x (1 - tanh^2 v)/(1 + exp(-x)), v = log(1 + exp(x)) */
static void truth_mish(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    (void)p;
    log_one_exp(t[1], x);
    mpfr_tanh(t[2], t[1], N);
    mpfr_mul(f, x, t[2], N);
    mpfr_sech(t[1], t[1], N);
    mpfr_sqr(t[1], t[1], N);
    logistic(t[3], x);
    mpfr_mul(g, t[1], t[3], N);
    mpfr_mul(g, g, x, N);
    mpfr_add(g, g, t[2], N);
}

/* From 0 at one kink, a float, to 1 at the other. */
static void truth_hardsigmoid(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    double low = (double)(float)(-p[1] / p[0]), high = (double)(float)((1 - p[1]) / p[0]);
    bool below = mpfr_cmp_d(x, low) <= 0, above = mpfr_cmp_d(x, high) >= 0;
    mpfr_sub_d(f, x, low, N);
    mpfr_div_d(f, f, high - low, N);
    mpfr_set_ui(g, below || above ? 0 : 1, N);
    mpfr_div_d(g, g, high - low, N);
    if (below || above)
        mpfr_set_ui(f, above, N);
}

static void truth_hardswish(mpfr_t f, mpfr_t g, mpfr_srcptr x, const double *p)
{
    (void)p;
    bool below = mpfr_cmp_si(x, -3)<0, above = mpfr_cmp_si(x, 3)> 0;
    mpfr_add_ui(f, x, 3, N);
    mpfr_add(g, f, x, N);
    mpfr_mul(f, f, x, N);
    mpfr_div_ui(f, f, 6, N);
    mpfr_div_ui(g, g, 6, N);
    if (below || above) {
        mpfr_set_ui(g, above, N);
        mpfr_mul_ui(f, x, above, N);
    }
}

static const struct {
    const char *name;
    truth *function;
} truths[] = {
    {"sigmoid", truth_sigmoid},
    {"tanh", truth_tanh},
    {"softsign", truth_softsign},
    {"exp", truth_exp},
    {"silu", truth_silu},
    {"swish", truth_swish},
    {"quick_gelu", truth_swish},
    {"elu", truth_elu},
    {"selu", truth_selu},
    {"celu", truth_celu},
    {"gelu", truth_gelu},
    {"softplus", truth_softplus},
    {"logsigmoid", truth_logsigmoid},
    {"mish", truth_mish},
    {"gelu_tanh", truth_gelu_tanh},
    {"tanhshrink", truth_tanhshrink},
    {"hardsigmoid", truth_hardsigmoid},
    {"hardswish", truth_hardswish},
};

static uint64_t draws = 88172645463325252u;

static double draw(double low, double high)
{
    draws ^= draws << 13;
    draws ^= draws >> 7;
    draws ^= draws << 17;
    return low + (high - low) * (double)(draws >> 11) * 0x1p-53;
}

/* Where formulas lose digits. */
static float hard_point(size_t i)
{
    /* Zeros of derivatives (silu, mish, gelu, gelu_tanh, quick_gelu), kinks, limits, changes of formula. */
    static const double beside[] = {
        -1.2784645428, -1.1924061213, -0.7517915246, -0.7524614220, -0.7511839680, 1,     -1,   20,   0.5, 0.6, 9,
        88.72,         -87.34,        -103.97,       -13.1,         -14.4,         -10.1, 0.25, -0.25};
    double sign = draw(0, 1) < 0.5 ? -1 : 1;
    switch (i % 8) {
    case 0: {
        float any = float_of((uint32_t)draw(0, 4294967296.0));
        return isfinite(any) ? any : (float)draw(-1, 1);
    }
    case 1:
        return (float)(sign * exp2(draw(-12, 5)));
    case 2:
        return (float)draw(-110, -80);
    case 3:
        return (float)draw(-15, -5);
    case 4:
        return (float)(beside[(size_t)draw(0, sizeof beside / sizeof beside[0])] + sign * exp2(draw(-28, -3)));
    case 5:
        return (float)(sign * exp2(draw(-149, 0)));
    case 6:
        return (float)draw(-8, 8);
    default:
        return (float)draw(-120, 100);
    }
}

/* |got - exact| in the unit that the sweep's errors are counted in. */
static double error_of(double got, mpfr_srcptr exact, bool gradient)
{
    double rounded = mpfr_get_d(exact, N), unit = ulp_at(rounded);
    if ((float)got == (float)rounded && isinf((float)rounded))
        return 0;
    if (gradient)
        unit = fmax(unit, 0x1p-23);
    mpfr_d_sub(t[0], got, exact, N);
    return fabs(mpfr_get_d(t[0], N)) / unit;
}

static void compare(const hwv_act *act, truth *function, size_t points)
{
    static float x[BATCH];
    static double vectors[2][BATCH];
    const double p[HWV_ACT_PARAMS] = {(double)act->param[0], (double)act->param[1]};
    double worst[2][2] = {{0}};
    float at[2][2] = {{0}};
    mpfr_t exact[2], argument;
    mpfr_inits2(PRECISION, exact[0], exact[1], argument, (mpfr_ptr)0);
    for (size_t i = 0; i < points; i++) {
        size_t k = i % BATCH;
        if (k == 0) {
            for (size_t j = 0; j < BATCH; j++)
                x[j] = hard_point(i + j);
            for (int gradient = 0; gradient < 2; gradient++)
                lanes_get()->reference(act, gradient, vectors[gradient], x, BATCH);
        }
        mpfr_set_d(argument, (double)x[k], N);
        function(exact[0], exact[1], argument, p);
        for (int gradient = 0; gradient < 2; gradient++) {
            const double got[2] = {gradient ? hwv_act_reference_gradient(act, (double)x[k])
                                            : hwv_act_reference(act, (double)x[k]),
                                   vectors[gradient][k]};
            for (int vector = 0; vector < 2; vector++) {
                double error = error_of(got[vector], exact[gradient], gradient);
                oracle_checks++;
                if (!(error <= LIMIT) && oracle_failures++ < 20)
                    printf("FAIL %s%s of %s(%a): %a, wanted %a, %.3g float ULP\n", vector ? "vectors' " : "",
                           gradient ? "gradient" : "value", hwv_op_row(act->op)->name, (double)x[k], got[vector],
                           mpfr_get_d(exact[gradient], N), error);
                if (error > worst[gradient][vector]) {
                    worst[gradient][vector] = error;
                    at[gradient][vector] = x[k];
                }
            }
        }
    }
    printf("%-11s %zu points, float ULP: value %.2g at %a (in vectors %.2g), gradient %.2g at %a (%.2g)\n",
           hwv_op_row(act->op)->name, points, worst[0][0], (double)at[0][0], worst[0][1], worst[1][0], (double)at[1][0],
           worst[1][1]);
    mpfr_clears(exact[0], exact[1], argument, (mpfr_ptr)0);
}

int main(void)
{
    size_t points = getenv("HALFWAVE_EXHAUSTIVE") ? 1000000 : 2000;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
        mpfr_init2(t[i], PRECISION);
    for (size_t i = 0; i < hwv_op_count(); i++) {
        const hwv_op_info *row = hwv_op_get(i);
        const hwv_act act = hwv_act_make(row->op);
        bool found = row->ulp == 0 || (row->claims & HWV_PIECEWISE);
        for (size_t k = 0; k < sizeof truths / sizeof truths[0]; k++)
            if (strcmp(truths[k].name, row->name) == 0) {
                compare(&act, truths[k].function, points);
                found = true;
            }
        if (!found) {
            printf("FAIL %s has no truth here\n", row->name);
            oracle_failures++;
        }
    }
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
        mpfr_clear(t[i]);
    mpfr_free_cache();
    return oracle_end("truth");
}
#else
#include <stdio.h>

int main(void)
{
    printf("skipped: MPFR (libmpfr-dev) is not here\n");
    return 77;
}
#endif

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The operators in double precision: act/definitions.h as functions of one number. */
#include "act/reference.h"

#include "act/dispatch.h"

#define REFERENCE(name, value, gradient)                                                                               \
    static inline double name##_reference(double x, const double *p)                                                   \
    {                                                                                                                  \
        (void)p;                                                                                                       \
        return (value);                                                                                                \
    }                                                                                                                  \
    static inline double name##_reference_gradient(double x, const double *p)                                          \
    {                                                                                                                  \
        (void)x;                                                                                                       \
        (void)p;                                                                                                       \
        return (gradient);                                                                                             \
    }
#include "act/definitions.h"

#define HWV_PREDICATE(name, KERNEL, text, value)                                                                       \
    static bool name##_predicate(double x, const double *p)                                                            \
    {                                                                                                                  \
        (void)x;                                                                                                       \
        (void)p;                                                                                                       \
        return (value);                                                                                                \
    }
#include "act/predicates.def"

typedef double reference_function(double x, const double *p);
typedef bool predicate_function(double x, const double *p);
static const struct {
    reference_function *value, *gradient;
    predicate_function *pass, *fires;
} rows[] = {
#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, PASS, FIRES, ...)                    \
    [NUMBER] = {name##_reference, name##_reference_gradient, PASS##_predicate, FIRES##_predicate},
#include "halfwave/ops.def"
};

#define WITH_PARAMS(act, function, x)                                                                                  \
    (rows[(act)->op].function(x, (const double[HWV_ACT_PARAMS]){(double)(act)->param[0], (double)(act)->param[1]}))

double hwv_act_reference(const hwv_act *act, double x)
{
    return WITH_PARAMS(act, value, x);
}

double hwv_act_reference_gradient(const hwv_act *act, double x)
{
    return WITH_PARAMS(act, gradient, x);
}

/* Predicates take the parameters of the row's kernels. */
#define WITH_KERNEL_PARAMS(act, function, x)                                                                           \
    double p[HWV_ACT_PARAMS];                                                                                          \
    hwv_act_kernel_params(act, HWV_F32, p);                                                                            \
    return rows[(act)->op].function(x, p)

bool hwv_act_reference_pass(const hwv_act *act, double x)
{
    WITH_KERNEL_PARAMS(act, pass, x);
}

bool hwv_act_reference_fires(const hwv_act *act, double x)
{
    WITH_KERNEL_PARAMS(act, fires, x);
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The rows of ops.def as data: information, names, parsing and checking of activations. */
#include "halfwave/act.h"
#include "halfwave/text.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCURACY_EXACT                  .ulp = 0, .gradient_ulp = 0
#define ACCURACY_ULP(value, derivative) .ulp = (value), .gradient_ulp = (derivative)
#define PARAMS_P0                                                                                                      \
    {                                                                                                                  \
        {                                                                                                              \
            NULL, 0, 0, 0                                                                                              \
        }                                                                                                              \
    }
#define PARAMS_P1(a, ...)                                                                                              \
    {                                                                                                                  \
        {                                                                                                              \
#a, __VA_ARGS__                                                                                            \
        }                                                                                                              \
    }
#define PARAMS_P2(a, ai, al, ah, b, ...)                                                                               \
    {                                                                                                                  \
        {#a, ai, al, ah},                                                                                              \
        {                                                                                                              \
#b, __VA_ARGS__                                                                                            \
        }                                                                                                              \
    }
#define FAST_SAME       0
#define FAST_BOUND(e)   (e)
#define REQUIRE_ANY     false
#define REQUIRE_ORDERED true
#define FROM_Y_ALWAYS   HWV_GRADIENT_FROM_Y
#define FROM_Y_IF(when) 0
#define FROM_Y_NEVER    0

#define HWV_PREDICATE(name, KERNEL, text, value) static const char predicate_##name[] = text;
#include "act/predicates.def"

static const hwv_op_info rows[] = {
#define HWV_OP(NUMBER, NAME, name_, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, PASS, FIRES, CLAIMS, WHEN,          \
               ACCURACY, FAST, ALIAS, TORCH, ONNX, OPSET, FORMULA, SOURCE)                                             \
    [NUMBER] = {.op = HWV_OP_##NAME,                                                                                   \
                .name = #name_,                                                                                        \
                .param = PARAMS_##PARAMS,                                                                              \
                .ordered = REQUIRE_##REQUIRE,                                                                          \
                .claims = (unsigned)(CLAIMS) | (unsigned)(FROM_Y_##FROM_Y),                                            \
                ACCURACY_##ACCURACY,                                                                                   \
                .fast = FAST_##FAST,                                                                                   \
                .torch = TORCH,                                                                                        \
                .onnx = ONNX,                                                                                          \
                .onnx_opset = OPSET,                                                                                   \
                .formula = FORMULA,                                                                                    \
                .source = SOURCE,                                                                                      \
                .alias = ALIAS,                                                                                        \
                .pass = predicate_##PASS,                                                                              \
                .fires = predicate_##FIRES},
#include "halfwave/ops.def"
#undef HWV_OP
};
#define ROWS (sizeof rows / sizeof rows[0])

/* A gap in the numbers would leave a row of zeros. */
enum {
    rows_written =
#define HWV_OP(...) 1 +
#include "halfwave/ops.def"
#undef HWV_OP
        0
};
_Static_assert((int)rows_written == (int)HWV_OP_END_ && sizeof rows / sizeof rows[0] == (size_t)rows_written,
               "rows of ops.def stand in order of their numbers, from 0, without gaps");

/* Claims that depend on the parameters. */
#define HWV_IF(condition, claim) ((condition) ? (unsigned)(claim) : 0u)
#define WHEN_Y_ALWAYS            0u
#define WHEN_Y_IF(condition)     HWV_IF(condition, HWV_GRADIENT_FROM_Y)
#define WHEN_Y_NEVER             0u
#define HWV_OP(NUMBER, NAME, name_, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, PASS, FIRES, CLAIMS, WHEN, ...)     \
    static unsigned name_##_claims(const float *p)                                                                     \
    {                                                                                                                  \
        (void)p;                                                                                                       \
        return (unsigned)(WHEN) | WHEN_Y_##FROM_Y;                                                                     \
    }
#include "halfwave/ops.def"
#undef HWV_OP
static unsigned (*const claims_when[])(const float *p) = {
#define HWV_OP(NUMBER, NAME, name_, ...) [NUMBER] = name_##_claims,
#include "halfwave/ops.def"
#undef HWV_OP
};

size_t hwv_op_count(void)
{
    return ROWS;
}

const hwv_op_info *hwv_op_get(size_t i)
{
    return i < ROWS ? &rows[i] : NULL;
}

const hwv_op_info *hwv_op_row(hwv_op op)
{
    return hwv_op_get((size_t)op);
}

unsigned hwv_act_claims(const hwv_act *act)
{
    assert(hwv_op_row(act->op));
    return rows[act->op].claims | claims_when[act->op](act->param);
}

hwv_act hwv_act_make(hwv_op op)
{
    hwv_act act = {.op = op};
    const hwv_op_info *info = hwv_op_row(op);
    for (size_t i = 0; info && i < HWV_ACT_PARAMS; i++)
        act.param[i] = info->param[i].initial;
    return act;
}

/* find with a name that need not be terminated. */
static hwv_status find(hwv_op *op, const char *name, size_t length, hwv_error *error)
{
    const char *names[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        const char *known[2] = {rows[i].name, rows[i].alias};
        for (int k = 0; k < 2; k++) {
            if (length > 0 && strlen(known[k]) == length && memcmp(known[k], name, length) == 0) {
                *op = rows[i].op;
                return HWV_OK;
            }
        }
        names[i] = rows[i].name;
    }
    char wanted[61];
    snprintf(wanted, sizeof wanted, "%.*s", (int)(length < 60 ? length : 60), name);
    size_t position;
    return hwv_name_find(&position, "activation", wanted, names, ROWS, error);
}

hwv_status hwv_op_find(hwv_op *op, const char *name, hwv_error *error)
{
    return find(op, name, strlen(name), error);
}

hwv_status hwv_act_check(const hwv_act *act, hwv_error *error)
{
    const hwv_op_info *info = hwv_op_row(act->op);
    if (!info)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "no activation has number %d; the last is %d", (int)act->op,
                        (int)HWV_OP_END_ - 1);
    for (size_t i = 0; i < HWV_ACT_PARAMS && info->param[i].name; i++) {
        const hwv_op_param *p = &info->param[i];
        if (!isfinite(act->param[i]) || act->param[i] < p->minimum || act->param[i] > p->maximum)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "%s: %s is %g, allowed are %g to %g", info->name, p->name,
                            (double)act->param[i], (double)p->minimum, (double)p->maximum);
    }
    if (info->ordered && act->param[0] > act->param[1])
        return hwv_fail(error, HWV_ERR_ARGUMENT, "%s: %s is %g and %s is %g; %s must not exceed %s", info->name,
                        info->param[0].name, (double)act->param[0], info->param[1].name, (double)act->param[1],
                        info->param[0].name, info->param[1].name);
    if (act->tier != HWV_ACCURATE && act->tier != HWV_FAST)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "%s: tier %d is neither accurate (0) nor fast (1)", info->name,
                        (int)act->tier);
    return HWV_OK;
}

/* Index of the parameter called name[length]; HWV_ACT_PARAMS if there is none. */
static size_t param_index(const hwv_op_info *info, const char *name, size_t length)
{
    for (size_t i = 0; i < HWV_ACT_PARAMS && info->param[i].name; i++)
        if (strlen(info->param[i].name) == length && memcmp(info->param[i].name, name, length) == 0)
            return i;
    return HWV_ACT_PARAMS;
}

static hwv_status params_fail(const hwv_op_info *info, const char *at, hwv_error *error)
{
    const hwv_op_param *p = info->param;
    if (!p[0].name)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "%s takes no parameters, at '%.40s'", info->name, at);
    return hwv_fail(error, HWV_ERR_ARGUMENT, "%s takes %s%s%s, for example %s(%s=%g); cannot read '%.40s'", info->name,
                    p[0].name, p[1].name ? " and " : "", p[1].name ? p[1].name : "", info->name, p[0].name,
                    (double)p[0].initial, at);
}

hwv_status hwv_act_parse(hwv_act *act, const char *text, hwv_error *error)
{
    size_t length = strcspn(text, "(");
    hwv_op op;
    HWV_TRY(find(&op, text, length, error));
    const hwv_op_info *info = hwv_op_row(op);
    hwv_act parsed = hwv_act_make(op);
    const char *at = text + length;
    if (*at == '(') {
        unsigned given = 0;
        for (size_t place = 0; *at != ')'; place++) {
            const char *item = at + 1 + strspn(at + 1, " "); /* after '(' or ',' */
            size_t name = strcspn(item, "=,)"), i = place;
            const char *number = item;
            if (item[name] == '=') {
                i = param_index(info, item, name);
                number = item + name + 1;
            }
            char *end;
            double value = strtod(number, &end);
            end += strspn(end, " ");
            if (i >= HWV_ACT_PARAMS || !info->param[i].name || end == number || (*end != ',' && *end != ')') ||
                (given >> i & 1u))
                return params_fail(info, item, error);
            given |= 1u << i;
            parsed.param[i] = (float)value;
            at = end;
        }
        if (at[1] != '\0')
            return params_fail(info, at + 1, error);
    }
    HWV_TRY(hwv_act_check(&parsed, error));
    *act = parsed;
    return HWV_OK;
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the test of `halfwave apply` needs beside the tool:
 *     apply-check act CASE                      the activation of a reference case, as OP takes it; status 1: not ours
 *     apply-check compare CASE ACT out|grad_x FILE   is FILE what the case wants?
 *     apply-check widen CASE in_x|in_dy FILE    the case's array as float64
 *     apply-check join CASE FILE                [value | gate] of a case of a gated pair
 *     apply-check compare-pair CASE out|grad FILE    is FILE y, or [dvalue | dgate]?
 *     apply-check make TYPE ROWSxCOLS SEED FILE an array of normals with the special values among them
 * Results are read by the independent reader of tests/support. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "halfwave/act.h"
#include "halfwave/array.h"
#include "halfwave/random.h"
#include "reference.h"

static int act_of(const char *name)
{
    char op[60];
    const hwv_op_info *row = NULL;
    if (!reference_string(name, "op", op, sizeof op))
        return 2;
    char form[20] = "";
    if (strcmp(op, "gelu") == 0 && reference_string(name, "params/approximate", form, sizeof form) &&
        strcmp(form, "tanh") == 0)
        snprintf(op, sizeof op, "gelu_tanh");
    for (size_t i = 0; i < hwv_op_count(); i++)
        if (strcmp(hwv_op_get(i)->name, op) == 0)
            row = hwv_op_get(i);
    /* PReLU's slopes are arrays there. */
    if (row == NULL || (row->claims & HWV_SLOPE_ARRAY))
        return 1;
    printf("%s", row->name);
    const char *before = "(";
    for (size_t p = 0; p < HWV_ACT_PARAMS && row->param[p].name != NULL; p++) {
        char path[80];
        double value;
        snprintf(path, sizeof path, "params/%s", row->param[p].name);
        if (reference_number(name, path, &value)) {
            printf("%s%s=%.9g", before, row->param[p].name, value);
            before = ", ";
        }
    }
    puts(before[0] == ',' ? ")" : "");
    return 0;
}

/* |got - exact| in units of the spacing of doubles there. */
static double ulp_f64(double got, double exact)
{
    if (isnan(exact) || isnan(got) || isinf(exact) || isinf(got))
        return (isnan(exact) && isnan(got)) || got == exact ? 0 : (double)INFINITY;
    int exponent;
    (void)frexp(exact, &exponent);
    return fabs(got - exact) / ldexp(1, exponent - 53 < -1074 || exact == 0 ? -1074 : exponent - 53);
}

typedef struct comparison {
    reference_array x, dy, exact, got;
    const hwv_op_info *row;
    bool backward, exact_class, nan_known;
} comparison;

static bool element_good(const comparison *c, size_t i)
{
    double got = c->got.values[i], exact = c->exact.values[i];
    bool f32 = c->got.f32 != NULL;
    if (c->backward && isnan(c->x.values[i]) && !c->nan_known)
        return true;
    if (c->exact_class) {
        double wanted = f32 ? (double)(float)exact : exact;
        if (got == wanted || (isnan(got) && isnan(wanted)))
            return true;
    } else {
        double bound = !f32 ? 4.5 : c->backward ? c->row->gradient_ulp : c->row->ulp, step = f32 ? 0x1p-23 : 0x1p-52;
        /* The case's beta is 1.702, ours the nearest float: that changes e^(beta x) by x times the difference. */
        double change = 0;
        if (strcmp(c->row->name, "quick_gelu") == 0 && isfinite(c->x.values[i]))
            change = fabs(c->x.values[i] * (1.702 - (double)1.702f));
        /* Those of selu are floats, too. */
        if (strcmp(c->row->name, "selu") == 0 && !f32)
            change = 0x1p-24;
        double error = f32 ? compare_ulp_error((float)got, exact) : ulp_f64(got, exact);
        if (error <= bound + 2 * change / step ||
            (c->backward && fabs(got - exact) <= (4 * step + 2 * change) * fabs(c->dy.values[i])))
            return true;
    }
    /* exp(x) or 2x overflows, its product with dy would not. */
    bool overflows = strcmp(c->row->name, "exp") == 0 || strcmp(c->row->name, "squared_relu") == 0;
    return c->backward && overflows && isinf(got) && (got > 0) == (exact > 0);
}

static int compare(const char *name, const char *text, const char *what, const char *path)
{
    comparison c = {.backward = strcmp(what, "out") != 0};
    hwv_act act;
    char exact_name[60], kind[20] = "", nan_gradient[20] = "unspecified";
    snprintf(exact_name, sizeof exact_name, "%s_exact", what);
    if (hwv_act_parse(&act, text, NULL) != HWV_OK || !reference_load(&c.x, name, "in_x") ||
        !reference_load(&c.dy, name, "in_dy") || !reference_load(&c.exact, name, exact_name) ||
        !reference_load_file(&c.got, path) || !reference_string(name, "tolerance/kind", kind, sizeof kind))
        return 2;
    (void)reference_string(name, "nan_gradient", nan_gradient, sizeof nan_gradient);
    c.row = hwv_op_row(act.op);
    c.exact_class = strcmp(kind, "exact") == 0 && c.row->ulp == 0;
    c.nan_known = strcmp(nan_gradient, "unspecified") != 0;
    size_t wrong = c.got.count != c.exact.count;
    for (size_t i = 0; i < c.exact.count && c.got.count == c.exact.count; i++)
        if (!element_good(&c, i) && wrong++ == 0)
            printf("%s, %s, %s: element %zu: x %a, dy %a, got %a, wanted %a\n", name, text, path, i, c.x.values[i],
                   c.dy.values[i], c.got.values[i], c.exact.values[i]);
    if (wrong > 0)
        printf("%s, %s, %s: %zu of %zu wrong\n", name, text, path, wrong, c.exact.count);
    reference_free(&c.x);
    reference_free(&c.dy);
    reference_free(&c.exact);
    reference_free(&c.got);
    return wrong > 0;
}

static int save(const char *path, const hwv_array *array, const void *elements)
{
    hwv_array_writer *writer;
    hwv_error error;
    if (hwv_array_create(&writer, path, array, &error) == HWV_OK) {
        hwv_status status = hwv_array_write(writer, elements, array->count, &error);
        if (status == HWV_OK && hwv_array_commit(writer, &error) == HWV_OK)
            return 0;
    }
    fprintf(stderr, "%s\n", error.text);
    return 2;
}

static int widen(const char *name, const char *which, const char *path)
{
    reference_array from;
    hwv_array array = {.type = HWV_ARRAY_F64};
    if (!reference_load(&from, name, which))
        return 2;
    array.rank = from.dims;
    array.count = from.count;
    memcpy(array.shape, from.shape, sizeof from.shape);
    int status = save(path, &array, from.values);
    reference_free(&from);
    return status;
}

static int make(const char *type, const char *shape, const char *seed, const char *path)
{
    static const double special[] = {0,    -0.0,  1,  -1,  3,    -3,       6,         1e-40, -1e-40,
                                     1e30, -1e30, 20, 100, -100, HUGE_VAL, -HUGE_VAL, NAN};
    hwv_array array = {.type = strcmp(type, "float64") == 0 ? HWV_ARRAY_F64 : HWV_ARRAY_F32, .rank = 2};
    char *end;
    array.shape[0] = strtoul(shape, &end, 10);
    array.shape[1] = strtoul(end + (*end == 'x'), NULL, 10);
    array.count = array.shape[0] * array.shape[1];
    double *x64 = calloc(array.count + 1, sizeof *x64);
    float *x32 = calloc(array.count + 1, sizeof *x32);
    if (x64 == NULL || x32 == NULL)
        return 2;
    for (size_t i = 0; i < array.count; i++) {
        uint64_t key = strtoul(seed, NULL, 10);
        uint32_t draw = hwv_random_below(key, HWV_STREAM_TEST, 1, i, 16 * (uint32_t)(sizeof special / sizeof *special));
        x64[i] =
            draw < sizeof special / sizeof *special ? special[draw] : 2 * hwv_random_normal(key, HWV_STREAM_TEST, 0, i);
        x32[i] = (float)x64[i];
    }
    int status = save(path, &array, array.type == HWV_ARRAY_F64 ? (const void *)x64 : x32);
    free(x64);
    free(x32);
    return status;
}

typedef struct pair_case {
    reference_array value, gate, dy, out, dvalue, dgate, got;
} pair_case;

static bool load_pair(pair_case *p, const char *name)
{
    return reference_load(&p->value, name, "in_value") && reference_load(&p->gate, name, "in_gate") &&
           reference_load(&p->dy, name, "in_dy") && reference_load(&p->out, name, "out_exact") &&
           reference_load(&p->dvalue, name, "grad_value_exact") && reference_load(&p->dgate, name, "grad_gate_exact") &&
           p->value.dims == 2;
}

static void free_pair(pair_case *p)
{
    reference_array *arrays[] = {&p->value, &p->gate, &p->dy, &p->out, &p->dvalue, &p->dgate, &p->got};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        reference_free(arrays[i]);
}

static int join_pair(const pair_case *p, const char *path)
{
    size_t rows = p->value.shape[0], cols = p->value.shape[1];
    hwv_array array = {.type = HWV_ARRAY_F32, .rank = 2, .shape = {rows, 2 * cols}, .count = 2 * rows * cols};
    float *x = calloc(array.count, sizeof *x);
    if (x == NULL)
        return 2;
    for (size_t r = 0; r < rows; r++) {
        memcpy(x + 2 * r * cols, p->value.f32 + r * cols, cols * sizeof *x);
        memcpy(x + (2 * r + 1) * cols, p->gate.f32 + r * cols, cols * sizeof *x);
    }
    int status = save(path, &array, x);
    free(x);
    return status;
}

static int join(const char *name, const char *path)
{
    pair_case p = {0};
    int status = load_pair(&p, name) ? join_pair(&p, path) : 2;
    free_pair(&p);
    return status;
}

/* The rule of the cases: 6 ULP and what a float argument of exp loses in the tail of f; the gate's gradient as other
 * gradients, where dy * value is what f' is multiplied by. */
static bool pair_good(const pair_case *p, size_t i, double got, const reference_array *exact, double by, bool to_gate)
{
    double error = compare_ulp_error((float)got, exact->values[i]), f = exact->values[i] / by;
    if (isnan(p->gate.values[i]) || isnan(p->value.values[i]))
        return true;
    if (to_gate)
        return error <= 8 || fabs(got - exact->values[i]) <= 16 * 0x1p-23 * fabs(by);
    return error <= 6 || (f != 0 && error <= 6 + fabs(log(fabs(f))));
}

static int compare_loaded(const pair_case *p, bool backward, const char *name, const char *path)
{
    size_t cols = p->value.shape[1], n = p->value.count, wrong = p->got.count != (backward ? 2 * n : n);
    for (size_t i = 0; i < n && p->got.count == (backward ? 2 * n : n); i++) {
        const double *got = p->got.values + (backward ? i / cols * 2 * cols + i % cols : i);
        double through = (double)((float)p->dy.values[i] * (float)p->value.values[i]);
        bool good = backward ? pair_good(p, i, got[0], &p->dvalue, p->dy.values[i], false) &&
                                   pair_good(p, i, got[cols], &p->dgate, through, true)
                             : pair_good(p, i, got[0], &p->out, p->value.values[i], false);
        if (!good && wrong++ == 0)
            printf("%s, %s: element %zu: value %a, gate %a, dy %a, got %a\n", name, path, i, p->value.values[i],
                   p->gate.values[i], p->dy.values[i], got[0]);
    }
    if (wrong > 0)
        printf("%s, %s: %zu of %zu wrong\n", name, path, wrong, n);
    return wrong > 0;
}

static int compare_pair(const char *name, const char *what, const char *path)
{
    pair_case p = {0};
    int status = 2;
    if (load_pair(&p, name) && reference_load_file(&p.got, path))
        status = compare_loaded(&p, strcmp(what, "out") != 0, name, path);
    free_pair(&p);
    return status;
}

int main(int count, char **words)
{
    if (count == 3 && strcmp(words[1], "act") == 0)
        return act_of(words[2]);
    if (count == 6 && strcmp(words[1], "compare") == 0)
        return compare(words[2], words[3], words[4], words[5]);
    if (count == 5 && strcmp(words[1], "widen") == 0)
        return widen(words[2], words[3], words[4]);
    if (count == 4 && strcmp(words[1], "join") == 0)
        return join(words[2], words[3]);
    if (count == 5 && strcmp(words[1], "compare-pair") == 0)
        return compare_pair(words[2], words[3], words[4]);
    if (count == 6 && strcmp(words[1], "make") == 0)
        return make(words[2], words[3], words[4], words[5]);
    return 2;
}

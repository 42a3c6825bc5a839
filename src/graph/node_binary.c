/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * binary: y = f(a, b) of floats or of integers, broadcast against each other; f a row of binaries.def. Gradients are
 * summed over what was repeated, in double and in the order of the elements.
 *
 * Integers wrap around as two's complement; div truncates; what is divided by 0 is 0, and so is its remainder; pow with a
 * negative exponent is what remains of it, 0 but for bases 1 and -1. */
#include "graph/broadcast.h"
#include "graph/functions.h"
#include "graph/structure.h"
#include "linalg/pairs.h"

#include <math.h>
#include <string.h>

enum { A, B, Y };

hwv_status hwv_node_binary_infer(hwv_shaping *shaping)
{
    const hwv_function *row;
    const hwv_shape *shapes[] = {&shaping->input[A]->shape, &shaping->input[B]->shape};
    HWV_TRY(hwv_function_check(shaping->node, &row, shaping->error));
    if (shaping->input[A]->element != shaping->input[B]->element || !hwv_broadcast(shapes, 2, &shaping->output[0]))
        return hwv_shaping_fail(shaping, "two of a type, " HWV_BROADCAST_ACCEPTS);
    shaping->element[0] = shaping->input[A]->element;
    return HWV_OK;
}

/* ---- plan ------------------------------------------------------------------------------------------- */

enum { READS_NOTHING = 0, READS_A = HWV_BIT(A), READS_B = HWV_BIT(B), READS_BOTH = HWV_BIT(A) | HWV_BIT(B) };

/* What the gradients of a and of b are computed from. */
static unsigned reads_of(int function, unsigned wanted)
{
    switch (function) {
#define HWV_BINARY(NUMBER, NAME, name, ONNX, OPSET, FOR_A, GRADIENT_A, FOR_B, GRADIENT_B)                              \
    case HWV_BINARY_##NAME:                                                                                            \
        return (wanted & HWV_BIT(A) ? (unsigned)READS_##FOR_A : 0) |                                                   \
               (wanted & HWV_BIT(B) ? (unsigned)READS_##FOR_B : 0);
#include "graph/binaries.def"
#undef HWV_BINARY
    default:
        return 0;
    }
}

hwv_status hwv_node_binary_plan(hwv_demand *demand)
{
    const hwv_node *node = demand->node;
    const int function = node->attributes.function;
    const hwv_shape *y = &hwv_graph_value(demand->graph, node->output[0])->shape;
    unsigned whole = 0; /* inputs that are not repeated */
    for (size_t i = A; i <= B; i++)
        if (hwv_shape_equal(&hwv_graph_value(demand->graph, node->input[i])->shape, y))
            whole |= HWV_BIT(i);
    demand->backward_inputs = reads_of(function, demand->wanted);
    demand->overwrites = whole;
    if (function == HWV_BINARY_ADD)
        demand->gradient_same = whole;
    else if (demand->wanted == HWV_BIT(A) || demand->wanted == HWV_BIT(B))
        demand->gradient_overwrites = whole; /* the other gradient would read what is overwritten */
    return HWV_OK;
}

/* ---- forward ---------------------------------------------------------------------------------------- */

/* The remainder with the sign of the divisor. */
static float floored_modulo(float a, float b)
{
    float rest = fmodf(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static void forward_pow(size_t n, float *y, const float *a, size_t a_step, const float *b, size_t b_step)
{
    for (size_t i = 0; i < n; i++)
        y[i] = powf(a[i * a_step], b[i * b_step]);
}

static void forward_mod(size_t n, float *y, const float *a, size_t a_step, const float *b, size_t b_step)
{
    for (size_t i = 0; i < n; i++)
        y[i] = floored_modulo(a[i * a_step], b[i * b_step]);
}

static void forward_fmod(size_t n, float *y, const float *a, size_t a_step, const float *b, size_t b_step)
{
    for (size_t i = 0; i < n; i++)
        y[i] = fmodf(a[i * a_step], b[i * b_step]);
}

static hwv_pair_kernel *float_kernel(int function)
{
    switch (function) {
    case HWV_BINARY_ADD:
        return hwv_pair_kernel_of(HWV_PAIR_ADD);
    case HWV_BINARY_SUB:
        return hwv_pair_kernel_of(HWV_PAIR_SUB);
    case HWV_BINARY_MUL:
        return hwv_pair_kernel_of(HWV_PAIR_MUL);
    case HWV_BINARY_DIV:
        return hwv_pair_kernel_of(HWV_PAIR_DIV);
    case HWV_BINARY_MIN:
        return hwv_pair_kernel_of(HWV_PAIR_MIN);
    case HWV_BINARY_MAX:
        return hwv_pair_kernel_of(HWV_PAIR_MAX);
    case HWV_BINARY_POW:
        return forward_pow;
    case HWV_BINARY_MOD:
        return forward_mod;
    default:
        return forward_fmod;
    }
}

/* ---- integers --------------------------------------------------------------------------------------- */

static int32_t wrapped(int64_t x)
{
    const uint32_t bits = (uint32_t)x;
    int32_t y;
    memcpy(&y, &bits, sizeof y);
    return y;
}

static int32_t integer_pow(int32_t a, int32_t b)
{
    uint32_t power = 1, base = (uint32_t)a;
    if (b < 0)
        return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
    for (; b > 0; b /= 2, base *= base)
        if (b % 2)
            power *= base;
    return wrapped(power);
}

static int32_t integer_of(int function, int32_t a, int32_t b)
{
    const int64_t x = a, y = b;
    switch (function) {
    case HWV_BINARY_ADD:
        return wrapped(x + y);
    case HWV_BINARY_SUB:
        return wrapped(x - y);
    case HWV_BINARY_MUL:
        return wrapped(x * y);
    case HWV_BINARY_DIV:
        return b ? wrapped(x / y) : 0;
    case HWV_BINARY_POW:
        return integer_pow(a, b);
    case HWV_BINARY_MIN:
        return a < b ? a : b;
    case HWV_BINARY_MAX:
        return a > b ? a : b;
    case HWV_BINARY_MOD:
        return b ? wrapped((x % y + y) % y) : 0;
    default:
        return b ? wrapped(x % y) : 0;
    }
}

/* ---- running ---------------------------------------------------------------------------------------- */

/* Operands A, B and Y, which is as large as the space. */
typedef struct job {
    const hwv_record *record;
    int function;
    hwv_loops loops;
    hwv_pair_kernel *kernel;
    void (*gradient)(size_t n, float *to, const float *dy, const float *a, size_t a_step, const float *b,
                     size_t b_step);
} job;

static job job_make(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape a = hwv_record_input_shape(record, run, A), b = hwv_record_input_shape(record, run, B);
    const hwv_shape y = hwv_record_output_shape(record, run, 0);
    return (job){.record = record,
                 .function = record->node->attributes.function,
                 .loops = hwv_loops_make(&y, (const hwv_shape *const[]){&a, &b, &y}, 3)};
}

static void floats_forward(const void *context, size_t n, const size_t *at)
{
    const job *j = context;
    j->kernel(n, (float *)j->record->output[0] + at[Y], (const float *)j->record->input[A] + at[A],
              hwv_loops_inner(&j->loops, A), (const float *)j->record->input[B] + at[B], hwv_loops_inner(&j->loops, B));
}

static void integers_forward(const void *context, size_t n, const size_t *at)
{
    const job *j = context;
    const int32_t *a = (const int32_t *)j->record->input[A] + at[A];
    const int32_t *b = (const int32_t *)j->record->input[B] + at[B];
    int32_t *y = (int32_t *)j->record->output[0] + at[Y];
    const size_t a_step = hwv_loops_inner(&j->loops, A), b_step = hwv_loops_inner(&j->loops, B);
    for (size_t i = 0; i < n; i++)
        y[i] = integer_of(j->function, a[i * a_step], b[i * b_step]);
}

void hwv_node_binary_forward(const hwv_record *record, const hwv_run *run)
{
    job j = job_make(record, run);
    j.kernel = float_kernel(j.function);
    bool integers = hwv_graph_value(record->graph, record->node->output[0])->element == HWV_ELEMENT_I32;
    hwv_loops_run(&j.loops, run->executor, integers ? integers_forward : floats_forward, &j);
}

/* ---- backward --------------------------------------------------------------------------------------- */

#define GRADIENT(label, EXPRESSION)                                                                                    \
    static void label(size_t n, float *to, const float *pdy, const float *pa, size_t a_step, const float *pb,          \
                      size_t b_step)                                                                                   \
    {                                                                                                                  \
        for (size_t i = 0; i < n; i++) {                                                                               \
            const float dy = pdy[i], a = pa[i * a_step], b = pb[i * b_step];                                           \
            (void)a, (void)b;                                                                                          \
            to[i] = EXPRESSION;                                                                                        \
        }                                                                                                              \
    }
#define HWV_BINARY(NUMBER, NAME, name, ONNX, OPSET, FOR_A, GRADIENT_A, FOR_B, GRADIENT_B)                              \
    GRADIENT(name##_of_a, GRADIENT_A)                                                                                  \
    GRADIENT(name##_of_b, GRADIENT_B)
#include "graph/binaries.def"
#undef HWV_BINARY

static void gradient_take(job *j, size_t of)
{
    switch (j->function) {
#define HWV_BINARY(NUMBER, NAME, name, ...)                                                                            \
    case HWV_BINARY_##NAME:                                                                                            \
        j->gradient = of == A ? name##_of_a : name##_of_b;                                                             \
        break;
#include "graph/binaries.def"
#undef HWV_BINARY
    default:
        break;
    }
}

/* What the gradient does not read may not be there. */
static void terms(const void *context, size_t n, const size_t *at, float *to)
{
    static const float nothing = 0;
    const job *j = context;
    const float *a = j->record->input[A], *b = j->record->input[B];
    j->gradient(n, to, j->record->output_gradient[0] + at[Y], a ? a + at[A] : &nothing,
                a ? hwv_loops_inner(&j->loops, A) : 0, b ? b + at[B] : &nothing, b ? hwv_loops_inner(&j->loops, B) : 0);
}

void hwv_node_binary_backward(const hwv_record *record, const hwv_run *run)
{
    job j = job_make(record, run);
    for (size_t i = A; i <= B; i++) {
        if (record->input_gradient[i] == NULL)
            continue;
        gradient_take(&j, i);
        hwv_terms_sum(&j.loops, i, run->executor, terms, &j, record->input_gradient[i]);
    }
}

/* ---- reference -------------------------------------------------------------------------------------- */

static double lowered(double bend, double distance)
{
    return fabs(distance) < bend ? fabs(distance) : bend;
}

/* How far a remainder is from where it jumps. */
static double to_jump(double a, double b)
{
    double quotient = a / b;
    return (quotient - nearbyint(quotient)) * b;
}

void hwv_node_binary_reference(const hwv_reference *reference)
{
    size_t elements;
    const hwv_shape space = hwv_reference_space(reference, &elements);
    for (size_t i = 0; i < elements; i++) {
        double a = hwv_reference_at(reference, &space, i, A), b = hwv_reference_at(reference, &space, i, B);
        double *y = &reference->output[0][i];
        switch (reference->node->attributes.function) {
        case HWV_BINARY_ADD:
            *y = a + b;
            break;
        case HWV_BINARY_SUB:
            *y = a - b;
            break;
        case HWV_BINARY_MUL:
            *y = a * b;
            break;
        case HWV_BINARY_DIV:
            *y = a / b;
            break;
        case HWV_BINARY_POW:
            *y = pow(a, b);
            break;
        case HWV_BINARY_MIN:
            *y = fmin(a, b);
            *reference->bend = lowered(*reference->bend, a - b);
            break;
        case HWV_BINARY_MAX:
            *y = fmax(a, b);
            *reference->bend = lowered(*reference->bend, a - b);
            break;
        case HWV_BINARY_MOD:
            *y = a - b * floor(a / b);
            *reference->bend = lowered(*reference->bend, to_jump(a, b));
            break;
        default:
            *y = fmod(a, b);
            *reference->bend = lowered(*reference->bend, to_jump(a, b));
        }
    }
}

/* ---- example ---------------------------------------------------------------------------------------- */

/* Whole, rows, columns, scalars, both repeated, channels of images, other ranks. */
static const hwv_shape shapes[][2] = {
    {{2, {3, 4}}, {2, {3, 4}}},    {{2, {3, 4}}, {1, {4}}},
    {{2, {3, 1}}, {2, {3, 4}}},    {{2, {3, 4}}, {1, {1}}},
    {{2, {3, 1}}, {2, {1, 4}}},    {{4, {2, 2, 3, 2}}, {4, {2, 1, 1, 2}}},
    {{3, {3, 1, 2}}, {2, {4, 1}}}, {{4, {2, 1, 3, 1}}, {3, {2, 1, 2}}},
};

/* Every function with the shapes in turn, and all shapes with mul, which reads the other. Arguments of pow and divisors
 * are kept away from 0 by exp. */
hwv_status hwv_node_binary_example(hwv_example *example)
{
    enum { SHAPES = sizeof shapes / sizeof shapes[0], FUNCTIONS = HWV_BINARY_END_ - 1 };
    const size_t v = example->variant;
    const int function = v < FUNCTIONS ? (int)v + 1 : HWV_BINARY_MUL;
    const hwv_shape *shape = shapes[(v < FUNCTIONS ? v : v - FUNCTIONS) % SHAPES];
    const hwv_node_attributes attributes = {.function = function}, exponential = {.function = HWV_UNARY_EXP};
    hwv_id in[2];
    example->variants = FUNCTIONS + SHAPES;
    example->sums = 40;
    HWV_TRY(hwv_example_parameter_shaped(example, "a", &shape[A], &in[A]));
    HWV_TRY(hwv_example_parameter_shaped(example, "b", &shape[B], &in[B]));
    for (size_t i = A; i <= B; i++) {
        bool positive = i == A ? function == HWV_BINARY_POW : function == HWV_BINARY_DIV || function >= HWV_BINARY_MOD;
        if (!positive)
            continue;
        HWV_TRY(hwv_example_node(example, HWV_NODE_UNARY, i ? "e^b" : "e^a", &exponential, in[i], HWV_NO_ID));
        in[i] = example->output;
    }
    return hwv_example_node(example, HWV_NODE_BINARY, "f", &attributes, in[A], in[B]);
}

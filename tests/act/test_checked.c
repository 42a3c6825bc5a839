/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Wrong arguments: a status and a sentence from the checked calls, nothing written; an assert in the others. */
#include "halfwave/checked.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROWS = 3, COLS = 70, WORDS = 2, N = ROWS * COLS };

/* What every call is made of; a test spoils one of it. */
typedef struct call {
    hwv_act act;
    const hwv_act *given;
    hwv_dtype dtype;
    hwv_tier tier;
    hwv_gate gate;
    hwv_slope_axis axis;
    size_t rows, cols, stride, words, slopes;
    float *y, *dx, *x, *dy, *slope, lower, upper;
    uint64_t *mask;
    const hwv_draws *draws;
} call;

static float y[N], dx[N], x[N], dy[N], slope[COLS];
static uint64_t mask[ROWS * WORDS];
static const hwv_draws draws = {.seed = 1};

static call good(hwv_op op)
{
    call c = {.act = hwv_act_make(op),
              .gate = HWV_GATE_REGLU,
              .axis = HWV_SLOPE_COLUMNS,
              .rows = ROWS,
              .cols = COLS,
              .stride = COLS,
              .words = WORDS,
              .slopes = COLS,
              .y = y,
              .dx = dx,
              .x = x,
              .dy = dy,
              .slope = slope,
              .lower = 0.1f,
              .upper = 0.3f,
              .mask = mask,
              .draws = &draws};
    for (size_t i = 0; i < N; i++) {
        x[i] = (float)i - 100;
        dy[i] = 2;
        y[i] = dx[i] = 77;
    }
    memset(mask, 0x55, sizeof mask);
    return c;
}

enum {
    FORWARD,
    FORWARD_MASK,
    BIAS,
    BACKWARD,
    BACKWARD_Y,
    BACKWARD_MASK,
    FIRES,
    PRELU_FORWARD,
    PRELU_BACKWARD,
    RRELU_FORWARD,
    RRELU_BACKWARD,
    GATED_FORWARD,
    GATED_BACKWARD,
    CALLS
};

static hwv_status run(int which, const call *c, hwv_error *error)
{
    const hwv_act *act = c->given ? c->given : &c->act;
    const size_t r = c->rows, n = c->cols, s = c->stride;
    switch (which) {
    case FORWARD:
        return hwv_act_try_forward(act, c->dtype, r, n, c->y, s, c->x, s, error);
    case FORWARD_MASK:
        return hwv_act_try_forward_mask(act, c->dtype, r, n, c->y, s, c->x, s, c->mask, c->words, error);
    case BIAS:
        return hwv_act_try_bias_forward(act, c->dtype, r, n, c->y, s, c->x, s, c->slope, c->mask, c->words, error);
    case BACKWARD:
        return hwv_act_try_backward(act, c->dtype, r, n, c->dx, s, c->dy, s, c->x, s, error);
    case BACKWARD_Y:
        return hwv_act_try_backward_y(act, c->dtype, r, n, c->dx, s, c->dy, s, c->x, s, error);
    case BACKWARD_MASK:
        return hwv_act_try_backward_mask(act, c->dtype, r, n, c->dx, s, c->dy, s, c->mask, c->words, error);
    case FIRES:
        return hwv_act_try_fires(act, c->dtype, r, n, c->x, s, c->mask, c->words, NULL, error);
    case PRELU_FORWARD:
        return hwv_prelu_try_forward(c->dtype, r, n, c->y, s, c->x, s, c->slope, c->axis, c->slopes, c->mask, c->words,
                                     error);
    case PRELU_BACKWARD:
        return hwv_prelu_try_backward(c->dtype, r, n, c->dx, s, c->dy, s, c->x, s, c->slope, c->axis, c->slopes, NULL,
                                      error);
    case RRELU_FORWARD:
        return hwv_rrelu_try_forward(c->dtype, r, n, c->y, s, c->x, s, c->lower, c->upper, c->draws, c->mask, c->words,
                                     error);
    case RRELU_BACKWARD:
        return hwv_rrelu_try_backward(c->dtype, r, n, c->dx, s, c->dy, s, c->x, s, NULL, 0, c->lower, c->upper,
                                      c->draws, error);
    case GATED_FORWARD:
        return hwv_gated_try_forward(c->gate, c->tier, c->dtype, r, n, c->y, s, c->x, s, c->dy, s, error);
    default:
        return hwv_gated_try_backward(c->gate, c->dtype, r, n, c->dx, s, c->y, s, c->dy, s, c->x, s, c->dy, s, error);
    }
}

static bool takes_act(int which)
{
    return which <= FIRES;
}

static bool writes_y(int which)
{
    return which == FORWARD || which == FORWARD_MASK || which == BIAS || which == PRELU_FORWARD ||
           which == RRELU_FORWARD || which == GATED_FORWARD || which == GATED_BACKWARD;
}

static bool has_mask(int which)
{
    return which == FORWARD_MASK || which == BIAS || which == BACKWARD_MASK || which == FIRES ||
           which == PRELU_FORWARD || which == RRELU_FORWARD;
}

static void untouched(void)
{
    for (size_t i = 0; i < N; i++)
        assert_true(y[i] == 77 && dx[i] == 77);
    for (size_t i = 0; i < ROWS * WORDS; i++)
        assert_true(mask[i] == UINT64_C(0x5555555555555555));
}

static void refused(int which, const call *c, hwv_status status, const char *says)
{
    hwv_error error = {0};
    hwv_status got = run(which, c, &error);
    if (got != status || !strstr(error.text, says))
        fail_msg("call %d: status %d, '%s'; expected %d and '%s'", which, (int)got, error.text, (int)status, says);
    assert_int_equal(run(which, c, NULL), status);
    untouched();
}

static void test_good_calls(void **state)
{
    (void)state;
    for (int which = 0; which < CALLS; which++) {
        call c = good(HWV_OP_RELU);
        assert_int_equal(run(which, &c, NULL), HWV_OK);
        float first = writes_y(which) ? y[0] : dx[0];
        assert_true(which == FIRES || first != 77);
    }
}

static void test_nothing_to_do(void **state)
{
    (void)state;
    for (int which = 0; which < CALLS; which++)
        for (int empty = 0; empty < 2; empty++) {
            call c = good(HWV_OP_RELU);
            if (empty)
                c.cols = c.slopes = 0;
            else
                c.rows = 0;
            c.x = c.y = c.dx = c.dy = c.slope = NULL;
            c.mask = NULL;
            c.stride = 0;
            assert_int_equal(run(which, &c, NULL), HWV_OK);
            untouched();
        }
}

static void test_arrays(void **state)
{
    (void)state;
    for (int which = 0; which < CALLS; which++) {
        call c = good(HWV_OP_RELU);
        if (which != BACKWARD_MASK && which != RRELU_BACKWARD) {
            c.x = NULL;
            refused(which, &c, HWV_ERR_ARGUMENT, "is NULL for 3 rows of 70");
        }
        c = good(HWV_OP_RELU);
        c.y = c.dx = NULL;
        if (which != FIRES)
            refused(which, &c, HWV_ERR_ARGUMENT, "is NULL for 3 rows of 70");
        c = good(HWV_OP_RELU);
        c.stride = COLS - 1;
        refused(which, &c, HWV_ERR_ARGUMENT, "are 69 apart, but have 70 elements");
        c.rows = 1; /* one row has no next one */
        assert_int_equal(run(which, &c, NULL), HWV_OK);
        c = good(HWV_OP_RELU);
        c.words = WORDS - 1;
        if (has_mask(which))
            refused(which, &c, HWV_ERR_ARGUMENT, "rows of mask are 1 apart, but have 2 words");
        c = good(HWV_OP_RELU);
        c.mask = NULL;
        if (which == FORWARD_MASK || which == BACKWARD_MASK || which == FIRES)
            refused(which, &c, HWV_ERR_ARGUMENT, "mask is NULL");
    }
}

static void test_numbers(void **state)
{
    (void)state;
    for (int which = 0; which < CALLS; which++) {
        call c = good(HWV_OP_RELU);
        c.dtype = (hwv_dtype)2;
        refused(which, &c, HWV_ERR_ARGUMENT, "no element type has number 2");
        c = good(HWV_OP_RELU);
        if (takes_act(which)) {
            c.act.op = HWV_OP_END_;
            refused(which, &c, HWV_ERR_ARGUMENT, "no activation has number");
            c = good(HWV_OP_LEAKY_RELU);
            c.act.param[0] = NAN;
            refused(which, &c, HWV_ERR_ARGUMENT, "leaky_relu: slope is nan");
            c = good(HWV_OP_HARDTANH);
            c.act.param[0] = 2;
            refused(which, &c, HWV_ERR_ARGUMENT, "min must not exceed max");
            c = good(HWV_OP_RELU);
            c.act.tier = (hwv_tier)7;
            refused(which, &c, HWV_ERR_ARGUMENT, "tier 7");
        }
    }
    call c = good(HWV_OP_RELU);
    c.gate = HWV_GATE_END_;
    refused(GATED_FORWARD, &c, HWV_ERR_ARGUMENT, "no gated pair has number");
    refused(GATED_BACKWARD, &c, HWV_ERR_ARGUMENT, "no gated pair has number");
    c = good(HWV_OP_RELU);
    c.tier = (hwv_tier)7;
    refused(GATED_FORWARD, &c, HWV_ERR_ARGUMENT, "tier 7");
    c = good(HWV_OP_RELU);
    c.axis = (hwv_slope_axis)3;
    refused(PRELU_FORWARD, &c, HWV_ERR_ARGUMENT, "no axis of slopes has number 3");
    c = good(HWV_OP_RELU);
    c.slopes = 3;
    refused(PRELU_BACKWARD, &c, HWV_ERR_ARGUMENT, "3 slopes, expected 70");
    c.axis = HWV_SLOPE_SHARED;
    refused(PRELU_BACKWARD, &c, HWV_ERR_ARGUMENT, "3 slopes, expected 1");
    c.axis = HWV_SLOPE_ROWS;
    assert_int_equal(run(PRELU_BACKWARD, &c, NULL), HWV_OK);
    c = good(HWV_OP_RELU);
    c.axis = HWV_SLOPE_ROWS;
    c.slopes = 0;
    refused(PRELU_FORWARD, &c, HWV_ERR_ARGUMENT, "0 slopes");
    c = good(HWV_OP_RELU);
    c.slope = NULL;
    refused(PRELU_FORWARD, &c, HWV_ERR_ARGUMENT, "slope is NULL");
    refused(BIAS, &c, HWV_ERR_ARGUMENT, "bias is NULL");
    c = good(HWV_OP_RELU);
    c.lower = 0.5f;
    refused(RRELU_FORWARD, &c, HWV_ERR_ARGUMENT, "lower must not exceed upper");
    c.lower = -2e3f;
    refused(RRELU_BACKWARD, &c, HWV_ERR_ARGUMENT, "lower is -2000");
    c = good(HWV_OP_RELU);
    c.draws = NULL;
    refused(RRELU_FORWARD, &c, HWV_ERR_ARGUMENT, "draws is NULL");
    c = good(HWV_OP_RELU);
    c.x = NULL;
    refused(RRELU_BACKWARD, &c, HWV_ERR_ARGUMENT, "x is NULL"); /* and no mask */
    hwv_error error;
    assert_int_equal(hwv_act_try_forward(NULL, HWV_F32, 1, 1, y, 1, x, 1, &error), HWV_ERR_ARGUMENT);
}

static void test_passes_that_are_not_there(void **state)
{
    (void)state;
    static const int masked[] = {FORWARD_MASK, BIAS, BACKWARD_MASK};
    for (size_t i = 0; i < hwv_op_count(); i++) {
        call c = good(hwv_op_get(i)->op);
        for (size_t k = 0; k < 3 && !(hwv_act_claims(&c.act) & HWV_PIECEWISE); k++)
            refused(masked[k], &c, HWV_ERR_UNSUPPORTED, "has no mask");
        if (!(hwv_act_claims(&c.act) & HWV_GRADIENT_FROM_Y))
            refused(BACKWARD_Y, &c, HWV_ERR_UNSUPPORTED, "y does not tell the gradient");
    }
    call c = good(HWV_OP_LEAKY_RELU);
    c.act.param[0] = -1;
    refused(BACKWARD_Y, &c, HWV_ERR_UNSUPPORTED, "y does not tell the gradient");
}

/* The calls that do not check end the program in a build with asserts. */
static void test_asserts(void **state)
{
    (void)state;
#if defined(NDEBUG)
    print_message("built without asserts: nothing to see\n");
    skip();
#else
    hwv_act relu = hwv_act_make(HWV_OP_RELU), sigmoid = hwv_act_make(HWV_OP_SIGMOID);
    for (int which = 0; which < 6; which++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            signal(SIGABRT, SIG_DFL);
            if (!freopen("/dev/null", "w", stderr))
                _exit(0);
            if (which == 0)
                hwv_act_forward(&relu, HWV_F32, 1, 5, y, 5, NULL, 5);
            else if (which == 1)
                hwv_act_forward(&relu, (hwv_dtype)9, 1, 5, y, 5, x, 5);
            else if (which == 2)
                hwv_act_forward(&relu, HWV_F32, 2, 5, y, 5, x, 4);
            else if (which == 3)
                hwv_act_forward_mask(&sigmoid, HWV_F32, 1, 5, y, 5, x, 5, mask, 1);
            else if (which == 4)
                hwv_gated_forward((hwv_gate)99, HWV_ACCURATE, HWV_F32, 1, 5, y, 5, x, 5, dy, 5);
            else
                hwv_prelu_forward(HWV_F32, 1, 5, y, 5, x, 5, slope, HWV_SLOPE_COLUMNS, 4, NULL, 0);
            _exit(0);
        }
        int status;
        assert_true(waitpid(child, &status, 0) == child);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
            fail_msg("call %d went through", which);
    }
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_calls), cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_arrays),     cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_asserts),    cmocka_unit_test(test_passes_that_are_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

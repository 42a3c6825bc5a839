/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The gradient check passes everywhere, and finds every wrong derivative that is planted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "graph/kind.h"

typedef struct tally {
    size_t operators, nodes, models, coordinates;
    bool found; /* the case named `wanted` failed */
    const char *wanted;
} tally;

static void count(void *self, const hwv_gradcheck_result *result)
{
    tally *t = self;
    t->operators += strcmp(result->kind, "operator") == 0;
    t->nodes += strcmp(result->kind, "node") == 0;
    t->models += strcmp(result->kind, "model") == 0;
    t->coordinates += result->coordinates;
    assert_true(result->coordinates > 0);
    assert_true(result->limit > 0 && result->limit < 2e-5);
    if (t->wanted == NULL && !result->passed)
        print_error("%s %s on %s: %g over %g: %s\n", result->kind, result->name, hwv_isa_name(hwv_isa_current()),
                    result->worst, result->limit, result->where);
    if (t->wanted && strcmp(result->name, t->wanted) == 0)
        t->found = !result->passed;
}

static void test_everything_passes(void **state)
{
    (void)state;
    for (size_t i = 0; i < hwv_isa_count(); i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            tally t = {0};
            size_t failed;
            assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), NULL), HWV_OK);
            assert_int_equal(hwv_gradcheck(NULL, NULL, seed, count, &t, &failed, NULL), HWV_OK);
            assert_int_equal(failed, 0);
            assert_int_equal(t.operators, hwv_op_count());
            assert_int_equal(t.nodes, hwv_kind_count());
            assert_true(t.models >= 2 * hwv_op_count());
        }
    assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL), HWV_OK);
}

static void planted(const char *name)
{
    tally t = {.wanted = name};
    size_t failed;
    assert_int_equal(hwv_gradcheck(name, name, 1, count, &t, &failed, NULL), HWV_OK);
    if (failed == 0 || !t.found)
        fail_msg("a wrong derivative of %s was not found", name);
}

static void test_planted_errors_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < hwv_op_count(); i++)
        planted(hwv_op_get(i)->name);
    for (size_t i = 0; i < hwv_kind_count(); i++)
        if (hwv_kind_get(i)->kind != HWV_NODE_COMPARE) /* integers have no derivative */
            planted(hwv_kind_get(i)->name);
}

static void test_names(void **state)
{
    (void)state;
    tally t = {0};
    size_t failed;
    hwv_error error;
    assert_int_equal(hwv_gradcheck("relu", NULL, 1, count, &t, &failed, &error), HWV_OK);
    assert_int_equal(t.operators, 1);
    assert_int_equal(t.nodes + t.models, 0);
    assert_int_equal(hwv_gradcheck("rleu", NULL, 1, count, &t, &failed, &error), HWV_ERR_NAME);
    assert_non_null(strstr(error.text, "did you mean 'relu'"));
    assert_int_equal(hwv_gradcheck(NULL, "desne", 1, count, &t, &failed, &error), HWV_ERR_NAME);
    assert_non_null(strstr(error.text, "did you mean 'dense'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_passes),
        cmocka_unit_test(test_planted_errors_are_found),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

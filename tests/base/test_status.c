/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Status names, messages, and the nearest name. */
#include "halfwave/status.h"
#include "halfwave/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(hwv_status_name(HWV_OK), "HWV_OK");
    assert_string_equal(hwv_status_name(HWV_ERR_INTERNAL), "HWV_ERR_INTERNAL");
    assert_string_equal(hwv_status_sentence(HWV_ERR_MEMORY), "out of memory");
    assert_string_equal(hwv_status_name((hwv_status)99), "unknown status");
    assert_string_equal(hwv_status_sentence((hwv_status)-1), "unknown status");
}

static void test_fail(void **state)
{
    (void)state;
    hwv_error error = {HWV_OK, ""};
    assert_int_equal(hwv_fail(NULL, HWV_ERR_SHAPE, "%d", 1), HWV_ERR_SHAPE);
    assert_int_equal(hwv_fail(&error, HWV_ERR_SHAPE, "%s: %d dimensions", "a.npy", 3), HWV_ERR_SHAPE);
    assert_int_equal(error.status, HWV_ERR_SHAPE);
    assert_string_equal(error.text, "a.npy: 3 dimensions");
    assert_int_equal(hwv_fail(&error, HWV_ERR_IO, "again: %s", error.text), HWV_ERR_IO);
    assert_string_equal(error.text, "again: a.npy: 3 dimensions");
    assert_int_equal(hwv_fail_prefix(&error, HWV_ERR_SHAPE, "model '%s': ", "m"), HWV_ERR_IO);
    assert_string_equal(error.text, "model 'm': again: a.npy: 3 dimensions");
    assert_int_equal(hwv_fail_prefix(NULL, HWV_ERR_FORMAT, "x"), HWV_ERR_FORMAT);
}

static void test_long_messages_are_cut(void **state)
{
    (void)state;
    char longer[2000];
    memset(longer, 'a', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    hwv_error error;
    hwv_fail(&error, HWV_ERR_IO, "%s", longer);
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
    hwv_fail_prefix(&error, HWV_ERR_IO, "b%s", longer);
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
    assert_int_equal(error.text[0], 'b');
}

static hwv_status passes_up(hwv_status inner)
{
    HWV_TRY(inner);
    return HWV_ERR_INTERNAL;
}

static void test_try(void **state)
{
    (void)state;
    assert_int_equal(passes_up(HWV_ERR_NAME), HWV_ERR_NAME);
    assert_int_equal(passes_up(HWV_OK), HWV_ERR_INTERNAL);
}

static const char *nearest(const char *name)
{
    static const char *const names[] = {"identity", "relu", "leaky_relu", "prelu",   "sigmoid",
                                        "tanh",     "elu",  "hardswish",  "softplus"};
    size_t count = sizeof names / sizeof names[0], i = hwv_name_nearest(name, names, count);
    assert_true(i <= count);
    return i < count ? names[i] : "none";
}

static void test_nearest_name(void **state)
{
    (void)state;
    const char *const cases[][2] = {
        {"relu", "relu"},
        {"ReLU", "relu"},
        {"rleu", "relu"},
        {"rel", "relu"},
        {"leakyrelu", "leaky_relu"},
        {"leaky", "leaky_relu"},
        {"sigmod", "sigmoid"},
        {"siogmid", "sigmoid"},
        {"tahn", "tanh"},
        {"hard", "hardswish"},
        {"hard-swish", "hardswish"},
        {"soft", "softplus"},
        {"banana", "none"},
        {"", "none"},
        {"x", "none"},
        {"zz", "none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(nearest(cases[i][0]), cases[i][1]);
    char longer[500];
    memset(longer, 'r', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    assert_string_equal(nearest(longer), "none");
    assert_int_equal(hwv_name_nearest("relu", NULL, 0), 0);
    const char *const odd[] = {"", longer, "a"};
    assert_int_equal(hwv_name_nearest("b", odd, 3), 3);
}

static void test_name_find(void **state)
{
    (void)state;
    const char *const names[] = {"sgd", "adam"};
    hwv_error error;
    size_t position = 7;
    assert_int_equal(hwv_name_find(&position, "optimizer", "adam", names, 2, &error), HWV_OK);
    assert_int_equal(position, 1);
    assert_int_equal(hwv_name_find(&position, "optimizer", "adm", names, 2, &error), HWV_ERR_NAME);
    assert_string_equal(error.text, "unknown optimizer 'adm' (did you mean 'adam'?); known: sgd, adam");
    assert_int_equal(hwv_name_find(&position, "optimizer", "banana", names, 2, &error), HWV_ERR_NAME);
    assert_string_equal(error.text, "unknown optimizer 'banana'; known: sgd, adam");
    assert_int_equal(position, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names), cmocka_unit_test(test_fail),         cmocka_unit_test(test_long_messages_are_cut),
        cmocka_unit_test(test_try),   cmocka_unit_test(test_nearest_name), cmocka_unit_test(test_name_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * CSV as training data: forms that are read, what is refused and where, damage, failing allocations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "damage.h"
#include "io/csv.h"

/* Two rows of two values each: 1.5, -2, label 0 and 3e2, 0.25, label 1, in many spellings. */
static void expect_two_rows(const char *text, uint32_t first_line, uint32_t second_line)
{
    hwv_csv csv;
    hwv_error error = {0};
    if (hwv_csv_parse(&csv, text, strlen(text), &error) != HWV_OK)
        fail_msg("%s: %s", text, error.text);
    static const float wanted[] = {1.5f, -2, 300, 0.25f};
    assert_int_equal(csv.rows, 2);
    assert_int_equal(csv.features, 2);
    assert_memory_equal(csv.values, wanted, sizeof wanted);
    assert_true(csv.labels[0] == 0 && csv.labels[1] == 1);
    assert_int_equal(csv.lines[0], first_line);
    assert_int_equal(csv.lines[1], second_line);
    hwv_csv_free(&csv);
}

static void test_forms(void **state)
{
    (void)state;
    expect_two_rows("1.5,-2,0\n3e2,0.25,1\n", 1, 2);
    expect_two_rows("1.5,-2,0\n3e2,.25,1", 1, 2);
    expect_two_rows("1.5,-2,0\r\n3e2,0.25,1\r\n", 1, 2);
    expect_two_rows("a,b,label\n+1.5,-2.,0\n3E+2,0.25,1\n", 2, 3);
    expect_two_rows("\"a, b\",\"say \"\"c\"\"\",label\r\n\"1.5\",-2,0\r\n300,0.25,\"1\"\r\n", 2, 3);
    expect_two_rows("\n\n1.5,-2,0\n\n  \n3e2,0.25,1\n\n", 3, 6);
    expect_two_rows(" 1.5 ,\t-2 , 0\n 3e2,0.25,1 \n", 1, 2);
    expect_two_rows("\xef\xbb\xbf"
                    "1.5,-2,0\n3e2,0.25,1\n",
                    1, 2);
    expect_two_rows("1.5\t-2\t0\n3e2\t0.25\t1\n", 1, 2);
    expect_two_rows("x;y;z\n1.5;-2;0\n3e2;0.25;1\n", 2, 3);
    expect_two_rows("1.5,-2,0.0\n3e2,0.25,1e0\n", 1, 2);
    expect_two_rows("1.500000000000000000e+00,-2.000000000000000000e+00,0.000000000000000000e+00\n"
                    "3.000000000000000000e+02,2.500000000000000000e-01,1.000000000000000000e+00\n",
                    1, 2);
}

static void refuse(const char *text, const char *words)
{
    hwv_csv csv;
    hwv_error error = {0};
    hwv_status status = hwv_csv_parse(&csv, text, strlen(text), &error);
    if (status != HWV_ERR_FORMAT || !strstr(error.text, words))
        fail_msg("%s: %s '%s', wanted '%s'", text, hwv_status_name(status), error.text, words);
    assert_null(csv.values);
}

static void test_refused(void **state)
{
    (void)state;
    refuse("", "line 1: the file has no rows");
    refuse("\n \n", "no rows");
    refuse("a,b,c\n", "line 1: the file has a header but no rows");
    refuse("1\n2\n", "line 1: one field");
    refuse("1,2,0\n1,0\n", "line 2: 2 fields, 3 expected");
    refuse("1,2,0\n1,2,3,0\n", "line 2: more than the 3 fields");
    refuse("1,2,0\n1,,0\n", "line 2, column 2: an empty field");
    refuse("1,2,0\n1,2,\n", "line 2, column 3: an empty field, a label");
    refuse("1,2,0\n1,x,0\n", "line 2, column 2: found \"x\", a number expected");
    refuse("1,2,0\n1,1.5.2,0\n", "line 2, column 2");
    refuse("1,2,0\n1,0x10,0\n", "line 2, column 2");
    refuse("a,b,c\n1,nan,0\n", "line 2, column 2: found \"nan\", a finite number");
    refuse("nan,nan,0\n1,2,0\n", "line 1, column 1: found \"nan\"");
    refuse("NaN,inf,nan\n1,2,0\n", "line 1, column 1: found \"NaN\"");
    refuse("1,-Infinity,0\n", "line 1, column 2: found \"-Infinity\", a finite number");
    refuse("1,1e39,0\n", "line 1, column 2: found \"1e39\", a finite number");
    refuse("1,2,-1\n", "line 1, column 3: found \"-1\", a label");
    refuse("1,2,0.5\n", "line 1, column 3: found \"0.5\", a label");
    refuse("1,2,65536\n", "line 1, column 3: found \"65536\", a label");
    refuse("1,2,cat\n", "line 1, column 3: found \"cat\", a label");
    refuse("1,2,nan\n", "line 1, column 3: found \"nan\", a label");
    refuse("1,\"2,0\n", "line 1, column 2: a quote that is not closed");
    refuse("1,\"2\"x,0\n", "line 1, column 2: text after a closing quote");
    refuse("1,2,0\n3;4;1\n", "line 2, column 1");
}

/* A line of 200,000 fields, and many rows after one long line that are too short. */
static void test_long_lines(void **state)
{
    (void)state;
    size_t n = 200000;
    char *text = malloc(2 * n + 100);
    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        memcpy(text + 2 * i, i + 1 < n ? "7," : "3\n", 2);
    hwv_csv csv;
    assert_int_equal(hwv_csv_parse(&csv, text, 2 * n, NULL), HWV_OK);
    assert_int_equal(csv.rows, 1);
    assert_int_equal(csv.features, n - 1);
    assert_true(csv.values[0] == 7 && csv.values[n - 2] == 7 && csv.labels[0] == 3);
    hwv_csv_free(&csv);
    memset(text + 2 * n, '\n', 99);
    assert_int_equal(hwv_csv_parse(&csv, text, 2 * n + 99, NULL), HWV_OK);
    hwv_csv_free(&csv);
    free(text);
}

static hwv_status read_any(const void *bytes, size_t size, hwv_error *error)
{
    hwv_csv csv;
    hwv_status status = hwv_csv_parse(&csv, bytes, size, error);
    volatile float sum = 0;
    for (size_t i = 0; i < csv.rows * csv.features; i++)
        sum += csv.values[i];
    (void)sum;
    hwv_csv_free(&csv);
    return status;
}

static void test_damage(void **state)
{
    (void)state;
    static const char text[] = "a,\"b c\",label\r\n1.5,-2,0\r\n\"3e2\",0.25,1\r\n7,8,2\r\n";
    size_t size = sizeof text - 1, rounds = 20000;
    /* Where lines end a cut is no damage: shorter files are valid, or fail with a place. */
    for (size_t n = 0; n < size; n++) {
        unsigned char *copy = damage_copy(text, n);
        (void)damage_try(read_any, copy, n);
        free(copy);
    }
    assert_in_range(damage_flip(read_any, text, size, size, rounds), rounds / 4, rounds - 1);
}

static void test_allocations(void **state)
{
    (void)state;
    size_t live = allocations_live(), n = 1;
    for (;; n++) {
        hwv_csv csv;
        allocations_fail_at(n);
        hwv_status status = hwv_csv_parse(&csv, "1,2,0\n3,4,1\n", 12, NULL);
        allocations_fail_at(0);
        if (status == HWV_OK) {
            hwv_csv_free(&csv);
            break;
        }
        assert_int_equal(status, HWV_ERR_MEMORY);
        assert_int_equal(allocations_live(), live);
    }
    assert_int_equal(n, 4);
    assert_int_equal(allocations_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),  cmocka_unit_test(test_refused),     cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_damage), cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

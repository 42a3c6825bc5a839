/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Numbers for people: every unit at its edges. */
#include "report/number.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_units(void **state)
{
    (void)state;
    static const struct {
        double value;
        hwv_unit unit;
        const char *text;
    } cases[] = {
        {0, HWV_UNIT_PLAIN, "0"},
        {-0.0, HWV_UNIT_PLAIN, "0"},
        {1, HWV_UNIT_PLAIN, "1"},
        {-1.5, HWV_UNIT_PLAIN, "-1.5"},
        {0.012345, HWV_UNIT_PLAIN, "0.0123"},
        {0.0009999, HWV_UNIT_PLAIN, "0.001"},
        {0.00012345, HWV_UNIT_PLAIN, "1.23e-4"},
        {1.2345, HWV_UNIT_PLAIN, "1.23"},
        {9.996, HWV_UNIT_PLAIN, "10"},
        {99.96, HWV_UNIT_PLAIN, "100"},
        {999.6, HWV_UNIT_PLAIN, "1000"},
        {12345, HWV_UNIT_PLAIN, "12345"},
        {1234567, HWV_UNIT_PLAIN, "1.23e6"},
        {1e300, HWV_UNIT_PLAIN, "1e300"},
        {5e-324, HWV_UNIT_PLAIN, "4.94e-324"},
        {NAN, HWV_UNIT_PLAIN, "nan"},
        {INFINITY, HWV_UNIT_SECONDS, "inf"},
        {-INFINITY, HWV_UNIT_BYTES, "-inf"},
        {0, HWV_UNIT_COUNT, "0"},
        {999, HWV_UNIT_COUNT, "999"},
        {1234, HWV_UNIT_COUNT, "1.23 k"},
        {-45600, HWV_UNIT_COUNT, "-45.6 k"},
        {999950, HWV_UNIT_COUNT, "1 M"},
        {7.89e9, HWV_UNIT_COUNT, "7.89 G"},
        {1e30, HWV_UNIT_COUNT, "1e30"},
        {0, HWV_UNIT_SECONDS, "0 s"},
        {-0.0, HWV_UNIT_SECONDS, "0 s"},
        {8.12e-11, HWV_UNIT_SECONDS, "0.0812 ns"},
        {1.234e-9, HWV_UNIT_SECONDS, "1.23 ns"},
        {45.61e-6, HWV_UNIT_SECONDS, "45.6 us"},
        {0.7891, HWV_UNIT_SECONDS, "789 ms"},
        {0.9999, HWV_UNIT_SECONDS, "1 s"},
        {12.34, HWV_UNIT_SECONDS, "12.3 s"},
        {125, HWV_UNIT_SECONDS, "2 min 5 s"},
        {3725, HWV_UNIT_SECONDS, "1 h 2 min"},
        {7199.9, HWV_UNIT_SECONDS, "2 h 0 min"},
        {0, HWV_UNIT_SHARE, "0 %"},
        {-1e-9, HWV_UNIT_SHARE, "0 %"},
        {1e-9, HWV_UNIT_SHARE, "< 0.01 %"},
        {0.00123, HWV_UNIT_SHARE, "0.12 %"},
        {0.1234, HWV_UNIT_SHARE, "12.3 %"},
        {0.5, HWV_UNIT_SHARE, "50 %"},
        {0.9999, HWV_UNIT_SHARE, "> 99.9 %"},
        {1, HWV_UNIT_SHARE, "100 %"},
        {2.5, HWV_UNIT_SHARE, "250 %"},
        {512, HWV_UNIT_BYTES, "512 B"},
        {1536, HWV_UNIT_BYTES, "1.5 KiB"},
        {2097152, HWV_UNIT_BYTES, "2 MiB"},
        {1073741824.0 * 3.25, HWV_UNIT_BYTES, "3.25 GiB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(hwv_number_of(cases[i].value, cases[i].unit).text, cases[i].text);
}

static void test_fixed(void **state)
{
    (void)state;
    assert_string_equal(hwv_number_fixed(-0.0004, 2).text, "0.00");
    assert_string_equal(hwv_number_fixed(-0.005001, 2).text, "-0.01");
    assert_string_equal(hwv_number_fixed(12.3456, 2).text, "12.35");
    assert_string_equal(hwv_number_fixed(NAN, 2).text, "nan");
    assert_string_equal(hwv_number_fixed(1e300, 2).text, "1.00e+300");
    assert_string_equal(hwv_number_percent(0.125, 2).text, "12.50 %");
    assert_string_equal(hwv_number_percent(NAN, 2).text, "nan");
    assert_string_equal(hwv_number_digits(1234567, 6).text, "1.23457e6");
    assert_string_equal(hwv_number_digits(-1e-20, 3).text, "-1e-20");
}

/* Whatever the value: short, no "-0", and at most half a unit of the third digit away. */
static void test_every_magnitude(void **state)
{
    (void)state;
    uint64_t bits = 1;
    for (int i = 0; i < 200000; i++) {
        double value;
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        memcpy(&value, &bits, sizeof value);
        for (int unit = HWV_UNIT_PLAIN; unit <= HWV_UNIT_BYTES; unit++) {
            hwv_number n = hwv_number_of(value, (hwv_unit)unit);
            assert_true(strlen(n.text) <= 16);
            assert_true(strncmp(n.text, "-0", 2) != 0 || strncmp(n.text, "-0.", 3) == 0);
        }
        hwv_number n = hwv_number_plain(value);
        if (isfinite(value) && fabs(value) > 1e-300 && fabs(value) < 1e300)
            assert_true(fabs(strtod(n.text, NULL) - value) <= 0.0051 * fabs(value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_units), cmocka_unit_test(test_fixed),
                                       cmocka_unit_test(test_every_magnitude)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

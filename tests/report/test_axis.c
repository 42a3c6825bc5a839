/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Axes: whatever the data, ticks lie inside the range, rise, and have labels that differ. */
#include "report/axis.h"
#include "report/figure.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check(const hwv_axis *axis, hwv_extent extent, size_t most, bool utf8)
{
    hwv_range range = hwv_axis_range(axis, extent, 0.04, true);
    hwv_ticks ticks;
    hwv_axis_ticks(axis, &range, most, utf8, &ticks);
    if (!(range.low < range.high) || !isfinite(range.low) || !isfinite(range.high) || (axis->log && range.low <= 0))
        fail_msg("%a .. %a: range %a .. %a", extent.low, extent.high, range.low, range.high);
    if (ticks.count > most || (ticks.count < 1 && range.high / 1.5 > range.low))
        fail_msg("%a .. %a log %d unit %d: %zu ticks of at most %zu", range.low, range.high, axis->log, (int)axis->unit,
                 ticks.count, most);
    for (size_t i = 0; i < ticks.count; i++) {
        double place = hwv_range_place(&range, ticks.at[i]);
        if (!(place >= -1e-6 && place <= 1 + 1e-6))
            fail_msg("tick %a outside %a .. %a", ticks.at[i], range.low, range.high);
        if (i > 0 && !(ticks.at[i] > ticks.at[i - 1]))
            fail_msg("ticks %a, %a", ticks.at[i - 1], ticks.at[i]);
        if (i > 0 && strcmp(ticks.label[i], ticks.label[i - 1]) == 0)
            fail_msg("%a .. %a log %d unit %d: two ticks are called '%s'", range.low, range.high, axis->log,
                     (int)axis->unit, ticks.label[i]);
        if (!axis->log && axis->unit == HWV_UNIT_PLAIN) {
            double said = strtod(ticks.label[i], NULL), step = (range.high - range.low) / (double)most;
            if (fabs(said - ticks.at[i]) > 0.02 * step)
                fail_msg("tick %a is called '%s'", ticks.at[i], ticks.label[i]);
        }
    }
}

static void test_random(void **state)
{
    (void)state;
    uint64_t bits = 5;
    for (int i = 0; i < 60000; i++) {
        double v[2];
        for (int k = 0; k < 2; k++) {
            bits = bits * 6364136223846793005u + 1442695040888963407u;
            /* Magnitudes that occur, and all there are. */
            double mantissa = (double)(bits >> 40) / (1 << 24) + 0.5;
            v[k] = ldexp(mantissa, (int)(bits >> 20 & 63) - 32);
            if (i % 4 == 0)
                memcpy(&v[k], &bits, sizeof v[k]);
            if (i % 4 == 1 && k == 1)
                v[1] = v[0] * (1 + mantissa / 1000);
            if (!isfinite(v[k]))
                v[k] = k;
            if (i % 3 == 0 && (bits >> 33 & 1) != 0)
                v[k] = -v[k];
        }
        hwv_axis axis = {.unit = (hwv_unit)(i / 7 % 5), .log = i % 2 == 1, .whole = i % 11 == 0};
        axis.whole = axis.whole && fabs(v[0] - v[1]) > 4;
        if (axis.log)
            for (int k = 0; k < 2; k++)
                v[k] = fmax(fabs(v[k]), DBL_MIN);
        hwv_extent extent = {fmin(v[0], v[1]), fmax(v[0], v[1])};
        /* Units other than plain numbers are for magnitudes that have a name. */
        if (axis.unit != HWV_UNIT_PLAIN)
            continue;
        if (!axis.log && extent.high - extent.low < 1e-9 * fmax(fabs(extent.low), fabs(extent.high)))
            continue;
        check(&axis, extent, 2 + (size_t)(i % 9), i % 5 == 0);
    }
}

static void test_units(void **state)
{
    (void)state;
    static const struct {
        hwv_axis axis;
        double low, high;
        size_t most;
        const char *labels;
    } cases[] = {
        {{0}, 0, 1, 6, "0 0.2 0.4 0.6 0.8 1.0"},
        {{0}, -3, 3, 7, "-3 -2 -1 0 1 2 3"},
        {{.whole = true}, 0, 2, 9, "0 1 2"},
        {{.unit = HWV_UNIT_SHARE}, 0, 0.05, 6, "0_% 1_% 2_% 3_% 4_% 5_%"},
        {{.unit = HWV_UNIT_COUNT}, 0, 40000, 5, "0 10_k 20_k 30_k 40_k"},
        {{.unit = HWV_UNIT_COUNT}, 0, 4000, 5, "0 1000 2000 3000 4000"},
        {{.unit = HWV_UNIT_SECONDS}, 0, 2e-6, 5, "0 0.5_us 1.0_us 1.5_us 2.0_us"},
        {{.unit = HWV_UNIT_BYTES}, 0, 4096, 5, "0 1_KiB 2_KiB 3_KiB 4_KiB"},
        {{.unit = HWV_UNIT_BYTES, .log = true}, 1024, 67108864, 5, "1_KiB 32_KiB 1_MiB 32_MiB"},
        {{.unit = HWV_UNIT_SHARE, .log = true}, 1e-4, 1, 5, "0.01_% 0.1_% 1_% 10_% 100_%"},
        {{.unit = HWV_UNIT_SECONDS, .log = true}, 1e-9, 1e-3, 4, "1_ns 1_us 1_ms"},
        {{.log = true}, 0.01, 10, 6, "0.01 0.1 1 10"},
        {{.log = true}, 1, 20, 6, "1 2 5 10 20"},
        {{.log = true}, 1e-8, 1e-2, 4, "10\u207b\u2078 10\u207b\u2076 10\u207b\u2074 10\u207b\u00b2"},
        {{0}, 1000000, 1000004, 5, "1000000 1000001 1000002 1000003 1000004"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hwv_range range = {cases[i].low, cases[i].high, cases[i].axis.log};
        hwv_ticks ticks;
        char labels[400] = "";
        hwv_axis_ticks(&cases[i].axis, &range, cases[i].most, true, &ticks);
        for (size_t k = 0; k < ticks.count; k++) {
            char *at = labels + strlen(labels);
            strcat(strcat(labels, k > 0 ? " " : ""), ticks.label[k]);
            for (at += k > 0; *at != '\0'; at++)
                *at = *at == ' ' ? '_' : *at;
        }
        assert_string_equal(labels, cases[i].labels);
    }
}

static void test_clip(void **state)
{
    (void)state;
    double a[2] = {-1, 0.5}, b[2] = {2, 0.5};
    assert_true(hwv_segment_clip(a, b));
    assert_true(a[0] == 0 && b[0] == 1 && a[1] == 0.5 && b[1] == 0.5);
    double c[2] = {0.5, -1}, d[2] = {0.5, -0.1};
    assert_false(hwv_segment_clip(c, d));
    double e[2] = {-1e300, -1e300}, f[2] = {1e300, 1e300};
    assert_true(hwv_segment_clip(e, f));
    assert_true(e[0] >= 0 && e[1] >= 0 && f[0] <= 1 && f[1] <= 1);
}

static void test_spread(void **state)
{
    (void)state;
    double wishes[] = {3, 3, 3, 9.9, 0};
    size_t order[5];
    hwv_labels_spread(wishes, order, 5, 1, 0, 10);
    for (size_t i = 1; i < 5; i++)
        assert_true(wishes[order[i]] - wishes[order[i - 1]] >= 1 - 1e-6);
    assert_true(wishes[order[0]] >= 0 && wishes[order[4]] <= 10);
    assert_int_equal(order[0], 4);
    assert_int_equal(order[4], 3);
    /* Exactly as many as fit. */
    double tight[] = {5, 5, 5};
    hwv_labels_spread(tight, order, 3, 5, 0, 10);
    assert_true(fabs(tight[order[0]]) < 1e-6 && fabs(tight[order[1]] - 5) < 1e-6 && fabs(tight[order[2]] - 10) < 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random), cmocka_unit_test(test_units),
                                       cmocka_unit_test(test_clip), cmocka_unit_test(test_spread)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

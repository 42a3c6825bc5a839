/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Looks counted as they are activated, in blocks of rows: what is counted, and y, are those of one behind the other, in
 * bits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "check/counts.h"
#include "check/flat.h"
#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "halfwave/random.h"

enum { SAMPLES = 5, COLUMNS = 131, LOOKS = 321 };

static float z[SAMPLES * LOOKS * COLUMNS], h[SAMPLES * LOOKS * COLUMNS], y[LOOKS * COLUMNS];
static hwv_unit_tally wanted[COLUMNS], got[COLUMNS];
static uint8_t wanted_picture[SAMPLES * COLUMNS], got_picture[SAMPLES * COLUMNS];

static void draw(size_t n, bool odd)
{
    static const float rare[] = {0, -0.0f, 1e-42f, -1e-42f, -3, 3, 1e30f, -1e30f, NAN, INFINITY, -INFINITY, -1e-45f};
    for (size_t i = 0; i < n; i++)
        z[i] = 2 * (float)hwv_random_normal(3, HWV_STREAM_TEST, 0, i);
    for (size_t i = 0; odd && i < sizeof rare / sizeof *rare; i++)
        z[hwv_random_below(3, HWV_STREAM_TEST, 1, i, (uint32_t)n)] = rare[i];
}

static void tally_start(hwv_unit_tally *units)
{
    memset(units, 0, COLUMNS * sizeof *units);
    for (size_t u = 0; u < COLUMNS; u++) {
        units[u].min = INFINITY;
        units[u].max = -INFINITY;
    }
}

/* In blocks of `block` rows, pictures of all samples but the first. */
static void compare(const hwv_count_rule *rule, size_t looks, size_t columns, size_t block, hwv_count_state *states)
{
    const size_t size = looks * columns;
    hwv_counts counts;
    assert_int_equal(hwv_counts_init(&counts, columns, false, NULL), HWV_OK);
    tally_start(wanted);
    hwv_counts_add(rule, 1, looks, z, h, &counts, NULL);
    hwv_counts_add(rule, SAMPLES - 1, looks, z + size, h + size, &counts, wanted_picture + columns);
    hwv_counts_take(&counts, wanted);
    tally_start(got);
    for (size_t s = 0; s < SAMPLES; s++) {
        memset(y, 0x55, sizeof y);
        for (size_t r = 0; r < looks; r += block)
            hwv_counts_activate(rule, r == 0, looks - r < block ? looks - r : block, columns,
                                z + s * size + r * columns, y + r * columns, states);
        for (size_t i = 0; i < size; i++)
            assert_true(memcmp(&y[i], &h[s * size + i], sizeof *y) == 0 || (isnan(y[i]) && isnan(h[s * size + i])));
        hwv_counts_add_activated(rule, looks, z + s * size, y, states, &counts,
                                 s > 0 ? got_picture + s * columns : NULL);
    }
    assert_int_equal(counts.looks, SAMPLES * looks);
    hwv_counts_take(&counts, got);
    assert_memory_equal(got, wanted, columns * sizeof *got);
    assert_memory_equal(got_picture + columns, wanted_picture + columns, (SAMPLES - 1) * columns);
    hwv_counts_free(&counts);
}

static void test_activated(void **state)
{
    (void)state;
    const char *chosen = hwv_isa_name(hwv_isa_current());
    const hwv_act act = hwv_act_make(HWV_OP_HARDSWISH), relu = hwv_act_make(HWV_OP_RELU);
    const hwv_flat flat = hwv_flat_find(&act);
    const hwv_count_rule rule = hwv_count_rule_of(&act, flat.low, flat.high), other = hwv_count_rule_of(&relu, 0, 1);
    static const size_t all_looks[] = {16, 48, 192, 321}, widths[] = {1, 8, 16, 24, 31, 32, 40, 56, 104, 131},
                        blocks[] = {4, 7, 48, 321};
    hwv_arena memory = {0};
    assert_int_equal(hwv_arena_init(&memory, hwv_count_states(COLUMNS) * sizeof(hwv_count_state), NULL), HWV_OK);
    hwv_count_state *states = hwv_arena_take(&memory, hwv_count_states(COLUMNS) * sizeof *states);
    size_t sets = 0;
    for (size_t isa = 0; isa < hwv_isa_count(); isa++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL), HWV_OK);
        assert_false(hwv_count_activates(&other));
        if (!hwv_count_activates(&rule))
            continue;
        sets++;
        for (size_t i = 0; i < 4 * 10 * 4 * 2; i++) {
            const size_t looks = all_looks[i / 80], columns = widths[i / 8 % 10], n = SAMPLES * looks * columns;
            draw(n, i % 2);
            hwv_act_forward(&act, HWV_F32, 1, n, h, n, z, n);
            compare(&rule, looks, columns, blocks[i / 2 % 4], states);
        }
    }
    assert_int_equal(hwv_isa_force(chosen, NULL), HWV_OK);
    hwv_arena_free(&memory);
    if (sets == 0)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_activated)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

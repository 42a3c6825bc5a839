/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The list of runnable instruction sets and forcing one by name. */
#include "halfwave/isa.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_list(void **state)
{
    (void)state;
    size_t count = hwv_isa_count();
    assert_in_range(count, 1, HWV_ISA_COUNT);
    for (size_t i = 1; i < count; i++)
        assert_true(hwv_isa_get(i) < hwv_isa_get(i - 1));
    assert_int_equal(hwv_isa_get(count - 1), HWV_ISA_scalar);
    assert_string_equal(hwv_isa_name(HWV_ISA_avx512), "avx512");
    assert_string_equal(hwv_isa_name((hwv_isa)99), "unknown");
#if defined(HWV_HAVE_sse2)
    assert_true(count >= 2);
#endif
}

static void test_force_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), NULL), HWV_OK);
        assert_int_equal(hwv_isa_current(), hwv_isa_get(i));
    }
}

static void test_wrong_names(void **state)
{
    (void)state;
    hwv_error error;
    assert_int_equal(hwv_isa_force("scalar", NULL), HWV_OK);
    const char *const wrong[] = {"nonsense", "", "SCALAR", "scaler", "avx", "unknown"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(hwv_isa_force(wrong[i], &error), HWV_ERR_NAME);
        assert_int_equal(hwv_isa_current(), HWV_ISA_scalar);
        for (size_t k = 0; k < hwv_isa_count(); k++)
            assert_non_null(strstr(error.text, hwv_isa_name(hwv_isa_get(k))));
    }
    hwv_isa_force("scaler", &error);
    assert_non_null(strstr(error.text, "did you mean 'scalar'"));
#if defined(HWV_HAVE_neon)
    const char *elsewhere = "avx2";
#else
    const char *elsewhere = "neon";
#endif
    assert_int_equal(hwv_isa_force(elsewhere, &error), HWV_ERR_NAME);
    assert_non_null(strstr(error.text, "cannot run here"));
}

static void test_environment(void **state)
{
    (void)state;
    hwv_error error;
    setenv("HALFWAVE_ISA", "scalar", 1);
    assert_int_equal(hwv_initialise(&error), HWV_OK);
    assert_int_equal(hwv_isa_current(), HWV_ISA_scalar);
    setenv("HALFWAVE_ISA", "nonsense", 1);
    assert_int_equal(hwv_initialise(&error), HWV_ERR_NAME);
    assert_int_equal(hwv_isa_current(), HWV_ISA_scalar);
    assert_non_null(strstr(error.text, "HALFWAVE_ISA: "));
    setenv("HALFWAVE_ISA", "", 1);
    assert_int_equal(hwv_initialise(&error), HWV_OK);
    assert_int_equal(hwv_isa_current(), hwv_isa_get(0));
    hwv_isa_force("scalar", NULL);
    unsetenv("HALFWAVE_ISA");
    assert_int_equal(hwv_initialise(NULL), HWV_OK);
    assert_int_equal(hwv_isa_current(), hwv_isa_get(0));
}

static void test_cache(void **state)
{
    (void)state;
    assert_in_range(hwv_cache_bytes(), (size_t)1 << 20, (size_t)1 << 40);
    assert_int_equal(hwv_cache_bytes(), hwv_cache_bytes());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),        cmocka_unit_test(test_force_each), cmocka_unit_test(test_wrong_names),
        cmocka_unit_test(test_environment), cmocka_unit_test(test_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

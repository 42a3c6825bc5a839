/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Building a model with each allocation failing in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "allocations.h"
#include "halfwave/model.h"

static void test_each_allocation_fails(void **state)
{
    (void)state;
    hwv_model_options options = {.act = {.act = hwv_act_make(HWV_OP_PRELU)}, .rank = 2, .dims = {8, 8}, .classes = 10};
    hwv_status status = HWV_ERR_MEMORY;
    size_t failed = 0;
    for (size_t n = 1; status != HWV_OK; n++) {
        hwv_model model;
        hwv_error error = {0};
        size_t live = allocations_live();
        allocations_fail_at(n);
        status = hwv_model_build(&model, "fc 9; act; fc 8; act tanh; fc 7; act; fc 10", &options, &error);
        allocations_fail_at(0);
        if (status == HWV_OK) {
            hwv_model_free(&model);
        } else {
            assert_int_equal(status, HWV_ERR_MEMORY);
            assert_true(error.text[0] != '\0');
            failed++;
        }
        assert_int_equal(allocations_live(), live);
    }
    assert_true(failed > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Data that must be refused. Include cmocka.h and allocations.h first. */
#ifndef TESTS_IO_REFUSE_H
#define TESTS_IO_REFUSE_H

#include <string.h>

#include "halfwave/data.h"

typedef hwv_status refuse_open(hwv_data *data, const char *spec, hwv_error *error);

/* `open` gives this status and these words, and leaves nothing behind. */
static inline void refuse_by(refuse_open *open, const char *spec, hwv_status wanted, const char *words)
{
    hwv_data data;
    hwv_error error = {0};
    size_t live = allocations_live();
    hwv_status status = open(&data, spec, &error);
    if (status != wanted || !strstr(error.text, words))
        fail_msg("%s: %s '%s', wanted %s '%s'", spec, hwv_status_name(status), error.text, hwv_status_name(wanted),
                 words);
    assert_null(data.owner);
    assert_int_equal(allocations_live(), live);
}

/* hwv_data_open does. */
static inline void refuse(const char *spec, hwv_status wanted, const char *words)
{
    refuse_by(hwv_data_open, spec, wanted, words);
}

/* With the n-th allocation failing, for every n, `open` says so and leaves nothing behind; at least `least` are made. */
static inline void refuse_each_allocation(refuse_open *open, const char *spec, size_t least)
{
    size_t live = allocations_live(), n = 0;
    for (hwv_status status = HWV_ERR_MEMORY; status != HWV_OK;) {
        hwv_data data;
        allocations_fail_at(++n);
        status = open(&data, spec, NULL);
        allocations_fail_at(0);
        if (status != HWV_OK) {
            assert_int_equal(status, HWV_ERR_MEMORY);
            assert_null(data.owner);
        }
        hwv_data_close(&data);
        assert_int_equal(allocations_live(), live);
    }
    assert_true(n > least);
}

#endif

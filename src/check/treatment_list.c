/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The treatments there are. */
#include <assert.h>

#include "check/treat.h"

typedef struct row {
    const char *name, *sentence;
    hwv_promise promise;
    hwv_treatment_make *make;
} row;

static const row rows[] = {
#define ROW(NAME, name, PROMISE, sentence) {#name, sentence, HWV_PROMISE_##PROMISE, hwv_treat_##name},
    HWV_TREATMENT_LIST(ROW)
#undef ROW
};

static const row *row_of(hwv_treatment treatment)
{
    assert(treatment >= 0 && treatment < HWV_TREATMENT_COUNT);
    return &rows[treatment];
}

const char *hwv_treatment_name(hwv_treatment treatment)
{
    return row_of(treatment)->name;
}

hwv_promise hwv_treatment_promise(hwv_treatment treatment)
{
    return row_of(treatment)->promise;
}

const char *hwv_treatment_sentence(hwv_treatment treatment)
{
    return row_of(treatment)->sentence;
}

hwv_treatment_make *hwv_treatment_maker(hwv_treatment treatment)
{
    return row_of(treatment)->make;
}

hwv_treatment_options hwv_treatment_defaults(void)
{
    return (hwv_treatment_options){.slope = 0.01, .share = 0.1, .seed = 1};
}

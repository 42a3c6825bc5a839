/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The same MLP with five activations: who reaches the target first? */
#include <math.h>

#include "study/claims.h"
#include "study/race.h"

hwv_status hwv_claim_learning(const hwv_study *study, hwv_finding *finding, hwv_error *error)
{
    static const hwv_race race = {.name = "learning", .notation = "fc 64; act; fc 64; act; fc 10", .target = 0.03};
    hwv_racer racers[HWV_RACE_CASES];
    HWV_TRY(hwv_race_run(study, &race, racers, error));
    hwv_race_show(finding, &race, racers);
    hwv_race_judge(finding, &race, racers);
    size_t winner = 0;
    for (size_t i = 1; i < HWV_RACE_CASES; i++)
        if (racers[i].test_error.median < racers[winner].test_error.median)
            winner = i;
    hwv_finding_say(
        finding,
        "Faster is not better: the lowest test error has %s (%.1f %%; relu %.1f %%), and with %zu test samples "
        "one wrong sample is already %.1f %%.",
        hwv_op_row(racers[winner].op)->name, 100 * racers[winner].test_error.median,
        100 * racers[HWV_RACE_RELU].test_error.median, study->data->test.count, 100 / (double)study->data->test.count);
    return HWV_OK;
}

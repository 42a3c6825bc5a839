/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The same transformer with five activations: who reaches the target first? */
#include <math.h>

#include "study/claims.h"
#include "study/race.h"

#define BLOCK "res { ln; attn 2 }; res { ln; fc 64; act; fc 32 }; "

/* The claim is that relu is not behind: no other activation is faster with every seed. */
static void judge(hwv_finding *finding, const hwv_race *race, const hwv_racer *racers)
{
    const hwv_racer *relu = &racers[HWV_RACE_RELU];
    size_t faster = 0, slower = 0;
    for (size_t i = 0; i < HWV_RACE_CASES; i++) {
        faster += hwv_race_slower(relu, &racers[i]);
        slower += hwv_race_slower(&racers[i], relu);
    }
    if (!isfinite(relu->epochs.median)) {
        hwv_finding_verdict(finding, HWV_CLAIM_CONTRADICTED,
                            "To a running training error of %g %% relu needs %s: it does not learn here.",
                            100 * race->target, hwv_race_epochs_words(relu).text);
        return;
    }
    hwv_finding_verdict(
        finding,
        faster == 0        ? HWV_CLAIM_HOLDS
        : faster <= slower ? HWV_CLAIM_PARTLY
                           : HWV_CLAIM_CONTRADICTED,
        "To a running training error of %g %% relu needs %s. Of the four others %zu are faster with every "
        "seed and by a tenth, %zu slower: in epochs of relu tanh needs %s, sigmoid %s.",
        100 * race->target, hwv_race_epochs_words(relu).text, faster, slower,
        hwv_race_times_words(&racers[HWV_RACE_TANH], relu).text,
        hwv_race_times_words(&racers[HWV_RACE_SIGMOID], relu).text);
}

hwv_status hwv_claim_transformer(const hwv_study *study, hwv_finding *finding, hwv_error *error)
{
    static const hwv_race race = {.name = "transformer",
                                  .notation = "patch 2 32; pos; " BLOCK BLOCK "ln; gap; fc 10",
                                  .target = 0.1,
                                  .optimizer = HWV_OPTIMIZER_ADAM};
    hwv_racer racers[HWV_RACE_CASES];
    HWV_TRY(hwv_race_run(study, &race, racers, error));
    hwv_race_show(finding, &race, racers);
    judge(finding, &race, racers);
    hwv_finding_say(finding,
                    "Attention, layer norms and residual streams stand between the activations here; the dense and the "
                    "convolutional race have the same activations without them.");
    return HWV_OK;
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The same CNN with five activations: who reaches the target first? */
#include <math.h>

#include "study/claims.h"
#include "study/race.h"

/* Krizhevsky, Sutskever & Hinton, NIPS 2012, section 3.1: "six times faster". */
#define FAMOUS 6

static void beside_the_famous(hwv_finding *finding, const hwv_racer *racers)
{
    const hwv_racer *relu = &racers[HWV_RACE_RELU], *tanh_ = &racers[HWV_RACE_TANH];
    hwv_race_spread times = hwv_race_times(tanh_, relu);
    hwv_finding_say(finding,
                    "The famous figure is %d: so many times faster than one with tanh did a CNN with ReLUs reach 25 %% "
                    "training error on CIFAR-10 (Krizhevsky et al. 2012). In this small network on small images, in "
                    "epochs of relu, tanh needs %s: %s.",
                    FAMOUS, hwv_race_times_words(tanh_, relu).text,
                    times.median >= FAMOUS ? "as large a gap" : "no gap of that kind");
}

static void family(hwv_finding *finding, const hwv_racer *racers)
{
    const hwv_racer *relu = &racers[HWV_RACE_RELU], *leaky = &racers[HWV_RACE_LEAKY_RELU],
                    *prelu = &racers[HWV_RACE_PRELU];
    hwv_finding_say(finding, "Within the family, in epochs of relu: leaky_relu %s, prelu %s.",
                    hwv_race_times_words(leaky, relu).text, hwv_race_times_words(prelu, relu).text);
}

hwv_status hwv_claim_convergence(const hwv_study *study, hwv_finding *finding, hwv_error *error)
{
    static const hwv_race race = {
        .name = "convergence", .notation = "conv 3 16; act; pool 2; conv 3 32; act; pool 2; fc 10", .target = 0.03};
    hwv_racer racers[HWV_RACE_CASES];
    HWV_TRY(hwv_race_run(study, &race, racers, error));
    hwv_race_show(finding, &race, racers);
    hwv_race_judge(finding, &race, racers);
    family(finding, racers);
    beside_the_famous(finding, racers);
    return HWV_OK;
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The same network with five activations, each with its initialiser and a learning rate of its own: who
 * reaches the target first? Three claims are such races, with an MLP, a CNN and a transformer. */
#ifndef HWV_STUDY_RACE_H
#define HWV_STUDY_RACE_H

#include <stdbool.h>

#include "halfwave/act.h"
#include "halfwave/train.h"
#include "study/study.h"

enum { HWV_RACE_SEEDS = 3, HWV_RACE_EPOCHS = 20 };
enum { HWV_RACE_RELU, HWV_RACE_LEAKY_RELU, HWV_RACE_PRELU, HWV_RACE_TANH, HWV_RACE_SIGMOID, HWV_RACE_CASES };

typedef struct hwv_race {
    const char *name; /* of the claim: pictures and errors have it */
    const char *notation;
    double target; /* running training error of an epoch */
    hwv_optimizer optimizer;
} hwv_race;

/* Over the seeds. */
typedef struct hwv_race_spread {
    double low, median, high;
} hwv_race_spread;

/* One activation. INFINITY where the target was not reached. */
typedef struct hwv_racer {
    hwv_op op;
    double rate;
    double loss[HWV_RACE_EPOCHS], low[HWV_RACE_EPOCHS], high[HWV_RACE_EPOCHS]; /* median and range over the seeds */
    double by_seed[HWV_RACE_SEEDS];                                            /* epochs to the target */
    hwv_race_spread epochs, test_error;
    double seconds;     /* of the training steps to the target, median */
    double ms_per_step; /* median */
} hwv_racer;

/* Picks the rates (hwv_rate_pick) and runs all. A run that diverges has missed the target. */
hwv_status hwv_race_run(const hwv_study *study, const hwv_race *race, hwv_racer racers[HWV_RACE_CASES],
                        hwv_error *error);
/* Curves, table and figures. */
void hwv_race_show(hwv_finding *finding, const hwv_race *race, hwv_racer racers[HWV_RACE_CASES]);

/* How many times the epochs of `base` did `other` need, seed by seed? INFINITY where other missed the target, 0
 * where only base did. */
hwv_race_spread hwv_race_times(const hwv_racer *other, const hwv_racer *base);
/* `other` needed clearly more epochs: with every seed, and a tenth more in the median. */
bool hwv_race_slower(const hwv_racer *other, const hwv_racer *base);
/* "1.1 times as many (0.9 to 1.3)", "infinitely many ..." for people: epochs of other in those of base. */
typedef struct hwv_race_words {
    char text[80];
} hwv_race_words;
hwv_race_words hwv_race_times_words(const hwv_racer *other, const hwv_racer *base);
/* "3.4 epochs (3.1 to 4.0)", "more than 20 epochs". */
hwv_race_words hwv_race_epochs_words(const hwv_racer *racer);
/* The verdict on "relu needs fewer epochs than tanh and sigmoid" with the figures, and what follows from them. */
void hwv_race_judge(hwv_finding *finding, const hwv_race *race, const hwv_racer racers[HWV_RACE_CASES]);

#endif

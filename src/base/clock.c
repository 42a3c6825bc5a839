/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Timing in interleaved rounds. Whatever slows the machine for a while then slows all candidates, and
 * the ratio taken inside each round hardly moves. */
#include "halfwave/clock.h"
#include "halfwave/memory.h"
#include "base/system.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

double hwv_clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double hwv_median(double *values, size_t count)
{
    if (count == 0)
        return 0.0;
    qsort(values, count, sizeof *values, compare_doubles);
    return count % 2 ? values[count / 2] : 0.5 * (values[count / 2 - 1] + values[count / 2]);
}

static double time_once(const hwv_candidate *candidate, size_t repeats)
{
    double start = hwv_clock_seconds();
    candidate->run(candidate->context, repeats);
    return hwv_clock_seconds() - start;
}

/* A time in which another thread had the CPU measures that thread. Time slices can keep step with the
 * rounds and hit the same candidate in most of them, so that not even the median helps (seen: a factor
 * of 3 at a load of 10). Such a time is taken again, a few times. */
static double time_undisturbed(const hwv_candidate *candidate, size_t repeats)
{
    for (int attempt = 0;; attempt++) {
        long before = hwv_system_preemptions();
        double seconds = time_once(candidate, repeats);
        if (hwv_system_preemptions() == before || attempt == 4)
            return seconds;
    }
}

/* Repeats that fill about `seconds`; the search also warms caches and clocks. Too few would be as bad
 * as a disturbed round: each round begins with what the candidate before left in the caches. */
static size_t choose_repeats(const hwv_candidate *candidate, double seconds)
{
    size_t repeats = 1;
    for (;;) {
        double taken = time_undisturbed(candidate, repeats);
        if (taken >= 0.25 * seconds || repeats > SIZE_MAX / 16) {
            double wanted = (double)repeats * seconds / (taken > 1e-9 ? taken : 1e-9);
            return wanted < 1.0 ? 1 : wanted > 1e15 ? repeats : (size_t)wanted;
        }
        repeats *= taken < 0.02 * seconds ? 8 : 2;
    }
}

/* How far from either end the order statistic lies that bounds a 90 % interval of the median: the
 * normal approximation of the binomial, which equals the exact rank for all counts tested. */
static size_t interval_rank(size_t count)
{
    double rank = floor(0.5 * (double)(count + 1) - 0.8224 * sqrt((double)count));
    return rank < 1.0 ? 0 : (size_t)rank - 1;
}

double hwv_median_interval(double *values, size_t count, double *low, double *high)
{
    size_t rank = interval_rank(count);
    double median = hwv_median(values, count);
    *low = values[rank];
    *high = values[count - 1 - rank];
    return median;
}

hwv_status hwv_rounds(hwv_candidate *candidates, size_t count, size_t rounds, double round_seconds, hwv_error *error)
{
    if (count == 0 || rounds == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "timing: %zu candidates and %zu rounds, at least one of each expected",
                        count, rounds);
    size_t cells;
    double *seconds = hwv_size_mul(count, rounds, &cells) ? hwv_calloc(cells, sizeof *seconds) : NULL;
    double *ratios = hwv_calloc(rounds, sizeof *ratios);
    if (seconds == NULL || ratios == NULL) {
        hwv_free(seconds);
        hwv_free(ratios);
        return hwv_fail(error, HWV_ERR_MEMORY, "out of memory: timing of %zu rounds", rounds);
    }
    for (size_t c = 0; c < count; c++)
        candidates[c].repeats = choose_repeats(&candidates[c], round_seconds);
    for (size_t r = 0; r < rounds; r++)
        for (size_t c = 0; c < count; c++)
            seconds[c * rounds + r] =
                time_undisturbed(&candidates[c], candidates[c].repeats) / (double)candidates[c].repeats;
    /* From the last candidate down: the median below reorders a row, and row 0 is needed to the end. */
    for (size_t c = count; c-- > 0;) {
        double *own = seconds + c * rounds;
        for (size_t r = 0; r < rounds; r++)
            ratios[r] = own[r] > 0.0 ? seconds[r] / own[r] : 1.0;
        candidates[c].ratio = hwv_median_interval(ratios, rounds, &candidates[c].ratio_low, &candidates[c].ratio_high);
        candidates[c].seconds = hwv_median(own, rounds);
    }
    hwv_free(seconds);
    hwv_free(ratios);
    return HWV_OK;
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Picking a learning rate on short runs; the rule is in halfwave/train.h. */
#include <math.h>

#include "halfwave/clock.h"
#include "halfwave/memory.h"
#include "train/trainer.h"

#define FEWEST_STEPS ((size_t)100)
#define MOST_STEPS   ((size_t)300)

enum { AROUND = 2 }; /* rates on either side of the centre */

static const double grid[] = {1e-7, 3e-7, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3,
                              0.01, 0.03, 0.1,  0.3,  1,    3,    10,   30,   100,  300};
/* The search may move this far from its centre. */
enum { GRID = sizeof grid / sizeof grid[0], REACH = AROUND + HWV_RATE_FURTHER };

typedef struct search {
    const hwv_data *data;
    hwv_train_options options;
    hwv_model model;
    hwv_rate_watch *watch;
    void *self;
    size_t steps;        /* of a run; the same for all */
    double losses[GRID]; /* by position in the grid; NAN: not tried */
} search;

static int centre(const hwv_optimizer_options *o)
{
    double ideal = o->optimizer == HWV_OPTIMIZER_SGD ? 0.3 * (1 - o->momentum) : 1e-3;
    int nearest = REACH;
    for (int i = REACH; i < GRID - REACH; i++)
        if (fabs(log(grid[i] / ideal)) < fabs(log(grid[nearest] / ideal)))
            nearest = i;
    return nearest;
}

/* Steps of a trial for a real run of `whole`. */
static size_t trial_steps(size_t whole)
{
    size_t steps = whole / 4;
    steps = steps < FEWEST_STEPS ? FEWEST_STEPS : steps > MOST_STEPS ? MOST_STEPS : steps;
    return steps < whole ? steps : whole;
}

/* One short run; *loss is the mean of its last quarter, INFINITY when it diverged. */
static hwv_status run(search *s, double rate, size_t seed, double *loss, hwv_error *error)
{
    hwv_train_options options = s->options;
    options.optimizer.lr = rate;
    options.seed += HWV_RATE_SEED_OFFSET + seed;
    hwv_trainer *trainer;
    HWV_TRY(hwv_trainer_create(&trainer, &s->model, s->data, &options, NULL, error));
    s->steps = trial_steps(trainer->limit);
    size_t window = (s->steps + 3) / 4;
    double sum = 0;
    hwv_status status = HWV_OK;
    for (size_t step = 0; step < s->steps && status == HWV_OK; step++) {
        double now;
        status = hwv_trainer_step(trainer, &now, error);
        if (step >= s->steps - window)
            sum += now;
        if (s->watch != NULL)
            s->watch(s->self, rate, (double)(seed * s->steps + step + 1) / (double)(HWV_RATE_SEEDS * s->steps));
        if (status == HWV_OK && options.interrupt != NULL && *options.interrupt != 0)
            status = hwv_fail(error, HWV_ERR_INTERRUPTED, "interrupted while a learning rate was picked");
    }
    hwv_trainer_destroy(trainer);
    *loss = status == HWV_OK ? sum / (double)window : (double)INFINITY;
    return status == HWV_ERR_NUMERIC ? HWV_OK : status;
}

static hwv_status try_rate(search *s, int position, hwv_error *error)
{
    double losses[HWV_RATE_SEEDS];
    for (size_t seed = 0; seed < HWV_RATE_SEEDS; seed++) {
        HWV_TRY(run(s, grid[position], seed, &losses[seed], error));
        if (!isfinite(losses[seed])) {
            s->losses[position] = (double)INFINITY;
            return HWV_OK;
        }
    }
    s->losses[position] = hwv_median(losses, HWV_RATE_SEEDS);
    return HWV_OK;
}

/* Of the positions first .. last; the first of equals, also when all diverged. */
static int best_of(const search *s, int first, int last)
{
    int best = first;
    for (int i = first + 1; i <= last; i++)
        if (s->losses[i] < s->losses[best])
            best = i;
    return best;
}

/* In the loss of guessing, which is 1. */
static double relative_loss(const search *s, int position)
{
    return s->losses[position] / log((double)s->data->classes);
}

static hwv_status search_all(search *s, hwv_rate_search *out, hwv_error *error)
{
    int middle = centre(&s->options.optimizer), first = middle - AROUND, last = middle + AROUND;
    for (int i = first; i <= last; i++)
        HWV_TRY(try_rate(s, i, error));
    int best = best_of(s, first, last);
    for (int further = 0; further < HWV_RATE_FURTHER; further++) {
        bool lost = relative_loss(s, best) > 0.98;
        bool down = lost || best == first, up = (lost || best == last) && relative_loss(s, last) < 1.1;
        if (down)
            HWV_TRY(try_rate(s, --first, error));
        if (up)
            HWV_TRY(try_rate(s, ++last, error));
        best = best_of(s, first, last);
    }
    out->learned = relative_loss(s, best) <= 0.98;
    out->rate = grid[out->learned || !isfinite(s->losses[middle]) ? best : middle];
    for (int i = first; i <= last; i++)
        out->trials[out->trial_count++] = (hwv_rate_trial){grid[i], s->losses[i]};
    if (!isfinite(s->losses[best]))
        return hwv_fail(error, HWV_ERR_NUMERIC, "training diverges at every rate tried, %g to %g", grid[first],
                        grid[last]);
    return HWV_OK;
}

hwv_status hwv_rate_pick(hwv_rate_search *out, const char *notation, const hwv_model_options *model,
                         const hwv_data *data, const hwv_train_options *options, hwv_rate_watch *watch, void *self,
                         hwv_error *error)
{
    search s = {.data = data, .options = *options, .watch = watch, .self = self};
    *out = (hwv_rate_search){0};
    s.options.until_train_error = 0;
    s.options.checkpoint = NULL;
    s.options.log = NULL;
    HWV_TRY(hwv_model_build(&s.model, notation, model, error));
    hwv_status status = search_all(&s, out, error);
    out->steps = s.steps;
    hwv_model_free(&s.model);
    return status;
}

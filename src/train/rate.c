/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Picking a learning rate on short runs; the rule is in halfwave/train.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/clock.h"
#include "halfwave/memory.h"
#include "train/trainer.h"

#define FEWEST_STEPS  ((size_t)100)
#define MOST_STEPS    ((size_t)300)
#define MOST_DOUBLING 2

/* Positions in the grid of rates, four in a decade: 1, 2, 3, 5; the coarse grid has every second one. */
enum { COARSE = 2, DECADE = 4, ONE = 8 * DECADE, GRID = 12 * DECADE, REACH = COARSE * (1 + HWV_RATE_FURTHER) + 1 };

typedef struct search {
    const hwv_data *data;
    hwv_train_options options;
    hwv_model *model;
    size_t elements;
    float *weights, *first; /* of the model; and those of a model of a network, where every run begins */
    hwv_rate_watch *watch;
    void *self;
    size_t whole, steps; /* of the real run, of a trial */
    double losses[GRID]; /* by position; NAN: not tried */
} search;

/* The decimal's double: mantissa and power are exact, one operation rounds. */
static double rate_at(int position)
{
    static const double mantissa[DECADE] = {1, 2, 3, 5};
    double power = 1;
    int decade = position / DECADE - ONE / DECADE;
    for (int i = 0; i < abs(decade); i++)
        power *= 10;
    return decade < 0 ? mantissa[position % DECADE] / power : mantissa[position % DECADE] * power;
}

static int centre(const hwv_optimizer_options *o)
{
    double ideal = o->optimizer == HWV_OPTIMIZER_SGD ? 0.3 * (1 - o->momentum) : 1e-3;
    int first = (REACH + COARSE - 1) / COARSE * COARSE, nearest = first;
    for (int i = first; i < GRID - REACH; i += COARSE)
        if (fabs(log(rate_at(i) / ideal)) < fabs(log(rate_at(nearest) / ideal)))
            nearest = i;
    return nearest;
}

static size_t trial_steps(size_t whole, int doubling)
{
    size_t steps = whole / 4;
    steps = steps < FEWEST_STEPS ? FEWEST_STEPS : steps > MOST_STEPS ? MOST_STEPS : steps;
    steps <<= doubling;
    return steps < whole ? steps : whole;
}

static void weights_restore(const search *s)
{
    if (s->first)
        memcpy(s->weights, s->first, s->elements * sizeof *s->weights);
}

/* A trainer initialises other models. */
static hwv_status weights_keep(search *s, hwv_error *error)
{
    s->weights = hwv_weights_block(s->model->weights, &s->elements);
    if (!s->model->of_network)
        return HWV_OK;
    s->first = hwv_calloc(s->elements, sizeof *s->first);
    if (s->first == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the weights that a search begins with");
    memcpy(s->first, s->weights, s->elements * sizeof *s->first);
    return HWV_OK;
}

/* One short run; *loss is the mean of its last quarter, INFINITY when it diverged. */
static hwv_status run(search *s, double rate, size_t seed, double *loss, hwv_error *error)
{
    hwv_train_options options = s->options;
    options.optimizer.lr = rate;
    options.seed += HWV_RATE_SEED_OFFSET + seed;
    hwv_trainer *trainer;
    HWV_TRY(hwv_trainer_create(&trainer, s->model, s->data, &options, NULL, error));
    weights_restore(s);
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
        HWV_TRY(run(s, rate_at(position), seed, &losses[seed], error));
        if (!isfinite(losses[seed])) {
            s->losses[position] = (double)INFINITY;
            return HWV_OK;
        }
    }
    s->losses[position] = hwv_median(losses, HWV_RATE_SEEDS);
    return HWV_OK;
}

/* The lowest loss of those tried; of equals the smallest rate. */
static int lowest(const search *s)
{
    int best = -1;
    for (int i = 0; i < GRID; i++)
        if (!isnan(s->losses[i]) && (best < 0 || s->losses[i] < s->losses[best]))
            best = i;
    return best;
}

/* In the loss of guessing, which is 1. */
static double relative_loss(const search *s, int position)
{
    return s->losses[position] / log((double)s->data->classes);
}

/* What to take: away from the edge, in the middle of what is equally good. */
static int prudent(const search *s)
{
    search safe = *s;
    for (int i = 0; i + 1 < GRID; i++)
        if (s->losses[i + 1] == (double)INFINITY)
            safe.losses[i] = (double)INFINITY;
    int best = lowest(&safe), tried[GRID], first = -1, last = -1, count = 0;
    double least = safe.losses[best], gained = log((double)s->data->classes) - least;
    if (!isfinite(least))
        return lowest(s);
    double level = least + 0.1 * (gained > 0 && gained < least ? gained : least);
    for (int i = 0; i < GRID; i++) {
        if (!isfinite(safe.losses[i]))
            continue;
        if (safe.losses[i] <= level) {
            first = first < 0 ? count : first;
            last = count;
        }
        tried[count++] = i;
    }
    return tried[(first + last) / 2];
}

static bool lost(const search *s, int best)
{
    return !(relative_loss(s, best) <= 0.98);
}

/* Whether a rate does harm: its loss is well above that of guessing. */
static bool harms(const search *s, int position)
{
    return !(relative_loss(s, position) < 1.1);
}

/* Around the centre, and beyond it where that helps. both: in both directions while nothing is learned. */
static hwv_status search_coarse(search *s, int middle, bool both, hwv_error *error)
{
    int first = middle - COARSE, last = middle + COARSE;
    for (int i = first; i <= last; i += COARSE)
        HWV_TRY(try_rate(s, i, error));
    for (int further = 0; further < HWV_RATE_FURTHER; further++) {
        int best = lowest(s);
        bool any = both && lost(s, best);
        bool down = any || best == first, up = (any || best == last) && !harms(s, last);
        if (down)
            HWV_TRY(try_rate(s, first -= COARSE, error));
        if (up)
            HWV_TRY(try_rate(s, last += COARSE, error));
    }
    return HWV_OK;
}

static hwv_status search_all(search *s, int middle, hwv_error *error)
{
    for (int doubling = 0; doubling <= MOST_DOUBLING; doubling++) {
        if (doubling > 0 && s->steps == s->whole)
            break;
        s->steps = trial_steps(s->whole, doubling);
        for (int i = 0; i < GRID; i++)
            s->losses[i] = (double)NAN;
        HWV_TRY(search_coarse(s, middle, doubling == 0, error));
        int best = lowest(s);
        if (lost(s, best))
            continue;
        HWV_TRY(try_rate(s, best - 1, error));
        return try_rate(s, best + 1, error);
    }
    return HWV_OK;
}

static hwv_status conclude(const search *s, int middle, hwv_rate_search *out, hwv_error *error)
{
    int best = prudent(s);
    out->steps = s->steps;
    out->learned = !lost(s, best);
    out->rate = rate_at(out->learned || harms(s, middle) ? best : middle);
    for (int i = 0; i < GRID; i++)
        if (!isnan(s->losses[i]))
            out->trials[out->trial_count++] = (hwv_rate_trial){rate_at(i), s->losses[i]};
    if (!isfinite(s->losses[best]))
        return hwv_fail(error, HWV_ERR_NUMERIC, "training diverges at every rate tried, %g to %g", out->trials[0].rate,
                        out->trials[out->trial_count - 1].rate);
    return HWV_OK;
}

/* Checks the options, too. */
static hwv_status whole_steps(search *s, hwv_error *error)
{
    hwv_trainer *trainer;
    s->options.optimizer.lr = 0;
    HWV_TRY(hwv_trainer_create(&trainer, s->model, s->data, &s->options, NULL, error));
    s->whole = trainer->limit;
    hwv_trainer_destroy(trainer);
    return HWV_OK;
}

hwv_status hwv_rate_pick(hwv_rate_search *out, hwv_model *model, const hwv_data *data, const hwv_train_options *options,
                         hwv_rate_watch *watch, void *self, hwv_error *error)
{
    search s = {.data = data, .options = *options, .model = model, .watch = watch, .self = self};
    *out = (hwv_rate_search){0};
    s.options.until_train_error = 0;
    s.options.checkpoint = NULL;
    s.options.log = NULL;
    int middle = centre(&options->optimizer);
    hwv_status status = weights_keep(&s, error);
    if (status == HWV_OK)
        status = whole_steps(&s, error);
    if (status == HWV_OK)
        status = search_all(&s, middle, error);
    if (status == HWV_OK)
        status = conclude(&s, middle, out, error);
    weights_restore(&s);
    hwv_free(s.first);
    return status;
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Optimisers: what does not depend on the element is worked out here in double, the rest are kernels. */
#include "train/optimizer.h"

#include <math.h>

size_t hwv_optimizer_moments(const hwv_optimizer_options *options)
{
    static const size_t moments[HWV_OPTIMIZER_COUNT] = {
#define MOMENTS(NAME, name, count, sentence) [HWV_OPTIMIZER_##NAME] = (count),
        HWV_OPTIMIZER_LIST(MOMENTS)};
    return options->optimizer == HWV_OPTIMIZER_SGD && options->momentum == 0 ? 0 : moments[options->optimizer];
}

/* low <= value < high, or up to high itself; NaN is refused. */
static hwv_status in_range(const char *name, double value, double low, double high, bool high_too, hwv_error *error)
{
    if (value >= low && (value < high || (high_too && value == high)))
        return HWV_OK;
    return hwv_fail(error, HWV_ERR_ARGUMENT, "%s is %g; %g <= %s %s %g is accepted", name, value, low, name,
                    high_too ? "<=" : "<", high);
}

/* Milestones passed after t steps. */
static size_t milestones_passed(const hwv_optimizer_options *o, size_t t)
{
    size_t passed = 0;
    while (passed < HWV_MILESTONES && o->milestones[passed] > 0 && o->milestones[passed] <= t)
        passed++;
    return passed;
}

static hwv_status milestones_check(const hwv_optimizer_options *o, hwv_error *error)
{
    for (size_t i = 1; i < HWV_MILESTONES && o->milestones[i] > 0; i++)
        if (o->milestones[i] <= o->milestones[i - 1])
            return hwv_fail(error, HWV_ERR_ARGUMENT, "milestone %zu comes after %zu; ascending steps are accepted",
                            o->milestones[i], o->milestones[i - 1]);
    return o->milestones[0] > 0 ? HWV_OK
                                : hwv_fail(error, HWV_ERR_ARGUMENT,
                                           "the multi_step schedule needs milestones: 1 to %d steps at which the "
                                           "rate changes",
                                           HWV_MILESTONES);
}

hwv_status hwv_optimizer_check(const hwv_optimizer_options *o, hwv_error *error)
{
    const double most = 1e30; /* fits a float with room to spare */
    if ((size_t)o->optimizer >= HWV_OPTIMIZER_COUNT || (size_t)o->schedule >= HWV_SCHEDULE_COUNT)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "optimizer %d, schedule %d: there is no such number",
                        (int)o->optimizer, (int)o->schedule);
    HWV_TRY(in_range("lr", o->lr, 0, most, true, error));
    HWV_TRY(in_range("momentum", o->momentum, 0, 1, false, error));
    HWV_TRY(in_range("weight decay", o->weight_decay, 0, most, true, error));
    HWV_TRY(in_range("clip", o->clip, 0, most, true, error));
    if (o->optimizer != HWV_OPTIMIZER_SGD) {
        HWV_TRY(in_range("beta1", o->beta1, 0, 1, false, error));
        HWV_TRY(in_range("beta2", o->beta2, 0, 1, false, error));
        HWV_TRY(in_range("eps", o->eps, 1e-30, 1, true, error));
    }
    if (o->optimizer == HWV_OPTIMIZER_SGD && o->nesterov && o->momentum == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "nesterov needs a momentum above 0");
    if (o->schedule == HWV_SCHEDULE_STEP || o->schedule == HWV_SCHEDULE_MULTI_STEP)
        HWV_TRY(in_range("gamma", o->gamma, 0, most, true, error));
    if (o->schedule == HWV_SCHEDULE_STEP && o->step_every == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "the step schedule needs the number of steps between two changes");
    if (o->schedule == HWV_SCHEDULE_MULTI_STEP)
        HWV_TRY(milestones_check(o, error));
    if (o->schedule == HWV_SCHEDULE_COSINE && !isnan(o->lr_min))
        HWV_TRY(in_range("the smallest lr", o->lr_min, 0, most, true, error));
    return HWV_OK;
}

double hwv_schedule_least(const hwv_optimizer_options *o)
{
    return isnan(o->lr_min) ? o->lr / 10 : o->lr_min;
}

double hwv_schedule_rate(const hwv_optimizer_options *o, size_t t, size_t total)
{
    const double pi = 3.14159265358979323846, least = hwv_schedule_least(o);
    if (t < o->warmup)
        return o->lr * (double)(o->warmup_from_zero ? t : t + 1) / (double)o->warmup;
    switch (o->schedule) {
    case HWV_SCHEDULE_STEP:
        return o->step_every > 0 ? o->lr * pow(o->gamma, (double)(t / o->step_every)) : o->lr;
    case HWV_SCHEDULE_MULTI_STEP:
        return o->lr * pow(o->gamma, (double)milestones_passed(o, t));
    case HWV_SCHEDULE_COSINE:
        if (t >= total)
            return least;
        return least + (o->lr - least) / 2 * (1 + cos(pi * (double)(t - o->warmup) / (double)(total - o->warmup)));
    case HWV_SCHEDULE_CONSTANT:
    case HWV_SCHEDULE_COUNT:
    default:
        return o->lr;
    }
}

hwv_update hwv_update_make(const hwv_optimizer_options *o, double rate, size_t step, bool decay)
{
    const bool apart = o->optimizer == HWV_OPTIMIZER_ADAMW; /* the decay of a step of its own */
    hwv_update update = {.first = step <= 1,
                         .scale = 1.0f,
                         .decay = decay && !apart ? (float)o->weight_decay : 0.0f,
                         .shrink = decay && apart ? (float)(1 - rate * o->weight_decay) : 1.0f};
    if (o->optimizer != HWV_OPTIMIZER_SGD) {
        double t = (double)step;
        update.beta1 = (float)o->beta1;
        update.beta2 = (float)o->beta2;
        update.one_minus_beta1 = (float)(1 - o->beta1);
        update.one_minus_beta2 = (float)(1 - o->beta2);
        update.eps = (float)o->eps;
        update.rate = (float)(rate / (1 - pow(o->beta1, t)));
        update.root_correction = (float)sqrt(1 - pow(o->beta2, t));
    } else {
        update.rule = o->momentum == 0 ? HWV_SGD_PLAIN : o->nesterov ? HWV_SGD_NESTEROV : HWV_SGD_MOMENTUM;
        update.momentum = (float)o->momentum;
        update.rate = (float)rate;
    }
    return update;
}

bool hwv_update_run(hwv_optimizer optimizer, const hwv_update *update, float *p, const float *g, float *moment1,
                    float *moment2, size_t n)
{
    const hwv_train_kernels *kernels = hwv_train_kernels_current();
    if (optimizer != HWV_OPTIMIZER_SGD)
        return kernels->adam(update, p, g, moment1, moment2, n);
    return kernels->sgd(update, p, g, moment1, n);
}

void hwv_optimizer_update(const hwv_optimizer_options *options, double rate, size_t step, bool decay, float *parameters,
                          const float *gradients, float *moment1, float *moment2, size_t n)
{
    hwv_update update = hwv_update_make(options, rate, step, decay);
    (void)hwv_update_run(options->optimizer, &update, parameters, gradients, moment1, moment2, n);
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Names of optimisers and schedules. */
#include "train/names.h"

#include <stdio.h>
#include <string.h>

#include "halfwave/text.h"
#include "halfwave/train.h"

hwv_status hwv_list_find(size_t *position, const char *what, const char *name, const char *const *names, size_t count,
                         hwv_error *error)
{
    char list[200] = "", hint[64] = "";
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            *position = i;
            return HWV_OK;
        }
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    size_t nearest = hwv_name_nearest(name, names, count);
    if (nearest < count)
        snprintf(hint, sizeof hint, ", did you mean '%s'?", names[nearest]);
    return hwv_fail(error, HWV_ERR_NAME, "unknown %s '%.60s'%s (%s)", what, name, hint, list);
}

static const char *const optimizers[HWV_OPTIMIZER_COUNT] = {
#define OPTIMIZER(NAME, name, moments, sentence) [HWV_OPTIMIZER_##NAME] = #name,
    HWV_OPTIMIZER_LIST(OPTIMIZER)};

static const char *const schedules[HWV_SCHEDULE_COUNT] = {
#define SCHEDULE(NAME, name, sentence) [HWV_SCHEDULE_##NAME] = #name,
    HWV_SCHEDULE_LIST(SCHEDULE)};

hwv_status hwv_optimizer_find(hwv_optimizer *optimizer, const char *name, hwv_error *error)
{
    size_t position;
    HWV_TRY(hwv_list_find(&position, "optimizer", name, optimizers, HWV_OPTIMIZER_COUNT, error));
    *optimizer = (hwv_optimizer)position;
    return HWV_OK;
}

hwv_status hwv_schedule_find(hwv_schedule *schedule, const char *name, hwv_error *error)
{
    size_t position;
    HWV_TRY(hwv_list_find(&position, "schedule", name, schedules, HWV_SCHEDULE_COUNT, error));
    *schedule = (hwv_schedule)position;
    return HWV_OK;
}

const char *hwv_optimizer_name(hwv_optimizer optimizer)
{
    size_t i = (size_t)optimizer;
    return i < HWV_OPTIMIZER_COUNT ? optimizers[i] : "unknown";
}

const char *hwv_schedule_name(hwv_schedule schedule)
{
    size_t i = (size_t)schedule;
    return i < HWV_SCHEDULE_COUNT ? schedules[i] : "unknown";
}

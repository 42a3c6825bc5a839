/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Names of optimisers, schedules, cures and ways to convolve. */
#include "halfwave/text.h"
#include "halfwave/train.h"

static const char *const optimizers[HWV_OPTIMIZER_COUNT] = {
#define OPTIMIZER(NAME, name, moments, sentence) [HWV_OPTIMIZER_##NAME] = #name,
    HWV_OPTIMIZER_LIST(OPTIMIZER)};

static const char *const schedules[HWV_SCHEDULE_COUNT] = {
#define SCHEDULE(NAME, name, sentence) [HWV_SCHEDULE_##NAME] = #name,
    HWV_SCHEDULE_LIST(SCHEDULE)};

static const char *const cures[HWV_CURE_COUNT] = {
#define CURE(NAME, name, sentence) [HWV_CURE_##NAME] = #name,
    HWV_CURE_LIST(CURE)};

static const char *const convolutions[HWV_CONVOLUTION_COUNT] = {
#define CONVOLUTION(NAME, name, sentence) [HWV_CONVOLUTION_##NAME] = #name,
    HWV_CONVOLUTION_LIST(CONVOLUTION)};

hwv_status hwv_optimizer_find(hwv_optimizer *optimizer, const char *name, hwv_error *error)
{
    size_t position;
    HWV_TRY(hwv_name_find(&position, "optimizer", name, optimizers, HWV_OPTIMIZER_COUNT, error));
    *optimizer = (hwv_optimizer)position;
    return HWV_OK;
}

hwv_status hwv_schedule_find(hwv_schedule *schedule, const char *name, hwv_error *error)
{
    size_t position;
    HWV_TRY(hwv_name_find(&position, "schedule", name, schedules, HWV_SCHEDULE_COUNT, error));
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

hwv_status hwv_cure_find(hwv_cure *cure, const char *name, hwv_error *error)
{
    size_t position;
    HWV_TRY(hwv_name_find(&position, "cure", name, cures, HWV_CURE_COUNT, error));
    *cure = (hwv_cure)position;
    return HWV_OK;
}

const char *hwv_cure_name(hwv_cure cure)
{
    size_t i = (size_t)cure;
    return i < HWV_CURE_COUNT ? cures[i] : "unknown";
}

hwv_status hwv_convolution_find(hwv_convolution *convolution, const char *name, hwv_error *error)
{
    size_t position;
    HWV_TRY(hwv_name_find(&position, "convolution", name, convolutions, HWV_CONVOLUTION_COUNT, error));
    *convolution = (hwv_convolution)position;
    return HWV_OK;
}

const char *hwv_convolution_name(hwv_convolution convolution)
{
    size_t i = (size_t)convolution;
    return i < HWV_CONVOLUTION_COUNT ? convolutions[i] : "unknown";
}

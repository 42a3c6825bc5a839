/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Names that stand for a notation. `classes` is the number of classes of the data. */
#include "halfwave/model.h"
#include "model/notation.h"

static const struct {
    const char *name, *notation, *sentence;
} zoo[] = {
    {"mlp", "fc 128; act; fc 64; act; fc classes", "two hidden layers, for digits and tables"},
    {"lenet", "conv 5 32; act; pool 2; conv 5 64; act; pool 2; fc 512; act; fc classes",
     "two convolutions and a hidden layer, for grey images of about 28 x 28"},
};

_Static_assert(sizeof zoo / sizeof zoo[0] <= HWV_WORDS_MAX / 2, "HWV_WORDS_MAX is too small");

size_t hwv_zoo_count(void)
{
    return sizeof zoo / sizeof zoo[0];
}

const char *hwv_zoo_name(size_t i)
{
    return i < hwv_zoo_count() ? zoo[i].name : NULL;
}

const char *hwv_zoo_notation(size_t i)
{
    return i < hwv_zoo_count() ? zoo[i].notation : NULL;
}

const char *hwv_zoo_sentence(size_t i)
{
    return i < hwv_zoo_count() ? zoo[i].sentence : NULL;
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Names that stand for a notation. `classes` is the number of classes of the data. */
#include "halfwave/model.h"
#include "model/notation.h"

/* Blocks of a transformer, with norms in front of what is added, or behind the sums as they first were. */
#define BLOCK(attn, wide, width)      "res { norm; " attn " }; res { norm; fc " wide "; act; fc " width " }; "
#define POST_BLOCK(attn, wide, width) "res { " attn " }; norm; res { fc " wide "; act; fc " width " }; norm; "
#define GPT_BLOCK                     BLOCK("attn 4 causal", "512", "128")
#define GPT_POST_BLOCK                POST_BLOCK("attn 4 causal", "512", "128")
#define VIT_BLOCK                     BLOCK("attn 4", "256", "64")
#define CONV(filters)                 "conv 3 " filters "; bn; act; "
#define RES(filters, stride)          "res { conv 3 " filters stride "; bn; act; conv 3 " filters "; bn }; act; "

static const struct {
    const char *name, *notation, *sentence;
} zoo[] = {
    {"mlp", "fc 128; act; fc 64; act; fc classes", "two hidden layers, for digits and tables"},
    {"lenet", "conv 5 32; act; pool 2; conv 5 64; act; pool 2; fc 512; act; fc classes",
     "two convolutions and a hidden layer, for grey images of about 28 x 28"},
    {"vgg-small",
     CONV("32") CONV("32") "pool 2; " CONV("64") CONV("64") "pool 2; " CONV("128") CONV("128") "pool 2; fc classes",
     "six convolutions with batch norm, for colour images of about 32 x 32"},
    {"resnet-small", CONV("16") RES("16", "") RES("32", " stride 2") RES("64", " stride 2") "gap; fc classes",
     "eight layers in residual blocks, for colour images of about 32 x 32"},
    {"char-gpt", "embed 128; pos; " GPT_BLOCK GPT_BLOCK GPT_BLOCK GPT_BLOCK "norm; unembed",
     "a transformer of four blocks that foretells the next character of a text"},
    {"char-gpt-post", "embed 128; pos; " GPT_POST_BLOCK GPT_POST_BLOCK GPT_POST_BLOCK GPT_POST_BLOCK "unembed",
     "the same with norms behind the sums instead of in front of what is added"},
    {"vit-tiny", "patch 4 64; pos; " VIT_BLOCK VIT_BLOCK VIT_BLOCK VIT_BLOCK "norm; gap; fc classes",
     "a transformer of four blocks, for small images cut into squares of 4 x 4"},
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

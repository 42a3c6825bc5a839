/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The words of the layer notation and what each of them builds. */
#include "model/builder.h"
#include "model/notation.h"

#include <stdio.h>
#include <string.h>

/* flatten: nothing to do where the data is flat already. */
static hwv_status flatten(hwv_builder *builder)
{
    char name[64];
    if (hwv_builder_shape(builder)->rank == 2)
        return HWV_OK;
    builder->sequence = false;
    hwv_builder_name(builder, HWV_NODE_FLATTEN, "flatten", name);
    return hwv_builder_node(builder, HWV_NODE_FLATTEN, name, NULL, HWV_NO_ID);
}

static hwv_status parse_flatten(hwv_builder *builder)
{
    return flatten(builder);
}

hwv_status hwv_builder_fc(hwv_builder *builder, const char *name, size_t out)
{
    const hwv_shape *x = hwv_builder_shape(builder);
    const hwv_shape matrix = {.rank = 2, .dim = {out, x->dim[x->rank - 1]}}, one = {.rank = 1, .dim = {out}};
    char product[80];
    hwv_id weight, bias;
    snprintf(product, sizeof product, "%s.product", name);
    HWV_TRY(hwv_builder_parameter(builder, name, "weight", &matrix, true, &weight));
    HWV_TRY(hwv_builder_parameter(builder, name, "bias", &one, true, &bias));
    HWV_TRY(hwv_builder_node(builder, HWV_NODE_DENSE, product, NULL, weight));
    return hwv_builder_node(builder, HWV_NODE_BIAS, name, NULL, bias);
}

/* fc N: flatten if needed; on a sequence the same for each position. In front of a bare act that is a gated pair it has
 * outputs for both halves: other than its number says, which no change of the notation must touch. */
static hwv_status parse_fc(hwv_builder *builder)
{
    size_t out;
    char name[64];
    HWV_TRY(hwv_builder_size(builder, "fc N: the number of outputs", &out));
    const bool widened = hwv_builder_gate_follows(builder);
    if (widened) {
        out = hwv_builder_gate_outputs(out);
        builder->place->size = (hwv_words){0};
    }
    if (!builder->sequence)
        HWV_TRY(flatten(builder));
    hwv_builder_name(builder, HWV_NODE_DENSE, "fc", name);
    HWV_TRY(hwv_builder_fc(builder, name, out));
    builder->widened = widened ? builder->value : HWV_NO_ID;
    return HWV_OK;
}

static const hwv_layer layers[] = {
    {"fc", "fc N", parse_fc},
    {"act", "act [NAME[(PARAMETER=VALUE)]]", hwv_layer_act},
    {"flatten", "flatten", parse_flatten},
    {"conv", "conv K C [valid] [stride S] [groups G] [nobias]", hwv_layer_conv},
    {"pool", "pool K [stride S] [pad P]", hwv_layer_pool},
    {"avgpool", "avgpool K [stride S] [pad P]", hwv_layer_avgpool},
    {"gap", "gap", hwv_layer_gap},
    {"bn", "bn", hwv_builder_bn},
    {"ln", "ln", hwv_layer_ln},
    {"rms", "rms", hwv_layer_rms},
    {"norm", "norm", hwv_layer_bare_norm},
    {"drop", "drop SHARE", hwv_layer_drop},
    {"res", "res { LAYERS }", hwv_layer_res},
    {"embed", "embed N", hwv_layer_embed},
    {"patch", "patch K C", hwv_layer_patch},
    {"pos", "pos", hwv_layer_pos},
    {"attn", "attn H [causal]", hwv_layer_attn},
    {"unembed", "unembed", hwv_layer_unembed},
};

_Static_assert(sizeof layers / sizeof layers[0] <= HWV_WORDS_MAX / 2, "HWV_WORDS_MAX is too small");

size_t hwv_layer_count(void)
{
    return sizeof layers / sizeof layers[0];
}

const hwv_layer *hwv_layer_get(size_t i)
{
    return &layers[i];
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The table of node kinds, from nodes.def. */
#include "graph/kind.h"

static const hwv_kind kinds[] = {
#define HWV_NODE(NUMBER, NAME, name, LEAST, MOST, OUTPUTS, ONNX, OPSET, SENTENCE)                                      \
    {HWV_NODE_##NAME,                                                                                                  \
     #name,                                                                                                            \
     LEAST,                                                                                                            \
     MOST,                                                                                                             \
     OUTPUTS,                                                                                                          \
     ONNX,                                                                                                             \
     OPSET,                                                                                                            \
     SENTENCE,                                                                                                         \
     hwv_node_##name##_infer,                                                                                          \
     hwv_node_##name##_plan,                                                                                           \
     hwv_node_##name##_forward,                                                                                        \
     hwv_node_##name##_backward,                                                                                       \
     hwv_node_##name##_reference,                                                                                      \
     hwv_node_##name##_example},
#include "halfwave/nodes.def"
#undef HWV_NODE
};

#define HWV_NODE(NUMBER, NAME, name, LEAST, MOST, OUTPUTS, ...)                                                        \
    _Static_assert((LEAST) >= 1 && (LEAST) <= (MOST) && (MOST) <= HWV_MAX_INPUTS, #name ": inputs");                   \
    _Static_assert((OUTPUTS) >= 1 && (OUTPUTS) <= HWV_MAX_OUTPUTS, #name ": outputs");
#include "halfwave/nodes.def"
#undef HWV_NODE

size_t hwv_kind_count(void)
{
    return sizeof kinds / sizeof kinds[0];
}

const hwv_kind *hwv_kind_get(size_t i)
{
    return i < hwv_kind_count() ? &kinds[i] : NULL;
}

const hwv_kind *hwv_kind_row(hwv_node_kind kind)
{
    for (size_t i = 0; i < hwv_kind_count(); i++)
        if (kinds[i].kind == kind)
            return &kinds[i];
    return NULL;
}

const char *hwv_node_kind_name(hwv_node_kind kind)
{
    const hwv_kind *row = hwv_kind_row(kind);
    return row ? row->name : "unknown";
}

bool hwv_node_activates(const hwv_node *node, hwv_act *act)
{
    const bool gate = node->kind == HWV_NODE_GATE;
    if (act && gate)
        *act = hwv_act_make(hwv_gate_get((size_t)node->attributes.gate)->op);
    else if (act && node->kind == HWV_NODE_ACTIVATION)
        *act = node->attributes.act;
    return gate || node->kind == HWV_NODE_ACTIVATION;
}

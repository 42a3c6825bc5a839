/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gated pairs: the rows of gates.def as data, and the calls. */
#include "act/checked.h"
#include "act/gated.h"
#include "base/built.h"
#include "halfwave/text.h"

#define ENTRY(name) [HWV_ISA_##name] = {&hwv_gated_kernels_f32_##name, &hwv_gated_kernels_f64_##name},
static const hwv_gated_kernels *const sets[HWV_ISA_COUNT][HWV_DTYPES] = {HWV_BUILT_LIST(ENTRY)};
#undef ENTRY

static const hwv_gate_info pairs[] = {
#define HWV_GATE(NUMBER, NAME, name_, OP, op_, FAST, TORCH, FORMULA, SOURCE)                                           \
    [NUMBER] = {.gate = HWV_GATE_##NAME,                                                                               \
                .name = #name_,                                                                                        \
                .op = HWV_OP_##OP,                                                                                     \
                .torch = TORCH,                                                                                        \
                .formula = FORMULA,                                                                                    \
                .source = SOURCE},
#include "halfwave/gates.def"
#undef HWV_GATE
};

const hwv_gate_info *hwv_gate_get(size_t i)
{
    return i < HWV_GATE_END_ ? &pairs[i] : NULL;
}

hwv_status hwv_gate_find(hwv_gate *gate, const char *name, hwv_error *error)
{
    const char *names[HWV_GATE_END_];
    for (size_t i = 0; i < HWV_GATE_END_; i++)
        names[i] = pairs[i].name;
    size_t position;
    HWV_TRY(hwv_name_find(&position, "gated pair", name, names, HWV_GATE_END_, error));
    *gate = pairs[position].gate;
    return HWV_OK;
}

void hwv_gated_forward(hwv_gate kind, hwv_tier tier, hwv_dtype dtype, size_t rows, size_t cols, void *y,
                       size_t y_stride, const void *value, size_t value_stride, const void *gate, size_t gate_stride)
{
    const hwv_gated_args a = {.rows = rows,
                              .cols = cols,
                              .y = y,
                              .y_stride = y_stride,
                              .value = value,
                              .value_stride = value_stride,
                              .gate = gate,
                              .gate_stride = gate_stride};
    assert(hwv_check_gated(kind, tier, dtype, HWV_ARRAYS(HWV_ROWS_OF(y), HWV_ROWS_OF(value), HWV_ROWS_OF(gate)),
                           NULL) == HWV_OK);
    sets[hwv_isa_current()][dtype]->gate[kind].forward[tier](&a);
}

void hwv_gated_backward(hwv_gate kind, hwv_dtype dtype, size_t rows, size_t cols, void *dvalue, size_t dvalue_stride,
                        void *dgate, size_t dgate_stride, const void *dy, size_t dy_stride, const void *value,
                        size_t value_stride, const void *gate, size_t gate_stride)
{
    const hwv_gated_args a = {.rows = rows,
                              .cols = cols,
                              .y = dvalue,
                              .y_stride = dvalue_stride,
                              .dgate = dgate,
                              .dgate_stride = dgate_stride,
                              .dy = dy,
                              .dy_stride = dy_stride,
                              .value = value,
                              .value_stride = value_stride,
                              .gate = gate,
                              .gate_stride = gate_stride};
    assert(hwv_check_gated(kind, HWV_ACCURATE, dtype,
                           HWV_ARRAYS(HWV_ROWS_OF(dvalue), HWV_ROWS_OF(dgate), HWV_ROWS_OF(dy), HWV_ROWS_OF(value),
                                      HWV_ROWS_OF(gate)),
                           NULL) == HWV_OK);
    sets[hwv_isa_current()][dtype]->gate[kind].backward(&a);
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Making a change: one function a treatment. */
#ifndef HWV_CHECK_TREATMENT_H
#define HWV_CHECK_TREATMENT_H

#include "halfwave/fix.h"

typedef struct hwv_treating {
    const hwv_network *network;
    const hwv_diagnosis *diagnosis;
    const hwv_treatment_options *options; /* options->layers: only those */
    const hwv_source *source;             /* for treatments that must look at the data */
    const hwv_executor *executor;
    hwv_change *change;          /* of network, empty at first */
    hwv_layer_treatment *layers; /* of all layers of the network; `layer` is set, the rest is to be filled */
    hwv_error *error;
} hwv_treating;

/* Fills the change and what became of each layer. HWV_OK too when nothing can be done: the reasons say so. */
typedef hwv_status hwv_treatment_make(hwv_treating *treating);
hwv_treatment_make hwv_treat_prune, hwv_treat_recycle, hwv_treat_prelu, hwv_treat_leaky, hwv_treat_bias_shift,
    hwv_treat_insert_norm;

/* Whether layer l is to be treated. Units of gated pairs are left, with that as the reason. */
bool hwv_treating_layer(const hwv_treating *t, size_t l);

/* What layer l is asked for: all its units, or its dead ones (then `unsure` are the silent ones short of evidence); room
 * for as many in `units`. HWV_ERR_MEMORY. */
hwv_status hwv_treating_ask(const hwv_treating *t, size_t l, bool all);
/* One of them is treated; they come in ascending order. */
void hwv_treating_take(const hwv_treating *t, size_t l, size_t unit);
bool hwv_treating_dead(const hwv_treating *t, size_t l, size_t unit);
/* Why units of layer l are left. */
void hwv_treating_refuse(const hwv_treating *t, size_t l, const char *format, ...) HWV_PRINTF(3, 4);

#endif

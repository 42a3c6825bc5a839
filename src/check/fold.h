/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Where a constant that a product adds to its outputs can go instead. */
#ifndef HWV_CHECK_FOLD_H
#define HWV_CHECK_FOLD_H

#include "halfwave/change.h"

typedef enum hwv_fold_kind {
    HWV_FOLD_BIAS, /* added to the parameter of the bias node behind the product */
    HWV_FOLD_MEAN, /* taken off the running mean of the batch norm behind it */
    HWV_FOLD_NEW,  /* the product gets a bias */
    HWV_FOLD_NONE  /* the bias behind it is read elsewhere too, or computed */
} hwv_fold_kind;

typedef struct hwv_fold {
    hwv_fold_kind kind;
    hwv_id value; /* bias or running mean */
} hwv_fold;

hwv_fold hwv_fold_find(const hwv_network *network, hwv_id product);
/* Adds delta[units] to the product's outputs. HWV_ERR_MEMORY. */
hwv_status hwv_fold_add(hwv_change *change, hwv_id product, const double *delta, size_t units, hwv_error *error);

/* How often nodes read a value, the network's outputs too; *node: the first node. */
size_t hwv_value_readers(const hwv_network *network, hwv_id value, hwv_id *node);

#endif

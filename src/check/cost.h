/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a network costs. */
#ifndef HWV_CHECK_COST_H
#define HWV_CHECK_COST_H

#include <stdint.h>

#include "halfwave/network.h"

/* Elements of weights and state. */
uint64_t hwv_network_parameters(const hwv_network *network);
/* Of one sample: 2 a multiply-add of products (dense, conv2d, matmul), 1 an element of a bias behind one. What lies
 * outside an image counts as if it were there. */
uint64_t hwv_network_flops(const hwv_network *network);

#endif

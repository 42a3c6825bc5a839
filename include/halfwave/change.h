/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What is to become of a network, in terms of its graph. Treatments (fix.h) make a change; hwv_onnx_change (onnx.h) and
 * hwv_checkpoint_change (train.h) carry it out on the file that the network came from. */
#ifndef HALFWAVE_CHANGE_H
#define HALFWAVE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/network.h"

HWV_BEGIN

/* Of a value of the graph; everything is in terms of its old shape. Data first, then the cut. */
typedef struct hwv_value_change {
    float *data;                /* of parameters and state: all elements as they shall be; NULL: as they are */
    uint8_t *fresh;             /* of elements: 1 where what an optimiser keeps of them starts anew; NULL: nowhere */
    uint8_t *cut[HWV_MAX_RANK]; /* cut[a][i] 1: index i along axis a is cut out; NULL: none. Values that nodes compute
                                   have them too: every value of the graph is named whose shape becomes another */
} hwv_value_change;

/* An activation node becomes another activation. */
typedef struct hwv_act_change {
    hwv_id node;
    hwv_act act; /* prelu: its slope for every unit */
} hwv_act_change;

/* A product (dense, conv2d) that has no bias gets one; of units before the cut. */
typedef struct hwv_bias_change {
    hwv_id node;
    size_t units;
    float *bias;
} hwv_bias_change;

/* A batch norm with weight 1 and bias 0 comes in front of an activation node: z becomes
 * (z - mean) / sqrt(variance + epsilon). */
typedef struct hwv_norm_change {
    hwv_id node;
    size_t units;
    float *mean, *variance;
    float epsilon;
} hwv_norm_change;

/* Owns its arrays. Zero-initialise; free with hwv_change_free. */
typedef struct hwv_change {
    const hwv_network *network;
    hwv_value_change *values; /* of all values of the graph */
    size_t value_count;
    hwv_act_change *acts;
    hwv_bias_change *biases;
    hwv_norm_change *norms;
    size_t act_count, bias_count, norm_count;
} hwv_change;

/* Nothing is to change yet. network must outlive it. HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_change_create(hwv_change *change, const hwv_network *network, hwv_error *error);
HWV_API void hwv_change_free(hwv_change *change);
HWV_API bool hwv_change_is_empty(const hwv_change *change);

/* Numbers of a parameter or state to be changed: the network's at the first call. NULL: no memory, or a value of another
 * role. */
HWV_API float *hwv_change_data(hwv_change *change, hwv_id value);
/* Writes all numbers of the change into weights of its network's graph: the network's own or a copy. Nothing is cut. */
HWV_API void hwv_change_write(const hwv_change *change, hwv_weights *weights);
/* Marks of its elements, 0 at the first call; NULL as above. */
HWV_API uint8_t *hwv_change_fresh(hwv_change *change, hwv_id value);
/* Marks of an axis of any value, 0 at the first call. NULL: no memory, or no such axis of a known length. */
HWV_API uint8_t *hwv_change_cut(hwv_change *change, hwv_id value, size_t axis);
/* The shape of a value after the cut. */
HWV_API hwv_shape hwv_change_shape(const hwv_change *change, hwv_id value);

/* Adds an entry; arrays of units are zero and to be filled, NULL: no memory. An activation is changed once: the last call
 * holds. */
HWV_API hwv_status hwv_change_act(hwv_change *change, hwv_id node, const hwv_act *act, hwv_error *error);
HWV_API float *hwv_change_bias(hwv_change *change, hwv_id node, size_t units);
HWV_API hwv_norm_change *hwv_change_norm(hwv_change *change, hwv_id node, size_t units, float epsilon);

HWV_END

#endif

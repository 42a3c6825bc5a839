/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Whether samples fit an input of a file. */
#include "halfwave/memory.h"
#include "onnx/model.h"

/* Axis for axis. */
static bool match_axes(hwv_shape *shape, const hwv_onnx_port *port, const size_t *dim, size_t rank)
{
    for (size_t i = 0; i < rank && rank + 1 == port->rank; i++) {
        if (port->dim[i + 1] >= 0 && (size_t)port->dim[i + 1] != dim[i])
            return false;
        shape->dim[i + 1] = dim[i];
    }
    return rank + 1 == port->rank;
}

/* The same when axes of length 1 are not looked at. */
static bool match_squeezed(hwv_shape *shape, const hwv_onnx_port *port, const size_t *dim, size_t rank)
{
    size_t j = 0;
    for (size_t i = 1; i < port->rank; i++) {
        shape->dim[i] = 1;
        if (port->dim[i] == 1)
            continue;
        while (j < rank && dim[j] == 1)
            j++;
        if (j == rank || (port->dim[i] >= 0 && (size_t)port->dim[i] != dim[j]))
            return false;
        shape->dim[i] = dim[j++];
    }
    while (j < rank && dim[j] == 1)
        j++;
    return j == rank;
}

bool hwv_onnx_fit(hwv_shape *shape, const hwv_onnx_port *port, const size_t *dim, size_t rank)
{
    shape->rank = port->rank;
    if (port->rank == 0 || port->rank > HWV_MAX_RANK)
        return false;
    if (match_axes(shape, port, dim, rank) || match_squeezed(shape, port, dim, rank))
        return true;
    if (rank > 1 && port->rank != 2)
        return false;
    for (size_t i = 1; i < port->rank; i++) {
        if (port->dim[i] < 0)
            return false;
        shape->dim[i] = (size_t)port->dim[i];
    }
    return hwv_size_product(dim, rank) == hwv_size_product(shape->dim + 1, port->rank - 1);
}

bool hwv_onnx_fit_channels(const hwv_onnx_port *port, size_t dim[3])
{
    const size_t height = dim[0], width = dim[1], channels = dim[2];
    if (port->rank != 4 || (port->dim[1] >= 0 && (size_t)port->dim[1] != channels))
        return false;
    dim[0] = channels;
    dim[1] = height;
    dim[2] = width;
    return true;
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Where results of fuzz targets go. */
#include "fuzz.h"

volatile size_t fuzz_sink;

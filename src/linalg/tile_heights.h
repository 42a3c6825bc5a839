/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The heights of convolution tiles, as lists for macros. The file that includes this defines ROWS_1 and ROWS_2, the
 * tallest tiles of one and of two vectors. EACH_1(X) is X(1, 1) X(2, 1) ...: all heights to 8, then the even ones;
 * EACH_2(X) is X(1, 2) X(2, 2) ... */
#ifndef HWV_LINALG_TILE_HEIGHTS_H
#define HWV_LINALG_TILE_HEIGHTS_H

#define EACH_TO_4(X, V) X(1, V) X(2, V) X(3, V) X(4, V)
#define EACH_TO_6(X, V) EACH_TO_4(X, V) X(5, V) X(6, V)
#define EACH_TO_8(X, V) EACH_TO_6(X, V) X(7, V) X(8, V)

#if ROWS_1 == 16
#define EACH_1(X) EACH_TO_8(X, 1) X(10, 1) X(12, 1) X(14, 1) X(16, 1)
#elif ROWS_1 == 12
#define EACH_1(X) EACH_TO_8(X, 1) X(10, 1) X(12, 1)
#elif ROWS_1 == 8
#define EACH_1(X) EACH_TO_8(X, 1)
#else
#error "no list of heights for this ROWS_1"
#endif

#if ROWS_2 == 9
#define EACH_2(X) EACH_TO_8(X, 2) X(9, 2)
#elif ROWS_2 == 8
#define EACH_2(X) EACH_TO_8(X, 2)
#elif ROWS_2 == 6
#define EACH_2(X) EACH_TO_6(X, 2)
#elif ROWS_2 == 4
#define EACH_2(X) EACH_TO_4(X, 2)
#else
#error "no list of heights for this ROWS_2"
#endif

#endif

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Numbers for people: three significant digits, ASCII only, never "-0". */
#ifndef HWV_REPORT_NUMBER_H
#define HWV_REPORT_NUMBER_H

typedef enum hwv_unit {
    HWV_UNIT_PLAIN = 0, /* 0.0123  1.23  1230  1.23e+06  */
    HWV_UNIT_COUNT,     /* 7  999  1.23 k  45.6 M */
    HWV_UNIT_SECONDS,   /* 1.23 ns  45.6 us  789 ms  1.23 s  2 min 5 s  1 h 2 min */
    HWV_UNIT_SHARE,     /* 0.25 is 25 %; 0.1 %  12.3 %  100 % */
    HWV_UNIT_BYTES      /* 512 B  1.5 KiB  2 MiB */
} hwv_unit;

/* Text by value, to be used inside one expression: printf("%s", hwv_number_of(v, unit).text). */
typedef struct hwv_number {
    char text[40];
} hwv_number;

/* NaN is "nan", infinities "inf" and "-inf", in every unit. A share that is not 1 never rounds to 100 %, and one
 * that is not 0 never to 0 %: "> 99.9 %", "< 0.01 %". */
hwv_number hwv_number_of(double value, hwv_unit unit);
/* Fixed decimals (0..9), for columns that line up. */
hwv_number hwv_number_fixed(double value, int decimals);
/* A percentage with fixed decimals, "12.50 %". */
hwv_number hwv_number_percent(double share, int decimals);
/* Significant digits (1..17) without unit, trailing zeros dropped, exponents as "1.2e-7". */
hwv_number hwv_number_digits(double value, int digits);
/* Three significant digits without unit; exponents as "1.2e-7". */
hwv_number hwv_number_plain(double value);

#endif

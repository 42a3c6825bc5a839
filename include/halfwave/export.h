/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors */
#ifndef HALFWAVE_EXPORT_H
#define HALFWAVE_EXPORT_H

/* HWV_API marks what the libraries export; everything else is hidden.
 * HWV_BEGIN / HWV_END wrap declarations so that C++ sees C linkage. */
#if defined(_WIN32) && defined(HALFWAVE_SHARED)
#ifdef HALFWAVE_BUILDING
#define HWV_API __declspec(dllexport)
#else
#define HWV_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define HWV_API __attribute__((visibility("default")))
#else
#define HWV_API
#endif

#ifdef __cplusplus
#define HWV_BEGIN extern "C" {
#define HWV_END   }
#else
#define HWV_BEGIN
#define HWV_END
#endif

/* Lets the compiler check printf-like arguments; C99's conversions, whatever the system's own printf has. */
#if defined(__MINGW32__) && !defined(__clang__)
#define HWV_PRINTF(format_at, arguments_at) __attribute__((format(gnu_printf, format_at, arguments_at)))
#elif defined(__GNUC__)
#define HWV_PRINTF(format_at, arguments_at) __attribute__((format(printf, format_at, arguments_at)))
#else
#define HWV_PRINTF(format_at, arguments_at)
#endif

#endif

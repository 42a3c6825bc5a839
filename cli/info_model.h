/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave info MODEL: what is in a file, without running anything. */
#ifndef HWV_CLI_INFO_MODEL_H
#define HWV_CLI_INFO_MODEL_H

#include "cli.h"

hwv_status hwv_cli_info_model(hwv_cli *cli, hwv_error *error);
/* "what          value", wrapped. */
void hwv_cli_info_line(hwv_cli *cli, const char *what, const char *value);

#endif

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Treating a patient, whatever makes the change. */
#ifndef HWV_CHECK_TREAT_H
#define HWV_CHECK_TREAT_H

#include "check/treatment.h"

hwv_treatment_make *hwv_treatment_maker(hwv_treatment treatment);

/* hwv_patient_treat with a treatment of one's own, which promises what `treatment` does. */
hwv_status hwv_patient_treat_by(hwv_treatment_make *make, hwv_patient **cured, hwv_treated *treated,
                                const hwv_patient *patient, const hwv_diagnosis *diagnosis, hwv_treatment treatment,
                                const hwv_treatment_options *options, const hwv_source *source,
                                const hwv_executor *executor, hwv_error *error);

#endif

// The catalogue as people ask it: whose data this is, whether this office may use it and for what,
// and if not, why not and what to do. Pure but for the office's grants and clock.
#pragma once

#include "agent/office/office.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {

// One dataset of the catalogue. Columns are known of granted datasets only. "why" is null if it may
// be read now, else the reason and what to do, in both languages.
json::object catalogue_json(const Office& office, const DatasetListing& listing,
                            const std::optional<DatasetDefinition>& definition);

}  // namespace rootlet::agent

// What forms, grants and datasets say of each other must exist: a form's prefill and a grant's
// purposes. Reads the registry and changes nothing.
#pragma once

#include "platform/realm/registry.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/uplink/form/form.hpp"

namespace rootlet::platform {

// True if a grant for `dataset` may name `purpose`: a dataset without uses allows any.
bool allows_purpose(const DatasetDefinition& dataset, const std::string& purpose);

// kBadInput with the form's field if its prefill names a dataset or column that the catalogue
// lacks, a dataset that is not shared, or a key field that is not the dataset's key.
Status check_prefill(Registry& registry, const FormDefinition& form);

// kBadInput if a form of the catalogue or a grant would contradict the new `dataset`.
Status check_references_to(Registry& registry, const DatasetDefinition& dataset);

}  // namespace rootlet::platform

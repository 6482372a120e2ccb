// Loads a dataset's definition from the registry.
#pragma once

#include "platform/realm/registry.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

// kUsage if the realm has no dataset of this id, or it was withdrawn.
Result<DatasetDefinition> find_dataset(Registry& registry, const std::string& id);
Error was_withdrawn(const WithdrawnDataset& dataset);  // kUsage

}  // namespace rootlet::platform

// A dataset's definition as the registry keeps it.
#pragma once

#include "platform/realm/registry.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

// kUsage if the realm has no dataset of this id.
Result<DatasetDefinition> find_dataset(Registry& registry, const std::string& id);

}  // namespace rootlet::platform

#include "platform/realm/find_dataset.hpp"

namespace rootlet::platform {

Result<DatasetDefinition> find_dataset(Registry& registry, const std::string& id) {
  ROOTLET_TRY(const std::optional<std::string> text, registry.dataset(id));
  if (!text.has_value()) {
    return fail(ErrorCode::kUsage,
                "there is no dataset " + id + " (rootlet-platform dataset list shows all)");
  }
  return DatasetDefinition::parse(*text, "dataset " + id);
}

}  // namespace rootlet::platform

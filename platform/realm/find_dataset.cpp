#include "platform/realm/find_dataset.hpp"

namespace rootlet::platform {

Error was_withdrawn(const WithdrawnDataset& dataset) {
  return Error(ErrorCode::kUsage,
               "dataset " + dataset.id + " was withdrawn at " + format_time(dataset.at) + ": " +
                   dataset.reason,
               {},
               {.en = "Its id is never used again: offices may still hold rows of it. Add the data "
                      "under another id.",
                .zh = "该标识不再使用：各单位可能仍持有其数据。请换用新的标识编目。"});
}

Result<DatasetDefinition> find_dataset(Registry& registry, const std::string& id) {
  ROOTLET_TRY(const std::optional<std::string> text, registry.dataset(id));
  if (!text.has_value()) {
    ROOTLET_TRY(const std::optional<WithdrawnDataset> gone, registry.withdrawn_dataset(id));
    if (gone.has_value()) return was_withdrawn(*gone);
    return fail(ErrorCode::kUsage,
                "there is no dataset " + id + " (rootlet-platform dataset list shows all)");
  }
  return DatasetDefinition::parse(*text, "dataset " + id);
}

}  // namespace rootlet::platform

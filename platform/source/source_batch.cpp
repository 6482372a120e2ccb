#include "platform/source/source_batch.hpp"

namespace rootlet::platform {

void SourceBatch::add(std::uint64_t line, std::span<const std::string_view> fields) {
  rows_.push_back({line, fields_.size()});
  for (const std::string_view field : fields) {
    fields_.push_back({text_.size(), field.size()});
    text_ += field;
  }
}

}  // namespace rootlet::platform

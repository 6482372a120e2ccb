#include "platform/source/record_filter.hpp"

namespace rootlet::platform {

Result<std::size_t> RecordFilter::read(std::span<char> space) {
  while (given_ == text_.size()) {
    text_.clear();
    given_ = 0;
    std::optional<RecordBatch> batch = scanner_.next();
    if (!batch.has_value()) return std::size_t{0};
    if (batch->error.has_value()) return *batch->error;
    progress_(batch->bytes_read);
    filter(*batch);
  }
  const std::size_t bytes = text_.copy(space.data(), space.size(), given_);
  given_ += bytes;
  return bytes;
}

void RecordFilter::filter(RecordBatch& batch) {
  unchanged_.take(batch.records);
  for (const ScannedRecord& record : batch.records) {
    if (record.is_unchanged) {
      text_.append(record.lines, '\n');
      continue;
    }
    text_.append(batch.text, record.begin, record.bytes);
    if (record.has_fingerprint) left_in_.push_back({record.line, record.fingerprint});
  }
}

}  // namespace rootlet::platform

#include "platform/source/row_filter.hpp"

namespace rootlet::platform {

Result<std::size_t> RowFilter::read(std::span<char> space) {
  while (given_ == text_.size()) {
    text_.clear();
    given_ = 0;
    std::optional<ScannedRows> batch = scanner_.next();
    if (!batch.has_value()) return std::size_t{0};
    if (batch->error.has_value()) return *batch->error;
    progress_(batch->bytes_read);
    filter(*batch);
  }
  const std::size_t bytes = text_.copy(space.data(), space.size(), given_);
  given_ += bytes;
  return bytes;
}

void RowFilter::filter(ScannedRows& batch) {
  unchanged_.take(batch.rows);
  for (const ScannedRow& row : batch.rows) {
    if (row.is_unchanged) {
      text_.append(row.lines, '\n');
      continue;
    }
    text_.append(batch.text, row.begin, row.bytes);
    if (row.has_fingerprint) left_in_.push_back({row.line, row.fingerprint});
  }
}

}  // namespace rootlet::platform

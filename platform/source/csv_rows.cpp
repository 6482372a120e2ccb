#include "platform/source/csv_rows.hpp"

#include "core/limits.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kBatchTextBytes = 128 * limits::kKiB;
constexpr std::size_t kBatchesUnderWay = 4;

}  // namespace

bool CsvBatch::fill(CsvReader& reader) {
  while (text_.size() < kBatchTextBytes) {
    const Result<bool> more = reader.next();
    if (more.has_error()) error_ = more.error();
    if (more.has_error() || !more.value()) return false;
    add(reader);
  }
  return true;
}

void CsvBatch::add(const CsvReader& reader) {
  records_.push_back({reader.line(), fields_.size()});
  for (std::size_t i = 0; i < reader.size(); ++i) {
    const std::string_view field = reader.field(i);
    fields_.push_back({text_.size(), field.size()});
    text_ += field;
  }
}

CsvRows::CsvRows(CsvReader reader)
    : reader_(std::move(reader)),
      batches_(kBatchesUnderWay, [this](CsvBatch& batch) { return batch.fill(reader_); }) {}

}  // namespace rootlet::platform

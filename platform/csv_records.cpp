#include "platform/csv_records.hpp"

#include <system_error>

#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kBatchTextBytes = 128 * limits::kKiB;
constexpr std::size_t kBatchesUnderWay = 4;

}  // namespace

bool CsvBatch::fill(CsvReader& reader) {
  while (text_.size() < kBatchTextBytes) {
    const Result<bool> more = reader.next();
    bytes_read_ = reader.bytes_read();
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

CsvRecords::CsvRecords(CsvReader reader) : reader_(std::move(reader)), batches_(kBatchesUnderWay) {
  try {
    thread_ = std::thread([this] { read_ahead(); });
  } catch (const std::system_error&) {
    // The system has no more threads: next() reads by itself.
  }
}

CsvRecords::~CsvRecords() {
  if (!thread_.joinable()) return;
  batches_.refuse();
  thread_.join();
}

void CsvRecords::read_ahead() {
  bool more = true;
  while (more) {
    CsvBatch batch;
    more = batch.fill(reader_);
    if (!batches_.put(std::move(batch))) return;
  }
  batches_.end();
}

std::optional<CsvBatch> CsvRecords::next() {
  if (thread_.joinable()) return batches_.take();
  if (ended_) return std::nullopt;
  CsvBatch batch;
  ended_ = !batch.fill(reader_);
  return batch;
}

}  // namespace rootlet

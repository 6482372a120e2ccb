#include "platform/record_scanner.hpp"

#include <algorithm>
#include <utility>

#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kReadBytes = 256 * limits::kKiB;
constexpr std::size_t kBatchesUnderWay = 64;
// More than any record that the reader takes, with all its quotes doubled.
constexpr std::size_t kMostRecordBytes = 2 * limits::kCsvRecordBytes + 3 * limits::kCsvFields;

struct Extent {
  std::size_t bytes = 0;  // with the line end
  std::size_t lines = 0;
  bool has_end = false;
};

// Of the record that `text` begins with.
Extent extent_of(std::string_view text) {
  Extent extent;
  std::size_t quotes = 0;
  while (!extent.has_end) {
    const std::size_t line_end = text.find('\n', extent.bytes);
    const std::string_view line = text.substr(extent.bytes, line_end - extent.bytes);
    if (line.find('"') != line.npos) {
      quotes += static_cast<std::size_t>(std::count(line.begin(), line.end(), '"'));
    }
    extent.bytes += line.size();
    if (line_end == text.npos) return extent;
    ++extent.bytes;
    ++extent.lines;
    extent.has_end = quotes % 2 == 0;
  }
  return extent;
}

}  // namespace

RecordScanner::RecordScanner(CsvSource file, const SymmetricKey& secret, std::string definition)
    : file_(std::move(file)),
      secret_(secret.clone()),
      definition_(std::move(definition)),
      batches_(kBatchesUnderWay, [this](RecordBatch& batch) { return fill(batch); }) {}

bool RecordScanner::fill(RecordBatch& batch) {
  batch.text = std::exchange(rest_, {});
  const std::size_t held = batch.text.size();
  batch.text.resize(held + kReadBytes);
  const Result<std::size_t> read = file_(std::span(batch.text).subspan(held));
  if (read.has_error()) {
    batch.error = read.error();
    return false;
  }
  const std::size_t bytes = read.value();
  batch.text.resize(held + bytes);
  batch.bytes_read = bytes_read_ += bytes;
  while (take_record(batch, bytes == 0)) {
  }
  const std::size_t taken =
      batch.records.empty() ? 0 : batch.records.back().begin + batch.records.back().bytes;
  rest_ = batch.text.substr(taken);
  batch.text.resize(taken);
  return bytes > 0;
}

// Also the last one, which needs no line end. False: there is no whole record more.
bool RecordScanner::take_record(RecordBatch& batch, bool at_end) {
  ScannedRecord record;
  if (!batch.records.empty())
    record.begin = batch.records.back().begin + batch.records.back().bytes;
  const std::string_view rest = std::string_view(batch.text).substr(record.begin);
  if (rest.empty()) return false;
  if (gave_up_) {
    record.bytes = rest.size();
    batch.records.push_back(record);
    return false;
  }
  const Extent extent = extent_of(rest);
  if (!extent.has_end && !at_end) {
    gave_up_ = extent.bytes > kMostRecordBytes;
    return gave_up_;
  }
  std::string_view text = rest.substr(0, extent.bytes);
  if (extent.has_end) text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  record.bytes = extent.bytes;
  record.line = line_;
  record.lines = static_cast<std::uint32_t>(extent.lines);
  line_ += record.lines;
  mark(record, text);
  batch.records.push_back(record);
  return true;
}

void RecordScanner::mark(ScannedRecord& record, std::string_view text) {
  if (text.empty()) return;
  record.has_mark = marker_.has_value();
  if (record.has_mark) {
    record.mark = marker_->of_record(text);
  } else {
    marker_.emplace(secret_, definition_, text);
  }
}

}  // namespace rootlet

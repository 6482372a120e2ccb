// Cuts a CSV file into rows at line ends outside quotes, on its own thread, and fingerprints each.
#include "platform/source/row_scanner.hpp"

#include <algorithm>
#include <utility>

#include "core/limits.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kReadBytes = 256 * limits::kKiB;
constexpr std::size_t kBatchesUnderWay = 64;
// More than any row that the reader accepts, with all its quotes doubled.
constexpr std::size_t kMostRecordBytes = 2 * limits::kCsvRowBytes + 3 * limits::kCsvFields;

struct Extent {
  std::size_t bytes = 0;  // with the line end
  std::size_t lines = 0;
  bool has_end = false;
};

// The extent of the row at the start of `text`.
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

RowScanner::RowScanner(CsvSource file, const SymmetricKey& secret, std::string definition)
    : file_(std::move(file)),
      secret_(secret.clone()),
      definition_(std::move(definition)),
      batches_(kBatchesUnderWay, [this](ScannedRows& batch) { return fill(batch); }) {}

bool RowScanner::fill(ScannedRows& batch) {
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
  std::size_t taken = 0, more = 0;
  do {
    more = take_row(std::string_view(batch.text).substr(taken), bytes == 0, batch);
    taken += more;
  } while (more > 0);
  rest_ = batch.text.substr(taken);
  batch.text.resize(taken);
  return bytes > 0;
}

// Takes the row at the start of `rest`, which is part of the batch's text. The last row of a file
// needs no line end. Returns its length, 0 if it is not complete yet.
std::size_t RowScanner::take_row(std::string_view rest, bool at_end, ScannedRows& batch) {
  ScannedRow row{.begin = static_cast<std::size_t>(rest.data() - batch.text.data()),
                 .bytes = rest.size()};
  const Extent extent = gave_up_ ? Extent() : extent_of(rest);
  gave_up_ = gave_up_ || extent.bytes > kMostRecordBytes;
  if (!gave_up_) {
    if (!extent.has_end && !at_end) return 0;
    std::string_view text = rest.substr(0, extent.bytes);
    if (extent.has_end) text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
    row.bytes = extent.bytes;
    row.line = line_;
    row.lines = static_cast<std::uint32_t>(extent.lines);
    line_ += row.lines;
    fingerprint(row, text);
  }
  if (row.bytes > 0) batch.rows.push_back(row);
  return row.bytes;
}

void RowScanner::fingerprint(ScannedRow& row, std::string_view text) {
  if (text.empty()) return;
  row.has_fingerprint = fingerprinter_.has_value();
  if (row.has_fingerprint) {
    row.fingerprint = fingerprinter_->of_row_text(text);
  } else {
    fingerprinter_.emplace(secret_, definition_, text);
  }
}

}  // namespace rootlet::platform

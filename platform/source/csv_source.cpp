// The stages of reading a CSV file: a scanner finds and fingerprints rows on its own thread, a
// filter blanks the unchanged ones, the CSV reader splits the rest ahead of the caller.
#include "platform/source/csv_source.hpp"

#include <algorithm>
#include <atomic>

#include "core/encoding/text_file.hpp"
#include "core/format/export_mark.hpp"
#include "core/format/spreadsheet_cell.hpp"
#include "core/limits.hpp"
#include "core/thread/read_ahead.hpp"
#include "platform/source/row_filter.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kBatchTextBytes = 128 * limits::kKiB;
constexpr std::size_t kBatchesAhead = 4;

constexpr std::string_view kStandardInput = "-";

Text cut_notice(const CsvReader& reader) {
  const std::string line = std::to_string(reader.line());
  return {
      .en = reader.what() + ": line " + line +
            ", the last, has no line end. If the file was cut, rows are missing.",
      .zh = reader.what() + "：末行（第 " + line + " 行）没有换行符。如果文件被截断，会缺少数据。"};
}

// Why a file has no header: nothing, next to nothing, or blank lines.
Error no_header(const std::string& name, std::uint64_t bytes, std::uint64_t characters) {
  if (bytes == 0) return bad_input(name + ": the file is empty (0 bytes)", name);
  if (characters == 0) {
    return bad_input(name + ": the file is empty but for a byte order mark", name);
  }
  return bad_input(name + ": line 1: the file has only blank lines, no header", "line 1");
}

// Excel's own first line, which names its delimiter.
Status check_first_field(const CsvReader& reader) {
  if (!reader.field(0).starts_with("sep=")) return ok();
  return bad_input(reader.what() + ": line 1: \"sep=\" is an instruction for Excel, not a header",
                   "line 1",
                   {.en = "Remove this line.", .zh = "第 1 行是给 Excel 的指令，请删除该行。"});
}

// Our own exports guard cells against spreadsheets, and end with a mark. False: the file has ended.
bool fill(SourceBatch& batch, CsvReader& reader) {
  std::vector<std::string_view> fields;
  while (batch.text_bytes() < kBatchTextBytes) {
    const Result<bool> more = reader.next();
    if (more.has_error()) batch.end_with(more.error());
    if (more.has_error() || !more.value()) return false;
    if (is_export_mark(reader)) continue;
    fields.clear();
    for (std::size_t i = 0; i < reader.size(); ++i) {
      fields.push_back(unguarded_cell(reader.field(i)));
    }
    batch.add(reader.line(), fields);
  }
  return true;
}

class CsvFileSource final : public RowSource {
 public:
  CsvFileSource(const std::filesystem::path& path, TextSource file, CsvOptions options)
      : path_(path),
        name_(path == kStandardInput ? "standard input" : path.filename().string()),
        file_(std::move(file)),
        options_(std::move(options)) {}

  const std::string& name() const override { return name_; }

  Result<SourceColumns> begin(const SourceSetup& setup) override {
    std::error_code ignored;
    const std::uintmax_t size = std::filesystem::file_size(path_, ignored);
    const std::uint64_t bytes_all = ignored ? 0 : size;
    scanner_.emplace(text(), setup.fingerprint_secret, setup.definition);
    filter_.emplace(*scanner_, setup.unchanged,
                    [this, bytes_all, progress = setup.progress](std::uint64_t characters) {
                      characters_ = characters;
                      if (progress) progress(std::min(bytes_read_.load(), bytes_all), bytes_all);
                    });
    reader_.emplace([this](std::span<char> space) { return filter_->read(space); }, name_,
                    options_.delimiter);
    ROOTLET_TRY(const bool has_header, reader_->next());
    if (!has_header) return no_header(name_, bytes_read_, characters_);
    ROOTLET_TRY(check_first_field(*reader_));
    ROOTLET_TRY(reader_->check_delimiter());
    SourceColumns columns{.names = {}, .line = reader_->line()};
    for (std::size_t i = 0; i < reader_->size(); ++i) columns.names.emplace_back(reader_->field(i));
    batches_.emplace(kBatchesAhead, [this](SourceBatch& batch) {
      const bool more = fill(batch, *reader_);
      if (!more && reader_->is_last_row_open()) notify(cut_notice(*reader_));
      return more;
    });
    return columns;
  }

  std::optional<SourceBatch> next() override { return batches_->next(); }

  // Rows come in the order of their lines, and so do the fingerprints.
  void set_fingerprints(SourceTable& table) override {
    batches_.reset();  // the filter's list is complete once its reader has ended
    const RowFingerprinter& fingerprinter = scanner_->fingerprinter();
    const auto end = filter_->left_in().end();
    auto seen = filter_->left_in().begin();
    for (SourceRow& row : table.rows()) {
      row.fingerprint.key = fingerprinter.of_key(row.key());
      while (seen != end && seen->line < row.line) ++seen;
      if (seen != end && seen->line == row.line) row.fingerprint.text = seen->fingerprint;
    }
  }

 private:
  // The file as UTF-8. Its bytes are counted before they are decoded.
  TextSource text() {
    const auto counted = [this](std::span<char> space) -> Result<std::size_t> {
      ROOTLET_TRY(const std::size_t bytes, file_(space));
      bytes_read_ += bytes;
      return bytes;
    };
    return utf8_source(counted, name_,
                       {.encoding = options_.encoding, .on_conversion = [this](TextEncoding from) {
                          notify(conversion_notice(from, name_));
                        }});
  }
  void notify(const Text& notice) const {
    if (options_.notice) options_.notice(notice);
  }

  std::filesystem::path path_;
  std::string name_;
  TextSource file_;
  CsvOptions options_;
  std::atomic<std::uint64_t> bytes_read_ = 0;
  std::uint64_t characters_ = 0;  // bytes of UTF-8
  // Each reads from the one above it, so they end in the opposite order.
  std::optional<RowScanner> scanner_;
  std::optional<RowFilter> filter_;
  std::optional<CsvReader> reader_;
  std::optional<ReadAhead<SourceBatch>> batches_;
};

}  // namespace

Result<std::unique_ptr<RowSource>> open_csv_source(const std::filesystem::path& path,
                                                   CsvOptions options) {
  TextSource file = input_bytes();
  if (path != kStandardInput) {
    ROOTLET_TRY(file, open_bytes(path));
  }
  return std::unique_ptr<RowSource>(
      std::make_unique<CsvFileSource>(path, std::move(file), std::move(options)));
}

SourceOpener csv_file(std::filesystem::path path, CsvOptions options) {
  return [path = std::move(path), options = std::move(options)] {
    return open_csv_source(path, options);
  };
}

}  // namespace rootlet::platform

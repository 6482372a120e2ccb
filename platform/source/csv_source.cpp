// The stages of reading a CSV file: a scanner finds and fingerprints rows on its own thread, a
// filter blanks the unchanged ones, the CSV reader splits the rest ahead of the caller.
#include "platform/source/csv_source.hpp"

#include "core/limits.hpp"
#include "core/thread/read_ahead.hpp"
#include "platform/source/row_filter.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kBatchTextBytes = 128 * limits::kKiB;
constexpr std::size_t kBatchesAhead = 4;

// False: the file has ended.
bool fill(SourceBatch& batch, CsvReader& reader) {
  std::vector<std::string_view> fields;
  while (batch.text_bytes() < kBatchTextBytes) {
    const Result<bool> more = reader.next();
    if (more.has_error()) batch.end_with(more.error());
    if (more.has_error() || !more.value()) return false;
    fields.clear();
    for (std::size_t i = 0; i < reader.size(); ++i) fields.push_back(reader.field(i));
    batch.add(reader.line(), fields);
  }
  return true;
}

class CsvFileSource final : public RowSource {
 public:
  CsvFileSource(const std::filesystem::path& path, CsvSource file)
      : path_(path), name_(path.filename().string()), file_(std::move(file)) {}

  const std::string& name() const override { return name_; }

  Result<SourceColumns> begin(const SourceSetup& setup) override {
    std::error_code ignored;
    const std::uint64_t bytes_all = std::filesystem::file_size(path_, ignored);
    scanner_.emplace(std::move(file_), setup.fingerprint_secret, setup.definition);
    filter_.emplace(*scanner_, setup.unchanged,
                    [bytes_all, progress = setup.progress](std::uint64_t bytes_read) {
                      if (progress) progress(bytes_read, bytes_all);
                    });
    reader_.emplace([this](std::span<char> space) { return filter_->read(space); }, name_);
    ROOTLET_TRY(const bool has_header, reader_->next());
    if (!has_header) return bad_input(name_ + ": line 1: the file has no header", "line 1");
    SourceColumns columns{.names = {}, .line = reader_->line()};
    for (std::size_t i = 0; i < reader_->size(); ++i) columns.names.emplace_back(reader_->field(i));
    batches_.emplace(kBatchesAhead, [this](SourceBatch& batch) { return fill(batch, *reader_); });
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
  std::filesystem::path path_;
  std::string name_;
  CsvSource file_;
  // Each reads from the one above it, so they end in the opposite order.
  std::optional<RowScanner> scanner_;
  std::optional<RowFilter> filter_;
  std::optional<CsvReader> reader_;
  std::optional<ReadAhead<SourceBatch>> batches_;
};

}  // namespace

Result<std::unique_ptr<RowSource>> open_csv_source(const std::filesystem::path& path) {
  ROOTLET_TRY(CsvSource file, open_csv(path));
  return std::unique_ptr<RowSource>(std::make_unique<CsvFileSource>(path, std::move(file)));
}

SourceOpener csv_file(std::filesystem::path path) {
  return [path = std::move(path)] { return open_csv_source(path); };
}

}  // namespace rootlet::platform

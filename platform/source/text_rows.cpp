// Splits the text into batches.
#include "platform/source/text_rows.hpp"

#include "core/format/export_mark.hpp"
#include "core/format/spreadsheet_cell.hpp"
#include "core/limits.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kBatchTextBytes = 128 * limits::kKiB;
constexpr std::size_t kBatchesAhead = 4;

// Excel's own first line, which names its delimiter.
Status check_first_field(const CsvReader& reader) {
  if (!reader.field(0).starts_with("sep=")) return ok();
  return bad_input(reader.what() + ": line 1: \"sep=\" is an instruction for Excel, not a header",
                   "line 1",
                   {.en = "Remove this line.", .zh = "第 1 行是给 Excel 的指令，请删除该行。"});
}

}  // namespace

TextRows::TextRows(TextSource text, const std::string& name, const SourceSetup& setup,
                   TextRowsOptions options)
    : options_(std::move(options)),
      scanner_(std::move(text), setup.fingerprint_secret, setup.way_of_reading()),
      filter_(scanner_, setup.unchanged, options_.progress),
      reader_([this](std::span<char> space) { return filter_.read(space); }, name,
              options_.delimiter) {}

Result<std::optional<SourceColumns>> TextRows::begin() {
  ROOTLET_TRY(const bool has_header, reader_.next());
  if (!has_header) return std::optional<SourceColumns>();
  if (options_.may_be_export) {
    ROOTLET_TRY(check_first_field(reader_));
    ROOTLET_TRY(reader_.check_delimiter());
  }
  SourceColumns columns{.names = {}, .line = reader_.line()};
  for (std::size_t i = 0; i < reader_.size(); ++i) columns.names.emplace_back(reader_.field(i));
  batches_.emplace(kBatchesAhead, [this](SourceBatch& batch) {
    const bool more = fill(batch);
    if (!more && reader_.is_last_row_open() && options_.on_open_end) {
      options_.on_open_end(reader_.line());
    }
    return more;
  });
  return std::optional(std::move(columns));
}

// False: the text has ended.
bool TextRows::fill(SourceBatch& batch) {
  std::vector<std::string_view> fields;
  while (batch.text_bytes() < kBatchTextBytes) {
    const Result<bool> more = reader_.next();
    if (more.has_error()) batch.end_with(more.error());
    if (more.has_error() || !more.value()) return false;
    if (options_.may_be_export && is_export_mark(reader_)) continue;
    fields.clear();
    for (std::size_t i = 0; i < reader_.size(); ++i) {
      fields.push_back(options_.may_be_export ? unguarded_cell(reader_.field(i))
                                              : reader_.field(i));
    }
    batch.add(reader_.line(), fields);
  }
  return true;
}

// Rows come in the order of their lines, and so do the fingerprints.
void TextRows::set_fingerprints(SourceTable& table) {
  end();  // the filter's list is complete once its reader has ended
  const RowFingerprinter& fingerprinter = scanner_.fingerprinter();
  const std::vector<RowFilter::Fingerprinted> left_in = filter_.take_left_in();
  const auto end = left_in.end();
  auto seen = left_in.begin();
  for (SourceRow& row : table.rows()) {
    row.fingerprint.key = fingerprinter.of_key(row.key());
    while (seen != end && seen->line < row.line) ++seen;
    if (seen != end && seen->line == row.line) row.fingerprint.text = seen->fingerprint;
  }
}

}  // namespace rootlet::platform

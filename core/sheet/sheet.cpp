#include "core/sheet/sheet.hpp"

#include <algorithm>
#include <optional>

#include "core/encoding/file_kind.hpp"
#include "core/format/csv.hpp"
#include "core/format/spreadsheet_cell.hpp"
#include "core/sheet/csv_text.hpp"
#include "core/sheet/xlsx/xlsx_limits.hpp"

namespace rootlet {
namespace {

TextSource source_of(ByteView bytes) {
  return [bytes](std::span<char> space) mutable -> Result<std::size_t> {
    const std::size_t count = std::min(space.size(), bytes.size());
    std::copy_n(bytes.begin(), count, space.begin());
    bytes = bytes.subspan(count);
    return count;
  };
}

}  // namespace

class Sheet::Rows {
 public:
  virtual ~Rows() = default;
  virtual std::string name() const { return ""; }
  virtual std::vector<std::string> names() const { return {}; }
  virtual Result<bool> next(SheetRow& row) = 0;
};

class Sheet::XlsxRows final : public Rows {
 public:
  explicit XlsxRows(XlsxReader reader) : reader_(std::move(reader)) {}
  std::string name() const override { return reader_.sheet(); }
  std::vector<std::string> names() const override { return reader_.sheets(); }
  Result<bool> next(SheetRow& row) override { return reader_.next(row); }

 private:
  XlsxReader reader_;
};

class Sheet::CsvRows final : public Rows {
 public:
  CsvRows(DelimitedText text, std::string what)
      : reader_(std::move(text.text), std::move(what), text.delimiter) {}

  Result<bool> next(SheetRow& row) override {
    while (true) {
      ROOTLET_TRY(const bool more, reader_.next());
      if (!more) return false;
      std::size_t used = reader_.size();
      while (used > 0 && reader_.field(used - 1).empty()) --used;
      if (used == 0) continue;
      row.number = reader_.line();
      row.cells.clear();
      for (std::size_t i = 0; i < used; ++i) {
        row.cells.emplace_back(unguarded_cell(reader_.field(i)));
      }
      return true;
    }
  }

 private:
  CsvReader reader_;
};

Sheet::Sheet(std::unique_ptr<Rows> rows, std::string what)
    : rows_(std::move(rows)), what_(std::move(what)) {}
Sheet::Sheet(Sheet&&) noexcept = default;
Sheet::~Sheet() = default;

Result<std::unique_ptr<Sheet::Rows>> Sheet::open_rows(ByteView bytes, const std::string& what,
                                                      std::string_view sheet) {
  const std::string_view text = as_text(bytes);
  const FileKind kind = kind_of_file(text.substr(0, limits::kFileKindBytes));
  // Some programs write the parts that tell a workbook from other archives last.
  const bool is_zip = kind == FileKind::kArchive && text.starts_with("PK");
  if (kind == FileKind::kWorkbook || is_zip) {
    ROOTLET_TRY(XlsxReader reader, XlsxReader::open(bytes, what, sheet));
    return std::unique_ptr<Rows>(std::make_unique<XlsxRows>(std::move(reader)));
  }
  if (!sheet.empty()) {
    return bad_input(
        what + ": only a workbook has sheets with names", "sheet",
        {.en = "Leave the sheet's name out.", .zh = "CSV 文件没有工作表名称，请勿指定。"});
  }
  ROOTLET_TRY(DelimitedText csv,
              with_delimiter(without_watermark(utf8_source(source_of(bytes), what))));
  return std::unique_ptr<Rows>(std::make_unique<CsvRows>(std::move(csv), what));
}

Result<Sheet> Sheet::open(ByteView bytes, const std::string& what, std::string_view sheet) {
  ROOTLET_TRY(std::unique_ptr<Rows> rows, open_rows(bytes, what, sheet));
  return Sheet(std::move(rows), what);
}

std::string Sheet::name() const {
  return rows_->name();
}

std::vector<std::string> Sheet::names() const {
  return rows_->names();
}

Result<bool> Sheet::next(SheetRow& row) {
  return rows_->next(row);
}

Error Sheet::error(CellPlace place, const Text& problem, const Text& rule) const {
  return cell_error(what_, name(), place, problem, rule);
}

}  // namespace rootlet

// The file lies in memory while its rows are read.
#include "platform/source/kinds/xlsx_source.hpp"

#include "core/file/file.hpp"
#include "core/sheet/sheet.hpp"
#include "core/sheet/xlsx/xlsx_limits.hpp"
#include "platform/source/records/record_source.hpp"

namespace rootlet::platform {
namespace {

class WorkbookRows final : public RecordReader {
 public:
  static Result<std::unique_ptr<RecordReader>> open(Bytes bytes, const std::string& name,
                                                    const std::string& sheet) {
    auto rows = std::make_unique<WorkbookRows>(std::move(bytes));
    ROOTLET_TRY(Sheet opened, Sheet::open(rows->bytes_, name, sheet));
    ROOTLET_TRY(SheetTable table, SheetTable::over(std::move(opened)));
    rows->table_.emplace(std::move(table));
    return std::unique_ptr<RecordReader>(std::move(rows));
  }
  explicit WorkbookRows(Bytes bytes) : bytes_(std::move(bytes)) {}

  Result<std::vector<std::string>> columns(const SourceSetup&) override {
    return table_->columns();
  }

  Result<bool> next(Record& record) override {
    ROOTLET_TRY(const bool more, table_->next(row_));
    record.number = row_.number;
    record.fields.assign(row_.cells.begin(), row_.cells.end());
    return more;
  }

 private:
  Bytes bytes_;
  std::optional<SheetTable> table_;
  SheetRow row_;
};

}  // namespace

Result<std::unique_ptr<RowSource>> open_xlsx_source(const std::filesystem::path& path,
                                                    const std::string& sheet) {
  ROOTLET_TRY(Bytes bytes, read_file(path, limits::kSheetFileBytes));
  const std::string name = path.filename().string();
  ROOTLET_TRY(std::unique_ptr<RecordReader> rows,
              WorkbookRows::open(std::move(bytes), name, sheet));
  return record_source({.source = name, .unit = "row"}, std::move(rows));
}

}  // namespace rootlet::platform

// Rows of a file that storage/ reads.
#include "platform/source/kinds/sqlite_source.hpp"

#include "core/format/json.hpp"
#include "core/limits.hpp"
#include "core/unicode/visible_text.hpp"
#include "platform/source/records/record_source.hpp"
#include "storage/foreign_database.hpp"

namespace rootlet::platform {
namespace {

class SqliteRows final : public RecordReader {
 public:
  SqliteRows(std::string name, ForeignRows rows)
      : name_(std::move(name)), rows_(std::move(rows)), names_(rows_.columns()) {}

  Result<std::vector<std::string>> columns(const SourceSetup&) override { return names_; }

  Result<bool> next(Record& record) override {
    ROOTLET_TRY(const bool more, rows_.step());
    if (!more) return false;
    ++record.number;
    record.fields.resize(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (rows_.read(i, record.fields[i])) continue;
      const std::string place =
          "row " + std::to_string(record.number) + ", column " + visible_text(names_[i]);
      return bad_input(name_ + ": " + place + ": holds bytes, not a text or a number", place);
    }
    return true;
  }

 private:
  std::string name_;
  ForeignRows rows_;
  std::vector<std::string> names_;
};

Result<std::string> ask_totals(ForeignDatabase& database, const std::string& name,
                               const std::string& query) {
  ROOTLET_TRY(ForeignRows rows, database.query(query));
  ROOTLET_TRY(const bool is_there, rows.step());
  json::object totals;
  const std::vector<std::string> names = rows.columns();
  for (std::size_t i = 0; is_there && i < names.size(); ++i) {
    std::string_view text;
    if (rows.read(i, text)) totals[names[i]] = text;
  }
  ROOTLET_TRY(const bool is_more, rows.step());
  if (is_there && !is_more) return json::serialize(totals);
  return fail(ErrorCode::kUsage, name + ": the control query must give one row");
}

}  // namespace

Result<std::unique_ptr<RowSource>> open_sqlite_source(const std::filesystem::path& path,
                                                      const std::string& query,
                                                      const std::string& control_query) {
  const std::string name = path.filename().string();
  ROOTLET_TRY(ForeignDatabase database, ForeignDatabase::open(path, limits::kCsvRowBytes));
  std::string control;
  if (!control_query.empty()) {
    ROOTLET_TRY(database.begin());  // rows and totals of one state
    ROOTLET_TRY(control, ask_totals(database, name, control_query));
  }
  ROOTLET_TRY(ForeignRows rows, database.query(query));
  return record_source({.source = name, .unit = "row", .control = std::move(control)},
                       std::make_unique<SqliteRows>(name, std::move(rows)));
}

}  // namespace rootlet::platform

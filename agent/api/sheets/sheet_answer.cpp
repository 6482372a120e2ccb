#include "agent/api/sheets/sheet_answer.hpp"

#include "core/format/json.hpp"
#include "core/local_limits.hpp"
#include "core/sheet/sheet.hpp"

namespace rootlet::agent {
namespace {

// Names it in errors: the browser does not send the file's name.
constexpr const char* kWhat = "file";

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& one : list) out.emplace_back(one);
  return out;
}

}  // namespace

// Rows are written as text at once: a tree of JSON takes ten times the memory.
Result<SheetAnswer> read_uploaded_sheet(ByteView bytes, std::string_view sheet) {
  ROOTLET_TRY(Sheet opened, Sheet::open(bytes, kWhat, sheet));
  ROOTLET_TRY(SheetTable table, SheetTable::over(std::move(opened)));
  const json::object head{{"sheet", table.sheet().name()},
                          {"sheets", texts(table.sheet().names())},
                          {"columns", texts(table.columns())}};
  SheetAnswer answer{.json = json::serialize(head)};
  answer.json.back() = ',';  // in place of the closing brace
  answer.json += "\"rows\":[";
  std::string lines;
  bool truncated = false;
  for (SheetRow row;;) {
    ROOTLET_TRY(const bool more, table.next(row));
    truncated = more && (answer.rows == limits::kUploadedRows ||
                         answer.json.size() >= limits::kUploadedTextBytes);
    if (!more || truncated) break;
    const char* const comma = answer.rows++ == 0 ? "" : ",";
    answer.json += comma + json::serialize(texts(row.cells));
    lines += comma + std::to_string(row.number);
  }
  answer.json += "],\"lines\":[" + lines + "],\"truncated\":" + (truncated ? "true}" : "false}");
  return answer;
}

}  // namespace rootlet::agent

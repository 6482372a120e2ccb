// Any bytes as a sheet: a workbook's archive, or CSV. Nothing may crash; a row has no empty cell at
// its end, its cells and numbers are within their bounds, and reading twice gives the same.
//
// An archive's checksums and compression keep changed bytes from its XML. So an input that begins
// with "<" is read as the part of a worksheet too.
#include "core/sheet/sheet.hpp"

#include <cstdlib>

#include "core/sheet/xlsx/sheet_events.hpp"
#include "core/sheet/xlsx/xlsx_limits.hpp"
#include "core/unicode/utf8.hpp"

namespace {

using namespace rootlet;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_row(const SheetRow& row) {
  require(!row.cells.empty() && !row.cells.back().empty());
  require(row.number > 0 && row.cells.size() <= limits::kSheetColumns);
  for (const std::string& cell : row.cells) require(is_utf8(cell));
}

std::string read_all(ByteView bytes) {
  std::string out;
  Result<Sheet> sheet = Sheet::open(bytes, "file");
  if (sheet.has_error()) return sheet.error().message;
  for (SheetRow row;;) {
    const Result<bool> more = sheet.value().next(row);
    if (more.has_error()) return out + more.error().message;
    if (!more.value()) return out;
    check_row(row);
    for (const std::string& cell : row.cells) out += cell + '\x1f';
  }
}

TextSource source_of(std::string_view text) {
  return [text](std::span<char> space) mutable -> Result<std::size_t> {
    const std::size_t count = std::min(space.size(), text.size());
    text.copy(space.data(), count);
    text.remove_prefix(count);
    return count;
  };
}

void read_part(std::string_view text) {
  const Workbook book{.tables = {},
                      .formats = {{},
                                  format_of_id(14),
                                  format_of_id(22),
                                  format_of_id(46),
                                  format_of_code("000000")},
                      .strings_part = {}};
  SharedStrings strings;
  strings.add("shared");
  SheetEvents events(book, strings, "file", "sheet");
  XmlReader reader(source_of(text), "file", events);
  events.on_row = [&] { reader.pause(); };
  while (true) {
    const Result<bool> more = reader.next();
    if (more.has_error() || !more.value()) return;
    check_row(events.row());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(ByteView(data, size));
  if (text.starts_with('<')) read_part(text);
  require(read_all(ByteView(data, size)) == read_all(ByteView(data, size)));
  return 0;
}

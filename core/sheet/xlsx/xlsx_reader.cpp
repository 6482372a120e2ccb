#include "core/sheet/xlsx/xlsx_reader.hpp"

#include <optional>

#include "core/sheet/xlsx/sheet_events.hpp"
#include "core/sheet/xlsx/xlsx_limits.hpp"

namespace rootlet {

struct XlsxReader::State {
  State(ZipFile the_archive, Workbook the_book, SharedStrings the_strings)
      : archive(std::move(the_archive)),
        book(std::move(the_book)),
        strings(std::move(the_strings)) {}
  ZipFile archive;
  Workbook book;
  SharedStrings strings;
  std::string sheet;
  std::optional<SheetEvents> events;
  std::optional<XmlReader> reader;
};

XlsxReader::XlsxReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
XlsxReader::XlsxReader(XlsxReader&&) noexcept = default;
XlsxReader::~XlsxReader() = default;

Result<XlsxReader> XlsxReader::open(ByteView bytes, const std::string& what,
                                    std::string_view sheet) {
  if (bytes.size() > limits::kSheetFileBytes) {
    const std::string most = std::to_string(limits::kSheetFileBytes / limits::kMiB);
    return bad_input(what + ": the workbook has more than " + most + " MiB", what,
                     {.en = "Take fewer rows.", .zh = "工作簿超过 " + most + " MiB，请减少行数。"});
  }
  ROOTLET_TRY(ZipFile archive, ZipFile::open(bytes, what));
  ROOTLET_TRY(Workbook book, read_workbook(archive, what));
  ROOTLET_TRY(const Workbook::Table* const table, book.table(sheet, what));
  const std::string name = table->name, part = table->part;
  ROOTLET_TRY(SharedStrings strings, read_strings(archive, book.strings_part, what));
  ROOTLET_TRY(TextSource source, archive.read(part));
  auto state = std::make_unique<State>(std::move(archive), std::move(book), std::move(strings));
  state->sheet = name;
  state->events.emplace(state->book, state->strings, what, name);
  state->reader.emplace(std::move(source), what + ": " + part, *state->events);
  state->events->on_row = [reader = &*state->reader] { reader->pause(); };
  return XlsxReader(std::move(state));
}

const std::string& XlsxReader::sheet() const {
  return state_->sheet;
}

std::vector<std::string> XlsxReader::sheets() const {
  std::vector<std::string> out;
  for (const Workbook::Table& one : state_->book.tables) out.push_back(one.name);
  return out;
}

Result<bool> XlsxReader::next(SheetRow& row) {
  ROOTLET_TRY(const bool more, state_->reader->next());
  if (more) std::swap(row, state_->events->row());
  return more;
}

Error cell_error(const std::string& what, const std::string& sheet, CellPlace place,
                 const Text& problem, const Text& rule) {
  const std::string cell = name_of(place);
  const std::string en = sheet.empty() ? "" : "sheet \"" + sheet + "\": ";
  const std::string zh = sheet.empty() ? "" : "工作表“" + sheet + "”的";
  return bad_input(
      what + ": " + en + "cell " + cell + ": " + problem.en, cell,
      {.en = rule.en, .zh = zh + "单元格 " + cell + "：" + problem.zh + "。" + rule.zh});
}

}  // namespace rootlet

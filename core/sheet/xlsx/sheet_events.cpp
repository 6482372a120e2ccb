#include "core/sheet/xlsx/sheet_events.hpp"

#include <algorithm>
#include <charconv>

#include "core/sheet/xlsx/xlsx_limits.hpp"

namespace rootlet {
namespace {

// Elements of a worksheet, by their depth.
enum Depth { kData = 2, kRow = 3, kCell = 4, kInCell = 5, kInInline = 6, kInRun = 7 };

template <typename Number>
bool parse_whole(std::string_view text, Number& out) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  return problem == std::errc() && end == text.data() + text.size();
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

const Text kSaveAgain{.en = "Open the file in a spreadsheet and save it again.",
                      .zh = "请用表格软件打开该文件并重新保存。"};

}  // namespace

Error SheetEvents::wrong(const Text& problem, const Text& rule) const {
  return cell_error(what_, sheet_, place_, problem, rule);
}

Error SheetEvents::wrong_place(std::string_view name) const {
  return wrong({.en = "the file places the next cell or row at \"" +
                      std::string(cut_utf8(name, limits::kNameBytes)) + "\"",
                .zh = "下一个单元格或行的位置有误"},
               kSaveAgain);
}

Status SheetEvents::begin(int depth, std::string_view name, const XmlAttributes& attributes) {
  takes_ = Takes::kNothing;
  if (depth == kData) in_data_ = name == "sheetData";
  if (!in_data_) return ok();
  if (depth == kRow) {
    in_row_ = name == "row";
    return in_row_ ? begin_row(attributes) : ok();
  }
  if (!in_row_) return ok();
  if (depth == kCell) {
    in_cell_ = name == "c";
    return in_cell_ ? begin_cell(attributes) : ok();
  }
  if (!in_cell_) return ok();
  if (depth == kInCell) {
    is_inline_ = name == "is";
    has_formula_ = has_formula_ || name == "f";
    if (name == "v") takes_ = Takes::kText;
    has_value_ = has_value_ || name == "v" || is_inline_;
  }
  if (depth == kInInline) is_sounds_ = name == "rPh";
  const bool in_run = depth == kInRun && !is_sounds_;
  if (is_inline_ && name == "t" && (depth == kInInline || in_run)) takes_ = Takes::kText;
  return ok();
}

Status SheetEvents::begin_row(const XmlAttributes& attributes) {
  const std::string_view number = attributes.value("r");
  std::uint64_t row = last_row_ + 1;
  const bool parses = number.empty() || parse_whole(number, row);
  if (!parses || row <= last_row_ || row > limits::kSheetRows) {
    place_ = {0, last_row_ + 1};
    return wrong_place(number);
  }
  last_row_ = row;
  row_.number = row;
  row_.cells.clear();
  row_bytes_ = 0;
  next_column_ = 0;
  in_cell_ = false;
  return ok();
}

Status SheetEvents::begin_cell(const XmlAttributes& attributes) {
  const std::string_view name = attributes.value("r");
  place_ = {next_column_, row_.number};
  if (!name.empty()) {
    const std::optional<CellPlace> named = place_named(name);
    const bool fits = named && named->row == row_.number && named->column >= next_column_;
    if (!fits) return wrong_place(name);
    place_ = *named;
  }
  next_column_ = place_.column + 1;
  type_ = attributes.value("t");
  style_ = 0;
  const std::string_view style = attributes.value("s");
  if (!style.empty() && !parse_whole(style, style_)) style_ = 0;
  value_.clear();
  has_formula_ = has_value_ = is_inline_ = is_sounds_ = false;
  return ok();
}

Status SheetEvents::text(int, std::string_view piece) {
  if (takes_ == Takes::kNothing) return ok();
  value_ += piece;
  if (value_.size() <= limits::kCellBytes) return ok();
  const std::string most = std::to_string(limits::kCellBytes / limits::kKiB);
  return wrong(
      {.en = "the text is longer than " + most + " KiB", .zh = "文字超过 " + most + " KiB"},
      {.en = "Shorten it.", .zh = "请缩短。"});
}

Status SheetEvents::end(int depth, std::string_view) {
  takes_ = Takes::kNothing;
  if (depth == kData) in_data_ = false;
  if (depth == kCell && in_cell_) {
    in_cell_ = false;
    return end_cell();
  }
  if (depth != kRow || !in_row_) return ok();
  in_row_ = false;
  if (!row_.cells.empty()) on_row();
  return ok();
}

Status SheetEvents::end_cell() {
  if (!has_value_) {
    if (!has_formula_) return ok();
    return wrong({.en = "the formula has no saved value", .zh = "公式没有已保存的结果"},
                 kSaveAgain);
  }
  ROOTLET_TRY(std::string text, cell_text());
  return text.empty() ? ok() : place_text(std::move(text));
}

Status SheetEvents::place_text(std::string text) {
  row_bytes_ += text.size();
  if (row_bytes_ > limits::kSheetRowBytes) {
    return wrong({.en = "the row is longer than 4 MiB", .zh = "该行超过 4 MiB"},
                 {.en = "Shorten it.", .zh = "请缩短。"});
  }
  if (place_.column >= limits::kSheetColumns) {
    const std::string most = std::to_string(limits::kSheetColumns);
    return wrong(
        {.en = "the sheet has more than " + most + " columns", .zh = "工作表超过 " + most + " 列"},
        {.en = "Delete the columns that nobody needs.", .zh = "请删除不需要的列。"});
  }
  row_.cells.resize(place_.column + 1);
  row_.cells.back() = std::move(text);
  return ok();
}

Result<std::string> SheetEvents::cell_text() const {
  if (type_ == "s") return shared_text();
  if (type_ == "inlineStr" || type_ == "str" || is_inline_) return unescaped_text(value_);
  if (type_ == "d") return std::string(trimmed(value_));
  if (type_ == "e") {
    const std::string code(cut_utf8(value_, limits::kNameBytes));
    return wrong(
        {.en = "the formula gives the error " + code, .zh = "公式结果为错误值 " + code},
        {.en = "Correct the formula, or type the value.", .zh = "请修正公式或直接填写数值。"});
  }
  if (type_ == "b") {
    const std::string_view value = trimmed(value_);
    return std::string(value == "1" || value == "true" ? "true" : "false");
  }
  if (type_.empty() || type_ == "n") return number();
  return wrong({.en = "the file gives a kind of value that is unknown", .zh = "单元格类型无法识别"},
               kSaveAgain);
}

Result<std::string> SheetEvents::shared_text() const {
  std::size_t index = 0;
  const bool parses = parse_whole(trimmed(value_), index);
  if (parses && index < strings_.size()) {
    const std::string_view text = strings_.at(index);
    if (text.size() <= limits::kCellBytes) return std::string(text);
    return wrong({.en = "the text is longer than 64 KiB", .zh = "文字超过 64 KiB"},
                 {.en = "Shorten it.", .zh = "请缩短。"});
  }
  return wrong({.en = "the file has no text for this cell", .zh = "文件中缺少该单元格的文字"},
               kSaveAgain);
}

Result<std::string> SheetEvents::number() const {
  const std::string_view raw = trimmed(value_);
  if (raw.empty()) return std::string();
  const NumberFormat format =
      style_ < book_.formats.size() ? book_.formats[style_] : NumberFormat{};
  NumberText number = number_text(raw, format, book_.dates);
  if (!number.problem) return std::move(number.text);
  const NumberProblem& problem = *number.problem;
  return wrong({.en = problem.en, .zh = problem.zh},
               {.en = problem.en_rule, .zh = problem.zh_rule});
}

}  // namespace rootlet

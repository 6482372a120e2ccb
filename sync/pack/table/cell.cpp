// CSV text to cells and back, in one canonical form per type. Other spellings of a value
// (core/format/spelling.hpp) are rejected or normalized, so that an unchanged value never looks
// like a change.
#include <array>
#include <charconv>

#include "core/format/spelling.hpp"
#include "core/limits.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

Error cell_error(const ColumnSpec& column, std::string_view detail, Text hint) {
  return bad_input("column " + column.name + ": " + std::string(detail), column.name,
                   std::move(hint));
}

CellView integer_cell(std::int64_t value) {
  return {.kind = CellView::Kind::kInteger, .integer = value};
}

// An optional minus sign and digits without a leading zero.
bool is_plain_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return false;
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool to_number(std::string_view digits, std::int64_t& value) {
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return failed == std::errc() && end == digits.data() + digits.size();
}

bool is_text(std::string_view text) {
  return text.size() <= limits::kCellBytes && text.find('\0') == std::string_view::npos &&
         is_utf8(text);
}

std::optional<CellView> read_integer(std::string_view text) {
  std::int64_t value = 0;
  if (!is_plain_integer(text) || text == "-0" || !to_number(text, value)) return std::nullopt;
  return integer_cell(value);
}

std::optional<CellView> read_decimal(std::size_t scale, std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view places =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  const bool pointless = point != std::string_view::npos && places.empty();
  if (!is_plain_integer(whole) || pointless || places.size() > scale ||
      places.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  std::string digits(whole);
  digits.append(places);
  digits.append(scale - places.size(), '0');
  std::int64_t value = 0;
  if (!to_number(digits, value)) return std::nullopt;
  return integer_cell(value);
}

int number_at(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (const char c : text.substr(at, count)) value = value * 10 + (c - '0');
  return value;
}

// True if `text` matches `pattern`, in which 0 stands for any digit.
bool has_shape(std::string_view text, std::string_view pattern) {
  if (text.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (pattern[i] == '0' ? !is_digit(text[i]) : text[i] != pattern[i]) return false;
  }
  return true;
}

bool is_real_date(std::string_view text) {
  const int year = number_at(text, 0, 4);
  const std::chrono::year_month_day date{
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(number_at(text, 5, 2))),
      std::chrono::day(static_cast<unsigned>(number_at(text, 8, 2)))};
  return year >= 1 && date.ok();
}

bool is_date(std::string_view text) {
  return has_shape(text, "0000-00-00") && is_real_date(text);
}

bool is_datetime(std::string_view text) {
  const bool shaped =
      has_shape(text, "0000-00-00T00:00:00Z") || has_shape(text, "0000-00-00 00:00:00");
  return shaped && is_real_date(text) && number_at(text, 11, 2) < 24 &&
         number_at(text, 14, 2) < 60 && number_at(text, 17, 2) < 60;
}

std::optional<CellView> read_boolean(std::string_view text) {
  const std::optional<bool> value = spelled_boolean(text);
  if (!value) return std::nullopt;
  return integer_cell(*value ? 1 : 0);
}

// `spelled`, kept in `scratch`.
std::string_view kept(std::optional<std::string> spelled, std::string_view otherwise,
                      std::string& scratch) {
  if (!spelled) return otherwise;
  scratch = std::move(*spelled);
  return scratch;
}

Error text_error(const ColumnSpec& column, std::string_view text) {
  if (is_spreadsheet_number(text)) {
    return cell_error(column, "a long number that a spreadsheet has shortened",
                      spreadsheet_number_hint(text));
  }
  if (text.size() > limits::kCellBytes) {
    return cell_error(column, "the text is too long",
                      {"a cell holds at most 65536 bytes", "一个单元格最多 65536 字节"});
  }
  return cell_error(column, "the text is not UTF-8",
                    {"save the file as UTF-8", "请把文件另存为 UTF-8 编码"});
}

// What a number that is no number shows of the program that wrote it.
std::optional<Error> foreign_number(const ColumnSpec& column, std::string_view text) {
  if (is_spreadsheet_number(text)) {
    return cell_error(column, "a long number that a spreadsheet has shortened",
                      spreadsheet_number_hint(text));
  }
  if (!has_number_comma(text)) return std::nullopt;
  return cell_error(column, "a number with a comma",
                    {"write 1234.50: no separator between thousands, a point before the places",
                     "请写成 1234.50：不用千位分隔符，小数点用“.”"});
}

Error integer_error(const ColumnSpec& column, std::string_view text) {
  if (auto foreign = foreign_number(column, text)) return *std::move(foreign);
  return cell_error(column, "not a whole number",
                    {"digits only, no leading zeros; codes are of type text",
                     "只写数字，不带前导零；代码类字段请用 text 类型"});
}

Error date_error(const ColumnSpec& column, std::string_view text) {
  if (const auto date = date_of_day_number(text)) {
    return cell_error(
        column, "a spreadsheet's day number, perhaps " + *date,
        {"format the column as a date or as text and export again",
         "电子表格把日期存成了天数，可能是 " + *date + "；请将该列设为日期或文本格式后重新导出"});
  }
  return cell_error(column, "not a date",
                    {"write it like 2026-01-31; the date must exist",
                     "请写成 2026-01-31 的形式，且日期必须存在"});
}

Error decimal_error(const ColumnSpec& column, std::string_view text) {
  if (auto foreign = foreign_number(column, text)) return *std::move(foreign);
  const std::string scale = std::to_string(column.scale);
  return cell_error(column, "not a number with at most " + scale + " decimal places",
                    {"write it like 12.5, at most " + scale + " places",
                     "请写成 12.5 的形式，小数最多 " + scale + " 位"});
}

// The error for a text that read_cell() rejects.
Error error_of(const ColumnSpec& column, std::string_view text) {
  switch (column.type) {
    case ColumnType::kText:
      return text_error(column, text);
    case ColumnType::kInteger:
      return integer_error(column, text);
    case ColumnType::kDecimal:
      return decimal_error(column, text);
    case ColumnType::kDate:
      return date_error(column, text);
    case ColumnType::kDatetime:
      return cell_error(column, "not a date and time",
                        {"write it like 2026-01-31 08:00:00 or 2026-01-31T08:00:00+08:00",
                         "请写成 2026-01-31 08:00:00 或 2026-01-31T08:00:00+08:00 的形式"});
    case ColumnType::kBoolean:
      return cell_error(
          column, "neither true nor false",
          {"write true or false, yes or no, 1 or 0", "请写 true 或 false、是或否、1 或 0"});
    case ColumnType::kBytes:
      break;
  }
  return cell_error(column, "bytes cannot be read from text", {});
}

std::string format_decimal(std::int64_t value, std::size_t scale) {
  const bool negative = value < 0;
  const auto raw = static_cast<std::uint64_t>(value);
  std::string digits = std::to_string(negative ? 0 - raw : raw);
  if (scale > 0) {
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    digits.insert(digits.size() - scale, 1, '.');
  }
  return negative ? "-" + digits : digits;
}

}  // namespace

std::optional<CellView> read_cell(const ColumnSpec& column, std::string_view text) {
  if (text.empty()) return CellView{};
  const auto as_text = [&](bool fits) -> std::optional<CellView> {
    if (!fits) return std::nullopt;
    return CellView{CellView::Kind::kText, 0, text};
  };
  switch (column.type) {
    case ColumnType::kText:
      return as_text(is_text(text) && !is_spreadsheet_number(text));
    case ColumnType::kInteger:
      return read_integer(text);
    case ColumnType::kDecimal:
      return read_decimal(column.scale, text);
    case ColumnType::kDate:
      return as_text(is_date(text));
    case ColumnType::kDatetime:
      return as_text(is_datetime(text));
    case ColumnType::kBoolean:
      return read_boolean(text);
    case ColumnType::kBytes:
      break;
  }
  return std::nullopt;
}

std::string_view canonical_text(const ColumnSpec& column, std::string_view text,
                                std::string& scratch) {
  if (column.type == ColumnType::kText || column.type == ColumnType::kBytes) return text;
  const std::string_view plain = plain_code(text, scratch);
  if (column.type == ColumnType::kDate && !is_date(plain)) {
    return kept(spelled_date(plain), plain, scratch);
  }
  if (column.type == ColumnType::kDatetime && !is_datetime(plain)) {
    return kept(spelled_datetime(plain), plain, scratch);
  }
  return plain;
}

Result<OwnedCell> parse_cell(const ColumnSpec& column, std::string_view text) {
  std::string scratch;
  const std::string_view canonical = canonical_text(column, text, scratch);
  const std::optional<CellView> cell = read_cell(column, canonical);
  if (!cell.has_value()) return error_of(column, canonical);
  return OwnedCell{cell->kind, cell->integer, std::string(cell->text)};
}

std::string format_cell(const ColumnSpec& column, const CellView& cell) {
  if (cell.kind == CellView::Kind::kNull) return "";
  if (cell.kind == CellView::Kind::kText) return std::string(cell.text);
  if (column.type == ColumnType::kBoolean) return cell.integer != 0 ? "true" : "false";
  if (column.type == ColumnType::kDecimal) return format_decimal(cell.integer, column.scale);
  return std::to_string(cell.integer);
}

}  // namespace rootlet

// RFC 4180 as a stream: a byte buffer, one row of text at a time, line numbers for errors.
#include "core/format/csv.hpp"

#include <algorithm>
#include <array>

#include "core/encoding/text_file.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kBufferBytes = 256 * limits::kKiB;

constexpr std::array<bool, 256> quoted_bytes() {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) table[byte] = byte <= ' ' || byte >= 0x7F;
  for (const char c : {'"', '\'', ','}) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kQuotedBytes = quoted_bytes();

// What programs use between fields, and its name for people.
struct Delimiter {
  std::string_view text;
  std::string_view en, zh;
};
constexpr std::array kDelimiters = {
    Delimiter{"\t", "tabs", "制表符"}, Delimiter{";", "semicolons", "分号"},
    Delimiter{"|", "vertical bars", "竖线"}, Delimiter{",", "commas", "逗号"},
    Delimiter{"，", "full-width commas (U+FF0C)", "全角逗号"}};

const Delimiter* find_delimiter(std::string_view text) {
  const auto found = std::find_if(kDelimiters.begin(), kDelimiters.end(),
                                  [&](const Delimiter& one) { return one.text == text; });
  return found == kDelimiters.end() ? nullptr : &*found;
}

}  // namespace

CsvReader::CsvReader(CsvSource source, std::string what, char delimiter)
    : source_(std::move(source)), what_(std::move(what)), delimiter_(delimiter) {}

Result<CsvReader> CsvReader::open(const std::filesystem::path& path) {
  ROOTLET_TRY(TextSource bytes, open_bytes(path));
  const std::string name = path.filename().string();
  return CsvReader(utf8_source(std::move(bytes), name), name);
}

CsvReader CsvReader::over(std::string text, std::string what) {
  auto rest = std::make_shared<std::pair<std::string, std::size_t>>(std::move(text), 0);
  CsvReader reader(
      [rest](std::span<char> space) -> Result<std::size_t> {
        const std::size_t count = rest->first.copy(space.data(), space.size(), rest->second);
        rest->second += count;
        return count;
      },
      std::move(what));
  // The key of a look-up is short, and clearing a file's buffer would take longer than the look-up.
  reader.buffer_.resize(std::clamp<std::size_t>(rest->first.size(), 1, kBufferBytes));
  return reader;
}

std::string_view CsvReader::field(std::size_t index) const {
  const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(text_).substr(begin, ends_[index] - begin);
}

Result<bool> CsvReader::next() {
  text_.clear();
  ends_.clear();
  const Status status = read_row();
  if (!status.has_error()) return !ends_.empty();
  ended_ = true;
  at_ = filled_ = 0;
  text_.clear();
  ends_.clear();
  return status.error();
}

Result<bool> CsvReader::fill() {
  if (at_ < filled_) return true;
  if (ended_) return false;
  at_ = filled_ = 0;
  if (buffer_.empty()) buffer_.resize(kBufferBytes);
  ROOTLET_TRY(filled_, source_(buffer_));
  bytes_read_ += filled_;
  ended_ = filled_ == 0;
  return !ended_;
}

Result<bool> CsvReader::take(char expected) {
  ROOTLET_TRY(const bool more, fill());
  if (!more || buffer_[at_] != expected) return false;
  ++at_;
  return true;
}

Result<bool> CsvReader::take_line_end() {
  ROOTLET_TRY(const bool carriage, take('\r'));
  ROOTLET_TRY(const bool line_feed, take('\n'));
  if (carriage && !line_feed) return error(line_, "a carriage return without a line feed");
  if (line_feed) ++line_;
  return line_feed;
}

// In a loop, not one per call: a file may begin with a million of them.
bool CsvReader::take_blank_lines() {
  const std::size_t begin = at_;
  while (at_ < filled_ && buffer_[at_] == '\n') ++at_;
  line_ += at_ - begin;
  return at_ > begin;
}

// Bytes that only begin like a byte order mark belong to the first field.
Status CsvReader::skip_byte_order_mark() {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  for (std::size_t count = 0; count < kMark.size(); ++count) {
    ROOTLET_TRY(const bool there, take(kMark[count]));
    if (!there) return append(kMark.substr(0, count));
  }
  return ok();
}

Status CsvReader::read_row() {
  if (bytes_read_ == 0) {
    ROOTLET_TRY(skip_byte_order_mark());
  }
  while (true) {
    ROOTLET_TRY(const bool more, fill());
    if (!more && text_.empty()) return ok();
    const bool was_blank = text_.empty() && take_blank_lines();
    if (was_blank) continue;
    row_line_ = line_;
    do {
      ROOTLET_TRY(read_field());
    } while (more_fields_);
    const bool blank = ends_.size() == 1 && ends_[0] == 0 && !was_quoted_;
    if (!blank) return ok();
    ends_.clear();
  }
}

Status CsvReader::read_field() {
  if (ends_.size() == limits::kCsvFields) {
    return error(row_line_, "more than " + std::to_string(limits::kCsvFields) + " fields");
  }
  was_quoted_ = false;
  if (text_.size() == field_begin()) {
    ROOTLET_TRY(was_quoted_, take('"'));
  }
  if (ends_.empty()) first_quoted_ = was_quoted_;
  if (was_quoted_) {
    ROOTLET_TRY(read_quoted());
  } else {
    ROOTLET_TRY(read_plain());
  }
  ends_.push_back(text_.size());
  ROOTLET_TRY(more_fields_, take(delimiter_));
  if (more_fields_) return ok();
  ROOTLET_TRY(const bool line_ended, take_line_end());
  ROOTLET_TRY(const bool more, fill());
  is_last_row_open_ = !line_ended && !more;
  if (!line_ended && more) {
    const std::string_view next(buffer_.data() + at_, 1);
    const bool is_first = ends_.size() == 1;
    if (was_quoted_ && is_first && find_delimiter(next) != nullptr) return other_delimiter(next);
    return error(line_, was_quoted_ ? "text behind a closing quote" : "a quote inside a field");
  }
  return ok();
}

Status CsvReader::read_plain() {
  while (true) {
    ROOTLET_TRY(const bool more, fill());
    if (!more) return ok();
    const char* begin = buffer_.data() + at_;
    const char* end = std::find_if(
        begin, static_cast<const char*>(buffer_.data() + filled_),
        [d = delimiter_](char c) { return c == d || c == '\n' || c == '\r' || c == '"'; });
    ROOTLET_TRY(append({begin, static_cast<std::size_t>(end - begin)}));
    at_ += static_cast<std::size_t>(end - begin);
    if (at_ < filled_) return ok();
  }
}

Status CsvReader::read_quoted() {
  while (true) {
    ROOTLET_TRY(const bool more, fill());
    if (!more) return error(row_line_, "a quote that never closes");
    const std::string_view rest(buffer_.data() + at_, filled_ - at_);
    const std::string_view piece = rest.substr(0, rest.find('"'));
    ROOTLET_TRY(append(piece));
    line_ += static_cast<std::uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
    at_ += piece.size();
    if (at_ == filled_) continue;
    ++at_;  // past the quote; a doubled one is a quote of the text
    ROOTLET_TRY(const bool doubled, take('"'));
    if (!doubled) return ok();
    ROOTLET_TRY(append("\""));
  }
}

Status CsvReader::append(std::string_view piece) {
  if (text_.size() + piece.size() > limits::kCsvRowBytes) {
    return error(row_line_, "a row of more than " + std::to_string(limits::kCsvRowBytes) +
                                " bytes (is a quote missing?)");
  }
  if (piece.find('\0') != piece.npos) {
    Error nul = error(line_, "field " + std::to_string(ends_.size() + 1) +
                                 " holds a NUL byte (U+0000), which text does not have");
    nul.hint = {.en = "The file is damaged there: export it again.",
                .zh = "该处有 NUL 字节（U+0000），文件已损坏，请重新导出。"};
    return nul;
  }
  text_ += piece;
  return ok();
}

Status CsvReader::check_delimiter() const {
  if (size() != 1) return ok();
  for (const Delimiter& one : kDelimiters) {
    const bool is_ours = one.text == std::string_view(&delimiter_, 1);
    if (!is_ours && field(0).find(one.text) != std::string_view::npos) {
      return other_delimiter(one.text);
    }
  }
  return ok();
}

Error CsvReader::other_delimiter(std::string_view found) const {
  const Delimiter* ours = find_delimiter({&delimiter_, 1});
  const Delimiter* theirs = find_delimiter(found);
  Error out = error(row_line_, "the fields are separated by " + std::string(theirs->en) + ", not " +
                                   std::string(ours == nullptr ? "as given" : ours->en));
  out.hint = {.en = "Save the file with commas, or name its separator with --delimiter.",
              .zh = "字段以" + std::string(theirs->zh) +
                    "分隔：请另存为逗号分隔的 CSV，或用 --delimiter 指明分隔符。"};
  return out;
}

Error CsvReader::error(std::uint64_t line, std::string_view detail) const {
  const std::string where = "line " + std::to_string(line);
  return bad_input(what_ + ": " + where + ": " + std::string(detail), where);
}

void append_csv_field(std::string& out, std::string_view field) {
  const bool quoted = std::any_of(field.begin(), field.end(), [](char c) {
    return kQuotedBytes[static_cast<unsigned char>(c)];
  });
  if (!quoted) {
    out += field;
    return;
  }
  out.push_back('"');
  for (const char c : field) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

void append_csv_row(std::string& out, std::span<const std::string_view> fields) {
  if (fields.size() == 1 && fields[0].empty()) out += "\"\"";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out.push_back(',');
    append_csv_field(out, fields[i]);
  }
  out.push_back('\n');
}

}  // namespace rootlet

// RFC 4180 as a stream: a byte buffer, one row of text at a time, line numbers for errors.
#include "core/format/csv.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/file/file.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kBufferBytes = 256 * limits::kKiB;

Result<std::size_t> read_some(const UniqueFd& file, std::span<char> space, const fs::path& path) {
  while (true) {
    const ssize_t count = ::read(file.get(), space.data(), space.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return errno_error("read", path);
  }
}

constexpr std::array<bool, 256> quoted_bytes() {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) table[byte] = byte <= ' ' || byte >= 0x7F;
  for (const char c : {'"', '\'', ','}) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kQuotedBytes = quoted_bytes();

bool ends_plain_run(char c) {
  return c == ',' || c == '\n' || c == '\r' || c == '"';
}

}  // namespace

Result<CsvSource> open_csv(const fs::path& path) {
  // Shared, because a std::function must be copyable.
  const auto file = std::make_shared<UniqueFd>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file->is_open()) return errno_error("open", path);
  return [file, path](std::span<char> space) { return read_some(*file, space, path); };
}

CsvReader::CsvReader(CsvSource source, std::string what)
    : source_(std::move(source)), what_(std::move(what)), buffer_(kBufferBytes) {}

Result<CsvReader> CsvReader::open(const fs::path& path) {
  ROOTLET_TRY(CsvSource source, open_csv(path));
  return CsvReader(std::move(source), path.filename().string());
}

CsvReader CsvReader::over(std::string text, std::string what) {
  auto rest = std::make_shared<std::pair<std::string, std::size_t>>(std::move(text), 0);
  return CsvReader(
      [rest](std::span<char> space) -> Result<std::size_t> {
        const std::size_t count = rest->first.copy(space.data(), space.size(), rest->second);
        rest->second += count;
        return count;
      },
      std::move(what));
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
  if (ends_.size() == limits::kCsvFields) return error(row_line_, "too many fields");
  was_quoted_ = false;
  if (text_.size() == field_begin()) {
    ROOTLET_TRY(was_quoted_, take('"'));
  }
  if (was_quoted_) {
    ROOTLET_TRY(read_quoted());
  } else {
    ROOTLET_TRY(read_plain());
  }
  ends_.push_back(text_.size());
  ROOTLET_TRY(more_fields_, take(','));
  if (more_fields_) return ok();
  ROOTLET_TRY(const bool line_ended, take_line_end());
  ROOTLET_TRY(const bool more, fill());
  if (!line_ended && more) {
    return error(line_, was_quoted_ ? "text behind a closing quote" : "a quote inside a field");
  }
  return ok();
}

Status CsvReader::read_plain() {
  while (true) {
    ROOTLET_TRY(const bool more, fill());
    if (!more) return ok();
    const char* begin = buffer_.data() + at_;
    const char* end =
        std::find_if(begin, static_cast<const char*>(buffer_.data() + filled_), ends_plain_run);
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
  text_ += piece;
  return ok();
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

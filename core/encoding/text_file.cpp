// Reads the bytes, bounded, and decodes them with the stream that large files use too.
#include "core/encoding/text_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "core/file/file.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

Result<std::size_t> read_some(int descriptor, std::span<char> space, const fs::path& path) {
  while (true) {
    const ssize_t count = ::read(descriptor, space.data(), space.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return errno_error("read", path);
  }
}

Result<std::string> read_all(const TextSource& source, std::size_t max_bytes,
                             const std::string& what) {
  std::string text;
  char chunk[16 * 1024];
  while (true) {
    ROOTLET_TRY(const std::size_t count, source(chunk));
    if (count == 0) return text;
    text.append(chunk, count);
    if (text.size() > max_bytes) {
      return bad_input(what + ": larger than " + std::to_string(max_bytes) + " bytes", what);
    }
  }
}

// A file that a person named and that cannot be opened is their input, not this machine's disk.
Error not_opened(const fs::path& path, Error error) {
  const int reason = errno;
  if (error.code != ErrorCode::kStorage) return error;
  std::error_code ignored;
  const bool is_missing = reason == ENOENT || reason == ENOTDIR || fs::is_directory(path, ignored);
  if (!is_missing && reason != EACCES) return error;
  error.code = ErrorCode::kBadInput;
  error.field = path.string();
  error.hint = is_missing ? Text{.en = "There is no such file: check the name and the folder.",
                                 .zh = "没有这个文件：请检查文件名和所在目录。"}
                          : Text{.en = "This user may not read the file: check its owner and mode.",
                                 .zh = "当前用户无权读取该文件：请检查其所有者和权限。"};
  return error;
}

TextSource bytes_of(std::string bytes) {
  auto rest = std::make_shared<std::pair<std::string, std::size_t>>(std::move(bytes), 0);
  return [rest](std::span<char> space) -> Result<std::size_t> {
    const std::size_t count = rest->first.copy(space.data(), space.size(), rest->second);
    rest->second += count;
    return count;
  };
}

// A line end is LF, so that no reader of lines needs to know more.
std::string with_line_feeds(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_carriage = text[i] == '\r';
    const bool has_feed = is_carriage && i + 1 < text.size() && text[i + 1] == '\n';
    if (!has_feed) out.push_back(is_carriage ? '\n' : text[i]);
  }
  return out;
}

Status check_controls(std::string_view text, const std::string& what) {
  std::size_t line = 1, column = 1;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    const bool is_control = (point.value < 0x20 && point.value != '\t' && point.value != '\n') ||
                            (point.value >= 0x7F && point.value <= 0x9F);
    if (is_control) {
      const std::string place =
          "line " + std::to_string(line) + ", column " + std::to_string(column);
      const std::string name =
          (point.value == 0 ? "a NUL byte, " : "") + code_point_name(point.value);
      return bad_input(what + ": " + place + ": holds a control character (" + name + ")", place,
                       {.en = "Text has no such characters: the file is damaged, or is not text.",
                        .zh = "文本中不应有控制字符：文件已损坏，或不是文本文件。"});
    }
    ++column;
    if (point.value == '\n') ++line, column = 1;
    at += point.bytes;
  }
  return ok();
}

// GB 18030 is not converted here: in a few words the guess is too weak for a file that is signed,
// or that opens a key.
Error is_gb18030(const std::string& what) {
  return bad_input(what + ": this is GB 18030 (GBK) text, not UTF-8 text", what,
                   {.en = "Save it again with the encoding UTF-8.",
                    .zh = "这是 GB 18030（GBK）编码的文本，请以 UTF-8 编码重新保存。"});
}

}  // namespace

Result<TextSource> open_bytes(const fs::path& path) {
  // Shared, because a std::function must be copyable.
  const auto file = std::make_shared<UniqueFd>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file->is_open()) return not_opened(path, errno_error("open", path));
  return [file, path](std::span<char> space) { return read_some(file->get(), space, path); };
}

TextSource input_bytes() {
  return [](std::span<char> space) { return read_some(STDIN_FILENO, space, "standard input"); };
}

Result<PlainText> decode_plain_text(std::string bytes, std::string_view what) {
  const std::string name(what);
  const std::size_t most = 2 * bytes.size();  // UTF-8 of UTF-16 is at most half as long again
  std::optional<TextEncoding> from;
  const TextSource source =
      utf8_source(bytes_of(std::move(bytes)), name,
                  {.on_conversion = [&from](TextEncoding encoding) { from = encoding; }});
  const Result<std::string> text = read_all(source, most, name);
  if (from == TextEncoding::kGb18030) return is_gb18030(name);
  if (text.has_error()) return text.error();
  PlainText out{.text = with_line_feeds(text.value())};
  if (from) out.notice = conversion_notice(*from, name);
  ROOTLET_TRY(check_controls(out.text, name));
  return out;
}

Result<PlainText> read_plain_text(const fs::path& path, std::size_t max_bytes) {
  const Result<Bytes> read = read_file(path, max_bytes);
  if (read.has_error()) return not_opened(path, read.error());
  const Bytes& bytes = read.value();
  return decode_plain_text(std::string(as_text(bytes)), path.string());
}

Result<PlainText> read_plain_input(std::size_t max_bytes) {
  ROOTLET_TRY(std::string bytes, read_all(input_bytes(), max_bytes, "standard input"));
  return decode_plain_text(std::move(bytes), "standard input");
}

}  // namespace rootlet

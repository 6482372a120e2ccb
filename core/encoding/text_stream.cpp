// Decides the encoding at the first byte that is not ASCII, then decodes piece by piece with iconv.
#include "core/encoding/text_stream.hpp"

#include <iconv.h>

#include <algorithm>
#include <cerrno>

#include "core/encoding/file_kind.hpp"
#include "core/limits.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kPieceBytes = 256 * limits::kKiB;

class Converter {
 public:
  Converter() = default;
  ~Converter() { close(); }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  Status open(TextEncoding from) {
    constexpr const char* kNames[] = {"UTF-8", "GB18030", "UTF-16LE", "UTF-16BE"};
    const char* name = kNames[static_cast<std::size_t>(from)];
    handle_ = ::iconv_open("UTF-8", name);
    if (handle_ != kClosed) return ok();
    return fail(ErrorCode::kStorage, std::string("this system cannot convert ") + name +
                                         ": the folder gconv of its C library is missing");
  }
  bool is_open() const { return handle_ != kClosed; }

  // Moves what it can convert from the beginning of `bytes` to the end of `out`. False: stopped at
  // bytes that are no character.
  bool convert(std::string& bytes, std::string& out) {
    char* from = bytes.data();
    std::size_t left = bytes.size();
    bool is_good = true;
    char space[16 * 1024];
    while (left > 0) {
      char* to = space;
      std::size_t room = sizeof space;
      const std::size_t done = ::iconv(handle_, &from, &left, &to, &room);
      const int number = errno;
      out.append(space, sizeof space - room);
      if (done != static_cast<std::size_t>(-1) || number == E2BIG) continue;
      is_good = number == EINVAL;  // the beginning of a character
      break;
    }
    bytes.erase(0, bytes.size() - left);
    return is_good;
  }

 private:
  static inline const iconv_t kClosed = reinterpret_cast<iconv_t>(-1);
  void close() {
    if (is_open()) ::iconv_close(handle_);
  }
  iconv_t handle_ = kClosed;
};

class Utf8Stream {
 public:
  Utf8Stream(TextSource bytes, std::string what, TextStreamOptions options)
      : source_(std::move(bytes)),
        what_(std::move(what)),
        given_(options.encoding),
        on_conversion_(std::move(options.on_conversion)) {}

  Result<std::size_t> read(std::span<char> space) {
    while (taken_ == ready_.size()) {
      lines_ += static_cast<std::uint64_t>(std::count(ready_.begin(), ready_.end(), '\n'));
      ready_.clear();
      taken_ = 0;
      ROOTLET_TRY(const bool more, decode_piece());
      if (!more) return std::size_t{0};
    }
    const std::size_t count = ready_.copy(space.data(), space.size(), taken_);
    taken_ += count;
    return count;
  }

 private:
  // Waits for `bytes` of raw text, or the end.
  Status fill(std::size_t bytes) {
    while (!ended_ && raw_.size() < bytes) {
      const std::size_t held = raw_.size();
      raw_.resize(held + kPieceBytes);
      const Result<std::size_t> read = source_(std::span(raw_).subspan(held));
      raw_.resize(held + (read.has_error() ? 0 : read.value()));
      if (read.has_error()) return read.error();
      ended_ = read.value() == 0;
    }
    return ok();
  }

  // False at the end.
  Result<bool> decode_piece() {
    if (!started_) {
      ROOTLET_TRY(fill(limits::kFileKindBytes));
      ROOTLET_TRY(start());
    }
    ROOTLET_TRY(fill(kLongestCharacter));
    if (raw_.empty()) return false;
    if (!encoding_) {
      ROOTLET_TRY(take_ascii());
    } else if (*encoding_ == TextEncoding::kUtf8) {
      ROOTLET_TRY(take_utf8());
    } else {
      ROOTLET_TRY(convert());
    }
    return true;
  }

  Status start() {
    started_ = true;
    const FileKind kind = kind_of_file(std::string_view(raw_).substr(0, limits::kFileKindBytes));
    switch (kind) {
      case FileKind::kText:
        return given_ ? choose(*given_) : ok();
      case FileKind::kUtf8Mark:
        raw_.erase(0, mark_bytes(kind));
        return choose(TextEncoding::kUtf8);
      case FileKind::kUtf16LeMark:
        raw_.erase(0, mark_bytes(kind));
        return choose(TextEncoding::kUtf16Le);
      case FileKind::kUtf16BeMark:
        raw_.erase(0, mark_bytes(kind));
        return choose(TextEncoding::kUtf16Be);
      case FileKind::kUtf16Le:
      case FileKind::kUtf16Be:
        return given_ ? choose(*given_) : Status(not_text(kind, what_));
      default:
        return not_text(kind, what_);
    }
  }

  Status choose(TextEncoding encoding) {
    encoding_ = encoding;
    if (encoding == TextEncoding::kUtf8) return ok();
    if (on_conversion_ && !given_) on_conversion_(encoding);
    return converter_.open(encoding);
  }

  // ASCII is the same in UTF-8 and GB 18030; what follows it decides.
  Status take_ascii() {
    const auto other = std::find_if(raw_.begin(), raw_.end(),
                                    [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (other != raw_.begin()) {
      ready_.assign(raw_.begin(), other);
      raw_.erase(raw_.begin(), other);
      return ok();
    }
    ROOTLET_TRY(fill(limits::kEncodingBytes));
    const std::string_view sample = std::string_view(raw_).substr(0, limits::kEncodingBytes);
    const auto guess = guess_encoding(sample, ended_ && sample.size() == raw_.size());
    if (!guess)
      return not_well_formed("neither UTF-8 nor GB 18030", "既不是 UTF-8 也不是 GB 18030");
    return choose(*guess);
  }

  Status take_utf8() {
    const std::size_t good = utf8_prefix(raw_);
    if (good == 0 && (ended_ || !is_cut_character(raw_)))
      return not_well_formed("not UTF-8", "不是 UTF-8");
    if (good == 0) return fill(raw_.size() + 1);
    if (good == raw_.size()) {
      std::swap(ready_, raw_);
      return ok();
    }
    ready_.assign(raw_, 0, good);
    raw_.erase(0, good);
    return ok();
  }

  Status convert() {
    const std::size_t before = raw_.size();
    const bool is_good = converter_.convert(raw_, ready_);
    const bool is_stuck = raw_.size() == before && ready_.empty();
    if (is_good && !is_stuck) return ok();
    if (is_good && !ended_) return fill(raw_.size() + 1);
    if (!ready_.empty()) return ok();  // what came before it, first
    const std::string name(name_of(*encoding_));
    return not_well_formed("not " + name, "不是 " + name);
  }

  // Nothing of the bytes themselves is in the error.
  Error not_well_formed(const std::string& en, const std::string& zh) const {
    const std::string line = std::to_string(lines_ + 1);
    return bad_input(what_ + ": line " + line + ": holds bytes that are " + en, "line " + line,
                     {.en = "The file is damaged there, or has another encoding: save it as UTF-8.",
                      .zh = "第 " + line + " 行有字节" + zh +
                            "：文件在该处损坏，或为其他编码，请另存为 UTF-8。"});
  }

  static constexpr std::size_t kLongestCharacter = 4;  // bytes, in each of the encodings

  TextSource source_;
  std::string what_;
  std::optional<TextEncoding> given_;
  std::function<void(TextEncoding)> on_conversion_;
  std::optional<TextEncoding> encoding_;  // nullopt: all was ASCII so far
  Converter converter_;
  std::string raw_;    // read, not decoded
  std::string ready_;  // decoded; `taken_` bytes of it were handed out
  std::size_t taken_ = 0;
  std::uint64_t lines_ = 0;  // line ends before ready_
  bool started_ = false, ended_ = false;
};

}  // namespace

TextSource utf8_source(TextSource bytes, std::string what, TextStreamOptions options) {
  // Shared, because a std::function must be copyable.
  const auto stream =
      std::make_shared<Utf8Stream>(std::move(bytes), std::move(what), std::move(options));
  return [stream](std::span<char> space) { return stream->read(space); };
}

}  // namespace rootlet

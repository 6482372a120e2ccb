// Conditional and range requests over one file: RFC 9110, sections 13 and 14.
#include "sync/wire/server/static_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

#include "core/crypto.hpp"

namespace rootlet::http {
namespace {

constexpr std::size_t kEtagBytes = 9;  // of a hash: 12 characters
constexpr long kComeAgainSeconds = 5;  // a shortage of descriptors is short

bool is_clean(const std::string& segment) {
  return !segment.empty() && segment != "." && segment != ".." &&
         segment.find_first_of(std::string_view("/\0", 2)) == std::string::npos;
}

// Whether the last open failed because the system is short of something, not for want of the file.
bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == EIO;
}

// Opens folder after folder and none through a link, so that no link leads out of the root.
UniqueFd open_below(const std::filesystem::path& root, const std::vector<std::string>& segments) {
  if (segments.empty() || !std::all_of(segments.begin(), segments.end(), is_clean)) return {};
  UniqueFd folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (std::size_t i = 0; i + 1 < segments.size() && folder.is_open(); ++i) {
    folder = UniqueFd(::openat(folder.get(), segments[i].c_str(),
                               O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  if (!folder.is_open()) return {};
  return UniqueFd(::openat(folder.get(), segments.back().c_str(),
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

// Size and time alone repeat when a file is replaced twice within one tick of the clock. The
// replacement has another inode.
std::string etag_of(const struct stat& info) {
  ByteWriter writer;
  writer.u64(info.st_ino);
  writer.u64(static_cast<std::uint64_t>(info.st_size));
  writer.u64(static_cast<std::uint64_t>(info.st_mtim.tv_sec));
  writer.u64(static_cast<std::uint64_t>(info.st_mtim.tv_nsec));
  const Hash256 hash = blake2b(writer.view());
  return "\"" + to_base64(ByteView(hash).first(kEtagBytes)) + "\"";
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// If-None-Match compares weakly (RFC 9110, 8.8.3.2): W/"x" is "x". Our tags hold no commas.
bool names_etag(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view item = trimmed(list.substr(0, comma));
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == etag || item == "*") return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

enum class RangeKind { kWhole, kPart, kOutside };

struct Range {
  RangeKind kind = RangeKind::kWhole;
  std::uint64_t from = 0;
  std::uint64_t last = 0;
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return {};
  return value;
}

Range last_bytes(std::uint64_t count, std::uint64_t size) {
  if (count == 0 || size == 0) return {.kind = RangeKind::kOutside};
  return {RangeKind::kPart, size - std::min(count, size), size - 1};
}

// One range of bytes. Several ranges, other units and malformed ones mean the whole file, as
// RFC 9110, 14.2 allows.
Range parse_range(std::string_view text, std::uint64_t size) {
  if (!text.starts_with("bytes=")) return {};
  text = trimmed(text.substr(6));
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return {};
  const auto from = number(text.substr(0, dash));
  const auto last = number(text.substr(dash + 1));
  if (dash == 0) return last ? last_bytes(*last, size) : Range{};
  const bool open_ended = dash + 1 == text.size();
  if (!from || (!last && !open_ended) || (last && *last < *from)) return {};
  if (*from >= size) return {.kind = RangeKind::kOutside};
  return {RangeKind::kPart, *from, std::min(last.value_or(size - 1), size - 1)};
}

Range wanted_range(const FileRequest& request, const std::string& etag, std::uint64_t size) {
  if (request.head_only || request.range.empty()) return {};
  // A date in If-Range is less exact than our tags, so it never matches.
  if (!request.if_range.empty() && trimmed(request.if_range) != etag) return {};
  return parse_range(request.range, size);
}

void apply_range(FileAnswer& answer, const Range& range, std::uint64_t size) {
  if (range.kind == RangeKind::kWhole) {
    answer.status = 200;
    answer.length = size;
    return;
  }
  const bool part = range.kind == RangeKind::kPart;
  answer.status = part ? 206 : 416;
  answer.offset = range.from;
  answer.length = part ? range.last - range.from + 1 : 0;
  const std::string span =
      part ? std::to_string(range.from) + "-" + std::to_string(range.last) : "*";
  answer.content_range = "bytes " + span + "/" + std::to_string(size);
}

}  // namespace

FileRequest file_request(std::vector<std::string> segments, const RequestHead& head) {
  return {.segments = std::move(segments),
          .head_only = head.method == "HEAD",
          .if_none_match = head.field("If-None-Match"),
          .range = head.field("Range"),
          .if_range = head.field("If-Range")};
}

FileAnswer answer_static_file(const std::filesystem::path& root, const FileRequest& request) {
  FileAnswer answer;
  errno = 0;
  UniqueFd file = open_below(root, request.segments);
  if (!file.is_open() && is_shortage(errno)) answer.status = 503;
  struct stat info {};
  if (!file.is_open() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return answer;
  answer.etag = etag_of(info);
  if (names_etag(request.if_none_match, answer.etag)) {
    answer.status = 304;
    return answer;
  }
  const auto size = static_cast<std::uint64_t>(info.st_size);
  apply_range(answer, wanted_range(request, answer.etag, size), size);
  answer.file = std::move(file);
  return answer;
}

Reply file_reply(FileAnswer answer) {
  if (answer.status == 404) return error_reply(404, "not_found");
  if (answer.status == 503) return busy_reply(kComeAgainSeconds);
  Reply reply{.status = answer.status};
  const auto add = [&reply](const char* name, std::string value) {
    if (!value.empty()) reply.fields.push_back({name, std::move(value)});
  };
  // JSON files are small and fetched whole; a field more would cost each client bytes each time.
  const bool in_ranges = answer.status == 200 && answer.content_type != kJsonType;
  const bool has_type = answer.status == 200 || answer.status == 206;
  add("ETag", std::move(answer.etag));
  add("Cache-Control", std::move(answer.cache_control));
  add("Content-Range", std::move(answer.content_range));
  add("Accept-Ranges", in_ranges ? "bytes" : "");
  if (has_type) add("Content-Type", std::move(answer.content_type));
  if (answer.length > 0) {
    reply.body = FileSpan{std::move(answer.file), answer.offset, answer.length};
  }
  return reply;
}

}  // namespace rootlet::http

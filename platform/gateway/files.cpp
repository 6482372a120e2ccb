#include "platform/gateway/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/crypto.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kForever = "max-age=31536000, immutable";
constexpr std::string_view kAskAgain = "no-cache";
constexpr std::size_t kEtagBytes = 9;  // of a hash: 12 characters

// Each folder by itself and none through a link, so that no link leads out of the repository.
FileHandle open_below(const std::filesystem::path& repository,
                      const std::vector<std::string>& segments) {
  FileHandle folder(::open(repository.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (std::size_t i = 0; i + 1 < segments.size() && folder.is_open(); ++i) {
    folder = FileHandle(::openat(folder.get(), segments[i].c_str(),
                                 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  if (!folder.is_open()) return {};
  return FileHandle(::openat(folder.get(), segments.back().c_str(),
                             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

// Size and time alone repeat when a file is replaced twice within the clock's tick; the inode of a
// file that replaces another differs from it.
std::string etag_of(const struct stat& info) {
  ByteWriter writer;
  writer.u64(info.st_ino);
  writer.u64(static_cast<std::uint64_t>(info.st_size));
  writer.u64(static_cast<std::uint64_t>(info.st_mtim.tv_sec));
  writer.u64(static_cast<std::uint64_t>(info.st_mtim.tv_nsec));
  const Hash256 hash = blake2b(writer.view());
  return "\"" + to_base64(ByteView(hash).first(kEtagBytes)) + "\"";
}

std::string_view content_type_of(std::string_view name) {
  return name.ends_with(".json") ? kJsonType : "application/octet-stream";
}

// A name that never gets other bytes: a pack under its hash, metadata under its number.
bool is_immutable(const std::vector<std::string>& segments) {
  const std::string& folder = segments.front();
  if (folder == "packs" || folder == "directory") return true;
  const char first = segments.back().front();
  return folder == "metadata" && first >= '0' && first <= '9';
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// If-None-Match compares weakly: W/"x" is "x". Our tags hold no commas.
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

// One range of bytes; several, other units and nonsense mean the whole file, as RFC 9110 14.2
// allows.
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
  // A date in If-Range cannot be as exact as our tags, so it does not match.
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

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileHandle::~FileHandle() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileAnswer answer_file(const std::filesystem::path& repository, const FileRequest& request) {
  FileAnswer answer;
  FileHandle file = open_below(repository, request.segments);
  struct stat info {};
  if (!file.is_open() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return answer;
  answer.etag = etag_of(info);
  answer.cache_control = is_immutable(request.segments) ? kForever : kAskAgain;
  if (names_etag(request.if_none_match, answer.etag)) {
    answer.status = 304;
    return answer;
  }
  answer.content_type = content_type_of(request.segments.back());
  const auto size = static_cast<std::uint64_t>(info.st_size);
  apply_range(answer, wanted_range(request, answer.etag, size), size);
  answer.file = std::move(file);
  return answer;
}

}  // namespace rootlet::platform

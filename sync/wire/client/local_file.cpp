// file URLs: RFC 8089. Ranges as in RFC 9110, 14.
#include "sync/wire/client/local_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/file/descriptor.hpp"
#include "core/format/percent.hpp"

namespace rootlet {
namespace {

constexpr std::string_view kScheme = "file://";

// Not blocking, so that opening a pipe in place of a file returns.
UniqueFd open_file(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

// Bytes of a regular file, else nothing.
std::optional<std::uint64_t> size_of(const UniqueFd& file) {
  struct stat info {};
  if (!file.is_open() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  return static_cast<std::uint64_t>(info.st_size);
}

Error malformed() {
  return bad_input("a file URL must be file:// and an absolute path", "url");
}

Result<std::string> path_of(std::string_view url) {
  if (url.starts_with('/')) return std::string(url);
  if (!url.starts_with(kScheme)) return malformed();
  url.remove_prefix(kScheme.size());
  if (url.starts_with("localhost/")) url.remove_prefix(std::strlen("localhost"));
  if (!url.starts_with('/')) return malformed();
  std::optional<std::string> path = percent_decode(url);
  if (!path || path->find('\0') != std::string::npos) return malformed();
  return *std::move(path);
}

struct Span {
  std::uint64_t from = 0;
  std::uint64_t length = 0;
};

// Nothing if the range begins after the end: a 416.
std::optional<Span> span_of(const HttpRequest& request, std::uint64_t size) {
  const std::uint64_t from = request.range_from.value_or(0);
  if (!request.range_from && !request.range_to) return Span{0, size};
  if (from >= size) return {};
  const std::uint64_t last = std::min(request.range_to.value_or(size - 1), size - 1);
  if (last < from) return {};
  return Span{from, last - from + 1};
}

Status copy_span(const UniqueFd& file, Span span, const HttpRequest& request, Bytes& body) {
  Bytes chunk(64 * 1024);
  while (span.length > 0) {
    const std::size_t want = std::min<std::uint64_t>(chunk.size(), span.length);
    const ssize_t got = ::pread(file.get(), chunk.data(), want, static_cast<off_t>(span.from));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      return fail(ErrorCode::kUnreachable,
                  std::string("read a local repository: ") +
                      (got < 0 ? std::strerror(errno) : "the file became shorter"));
    }
    const ByteView piece(chunk.data(), static_cast<std::size_t>(got));
    if (request.on_data) {
      ROOTLET_TRY(request.on_data(piece));
    } else {
      body.insert(body.end(), piece.begin(), piece.end());
    }
    span.from += piece.size();
    span.length -= piece.size();
  }
  return ok();
}

}  // namespace

bool is_local_url(std::string_view url) {
  return url.starts_with('/') || url.starts_with("file:");
}

Result<HttpResponse> read_local_file(const HttpRequest& request) {
  if (request.body) return bad_input("a local repository takes nothing in", "url");
  ROOTLET_TRY(const std::string path, path_of(request.url));
  const UniqueFd file = open_file(path);
  const std::optional<std::uint64_t> size = size_of(file);
  HttpResponse response;
  response.status = 404;
  if (!size) return response;
  const std::optional<Span> span = span_of(request, *size);
  response.status = 416;
  if (!span) return response;
  const bool ranged = request.range_from || request.range_to;
  response.status = ranged ? 206 : 200;
  if (ranged) response.range_start = span->from;
  if (span->length > request.max_bytes) {
    return fail(ErrorCode::kUntrusted, "read a local repository: a file is larger than allowed");
  }
  if (request.on_head) {
    ROOTLET_TRY(request.on_head(response));
  }
  ROOTLET_TRY(copy_span(file, *span, request, response.body));
  return response;
}

}  // namespace rootlet

// An HTTP client over libcurl with limits on bytes, time, redirects and stalls. http.cpp is the
// only file that includes libcurl. Absolute paths and file:// URLs work the same way, without
// libcurl. One HttpClient per thread; it keeps its connection.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/limits.hpp"
#include "sync/wire/client/rate_limit.hpp"

namespace rootlet {

struct HttpOptions {
  std::string ca_file = {};  // PEM; empty: the system's store. If set, the only trust anchor
  std::string ca_pem = {};   // the same as text; has precedence over ca_file
  std::string proxy = {};
  std::shared_ptr<RateLimit> rate =
      {};  // shared by all clients of the link; null: as fast as it is
  std::chrono::seconds connect_time = limits::kConnectTime;
  std::chrono::seconds stall_time = limits::kStallTime;  // under kStallBytesPerSecond this long
};

struct HttpResponse {
  int status = 0;  // 200, 206, 304, 404 …; file:// gives 200, 206, 404 or 416
  Bytes body = {};
  std::string etag = {};  // also empty if it may fit the next version
  std::string content_type = {};
  std::optional<std::uint64_t> range_start = {};  // of a 206
  long retry_after_seconds = 0;
};

// Signs a request by AWS Signature Version 4. The caller gives the field x-amz-content-sha256, and
// writes path and query of the URL as the server's canonical form has them: percent-encoded,
// parameters sorted, each with a '='. A signed request follows no redirect.
struct HttpSigning {
  std::string scope;  // "aws:amz:<region>:<service>"
  std::string key_id, secret;
};

struct HttpRequest {
  std::string url;
  std::size_t max_bytes = 0;                     // of the body; a larger one is kUntrusted
  std::string if_none_match = {};                // an ETag
  std::optional<std::uint64_t> range_from = {};  // first byte wanted
  std::optional<std::uint64_t> range_to = {};    // last byte wanted, inclusive
  std::string if_range = {};
  std::optional<Bytes> body = {};  // POST if present
  std::string content_type = "application/octet-stream";
  std::string method = {};                                       // another one than GET or POST
  std::vector<std::pair<std::string, std::string>> fields = {};  // more header fields
  std::optional<HttpSigning> signing = {};
  std::chrono::seconds total_time{120};
  // Called once with status and header fields of a 200 or 206, before its first piece; its error
  // ends the transfer. The status shows whether the server resumes (206) or sends all again (200).
  std::function<Status(const HttpResponse&)> on_head = {};
  // Called with each piece of a 200 or 206; if set, those bodies are not collected in the response.
  std::function<Status(ByteView)> on_data = {};
};

struct Traffic {
  std::uint64_t bytes_down = 0, bytes_up = 0, requests = 0;  // headers included
};

// What carries requests: HttpClient, or a test's link in memory that keeps the same promises.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
  virtual const Traffic& traffic() const = 0;
  virtual void stop() = 0;
};

class HttpClient final : public HttpTransport {
 public:
  explicit HttpClient(HttpOptions options = {});
  HttpClient(HttpClient&&) noexcept;
  ~HttpClient() override;
  // Any HTTP status is a response; no connection, a time-out, a stall, a cut or a wrong redirect
  // are kUnreachable; a certificate that does not verify, a body above max_bytes and headers above
  // limits::kHttpHeaderBytes are kUntrusted; errors of on_head and on_data are returned as they
  // are. The body of an error status is cut at max_bytes or 64 KiB, whichever is more. Messages
  // name scheme and host only.
  Result<HttpResponse> send(const HttpRequest& request) override;
  const Traffic& traffic() const override;
  // From any thread: ends the current transfer within about a second, and every later one at once.
  void stop() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// "http://host:1" + "metadata/x" with exactly one slash between; the segments of `path` must
// be percent-encoded already.
std::string join_url(std::string_view base, std::string_view path);

// An http, https or file URL without trailing slashes, or an existing folder, which becomes
// file:// URL. kBadInput otherwise.
Result<std::string> repository_url(std::string_view url_or_folder);

}  // namespace rootlet

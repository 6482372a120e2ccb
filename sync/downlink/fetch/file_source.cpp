// The HTTP or folder source, and the TUF fetcher on top of it.
#include "sync/downlink/fetch/file_source.hpp"

#include <algorithm>
#include <charconv>

#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::chrono::seconds kLongestTransfer{24 * 3600};

// The longest transfer of a link just fast enough not to count as stalled.
std::chrono::seconds time_for(std::uint64_t bytes) {
  const std::chrono::seconds slow(bytes / limits::kStallBytesPerSecond);
  return std::min(limits::kSmallRequestTime + slow, kLongestTransfer);
}

HttpRequest http_request(const std::string& base, const FileRequest& request) {
  HttpRequest http;
  http.url = join_url(base, request.path);
  http.max_bytes = static_cast<std::size_t>(request.file_bytes);
  http.if_none_match = request.if_none_match;
  http.total_time = time_for(request.to - request.from);
  const bool part = request.from > 0 || request.to < request.file_bytes;
  if (part) {
    http.range_from = request.from;
    http.range_to = request.to - 1;
  }
  http.on_head = [&request](const HttpResponse& head) -> Status {
    const std::uint64_t offset = head.status == 206 ? head.range_start.value_or(0) : 0;
    if (offset != 0 && offset != request.from) {
      return fail(ErrorCode::kUntrusted, "another part of the file than was asked for");
    }
    return request.on_start ? request.on_start(offset) : ok();
  };
  http.on_data = request.on_data;
  return http;
}

Result<FileReply> reply_of(const HttpResponse& response, const std::string& path) {
  switch (response.status) {
    case 200:
    case 206:
      return FileReply{FetchState::kFetched, response.etag};
    case 304:
      return FileReply{FetchState::kNotModified, response.etag};
    case 403:
    case 404:
    case 410:
      return FileReply{FetchState::kNotFound, {}};
    case 416:
      return fail(ErrorCode::kUntrusted, path + ": shorter than was signed");
    default:
      break;
  }
  Error error = fail(ErrorCode::kUnreachable,
                     path + ": the server answers " + std::to_string(response.status));
  error.retry_after_seconds = response.retry_after_seconds;
  return error;
}

// Metadata is JSON. A page in its place comes from a network that wants a person to sign in first.
bool is_web_page(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '<';
}

Error sign_in_wanted(const std::string& path) {
  Error error =
      fail(ErrorCode::kUnreachable, path + ": a web page came instead of the platform's file");
  error.hint = {
      .en =
          "The network asks for a sign-in, or a proxy answers in the platform's place. Open a "
          "browser on this machine and sign in, or ask who runs the network. Local data and "
          "unsent records are kept; the agent tries again automatically.",
      .zh =
          "网络要求先登录认证，或有代理代替平台作答。请在本机打开浏览器完成登录，或联系网络管理员。"
          "本地数据和待发记录都在，程序会自动重试。"};
  return error;
}

}  // namespace

Result<FileReply> HttpFileSource::get(const FileRequest& request) {
  ROOTLET_TRY(const HttpResponse response, client_->send(http_request(base_, request)));
  return reply_of(response, request.path);
}

Result<TufFetched> RepositoryFetcher::fetch(std::string_view name, std::size_t max_bytes,
                                            const std::string& if_none_match) {
  Bytes bytes;
  FileRequest request;
  request.path = "metadata/" + std::string(name);
  request.to = max_bytes;
  request.file_bytes = max_bytes;
  request.if_none_match = if_none_match;
  request.on_data = [&bytes](ByteView piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return ok();
  };
  ROOTLET_TRY(const FileReply reply, source_->get(request));
  if (reply.state == FetchState::kFetched && is_web_page(bytes))
    return sign_in_wanted(request.path);
  if (name == "timestamp.json" && reply.state == FetchState::kFetched) etag_ = reply.etag;
  return TufFetched{reply.state, UntrustedBytes(std::move(bytes))};
}

Result<FetchState> RepositoryFetcher::fetch_news(const std::string& if_none_match) {
  has_asked_ = true;
  if (news_path_.empty()) return FetchState::kNotFound;
  Bytes bytes;
  FileRequest request;
  request.path = news_path_;
  request.to = limits::kNewsBytes;
  request.file_bytes = limits::kNewsBytes;
  request.if_none_match = if_none_match;
  request.on_data = [&bytes](ByteView piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return ok();
  };
  ROOTLET_TRY(const FileReply reply, source_->get(request));
  if (reply.state != FetchState::kFetched) return reply.state;
  if (is_web_page(bytes)) return sign_in_wanted(request.path);
  ROOTLET_TRY(News news, parse_news(bytes));
  news_ = std::move(news);
  if (from_news("timestamp.json") != nullptr) etag_ = reply.etag;
  return FetchState::kFetched;
}

const Bytes* RepositoryFetcher::from_news(std::string_view name) const {
  if (!news_.has_value()) return nullptr;
  const auto found = news_->files.find(name);
  return found == news_->files.end() ? nullptr : &found->second;
}

bool RepositoryFetcher::is_root_beyond_news(std::string_view name) const {
  constexpr std::string_view kEnding = ".root.json";
  if (!news_.has_value() || !name.ends_with(kEnding)) return false;
  std::int64_t version = 0;
  const char* end = name.data() + name.size() - kEnding.size();
  const auto read = std::from_chars(name.data(), end, version);
  return read.ec == std::errc{} && read.ptr == end && version > news_->root_version;
}

Result<TufFetched> RepositoryFetcher::fetch_metadata(std::string_view name, std::size_t max_bytes) {
  if (!has_asked_) {
    ROOTLET_TRY(fetch_news({}));
  }
  const Bytes* brought = from_news(name);
  if (brought != nullptr) return TufFetched{FetchState::kFetched, UntrustedBytes(*brought)};
  if (is_root_beyond_news(name)) return TufFetched{};
  return fetch(name, max_bytes, {});
}

Result<TufFetched> RepositoryFetcher::fetch_timestamp_if_changed(std::size_t max_bytes) {
  ROOTLET_TRY(const FetchState state, fetch_news(etag_));
  if (state == FetchState::kNotModified) return TufFetched{state, UntrustedBytes(Bytes{})};
  const Bytes* brought = from_news("timestamp.json");
  if (brought != nullptr) return TufFetched{FetchState::kFetched, UntrustedBytes(*brought)};
  return fetch("timestamp.json", max_bytes, etag_);
}

Result<FetchState> RepositoryFetcher::fetch_target(std::string_view address,
                                                   std::uint64_t max_bytes, const ByteSink& sink) {
  FileRequest request;
  request.path = std::string(address);
  request.to = max_bytes;
  request.file_bytes = max_bytes;
  request.on_data = sink;
  ROOTLET_TRY(const FileReply reply, source_->get(request));
  return reply.state;
}

}  // namespace rootlet

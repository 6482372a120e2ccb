// Maps HTTP statuses to what a TUF client knows: fetched, absent, or an error.
#include "sync/repository/http_fetcher.hpp"

#include "core/limits.hpp"

namespace rootlet {
namespace {

// The stall limit ends a dead link much earlier; this bounds a server that sends very slowly.
constexpr std::chrono::hours kTargetTime{6};

std::string with_slash(std::string base) {
  if (!base.ends_with('/')) base.push_back('/');
  return base;
}

// 403 too: object stores answer it for files that do not exist.
Result<FetchState> state_of(const HttpResponse& response, const std::string& url) {
  if (response.status == 200) return FetchState::kFetched;
  if (response.status == 403 || response.status == 404) return FetchState::kNotFound;
  return fail(ErrorCode::kUnreachable, url + ": HTTP " + std::to_string(response.status));
}

}  // namespace

HttpFetcher::HttpFetcher(HttpClient& http, std::string metadata_base, std::string target_base)
    : http_(&http),
      metadata_base_(with_slash(std::move(metadata_base))),
      target_base_(with_slash(std::move(target_base))) {}

Result<TufFetched> HttpFetcher::fetch_metadata(std::string_view name, std::size_t max_bytes) {
  HttpRequest request;
  request.url = metadata_base_ + std::string(name);
  request.max_bytes = max_bytes;
  request.total_time = limits::kSmallRequestTime;
  ROOTLET_TRY(HttpResponse response, http_->send(request));
  ROOTLET_TRY(const FetchState state, state_of(response, request.url));
  return TufFetched{.state = state, .bytes = UntrustedBytes(std::move(response.body))};
}

Result<FetchState> HttpFetcher::fetch_target(std::string_view address, std::uint64_t max_bytes,
                                             const ByteSink& sink) {
  HttpRequest request;
  request.url = target_base_ + std::string(address);
  request.max_bytes = static_cast<std::size_t>(max_bytes);
  request.total_time = kTargetTime;
  request.on_data = sink;
  ROOTLET_TRY(const HttpResponse response, http_->send(request));
  return state_of(response, request.url);
}

}  // namespace rootlet

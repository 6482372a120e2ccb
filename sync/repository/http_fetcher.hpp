// Fetches TUF metadata and targets over HTTP, or from a folder, for a plain TUF client: `rootlet
// trust`, and the platform's witness. Trusts nothing and keeps no state. 403 and 404 mean "no such
// file"; every other status and every broken transfer is an error.
#pragma once

#include <string>

#include "sync/trust/client/tuf_fetcher.hpp"
#include "sync/wire/client/http.hpp"

namespace rootlet {

class HttpFetcher final : public TufFetcher {
 public:
  // `target_base` may be empty when no target will be fetched.
  HttpFetcher(HttpClient& http, std::string metadata_base, std::string target_base);

  Result<TufFetched> fetch_metadata(std::string_view name, std::size_t max_bytes) override;
  Result<FetchState> fetch_target(std::string_view address, std::uint64_t max_bytes,
                                  const ByteSink& sink) override;

 private:
  HttpClient* http_;
  std::string metadata_base_;  // ends in a slash
  std::string target_base_;
};

}  // namespace rootlet

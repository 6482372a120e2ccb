// Where a TUF client gets its files: a web server, a courier's folder, a lying test. The client
// trusts nothing from here and checks every bound again itself.
#pragma once

#include <functional>
#include <string_view>

#include "core/bytes.hpp"

namespace rootlet {

enum class FetchState {
  kFetched,
  kNotFound,     // the server has no such file (HTTP 403 or 404)
  kNotModified,  // only from fetch_timestamp_if_changed: the stored timestamp is current
};

struct TufFetched {
  FetchState state = FetchState::kNotFound;
  UntrustedBytes bytes{Bytes{}};
};

// Takes a file piece by piece. An error ends the transfer, which returns that error.
using ByteSink = std::function<Status(ByteView)>;

class TufFetcher {
 public:
  virtual ~TufFetcher() = default;

  // A file of the metadata folder, for example "2.root.json". `name` is one quoted path segment.
  // More than `max_bytes` is kUntrusted; no answer is kUnreachable.
  virtual Result<TufFetched> fetch_metadata(std::string_view name, std::size_t max_bytes) = 0;

  // As fetch_metadata("timestamp.json"), but may answer kNotModified.
  virtual Result<TufFetched> fetch_timestamp_if_changed(std::size_t max_bytes) {
    return fetch_metadata("timestamp.json", max_bytes);
  }

  // Writes a target to `sink`. `address` is already quoted and may contain slashes, but no "." or
  // ".." segments; the implementation appends it to the base address of targets and a slash.
  virtual Result<FetchState> fetch_target(std::string_view address, std::uint64_t max_bytes,
                                          const ByteSink& sink) = 0;
};

}  // namespace rootlet

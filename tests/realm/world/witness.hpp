// A witness of a realm: the real one over its own folder. It looks at whatever repository a test
// shows it, and is compared as people do it, by files.
#pragma once

#include "platform/witness/exchange.hpp"
#include "platform/witness/watch.hpp"
#include "sync/repository/http_fetcher.hpp"
#include "tests/realm/world/realm.hpp"

namespace rootlet::test {

class LiveWitness {
 public:
  // Begins with the realm's first root.
  LiveWitness(LiveRealm& realm, const std::string& name) : clock_(&realm.clock) {
    const Bytes root =
        must(read_file(realm.repository() / "metadata" / "1.root.json", limits::kRootBytes));
    must(platform::prepare_witness(folder(), "test.example/" + name, root));
  }

  Result<platform::WatchRound> watch(const std::filesystem::path& repository) {
    const std::string url = must(repository_url(repository.string()));
    HttpClient http;
    HttpFetcher fetcher(http, join_url(url, "metadata"), url);
    return platform::watch_once(folder(), fetcher, *clock_);
  }

  platform::ExchangeReport compare(const std::vector<std::filesystem::path>& others = {}) const {
    return must(platform::compare_files(folder(), others, std::nullopt));
  }
  // With what the office says of itself.
  platform::ExchangeReport compare(LiveOffice& office) const {
    const auto file = home_ / "status.json";
    const std::string status = json::serialize(must(office.call("status", {})));
    must(write_file_atomically(file, as_bytes(status)));
    return compare(std::vector{file});
  }

  std::filesystem::path folder() const { return home_ / "seen"; }

 private:
  const FakeClock* clock_;
  TempDir home_{fast_folder()};
};

}  // namespace rootlet::test

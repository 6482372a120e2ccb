// One realm with three partitions, and one office that is granted two of them.
#pragma once

#include "tests/sync/downlink/fixture_realm.hpp"

namespace rootlet::test {

struct World {
  explicit World(std::uint64_t seed = 1) : random(seed) {
    realm.put_rows("3304", random_rows(random, 40));
    realm.put_rows("3305", random_rows(random, 25));
    realm.put_rows("4401", random_rows(random, 10));
    realm.permit({realm.grant({"33"})});
    realm.publish();
  }
  void change(const std::string& partition, bool with_snapshot = false) {
    realm.put_rows(partition, edited(random, realm.stream(partition).data.rows), with_snapshot);
  }
  SyncReport synced() {
    const SyncReport report = office.sync();
    if (report.error.has_value()) FAIL(report.error->message);
    return report;
  }

  FakeClock clock;
  TempDir folder;
  std::mt19937_64 random;
  TestRealm realm{clock};
  TestOffice office{realm, clock, folder / "home"};
};

}  // namespace rootlet::test

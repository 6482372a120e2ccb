// The realm of tests/realm/world, with what tests of publishing need besides: CSV files of any
// text, dry runs, refusals.
#pragma once

#include "sync/trust/metadata/tuf_signer.hpp"
#include "tests/realm/world/realm.hpp"

namespace rootlet::test {

struct World {
  platform::PublishReport publish(const People& people, bool dry_run = false) {
    if (!dry_run) return live.publish(people);
    write_people(csv(), people);
    return must(live.try_publish(csv(), true));
  }
  platform::PublishReport publish_text(std::string_view text) { return must(try_text(text)); }
  Error refused(std::string_view text) {
    const Result<platform::PublishReport> report = try_text(text);
    REQUIRE(report.has_error());
    return report.error();
  }
  Result<platform::PublishReport> try_text(std::string_view text) {
    std::ofstream(csv(), std::ios::binary) << text;
    return live.try_publish(csv(), false);
  }
  platform::Verification verify() { return live.verify(); }
  platform::Registry& registry() { return live.realm().registry(); }
  // Not superseded by a newer version of the same thing.
  bool is_current(const fs::path& path) {
    for (const auto& [role, entry] : must(registry().published_metadata())) {
      if (must(published_file_name(role, entry.version)) == path.filename()) return true;
    }
    for (const platform::DirectoryPackEntry& pack : must(registry().directory_packs())) {
      const bool named = path.filename().string().starts_with(to_hex(pack.sha256));
      if (named && !pack.retired.has_value()) return true;
    }
    return path.parent_path().parent_path().filename() == "packs";
  }
  UnixTime now() const { return live.clock.wall(); }
  // Another office that may hold all partitions; it has not synced yet.
  LiveOffice& add_office() { return live.add_office("office-" + std::to_string(++offices_)); }

  LiveRealm live;
  TempDir folder{fast_folder()};

 private:
  fs::path csv() const { return folder / "people.csv"; }
  int offices_ = 0;
};

}  // namespace rootlet::test

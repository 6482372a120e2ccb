// The realm of tests/realm/world, with what tests of publishing need besides: CSV files of any
// text, dry runs, refusals.
#pragma once

#include "platform/repository/directory_writer.hpp"
#include "sync/pack/table/directory.hpp"
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
    for (const auto& [role, entry] : must(platform::published_metadata(live.realm()))) {
      if (must(published_file_name(role, entry.version)) == path.filename()) return true;
    }
    platform::DirectoryTables tree = registry().tree();
    const Bytes root = must(tree.node_pack("all")).value_or(Bytes());
    if (path.filename() == fs::path(must(platform::root_node_path(root))).filename()) return true;
    for (const platform::DirectoryFile& file : must(tree.files_in_use())) {
      const fs::path known = nodes_path(file.group, file.file);
      if (path.filename() == known.filename() &&
          path.parent_path().filename() == known.parent_path().filename()) {
        return true;
      }
    }
    if (path.parent_path().filename() == "news") return true;
    return path.parent_path().parent_path().filename() == "packs";
  }
  // A byte of the file that is in use: superseded packs stay beside others for a while.
  std::size_t live_byte(const fs::path& path) {
    platform::DirectoryTables tree = registry().tree();
    for (const platform::DirectoryFile& file : must(tree.files_in_use())) {
      if (live.repository() / nodes_path(file.group, file.file) != path) continue;
      const platform::PackEntry pack = must(tree.packs_in(file)).front();
      return static_cast<std::size_t>(pack.offset + pack.file_bytes / 2);
    }
    return static_cast<std::size_t>(fs::file_size(path) / 2);
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

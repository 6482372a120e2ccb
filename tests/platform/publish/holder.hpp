// A realm with the dataset "people", and offices that hold all of its partitions.
#pragma once

#include "platform/publish/verification.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"
#include "tests/platform/publish/world.hpp"

namespace rootlet::test {

using namespace platform;

inline UnixTime now() {
  return system_clock().wall();
}

struct World {
  TempDir folder;
  RealmFolder realm_folder{folder / "realm"};
  World() { make_realm(realm_folder.path); }

  PublishReport publish(const People& people, bool dry_run = false) {
    write_people(folder / "people.csv", people);
    Realm realm = must(Realm::open(realm_folder.path));
    return must(publish_dataset(realm, "people", {.open_source = csv_file(folder / "people.csv"), .dry_run = dry_run},
                                now()));
  }
  PublishReport publish_text(std::string_view csv) { return must(try_text(csv)); }
  Error refused(std::string_view csv) {
    const Result<PublishReport> report = try_text(csv);
    REQUIRE(report.has_error());
    return report.error();
  }
  Result<PublishReport> try_text(std::string_view csv) {
    std::ofstream(folder / "people.csv", std::ios::binary) << csv;
    Realm realm = must(Realm::open(realm_folder.path));
    return publish_dataset(realm, "people", {.open_source = csv_file(folder / "people.csv")}, now());
  }
  Verification verify() {
    Realm realm = must(Realm::open(realm_folder.path));
    return must(verify_realm(realm, system_clock()));
  }
  // True if no newer version of the same file replaces it.
  bool is_current(const fs::path& path) {
    Realm realm = must(Realm::open(realm_folder.path));
    for (const auto& [role, entry] : must(realm.registry().published_metadata())) {
      if (must(published_file_name(role, entry.version)) == path.filename()) return true;
    }
    for (const DirectoryPackEntry& pack : must(realm.registry().directory_packs())) {
      const bool named = path.filename().string().starts_with(to_hex(pack.sha256));
      if (named && !pack.retired.has_value()) return true;
    }
    return path.parent_path().parent_path().filename() == "packs";
  }
};

inline std::string cell_text(const OwnedCell& cell) {
  if (cell.kind == CellView::Kind::kNull) return "";
  return cell.kind == CellView::Kind::kInteger ? std::to_string(cell.integer) : cell.text;
}

// All partitions of the dataset in one office: the section of grade 1, and grade 3 by row.
class Holder {
 public:
  explicit Holder(World& world)
      : world_(world),
        office_(world.realm_folder, world.folder / ("trust" + std::to_string(++count_)),
                must(must(Realm::open(world.realm_folder.path))
                         .registry()
                         .secret("directory-content"))) {}

  void catch_up() {
    must(office_.refresh());
    Realm realm = must(Realm::open(world_.realm_folder.path));
    const auto keys = must(realm.registry().content_keys("people"));
    for (const auto& [name, row] : office_.streams()) {
      const std::string partition = must(StreamName::parse(name)).partition;
      for (const ContentKey& key : keys) {
        if (key.stream.partition != partition || key.grade != 1) continue;
        auto& held = base_.try_emplace(partition, people_definition().sections()[0].columns.size())
                         .first->second;
        must(office_.catch_up(partition, 0, key.key, held));
      }
    }
  }

  std::set<std::string> masked_rows() const {
    std::set<std::string> rows;
    for (const auto& [partition, held] : base_) {
      for (const auto& [rid, row] : held.rows) {
        rows.insert(cell_text(row[0]) + "|" + cell_text(row[1]) + "|" + cell_text(row[2]) + "|" +
                    cell_text(row[3]));
      }
    }
    return rows;
  }
  const PublicOffice& office() const { return office_; }
  Version version_of(const std::string& partition) const { return base_.at(partition).version; }

 private:
  static inline int count_ = 0;
  World& world_;
  PublicOffice office_;
  std::map<std::string, HeldStream> base_;
};

}  // namespace rootlet::test

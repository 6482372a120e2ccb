// A realm with one graded dataset, a writer of its files, and an office that knows only the public
// folder, the first root and its own keys.
#pragma once

#include <fstream>
#include <map>
#include <set>

#include "platform/office/catalogue.hpp"
#include "platform/office/realm_init.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/source/csv_source.hpp"
#include "sync/pack/pack.hpp"
#include "sync/pack/plan.hpp"
#include "sync/trust/client/tuf_client.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

using namespace platform;

inline constexpr std::string_view kPeople = R"({
  "id": "people", "title": {"zh": "人口", "en": "People"},
  "provider": {"code": "11A", "name": "Unit"}, "format": "table", "update": "daily",
  "sharing": {"attribute": "conditional", "scope": "s", "uses": ["care", "census"]},
  "grade": "general", "division": {"column": "code", "digits": 2},
  "columns": [{"name": "id", "type": "text", "key": true}, {"name": "code", "type": "text"},
              {"name": "members", "type": "integer"},
              {"name": "phone", "type": "text", "grade": 3, "mask": "phone"}]})";

struct Person {
  std::string code, members, phone;
  bool operator==(const Person&) const = default;
};
using People = std::map<std::string, Person>;  // by id

inline DatasetDefinition people_definition() {
  return must(DatasetDefinition::parse(kPeople, "people.json"));
}

inline void write_people(const std::filesystem::path& path, const People& people) {
  std::ofstream file(path, std::ios::binary);
  file << "phone,members,code,id\n";
  for (const auto& [id, person] : people) {
    file << person.phone << ',' << person.members << ',' << person.code << ',' << id << '\n';
  }
}

// Rows as an office sees them, by id, with the phone masked or not.
inline std::set<std::string> rows_of(const People& people, bool masked) {
  std::set<std::string> rows;
  for (const auto& [id, person] : people) {
    const std::string phone =
        masked && !person.phone.empty() ? mask_text("phone", person.phone) : person.phone;
    rows.insert(id + "|" + person.code + "|" + person.members + "|" + phone);
  }
  return rows;
}

inline People change_people(People people, std::mt19937_64& random, std::size_t changes) {
  const auto person = [&] {
    const std::string code = std::to_string(11 + random() % 4) + "01";
    const std::string members = random() % 4 == 0 ? "" : std::to_string(random() % 9);
    const std::string phone =
        random() % 3 == 0 ? "" : std::to_string(13'800'000'000 + random() % 100'000'000);
    return Person{code, members, phone};
  };
  for (; changes > 0; --changes) {
    const std::string id = "p" + std::to_string(random() % 400);
    if (random() % 3 == 0) {
      people.erase(id);
    } else {
      people[id] = person();
    }
  }
  return people;
}

class FolderServer final : public TufFetcher {
 public:
  explicit FolderServer(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Result<TufFetched> fetch_metadata(std::string_view name, std::size_t max_bytes) override {
    const auto path = folder_ / "metadata" / name;
    if (!std::filesystem::exists(path)) return TufFetched{};
    ROOTLET_TRY(Bytes bytes, read_file(path, max_bytes));
    return TufFetched{FetchState::kFetched, UntrustedBytes(std::move(bytes))};
  }
  Result<FetchState> fetch_target(std::string_view address, std::uint64_t max_bytes,
                                  const ByteSink& sink) override {
    ROOTLET_TRY(const Bytes bytes, read_file(folder_ / address, max_bytes));
    ROOTLET_TRY(sink(bytes));
    return FetchState::kFetched;
  }

 private:
  std::filesystem::path folder_;
};

// The rows of one section of one stream in an office.
class HeldStream final : public BaseRows, public ChangeSink {
 public:
  using Row = std::vector<OwnedCell>;
  explicit HeldStream(std::size_t columns) : columns_(columns) {}

  Version version = 0;
  SectionDigest digest;
  std::map<Rid, Row> rows;

  // From now on find() returns the present rows, whatever a pack changes.
  void stand_still() { base_ = rows; }
  Result<RowBlock> find(std::span<const Rid> rids) override {
    RowBlock block;
    block.columns.resize(columns_);
    for (const Rid rid : rids) {
      if (!base_.contains(rid)) continue;
      block.rids.push_back(rid);
      for (std::size_t c = 0; c < columns_; ++c) block.columns[c].push(base_.at(rid)[c].view());
    }
    return block;
  }
  Status remove(RowBlock old_rows) override {
    for (const Rid rid : old_rows.rids) REQUIRE(rows.erase(rid) == 1);
    digest.remove(key, old_rows);
    return ok();
  }
  Status update(RowBlock old_rows, RowBlock new_rows) override {
    digest.remove(key, old_rows);
    digest.add(key, new_rows);
    for (std::size_t i = 0; i < new_rows.rids.size(); ++i) {
      rows.at(new_rows.rids[i]) = row_at(new_rows, i);
    }
    return ok();
  }
  Status insert(RowBlock block) override {
    digest.add(key, block);
    for (std::size_t i = 0; i < block.rids.size(); ++i) {
      REQUIRE(rows.emplace(block.rids[i], row_at(block, i)).second);
    }
    return ok();
  }
  void clear() {
    version = 0;
    digest = {};
    rows.clear();
  }
  SymmetricKey key;  // of the digest

 private:
  Row row_at(const RowBlock& block, std::size_t row) const {
    Row cells;
    for (std::size_t c = 0; c < columns_; ++c) {
      const CellView cell = block.columns[c].at(row);
      cells.push_back({cell.kind, cell.integer, std::string(cell.text)});
    }
    return cells;
  }
  std::size_t columns_;
  std::map<Rid, Row> base_;
};

// Reads the public folder as an office does, and verifies everything.
class PublicOffice {
 public:
  PublicOffice(const RealmFolder& realm, const std::filesystem::path& trust,
               SymmetricKey directory_key)
      : realm_(realm),
        trust_(trust),
        server_(realm.repository()),
        directory_(directory_schema().columns.size()),
        directory_key_(std::move(directory_key)) {
    directory_.key = digest_key(directory_key_);
    must(TufClient::install_root(
        trust_, must(read_file(realm.repository() / "metadata" / "1.root.json", 1 << 20))));
  }

  // Brings the directory to its newest version. Fails if there is none yet.
  Status refresh() {
    TufClient client(trust_, server_, system_clock());
    ROOTLET_TRY(client.refresh());
    ROOTLET_TRY(const Signed<TufTargets>* role, client.load_role("directory"));
    ROOTLET_TRY(const std::vector<PublicKey> publishers, keys_of(client, "directory"));
    std::vector<PackEdge> packs;
    for (const auto& [path, target] : role->body.targets) {
      PackEdge pack{.bytes = target.length};
      REQUIRE(std::sscanf(path.c_str(), "directory/%lu-%lu.pack", &pack.from, &pack.to) == 2);
      packs.push_back(pack);
    }
    directory_packs_listed = packs.size();
    for (const auto& [from, to, bytes] : path_up(packs, directory_.version)) {
      ++directory_packs_taken;
      const std::string name =
          "directory/" + std::to_string(from) + "-" + std::to_string(to) + ".pack";
      ROOTLET_TRY(const auto target, client.find_target(name));
      Bytes file;
      ROOTLET_TRY(client.download(*target, [&](ByteView piece) {
        file.insert(file.end(), piece.begin(), piece.end());
        return ok();
      }));
      ROOTLET_TRY(const PackHeader header, parse_pack_header(file));
      ROOTLET_TRY(
          apply(file, header.id, publishers, 0, directory_schema(), directory_key_, directory_));
    }
    ROOTLET_TRY(publishers_, keys_of(client, "publisher-11a"));
    return read_directory();
  }

  const std::map<std::string, DirectoryRow>& streams() const { return streams_; }
  const std::map<std::string, DirectoryRow>& packs() const { return packs_; }
  std::vector<PackEdge> packs_of(const std::string& stream) const {
    std::vector<PackEdge> packs;
    for (const auto& [id, row] : packs_) {
      if (!id.starts_with(stream + "/")) continue;
      packs.push_back({static_cast<Version>(row.a), static_cast<Version>(row.b),
                       static_cast<std::uint64_t>(row.size)});
    }
    return packs;
  }
  std::size_t packs_taken = 0, directory_packs_taken = 0, directory_packs_listed = 0;
  std::uint64_t bytes_taken = 0;  // of data packs

  // Brings a stream to the head in the directory, with the packs that the directory pins.
  Status catch_up(const std::string& partition, std::size_t section, const SymmetricKey& key,
                  HeldStream& held) {
    const std::string name = "people/" + partition;
    held.key = digest_key(key);
    for (const auto& [from, to, bytes] : path_up(packs_of(name), held.version)) {
      ++packs_taken;
      bytes_taken += bytes;
      const DirectoryRow& row =
          packs_.at(name + "/" + std::to_string(from) + "-" + std::to_string(to));
      Hash256 id;
      std::copy(row.hash.begin(), row.hash.end(), id.begin());
      ROOTLET_TRY(const Bytes file, read_file(realm_.repository() / pack_path(id),
                                              static_cast<std::size_t>(row.size)));
      REQUIRE(file.size() == static_cast<std::size_t>(row.size));
      ROOTLET_TRY(apply(file, id, publishers_, section, people_definition().sections()[section],
                        key, held));
    }
    CHECK(held.version == static_cast<Version>(streams_.at(name).a));
    return ok();
  }

 private:
  static Result<std::vector<PublicKey>> keys_of(TufClient& client, const std::string& role) {
    const Signed<TufTargets>* targets = client.trusted().targets("targets", "root");
    REQUIRE(targets != nullptr);
    const TufDelegation* delegation = targets->body.delegation(role);
    std::vector<PublicKey> keys;
    if (delegation == nullptr) return keys;
    for (const std::string& id : delegation->role.key_ids) {
      ROOTLET_TRY(const Hash256 key, hash_from_hex(targets->body.keys.at(id).material));
      keys.push_back(key);
    }
    return keys;
  }

  // The path that a real office takes.
  static std::vector<PackEdge> path_up(const std::vector<PackEdge>& packs, Version version) {
    Version head = 0;
    for (const PackEdge& pack : packs) head = std::max(head, pack.to);
    std::vector<PackEdge> path;
    for (const std::size_t edge : must(plan_packs(packs, version, head)).edges) {
      path.push_back(packs[edge]);
    }
    return path;
  }

  static Status apply(const Bytes& file, const Hash256& id, std::span<const PublicKey> publishers,
                      std::size_t section, const SectionSchema& schema, const SymmetricKey& key,
                      HeldStream& held) {
    ROOTLET_TRY(const PackHeader header, verify_pack_header(file, id, publishers));
    if (header.from == 0) held.clear();
    held.stand_still();
    REQUIRE(header.from == held.version);
    REQUIRE(header.file_bytes() == file.size());
    RowLists lists;
    std::uint64_t at = header.header_bytes;
    for (std::size_t s = 0; s <= section; ++s) {
      const ByteView bytes = ByteView(file).subspan(at, header.sections[s].stored_bytes);
      at += header.sections[s].stored_bytes;
      if (s != section) continue;
      std::size_t done = 0;
      const SectionSource source = [&](std::size_t at_most) -> Result<Bytes> {
        const ByteView piece = bytes.subspan(done, std::min(at_most, bytes.size() - done));
        done += piece.size();
        return to_bytes(piece);
      };
      REQUIRE(held.digest.begins_with(header.sections[s].before));
      ROOTLET_TRY(read_pack_section(header, s, schema, key, source, held, lists, held));
      CHECK(held.digest.begins_with(header.sections[s].after));
    }
    held.version = header.to;
    return ok();
  }

  Status read_directory() {
    streams_.clear();
    packs_.clear();
    std::vector<Rid> rids;
    for (const auto& [rid, row] : directory_.rows) rids.push_back(rid);
    directory_.stand_still();
    ROOTLET_TRY(const RowBlock block, directory_.find(rids));
    for (std::size_t i = 0; i < rids.size(); ++i) {
      ROOTLET_TRY(const DirectoryRow row, directory_row(block, i));
      if (row.kind == DirectoryKind::kStream) streams_[row.id] = row;
      if (row.kind == DirectoryKind::kPack) packs_[row.id] = row;
    }
    return ok();
  }

  RealmFolder realm_;
  std::filesystem::path trust_;
  FolderServer server_;
  HeldStream directory_;
  SymmetricKey directory_key_;
  std::vector<PublicKey> publishers_;
  std::map<std::string, DirectoryRow> streams_, packs_;
};

inline Passphrases test_passphrases() {
  return {"correct horse 1", "correct horse 2", "correct horse 3"};
}

// A realm with the dataset "people".
inline void make_realm(const std::filesystem::path& folder) {
  must(init_realm(folder, {.name = "Test"}, test_passphrases(), system_clock().wall()));
  Realm realm = must(Realm::open(folder));
  must(add_dataset(realm, people_definition(), system_clock().wall()));
}

}  // namespace rootlet::test

// A realm without agents: datasets of one shape, cut as a test wants, offices that are a pair of
// keys, and a reader of the directory that knows only what an office's invitation and grant file
// say. What the reader takes from the registry, an agent takes from verified metadata.
#pragma once

#include <fstream>
#include <map>
#include <set>
#include <string>

#include "platform/office/catalogue.hpp"
#include "platform/office/membership.hpp"
#include "platform/office/realm_init.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/publish/verification.hpp"
#include "platform/repository/directory_writer.hpp"
#include "platform/source/csv_source.hpp"
#include "sync/pack/pack.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/office/enrolment.hpp"
#include "sync/trust/office/invitation.hpp"
#include "tests/support/support.hpp"
#include "tests/support/test_database.hpp"

namespace rootlet::test {

// How many rows each division code has; every row differs by `salt`.
using Codes = std::map<std::string, int>;

struct TreeOffice {
  std::string id, division;
  SigningKey signing = SigningKey::generate();
  SealingKey sealing = SealingKey::generate();
  Invitation invitation;
};

class TreeWorld {
 public:
  TreeWorld() {
    std::filesystem::copy(new_realm(), path(), std::filesystem::copy_options::recursive);
    open();
  }

  void add_dataset(const std::string& id, int digits) {
    const std::string text = R"({"id": ")" + id + R"(", "title": "T", "provider": {"code": "11A",
      "name": "Unit"}, "format": "table", "update": "daily", "sharing": {"attribute": "conditional",
      "scope": "s", "uses": ["care"]}, "grade": "general", "division": {"column": "code", "digits": )" +
                             std::to_string(digits) + R"(}, "columns": [{"name": "id",
      "type": "text", "key": true}, {"name": "code", "type": "text"},
      {"name": "salt", "type": "text"}]})";
    must(platform::add_dataset(realm(), must(DatasetDefinition::parse(text, id)), now()));
  }

  void publish(const std::string& dataset, const Codes& codes, const std::string& salt = "") {
    const auto csv = folder_ / "rows.csv";
    {
      std::ofstream file(csv);
      file << "id,code,salt\n";
      for (const auto& [code, rows] : codes) {
        for (int i = 0; i < rows; ++i)
          file << code << "-" << i << "," << code << "," << salt << "\n";
      }
    }
    pass();
    must(platform::publish_dataset(
        realm(), dataset, {.open_source = platform::csv_file(csv), .accept_changes = 100}, now()));
  }

  TreeOffice invite(const std::string& id, const std::string& division) {
    TreeOffice office{.id = id, .division = division, .invitation = {}};
    pass();
    office.invitation = must(parse_invitation(
        must(platform::invite_office(realm(), {.id = id, .division = division, .name = id}, now())),
        "invitation"));
    return office;
  }
  void enrol(TreeOffice& office) {
    const EnrolmentRequest request{.token = office.invitation.token,
                                   .signing_key = office.signing.public_key,
                                   .sealing_key = office.sealing.public_key,
                                   .agent_version = "0"};
    const Bytes sealed = seal_envelope(
        enrolment_header(office.invitation.realm_id, office.id, office.invitation.token),
        as_bytes(encode_enrolment_request(request)), office.signing,
        office.invitation.keys.enrolment);
    pass();
    must(platform::enrol_office(realm(), sealed, now()));
  }
  TreeOffice add_office(const std::string& id, const std::string& division) {
    TreeOffice office = invite(id, division);
    enrol(office);
    return office;
  }
  void permit(const TreeOffice& office, const std::string& dataset,
              std::vector<std::string> divisions) {
    Grant grant;
    grant.dataset = dataset;
    grant.divisions = std::move(divisions);
    grant.basis = grant.scenario = grant.approver = "test";
    grant.purposes = {"care"};
    grant.until = now() + std::chrono::days(365);
    pass();
    must(platform::add_grant(realm(), office.id, grant, platform::CoverageRule::kAnyway, now()));
  }
  void widen(const TreeOffice& office, const std::string& dataset,
             const std::vector<std::string>& divisions) {
    pass();
    must(platform::change_grant(
        realm(), office.id, dataset, platform::CoverageRule::kAnyway,
        [&](Grant& grant) -> Status {
          grant.divisions = divisions;
          return ok();
        },
        now()));
  }
  void forbid(const TreeOffice& office, const std::string& dataset) {
    pass();
    must(platform::remove_grant(realm(), office.id, dataset, now()));
  }

  // Present nodes and their versions, by division.
  std::map<std::string, Version> nodes() {
    std::map<std::string, Version> found;
    must(tree().visit_present([&](const platform::DirectoryStream& stream) {
      if (stream.name == node_stream(stream.name.partition)) {
        found[stream.name.partition] = stream.version;
      }
      return ok();
    }));
    return found;
  }

  // What `verify` says; empty if all is well.
  std::string problems() {
    std::string text;
    for (const std::string& problem : must(platform::verify_realm(realm(), clock)).problems) {
      text += problem + "\n";
    }
    return text;
  }

  std::filesystem::path grant_file_of(const TreeOffice& office) {
    const auto entry = must(realm().registry().office(office.id));
    return repository() / grant_path(grant_token(office.signing.public_key), entry->grant_version);
  }
  GrantFile grant_file(const TreeOffice& office) {
    const Bytes file = must(read_file(grant_file_of(office), 1 << 20));
    const PublicKey signer = must(realm().registry().signing_key("grants")).public_key;
    const OpenedEnvelope opened = must(open_envelope(file, signer, office.sealing));
    return must(parse_grant_file(as_text(opened.payload)));
  }

  // The streams whose heads the office finds by its keys alone: rows of kind stream.
  std::set<std::string> seen_by(const TreeOffice& office) { return Reader(*this, office).read(); }

  platform::Realm& realm() { return *realm_; }
  platform::DirectoryTables tree() { return realm().registry().tree(); }
  void open() { realm_.emplace(must(platform::Realm::open(path()))); }
  void close() { realm_.reset(); }
  std::filesystem::path path() const { return folder_ / "realm"; }
  std::filesystem::path repository() const { return path() / "repository"; }
  UnixTime now() const { return clock.wall(); }
  void pass() { clock.pass(std::chrono::seconds(10)); }
  FakeClock clock;

 private:
  using Rows = std::vector<DirectoryRow>;

  // Follows rows of kind node from the root.
  class Reader {
   public:
    Reader(TreeWorld& world, const TreeOffice& office) : world_(world) {
      const GrantFile file = world.grant_file(office);
      for (const DirectoryKey& key : office.invitation.directory_keys) add(key);
      for (const DirectoryKey& key : file.directory_keys) add(key);
      grants_ = file.grants;
    }
    std::set<std::string> read() {
      read_node("all", *must(world_.tree().node_pack("all")));
      return std::move(seen_);
    }

   private:
    void add(const DirectoryKey& key) { keys_[key.stream] = key.key.clone(); }

    Bytes fetch(const StreamName& stream, const DirectoryRow& row) {
      const Bytes all = must(
          read_file(world_.repository() / path_of_pack(stream, row.file), std::size_t{1} << 30));
      const auto begin = all.begin() + row.offset;
      return Bytes(begin, begin + row.size);
    }

    Rows open(const StreamName& stream, ByteView file, const SymmetricKey& key) {
      const PublicKey publishers[] = {
          must(world_.realm().registry().signing_key("directory")).public_key};
      const PackHeader header = must(verify_pack_header(file, publishers));
      CHECK(header.stream == stream);
      std::size_t at = header.header_bytes;
      Collector sink;
      EmptyBase base(directory_schema());
      RowLists lists;
      must(read_pack_section(
          header, 0, directory_schema(), key,
          [&](std::size_t at_most) -> Result<Bytes> {
            const ByteView piece = file.subspan(at, std::min(at_most, file.size() - at));
            at += piece.size();
            return to_bytes(piece);
          },
          base, lists, sink));
      return std::move(sink.rows);
    }

    void read_node(const std::string& division, ByteView file) {
      const StreamName stream = node_stream(division);
      read_rows(division, open(stream, file, keys_.at(stream)));
    }

    void read_rows(const std::string& division, const Rows& rows) {
      for (const DirectoryRow& row : rows) {
        if (row.kind == DirectoryKind::kStream) seen_.insert(row.id);
        if (row.kind != DirectoryKind::kNode) continue;
        const StreamName child = must(StreamName::parse(row.id));
        if (keys_.contains(child) && child == node_stream(child.partition)) {
          read_node(child.partition, fetch(child, row));
        }
        for (const Grant& grant : grants_) {
          const auto key = keys_.find(heads_stream(grant.dataset, division));
          if (key == keys_.end()) continue;
          if (slice_stream(slice_name(key->second), division) != child) continue;
          read_rows(division, open(child, fetch(child, row), key->second));
        }
      }
    }

    struct Collector final : ChangeSink {
      Status remove(RowBlock) override { return fail(ErrorCode::kInternal, "remove"); }
      Status update(RowBlock, RowBlock) override { return fail(ErrorCode::kInternal, "update"); }
      Status insert(RowBlock block) override {
        for (std::size_t i = 0; i < block.rids.size(); ++i) {
          rows.push_back(must(directory_row(block, i)));
        }
        return ok();
      }
      Rows rows;
    };

    TreeWorld& world_;
    std::map<StreamName, SymmetricKey> keys_;
    std::vector<Grant> grants_;
    std::set<std::string> seen_;
  };

  // Made once and copied for each test, because root keys take their time (Argon2).
  static std::filesystem::path new_realm() {
    static const TempDir kFolder{memory()};
    const auto path = kFolder / "realm";
    if (!std::filesystem::exists(path)) {
      must(platform::init_realm(path, {.name = "Tree", .database = test_database(path)},
                                {"correct horse 1", "correct horse 2", "correct horse 3"},
                                FakeClock().wall()));
    }
    return path;
  }

  static std::filesystem::path memory() {
    std::error_code ignored;
    const std::filesystem::path shm = "/dev/shm";
    return std::filesystem::is_directory(shm, ignored) ? shm
                                                       : std::filesystem::temp_directory_path();
  }

  TempDir folder_{memory()};
  std::optional<platform::Realm> realm_;
};

}  // namespace rootlet::test

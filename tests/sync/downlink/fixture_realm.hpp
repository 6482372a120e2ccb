// A realm signed by hand, in memory, for what the platform's programs never sign: wrong packs,
// grants for others, rotated keys, withdrawn partitions. Tests that need no such thing run over the
// real platform (tests/realm/world). Encoders and signers are the real ones.
#pragma once

#include "core/clock.hpp"
#include "sync/downlink/sync.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"
#include "sync/trust/office/envelope.hpp"
#include "tests/sync/downlink/fixture_source.hpp"
#include "tests/sync/downlink/fixture_store.hpp"

namespace rootlet::test {

inline constexpr const char* kOffice = "jiashan-01";
inline constexpr const char* kRealm = "0123456789abcdef";

struct RealmStream {
  PublishedStream data;
  std::uint32_t epoch = 1;
  std::vector<std::string> pack_ids;  // rows of the directory
};

class TestRealm {
 public:
  explicit TestRealm(const Clock& clock) : clock_(&clock) {
    rows_[next_rid_++] = {
        .kind = DirectoryKind::kDataset, .id = "roster", .body = definition.source};
    keys_root_ = file_root();
  }

  // --- publishing: nothing is visible before publish() ---------------------------------------
  RealmStream& stream(const std::string& partition) {
    const auto known = streams_.find(partition);
    if (known != streams_.end()) return known->second;
    RealmStream& made = streams_[partition];
    made.data = {.name = {"roster", partition}, .keys = new_content_keys(definition)};
    return made;
  }
  // The next version of a stream: a delta from the last one, and a snapshot if asked or first.
  void put_rows(const std::string& partition, const TestRows& rows, bool with_snapshot = false) {
    RealmStream& made = stream(partition);
    const TestRows before = made.data.rows;
    const Version from = made.data.version;
    made.data.rows = rows;
    made.data.version += 1;
    if (from > 0) add_pack(made, from, before);
    if (from == 0 || with_snapshot) add_pack(made, 0, {});
    put_head(made);
  }
  // New keys, a new snapshot, and no pack that leads there from before.
  void rotate(const std::string& partition) {
    RealmStream& made = stream(partition);
    for (const std::string& id : made.pack_ids) erase_row(id);
    made.pack_ids.clear();
    made.data.keys = new_content_keys(definition);
    made.epoch += 1;
    made.data.version += 1;
    add_pack(made, 0, {});
    put_head(made);
  }
  void withdraw(const std::string& partition) {
    RealmStream& made = stream(partition);
    for (const std::string& id : made.pack_ids) erase_row(id);
    erase_row(made.data.name.text());
    streams_.erase(partition);
  }
  void omit_dataset() { erase_row("roster"); }
  // A new grant file; keys for every stream there is.
  void permit(std::vector<Grant> given) {
    GrantFile file;
    file.office = kOffice;
    file.version = ++grant_version_;
    file.issued = clock_->wall();
    file.grants = std::move(given);
    for (const auto& [partition, made] : streams_) {
      const std::vector<SectionSchema> sections = definition.sections();
      for (std::size_t i = 0; i < sections.size(); ++i) {
        file.keys.push_back(
            {made.data.name, sections[i].grade, made.epoch, made.data.keys[i].clone()});
      }
    }
    put_grant(file, {.type = "grant",
                     .realm = kRealm,
                     .from = "platform",
                     .to = kOffice,
                     .chain = "",
                     .sequence = file.version});
  }
  Grant grant(std::vector<std::string> divisions, Grade grade = 3) const {
    Grant made;
    made.dataset = "roster";
    made.divisions = std::move(divisions);
    made.max_grade = grade;
    made.basis = made.scenario = made.approver = "test";
    made.purposes = {"look-up"};
    made.until = clock_->wall() + std::chrono::hours(24 * 365);
    return made;
  }
  void put_grant(const GrantFile& file, const EnvelopeHeader& header) {
    const std::string text = encode_grant_file(file);
    const Bytes envelope = seal_envelope(header, as_bytes(text), grants, office_key.public_key);
    source.files[grant_path(kOffice)] = envelope;
    put_row({.kind = DirectoryKind::kGrant,
             .id = kOffice,
             .a = static_cast<std::int64_t>(file.version),
             .size = static_cast<std::int64_t>(envelope.size()),
             .time = file.issued.time_since_epoch().count(),
             .hash = std::string(as_text(sha256(envelope)))});
  }
  void publish() {
    add_directory_pack(published_, directory_version_);
    directory_version_ += 1;
    published_ = rows_;
    sign_all();
  }
  // The daily new signature, with nothing else new.
  void sign_timestamp() {
    timestamp_version_ += 1;
    TufTimestampContent content;
    content.header = header(timestamp_version_, std::chrono::hours(24 * 7));
    content.header.custom["x-rootlet-issued"] = format_time(clock_->wall());
    content.snapshot = describe_metadata(snapshot_file_, metadata_version_);
    put_metadata("timestamp.json", encode_timestamp(content), timestamp);
  }

  DatasetDefinition definition = roster();
  MemorySource source;
  SigningKey root = SigningKey::generate(), targets = SigningKey::generate(),
             snapshot = SigningKey::generate(), timestamp = SigningKey::generate(),
             directory = SigningKey::generate(), grants = SigningKey::generate(),
             publisher = SigningKey::generate();
  SealingKey office_key = SealingKey::generate();
  SymmetricKey directory_key = SymmetricKey::random();
  Bytes file_root() {
    TufRootContent content;
    content.header = header(1, std::chrono::hours(24 * 365));
    content.root.keys = {root.public_key};
    content.targets.keys = {targets.public_key};
    content.snapshot.keys = {snapshot.public_key};
    content.timestamp.keys = {timestamp.public_key};
    put_metadata("1.root.json", encode_root(content), root);
    return source.files["metadata/1.root.json"];
  }
  const Bytes& root_file() const { return keys_root_; }

 private:
  using Rows = std::map<Rid, DirectoryRow>;

  TufHeader header(std::int64_t version, std::chrono::hours life) const {
    return {.version = version, .expires = clock_->wall() + life};
  }
  void put_metadata(const std::string& name, const json::object& signed_part,
                    const SigningKey& key) {
    const SigningKey* const keys[] = {&key};
    source.files["metadata/" + name] = must(sign_metadata(signed_part, keys));
  }

  void put_row(DirectoryRow row) {
    for (auto& [rid, known] : rows_) {
      if (known.kind != row.kind || known.id != row.id) continue;
      known = std::move(row);
      return;
    }
    rows_[next_rid_++] = std::move(row);
  }
  void erase_row(const std::string& id) {
    std::erase_if(rows_, [&](const auto& entry) { return entry.second.id == id; });
  }
  void put_head(const RealmStream& made) {
    put_row({.kind = DirectoryKind::kStream,
             .id = made.data.name.text(),
             .a = static_cast<std::int64_t>(made.data.version),
             .b = static_cast<std::int64_t>(made.data.rows.size()),
             .size = made.epoch,
             .time = clock_->wall().time_since_epoch().count()});
  }
  void add_pack(RealmStream& made, Version from, const TestRows& before) {
    const BuiltPack pack = pack_between(
        definition,
        {.stream = made.data.name, .from = from, .to = made.data.version, .epoch = made.epoch},
        before, made.data.rows, made.data.keys, publisher);
    const std::string path = pack_path(pack.header.id);
    source.files[path] = pack.file;
    const std::string versions = std::to_string(from) + "-" + std::to_string(made.data.version);
    made.pack_ids.push_back(made.data.name.text() + "/" + versions);
    put_row({.kind = DirectoryKind::kPack,
             .id = made.pack_ids.back(),
             .a = static_cast<std::int64_t>(from),
             .b = static_cast<std::int64_t>(made.data.version),
             .size = static_cast<std::int64_t>(pack.file.size()),
             .time = static_cast<std::int64_t>(pack.header.header_bytes),
             .hash = std::string(as_text(pack.header.id))});
  }

  SectionDigest directory_digest(const Rows& rows) const {
    RowBlock block;
    for (const auto& [rid, row] : rows) push_directory_row(block, rid, row);
    SectionDigest digest;
    digest.add(digest_key(directory_key), block);
    return digest;
  }
  void add_directory_pack(const Rows& before, Version from) {
    SectionChanges changes;
    changes.schema = directory_schema();
    for (const auto& [rid, row] : before) {
      if (!rows_.contains(rid)) changes.deletes.push_back(rid);
    }
    for (const auto& [rid, row] : rows_) {
      const auto old = before.find(rid);
      if (old == before.end()) {
        push_directory_row(changes.inserts, rid, row);
      } else if (!(old->second == row)) {
        push_directory_row(changes.updated_old, rid, old->second);
        push_directory_row(changes.updated_new, rid, row);
      }
    }
    changes.before = directory_digest(before);
    changes.after = directory_digest(rows_);
    const Version to = from == 0 && directory_version_ > 0 ? directory_version_ : from + 1;
    const SymmetricKey keys[] = {directory_key.clone()};
    const BuiltPack pack =
        must(build_pack({.stream = kDirectoryStream, .from = from, .to = to},
                        std::span<const SectionChanges>(&changes, 1), keys, directory));
    const std::string path =
        "directory/" + std::to_string(from) + "-" + std::to_string(to) + ".pack";
    const TufTarget target = describe_target(pack.file);
    directory_targets_[path] = target;
    source.files[must(published_target_name(path, target))] = pack.file;
  }

  void sign_all() {
    metadata_version_ += 1;
    const std::string version = std::to_string(metadata_version_) + ".";
    TufTargetsContent top;
    top.header = header(metadata_version_, std::chrono::hours(24 * 365));
    top.delegations = {
        {.name = "directory", .keys = {{directory.public_key}, 1}, .paths = {"directory/*"}},
        {.name = "grants", .keys = {{grants.public_key}, 1}, .paths = {"offices/*"}},
        {.name = "publisher-11330000mb0001",
         .keys = {{publisher.public_key}, 1},
         .paths = {"streams/roster/*"}}};
    put_metadata(version + "targets.json", encode_targets(top), targets);
    TufTargetsContent packs;
    packs.header = header(metadata_version_, std::chrono::hours(24 * 30));
    packs.targets = directory_targets_;
    put_metadata(version + "directory.json", encode_targets(packs), directory);
    TufSnapshotContent content;
    content.header = header(metadata_version_, std::chrono::hours(24 * 30));
    for (const char* role : {"targets", "directory"}) {
      content.roles[role] = describe_metadata(source.files["metadata/" + version + role + ".json"],
                                              metadata_version_);
    }
    put_metadata(version + "snapshot.json", encode_snapshot(content), snapshot);
    snapshot_file_ = source.files["metadata/" + version + "snapshot.json"];
    sign_timestamp();
  }

  const Clock* clock_;
  Bytes keys_root_, snapshot_file_;
  std::map<std::string, RealmStream> streams_;
  Rows rows_, published_;
  Rid next_rid_ = 0;
  Version directory_version_ = 0;
  std::map<std::string, TufTarget> directory_targets_;
  std::int64_t metadata_version_ = 0, timestamp_version_ = 0;
  std::uint64_t grant_version_ = 0;
};

// The agent's part: files in a folder, keys in memory. Everything the office knows survives a new
// TestOffice over the same folder and key, as it survives a new process.
class TestOffice final : public SyncHost {
 public:
  TestOffice(TestRealm& realm, const Clock& clock, const fs::path& folder)
      : realm_(&realm), clock_(&clock), folder_(folder) {
    std::error_code ignored;
    fs::create_directories(folder_ / "datasets", ignored);
    if (!fs::exists(folder_ / "trust" / "root.json")) {
      must(TufClient::install_root(folder_ / "trust", realm.root_file()));
    }
    load_grant();
  }

  SyncReport sync() {
    DownSync down({.trust_folder = folder_ / "trust", .staging_folder = folder_ / "staging"},
                  {.office = kOffice,
                   .realm = kRealm,
                   .sealing_key = &realm_->office_key,
                   .directory_key = &realm_->directory_key},
                  *this, realm_->source, *clock_);
    return down.run();
  }

  Result<DatasetStore> open_directory() override {
    return DatasetStore::open(folder_ / "directory.db", key_, directory_layout(), options);
  }
  Status drop_directory() override { return remove_database(folder_ / "directory.db"); }
  const GrantFile* grant() override { return grant_ ? &*grant_ : nullptr; }
  Status keep_grant(GrantFile grant, ByteView) override {
    ROOTLET_TRY(write_file_atomically(folder_ / "grant.json", as_bytes(encode_grant_file(grant)),
                                      FileMode::kPrivate));
    grant_ = std::move(grant);
    return ok();
  }
  Result<std::vector<std::string>> held_datasets() override {
    std::vector<std::string> ids;
    for (const auto& entry : fs::directory_iterator(folder_ / "datasets")) {
      if (entry.path().extension() == ".db") ids.push_back(entry.path().stem().string());
    }
    return ids;
  }
  Result<DatasetStore> open_dataset(std::string_view id, StoreLayout layout) override {
    return DatasetStore::open(dataset_file(id), key_, std::move(layout), options);
  }
  Status drop_dataset(std::string_view id, DropReason) override {
    return remove_database(dataset_file(id));
  }
  Status heard(const FreshContact& contact) override {
    contacts.push_back(contact);
    return ok();
  }

  fs::path dataset_file(std::string_view id) const {
    return folder_ / "datasets" / (std::string(id) + ".db");
  }

  // Versions held, by partition.
  std::map<std::string, Version> versions() {
    std::map<std::string, Version> held;
    if (!fs::exists(dataset_file("roster"))) return held;
    DatasetReader reader = must(DatasetReader::open(dataset_file("roster"), key_));
    for (const HeldStream& stream : must(reader.streams())) held[stream.partition] = stream.version;
    return held;
  }
  // True if every stream that the realm publishes in `partitions` is held whole, and no other.
  bool holds_exactly(const std::vector<std::string>& partitions) {
    std::map<std::string, Version> wanted;
    for (const std::string& partition : partitions) {
      wanted[partition] = realm_->stream(partition).data.version;
    }
    if (wanted != versions()) return false;
    DatasetReader reader = must(DatasetReader::open(dataset_file("roster"), key_));
    const std::vector<SectionSchema> sections = realm_->definition.sections();
    const auto lookup = [&](const HeldStream& held, Grade grade) -> const SymmetricKey* {
      for (std::size_t i = 0; i < sections.size(); ++i) {
        if (sections[i].grade == grade) return &realm_->stream(held.partition).data.keys[i];
      }
      return nullptr;
    };
    for (const StreamVerdict& verdict : must(verify_streams(reader.database(), lookup))) {
      const PublishedStream& data = realm_->stream(verdict.partition).data;
      if (!verdict.is_equal || verdict.rows != data.rows.size()) return false;
    }
    return true;
  }

  std::vector<FreshContact> contacts;
  StoreOptions options = {.step_rows = 16};

 private:
  void load_grant() {
    if (!fs::exists(folder_ / "grant.json")) return;
    grant_ = must(parse_grant_file(must(read_text_file(folder_ / "grant.json", 1 << 20))));
  }
  static Status remove_database(const fs::path& path) {
    for (const char* ending : {"", "-wal", "-shm"}) {
      ROOTLET_TRY(remove_file(path.string() + ending));
    }
    return ok();
  }

  TestRealm* realm_;
  const Clock* clock_;
  fs::path folder_;
  SymmetricKey key_ = must(SymmetricKey::from(Bytes(32, 9)));
  std::optional<GrantFile> grant_;
};

}  // namespace rootlet::test

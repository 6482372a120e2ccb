// A realm signed by hand, in memory, for what the platform's programs never sign: wrong packs,
// grants for others, rotated keys, withdrawn partitions. Tests that need no such thing run over the
// real platform (tests/realm/world). Encoders and signers are the real ones.
#pragma once

#include "core/clock.hpp"
#include "sync/downlink/sync.hpp"
#include "sync/pack/news.hpp"
#include "sync/pack/pack.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"
#include "sync/trust/office/envelope.hpp"
#include "tests/sync/downlink/fixture_source.hpp"
#include "tests/sync/downlink/fixture_store.hpp"

namespace rootlet::test {

inline constexpr const char* kOffice = "jiashan-01";
inline constexpr const char* kDivision = "330402";  // of the office
inline constexpr const char* kRealm = "0123456789abcdef";

using Rows = std::vector<DirectoryRow>;

struct RealmStream {
  PublishedStream data;
  std::uint32_t epoch = 1;
  DirectoryRow head = {};
  Rows packs = {};
  std::array<std::uint8_t, 16> last_after{};  // the digest that the last pack leads to
};

// A stream of the directory as it was last signed.
struct SignedNode {
  Version version = 0;
  Rows rows = {};
  Bytes pack = {};
  std::int64_t file = 0, offset = 0;
  SectionDigest digest = {};
};

class TestRealm {
 public:
  explicit TestRealm(const Clock& clock) : clock_(&clock) { keys_root_ = file_root(); }

  // --- publishing: nothing is visible before publish() ---------------------------------------
  RealmStream& stream(const std::string& partition) {
    const auto known = streams_.find(partition);
    if (known != streams_.end()) return known->second;
    RealmStream& made = streams_[partition];
    made.data = {.name = {"roster", partition}, .keys = new_content_keys(definition)};
    return made;
  }
  // The next version of a stream: a delta from the last one, and a snapshot if asked or first.
  void put_rows(const std::string& partition, TestRows rows, bool with_snapshot = false) {
    for (auto& [rid, row] : rows) row[1].text.replace(0, partition.size(), partition);
    RealmStream& made = stream(partition);
    const TestRows before = made.data.rows;
    const Version from = made.data.version;
    made.data.rows = std::move(rows);
    made.data.version += 1;
    if (from > 0) add_pack(made, from, before);
    if (from == 0 || with_snapshot) add_pack(made, 0, {});
    put_head(made);
  }
  // New keys, a new snapshot, and no pack that leads there from before.
  void rotate(const std::string& partition) {
    RealmStream& made = stream(partition);
    made.packs.clear();
    made.data.keys = new_content_keys(definition);
    made.epoch += 1;
    made.data.version += 1;
    add_pack(made, 0, {});
    put_head(made);
  }
  void withdraw(const std::string& partition) { streams_.erase(partition); }
  void omit_dataset() { has_dataset_ = false; }
  // A new grant file; keys for every stream there is.
  void permit(std::vector<Grant> given) {
    GrantFile file;
    file.office = kOffice;
    file.version = ++grant_version_;
    file.issued = clock_->wall();
    file.grants = std::move(given);
    named_.clear();
    for (const Grant& one : file.grants) {
      for (const std::string& division : one.divisions) {
        named_.insert(division);
        for (const std::string& step : path_of(division)) add_key(file, node_stream(step));
        add_key(file, heads_stream("roster", division));
      }
    }
    const Grant* held = file.for_dataset("roster");
    for (const auto& [partition, made] : streams_) {
      if (held == nullptr || !grant_covers(*held, partition)) continue;
      const std::vector<SectionSchema> sections = definition.sections();
      for (std::size_t i = 0; i < sections.size(); ++i) {
        if (sections[i].grade > held->opened_grade()) continue;
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
    grant_file = grant_path(token(), file.version);
    source.files[grant_file] = envelope;
    grant_row_ = {.kind = DirectoryKind::kGrant,
                  .id = token(),
                  .a = static_cast<std::int64_t>(file.version),
                  .size = static_cast<std::int64_t>(envelope.size()),
                  .time = file.issued.time_since_epoch().count(),
                  .hash = std::string(as_text(sha256(envelope)))};
  }
  // Signs what has changed of the tree, deepest division first, then all metadata.
  void publish() {
    file_ += 1;
    sign_catalogue();
    if (grant_row_.has_value()) sign(offices_stream(kDivision), {*grant_row_});
    sign(offices_stream("330411"), {other_grant()});
    sign(offices_stream("3305"), {other_grant()});
    for (const std::string& division : named_) sign_heads_below(division);
    std::vector<std::string> order = {kDivision, "330411", "3304", "3305", "33", "all"};
    for (const std::string& division : order) sign(node_stream(division), rows_of(division));
    sign_all();
  }
  const SignedNode& node(const StreamName& stream) const { return nodes_.at(stream); }
  // What the repository has where the pack of `stream` should be, lengthened or cut to its size.
  void serve_instead(const StreamName& stream, Bytes pack) {
    const SignedNode& there = nodes_.at(stream);
    pack.resize(there.pack.size());
    serve_exactly(stream, std::move(pack));
  }
  void serve_exactly(const StreamName& stream, Bytes pack) {
    const SignedNode& there = nodes_.at(stream);
    source.instead[{nodes_path(stream.partition, there.file),
                    static_cast<std::uint64_t>(there.offset)}] = std::move(pack);
  }
  // The pack of a node with `rows`, signed with `signer`.
  Bytes node_pack(const StreamName& stream, Version version, const Rows& rows,
                  const SigningKey& signer) const {
    const SymmetricKey key = directory_key(stream);
    SectionChanges changes;
    changes.schema = directory_schema();
    changes.inserts.columns.resize(changes.schema.columns.size());
    for (const DirectoryRow& row : rows) {
      push_directory_row(changes.inserts, changes.inserts.rids.size(), row);
    }
    changes.after = digest_of_rows(rows, key);
    const SymmetricKey keys[] = {key.clone()};
    return must(build_pack({.stream = stream, .from = 0, .to = version},
                           std::span<const SectionChanges>(&changes, 1), keys, signer))
        .file;
  }
  SymmetricKey directory_key(const StreamName& stream) const {
    return derive_directory_key(directory_secret, stream);
  }
  DirectoryKeys invited_keys() const {
    DirectoryKeys keys;
    for (const std::string& step : path_of(kDivision)) {
      keys.push_back({node_stream(step), directory_key(node_stream(step))});
    }
    keys.push_back({catalogue_stream(), directory_key(catalogue_stream())});
    return keys;
  }
  std::string token() const { return grant_token(office_signing.public_key); }
  // The daily new signature, with nothing else new.
  void sign_timestamp() {
    timestamp_version_ += 1;
    TufTimestampContent content;
    content.header = header(timestamp_version_, std::chrono::hours(24 * 7));
    content.header.custom["x-rootlet-issued"] = format_time(clock_->wall());
    content.snapshot = describe_metadata(snapshot_file_, metadata_version_);
    put_metadata("timestamp.json", encode_timestamp(content), timestamp);
    write_news();
  }

  DatasetDefinition definition = roster();
  MemorySource source;
  std::string grant_file;  // path of the newest
  SigningKey root = SigningKey::generate(), targets = SigningKey::generate(),
             snapshot = SigningKey::generate(), timestamp = SigningKey::generate(),
             directory = SigningKey::generate(), grants = SigningKey::generate(),
             publisher = SigningKey::generate();
  SealingKey office_key = SealingKey::generate();
  SigningKey office_signing = SigningKey::generate();
  SymmetricKey directory_secret = SymmetricKey::random();
  bool has_news = true;  // of the next publish
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
  TufHeader header(std::int64_t version, std::chrono::hours life) const {
    return {.version = version, .expires = clock_->wall() + life};
  }
  void put_metadata(const std::string& name, const json::object& signed_part,
                    const SigningKey& key) {
    const SigningKey* const keys[] = {&key};
    source.files["metadata/" + name] = must(sign_metadata(signed_part, keys));
  }

  void add_key(GrantFile& file, const StreamName& stream) const {
    if (find_key(file.directory_keys, stream) != nullptr) return;
    file.directory_keys.push_back({stream, directory_key(stream)});
  }
  void put_head(RealmStream& made) {
    const SectionDigest digest = published_digest(made);
    made.head = {.kind = DirectoryKind::kStream,
                 .id = made.data.name.text(),
                 .a = static_cast<std::int64_t>(made.data.version),
                 .b = static_cast<std::int64_t>(made.data.rows.size()),
                 .size = made.epoch,
                 .time = clock_->wall().time_since_epoch().count(),
                 .hash = pinned_digest(digest)};
  }
  // As the headers of its packs say, so that a wrong pack is pinned as it was signed.
  static SectionDigest published_digest(const RealmStream& made) {
    Hash256 digest{};
    std::copy(made.last_after.begin(), made.last_after.end(), digest.begin());
    return SectionDigest(digest);
  }
  void add_pack(RealmStream& made, Version from, const TestRows& before) {
    const BuiltPack pack = pack_between(
        definition,
        {.stream = made.data.name, .from = from, .to = made.data.version, .epoch = made.epoch},
        before, made.data.rows, made.data.keys, publisher);
    made.last_after = pack.header.sections.front().after;
    const auto [file, offset] =
        put_file(packs_path(made.data.name.partition, file_ + 1), pack.file);
    made.packs.push_back({.kind = DirectoryKind::kPack,
                          .id = made.data.name.text(),
                          .a = static_cast<std::int64_t>(from),
                          .b = static_cast<std::int64_t>(made.data.version),
                          .size = static_cast<std::int64_t>(pack.file.size()),
                          .time = static_cast<std::int64_t>(pack.header.header_bytes),
                          .file = file,
                          .offset = offset});
  }
  // Appends to the file, behind some bytes of others.
  std::pair<std::int64_t, std::int64_t> put_file(const std::string& path, const Bytes& bytes) {
    Bytes& file = source.files[path];
    file.insert(file.end(), 37, 0xEE);
    const auto offset = static_cast<std::int64_t>(file.size());
    file.insert(file.end(), bytes.begin(), bytes.end());
    return {file_ + (path.starts_with("packs/") ? 1 : 0), offset};
  }

  static DirectoryRow other_grant() {
    return {.kind = DirectoryKind::kGrant,
            .id = std::string(32, '0'),
            .a = 1,
            .size = 1,
            .hash = std::string(32, 'x')};
  }
  void sign(const StreamName& stream, Rows rows) {
    std::sort(rows.begin(), rows.end(), is_before);
    SignedNode& node = nodes_[stream];
    if (node.version > 0 && node.rows == rows) return;
    node.version += 1;
    node.rows = std::move(rows);
    node.digest = digest_of_rows(node.rows, directory_key(stream));
    node.pack = node_pack(stream, node.version, node.rows, directory);
    std::tie(node.file, node.offset) = put_file(nodes_path(stream.partition, file_), node.pack);
  }
  DirectoryRow pin_row(DirectoryKind kind, const StreamName& stream, std::string id) const {
    const SignedNode& node = nodes_.at(stream);
    return {.kind = kind,
            .id = std::move(id),
            .a = static_cast<std::int64_t>(node.version),
            .size = static_cast<std::int64_t>(node.pack.size()),
            .file = node.file,
            .offset = node.offset,
            .hash = pinned_digest(node.digest)};
  }
  // The rows that list a stream of the directory which is published by snapshots.
  Rows listed(const StreamName& stream) const {
    const SignedNode& node = nodes_.at(stream);
    const PackHeader header = must(parse_pack_header(node.pack));
    return {{.kind = DirectoryKind::kStream,
             .id = stream.text(),
             .a = static_cast<std::int64_t>(node.version),
             .b = static_cast<std::int64_t>(node.rows.size()),
             .size = 1,
             .hash = pinned_digest(node.digest)},
            {.kind = DirectoryKind::kPack,
             .id = stream.text(),
             .b = static_cast<std::int64_t>(node.version),
             .size = static_cast<std::int64_t>(node.pack.size()),
             .time = static_cast<std::int64_t>(header.header_bytes),
             .file = node.file,
             .offset = node.offset}};
  }
  void sign_catalogue() {
    const StreamName stream = definition_stream("roster");
    sign(stream, {{.kind = DirectoryKind::kDefinition, .id = "roster", .body = definition.source}});
    DirectoryRow line = pin_row(DirectoryKind::kListing, stream, "roster");
    line.body = must(listing_of(definition.source));
    sign(catalogue_stream(), has_dataset_ ? Rows{line} : Rows{});
  }
  void sign_heads_below(const std::string& division) {
    Rows rows;
    for (const auto& [partition, made] : streams_) {
      if (partition == division || !division_covers(division, partition)) continue;
      rows.push_back(made.head);
      rows.insert(rows.end(), made.packs.begin(), made.packs.end());
    }
    sign(heads_stream("roster", division), std::move(rows));
  }
  Rows rows_of(const std::string& division) const {
    Rows rows;
    for (const auto& [stream, node] : nodes_) {
      const bool is_child =
          stream.dataset == kDirectoryPrefix && parent_of(stream.partition) == division;
      if (is_child || stream == offices_stream(division)) {
        rows.push_back(pin_row(DirectoryKind::kNode, stream, stream.text()));
      }
    }
    const auto add = [&](const Rows& more) { rows.insert(rows.end(), more.begin(), more.end()); };
    if (division == "all") add(listed(catalogue_stream()));
    if (named_.contains(division)) {
      const auto own = streams_.find(division);
      if (own != streams_.end()) {
        rows.push_back(own->second.head);
        add(own->second.packs);
      }
      add(listed(heads_stream("roster", division)));
    }
    return rows;
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
    TufTargetsContent tree;
    tree.header = header(metadata_version_, std::chrono::hours(24 * 30));
    const Bytes& root_pack = nodes_.at(node_stream("all")).pack;
    const TufTarget target = describe_target(root_pack);
    tree.targets[std::string(kRootNodeTarget)] = target;
    source.files[must(published_target_name(kRootNodeTarget, target))] = root_pack;
    put_metadata(version + "directory.json", encode_targets(tree), directory);
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

  void write_news() {
    source.files.erase(news_path(kDivision));
    if (!has_news || metadata_version_ == 0) return;
    const std::string version = std::to_string(metadata_version_) + ".";
    News news{.root_version = 1, .files = {}};
    for (const std::string& name :
         {std::string("timestamp.json"), version + "snapshot.json", version + "directory.json"}) {
      news.files[name] = source.files.at("metadata/" + name);
    }
    for (const char* division : {"all", "33", "3304"}) {
      news.files[node_stream(division).text()] = nodes_.at(node_stream(division)).pack;
    }
    source.files[news_path(kDivision)] = must(encode_news(news));
  }

  const Clock* clock_;
  Bytes keys_root_, snapshot_file_;
  std::map<std::string, RealmStream> streams_;
  std::map<StreamName, SignedNode> nodes_;
  std::set<std::string> named_;  // divisions, by the grant
  std::optional<DirectoryRow> grant_row_;
  bool has_dataset_ = true;
  std::int64_t file_ = 0;  // of the last publish
  std::int64_t metadata_version_ = 0, timestamp_version_ = 0;
  std::uint64_t grant_version_ = 0;
};

// The agent's part: files in a folder, keys in memory. Everything the office knows survives a new
// TestOffice over the same folder and key, as it survives a new process.
class TestOffice final : public SyncHost {
 public:
  TestOffice(TestRealm& realm, const Clock& clock, const fs::path& folder)
      : realm_(&realm), clock_(&clock), folder_(folder), directory_keys_(realm.invited_keys()) {
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
                   .division = kDivision,
                   .realm = kRealm,
                   .grant_token = realm_->token(),
                   .sealing_key = &realm_->office_key,
                   .directory_keys = &directory_keys_},
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

  // Versions of the directory's nodes that it holds.
  std::map<std::string, Version> nodes() {
    std::map<std::string, Version> held;
    DatasetStore store = must(open_directory());
    for (const StreamName& stream : must(held_node_streams(store.database()))) {
      held[stream.text()] = must(load_node(store.database(), stream))->version;
    }
    return held;
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
    const auto lookup = [&](const HeldStream& held, Grade grade) -> std::optional<SymmetricKey> {
      for (std::size_t i = 0; i < sections.size(); ++i) {
        if (sections[i].grade == grade) return realm_->stream(held.partition).data.keys[i].clone();
      }
      return std::nullopt;
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
  DirectoryKeys directory_keys_;
  SymmetricKey key_ = must(SymmetricKey::from(Bytes(32, 9)));
  std::optional<GrantFile> grant_;
};

}  // namespace rootlet::test

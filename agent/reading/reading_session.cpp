// Opens files once, and asks before each use whether they are still the right ones.
#include "agent/reading/reading_session.hpp"

#include "agent/care/damage.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

// The caches of a session's connections, in KiB; SQLite fills them only under load.
constexpr int kDirectoryCacheKib = 256;
constexpr int kDatasetCacheKib = 1024;

}  // namespace

Result<std::unique_ptr<ReadingSession>> ReadingSession::open(const AgentContext& context,
                                                             UseRecorder& recorder) {
  ROOTLET_TRY(Office office, Office::open_enrolled(context));
  return std::unique_ptr<ReadingSession>(new ReadingSession(std::move(office), recorder));
}

Result<bool> ReadingSession::refresh() {
  if (!office_.is_current_file()) return false;
  ROOTLET_TRY(office_.refresh());
  return true;
}

Result<ReadingSession::Directory*> ReadingSession::directory() {
  const auto file = identity_of(office_.home().directory());
  if (directory_ != nullptr && file && directory_->file == *file) return directory_.get();
  directory_.reset();
  if (!file) return static_cast<Directory*>(nullptr);
  ROOTLET_TRY(SymmetricKey key, office_.keys().file_key(kDirectoryCache));
  DamageWatch watch(office_, kDirectoryCache, key);
  Result<DatasetReader> reader =
      DatasetReader::open(office_.home().directory(), key, kDirectoryCacheKib);
  if (reader.has_error()) return watch.explain(reader.error());
  directory_ = std::make_unique<Directory>(Directory{
      .reader = std::move(reader).value(), .key = std::move(key), .file = *file, .entries = {}});
  return directory_.get();
}

Result<std::shared_ptr<const CatalogueEntry>> ReadingSession::find_entry(const std::string& id) {
  Directory& open = *directory_;
  Database& database = open.reader.database();
  ROOTLET_TRY(const std::int64_t version, database.integer("PRAGMA data_version"));
  if (version != open.version) open.entries.clear();
  open.version = version;
  const auto found = open.entries.find(id);
  if (found != open.entries.end()) return found->second;
  ROOTLET_TRY(const ReadTransaction one_state, ReadTransaction::begin(database));
  DirectoryView view(database);
  ROOTLET_TRY(std::optional<DatasetDefinition> definition, view.dataset(id));
  if (!definition) return std::shared_ptr<const CatalogueEntry>();
  ROOTLET_TRY(std::vector<StreamHead> heads, view.heads(id));
  auto entry = std::make_shared<const CatalogueEntry>(
      CatalogueEntry{std::move(*definition), std::move(heads)});
  open.entries.emplace(id, entry);
  return entry;
}

Result<std::shared_ptr<const CatalogueEntry>> ReadingSession::catalogue_entry(
    const std::string& id) {
  ROOTLET_TRY(Directory* const open, directory());
  if (open == nullptr) return std::shared_ptr<const CatalogueEntry>();
  Result<std::shared_ptr<const CatalogueEntry>> entry = find_entry(id);
  if (entry.has_value()) return entry;
  Error error = DamageWatch(office_, kDirectoryCache, open->key).explain(entry.error());
  directory_.reset();
  return error;
}

// Its key is compared only after keys.db has changed.
Result<bool> ReadingSession::is_current(const std::string& id, Held& held) {
  const auto file = identity_of(office_.home().dataset(id));
  if (!file || held.dataset->file() != *file) return false;
  if (held.generation == office_.generation()) return true;
  const std::string name = dataset_key_name(id);
  ROOTLET_TRY(const bool has_key, office_.keys().has_file_key(name));
  if (!has_key) return false;
  ROOTLET_TRY(const SymmetricKey key, office_.keys().file_key(name));
  if (!(key == held.dataset->key())) return false;
  held.generation = office_.generation();
  return true;
}

Result<HeldDataset*> ReadingSession::dataset(const std::string& id) {
  const auto found = datasets_.find(id);
  if (found != datasets_.end()) {
    ROOTLET_TRY(const bool current, is_current(id, found->second));
    if (current) return found->second.dataset.get();
    datasets_.erase(found);
  }
  const std::string name = dataset_key_name(id);
  ROOTLET_TRY(const bool has_key, office_.keys().has_file_key(name));
  const auto file = identity_of(office_.home().dataset(id));
  if (!has_key || !file) return static_cast<HeldDataset*>(nullptr);
  if (datasets_.size() >= limits::kOpenDatasets) datasets_.clear();
  ROOTLET_TRY(SymmetricKey key, office_.keys().file_key(name));
  DamageWatch watch(office_, name, key);
  Result<DatasetReader> reader =
      DatasetReader::open(office_.home().dataset(id), key, kDatasetCacheKib);
  if (reader.has_error()) return watch.explain(reader.error());
  Held& held = datasets_[id];
  held.dataset = std::make_unique<HeldDataset>(std::move(reader).value(), std::move(key), *file);
  held.generation = office_.generation();
  return held.dataset.get();
}

Result<bool> ReadingSession::read_dataset_file(const std::string& id, const Read& read) {
  ROOTLET_TRY(HeldDataset* const held, dataset(id));
  if (held == nullptr) return false;
  Status done = held->begin();
  if (done.has_value()) done = read(*held);
  held->end();
  if (done.has_value()) return true;
  // After an error nothing of the file is trusted to be as it was.
  Error error = DamageWatch(office_, dataset_key_name(id), held->key()).explain(done.error());
  datasets_.erase(id);
  return error;
}

Status ReadingSession::read_outbox(const std::function<Status(Outbox&)>& read) {
  const auto file = identity_of(office_.home().outbox());
  if (outbox_ == nullptr || !file || outbox_->file != file) {
    outbox_.reset();
    ROOTLET_TRY(Outbox outbox, office_.open_outbox());
    outbox_ = std::make_unique<OpenOutbox>(
        OpenOutbox{std::move(outbox), identity_of(office_.home().outbox())});
  }
  Status done = read(outbox_->outbox);
  if (done.has_error()) outbox_.reset();
  return done;
}

}  // namespace rootlet::agent

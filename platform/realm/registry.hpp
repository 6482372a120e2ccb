// The registry (platform.db): a realm's settings, its publishing keys, its offices, and all that it
// published. It is the publishing home's (docs/adr/0017); `serve` never opens it.
// The repository folder is derived from the registry and can be written again at any time.
//
// Promises: a commit is on disk before it returns; lists are ordered by id. Does not validate its
// input; the commands do. One Registry per thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/crypto.hpp"
#include "platform/homes/intake_home.hpp"
#include "platform/homes/office_state.hpp"
#include "platform/homes/tables.hpp"
#include "platform/realm/registry_tree.hpp"
#include "platform/store/store.hpp"
#include "sync/trust/office/grant.hpp"

namespace rootlet::platform {

struct OfficeEntry {
  std::string id;
  std::string division;
  std::string name;
  OfficeState state = OfficeState::kInvited;
  Hash256 token_hash{};  // of the invitation's one-time token
  UnixTime token_until{};
  // Neither before the office enrolled. A stored key that is not usable reads as missing.
  std::optional<PublicKey> signing_key = {};
  std::optional<SealingPublicKey> sealing_key = {};
  UnixTime enrolled{};
  // Of the grant file (Registry::grant_file()); 0 bytes if there is none.
  std::uint64_t grant_version = 0, grant_bytes = 0;
  UnixTime grant_issued{};
  Hash256 grant_hash{};           // SHA-256
  Hash256 grant_fingerprint{};    // of the file's content without its version and time
  std::string settled_loss = {};  // the record that reported a loss which office resume has settled
};

// Where an office's grant file lies, below the repository.
struct GrantFilePath {
  std::string office;
  std::string path;
  std::string before;   // of the version before, which offices may still ask for; else empty
  bool is_new = false;  // since the repository was last written
};

// Keys of a machine that was replaced: void since `ended`.
struct FormerKeys {
  PublicKey signing_key{};
  SealingPublicKey sealing_key;
  UnixTime enrolled{}, ended{};
};

// What one machine of an office may hold of a dataset: from the first grant file that named it to
// the one that left it out, which is the order to erase it. Outlives grant and office.
struct Holding {
  std::string office, dataset;
  PublicKey machine{};  // its signing key
  UnixTime since{};
  std::uint64_t grant_version = 0;  // of the last grant file that named it
  UnixTime until{};                 // the end of the grant
  int lease_days = 0;
  std::optional<UnixTime> ordered = {};  // when the order to erase was issued
  std::uint64_t order_version = 0;       // of the grant file that is the order
};

struct StreamEntry {
  StreamName name;
  Version version = 0;
  std::uint32_t epoch = 1;
  std::uint64_t rows = 0;
  UnixTime published{};
  Hash256 digest{};  // of section 0
};

// A data pack: `file_bytes` at `offset` of the file path_of_pack(stream, file).
struct PackEntry {
  Hash256 id{};
  StreamName stream;
  Version from = 0, to = 0;
  std::int64_t file = 0;
  std::uint64_t offset = 0, file_bytes = 0, header_bytes = 0;
  std::uint32_t epoch = 1;               // of the keys that open it
  std::optional<UnixTime> retired = {};  // when it left the directory
  bool operator==(const PackEntry&) const = default;
};

// A file of data packs: those that one publish of a dataset made in one group (group_of()).
struct PackFileEntry {
  std::string dataset;
  std::string group;
  std::int64_t file = 0;
  std::string stamp = {};  // PackFiles::stamp_of() when its packs were last verified
  auto operator<=>(const PackFileEntry&) const = default;
};

struct WithdrawnDataset {
  std::string id, definition;
  UnixTime at{};
  std::string reason;
};

class Registry {
 public:
  static Result<Registry> open(const StorePlace& place);
  Result<Transaction> begin() { return Transaction::begin(database_); }

  // --- settings and keys
  SettingTable settings() { return SettingTable(database_); }
  SecretTable secrets() { return SecretTable(database_); }  // "targets", "publisher-<unit>", …
  Result<std::optional<std::string>> setting(std::string_view name) {
    return settings().find(name);
  }
  Result<std::string> needed_setting(std::string_view name) { return settings().needed(name); }
  Result<std::uint64_t> number_setting(std::string_view name, std::uint64_t fallback) {
    return settings().number(name, fallback);
  }
  Status save_setting(std::string_view name, std::string_view value) {
    return settings().save(name, value);
  }
  Result<SymmetricKey> secret(std::string_view name) { return secrets().find(name); }
  Result<bool> has_secret(std::string_view name) { return secrets().has(name); }
  Status save_secret(std::string_view name, const SymmetricKey& secret) {
    return secrets().add(name, secret);
  }
  Status replace_secret(std::string_view name, const SymmetricKey& secret) {
    return secrets().replace(name, secret);
  }
  Status remove_secret(std::string_view name) { return secrets().remove(name); }
  Result<SigningKey> signing_key(std::string_view name) { return secrets().signing_key(name); }
  Result<SealingKey> sealing_key(std::string_view name) { return secrets().sealing_key(name); }

  // --- the catalogue (registry.cpp)
  Status save_dataset(std::string_view id, std::string_view definition);
  Result<std::optional<std::string>> dataset(std::string_view id);  // its definition
  Result<std::vector<std::string>> dataset_ids();
  Status save_form(const FormEntry& form);
  Result<std::vector<FormEntry>> forms();      // the newest version of each
  Result<std::vector<FormEntry>> all_forms();  // every version
  Result<std::optional<FormEntry>> form(std::string_view id, std::int64_t version);

  // --- withdrawn datasets (registry_withdrawal.cpp)
  // Ends its grants and forgets its definition, streams, packs and keys; its files are still there.
  Status withdraw_dataset(const WithdrawnDataset& dataset);
  Result<std::optional<WithdrawnDataset>> withdrawn_dataset(std::string_view id);
  Result<std::vector<WithdrawnDataset>> withdrawn_datasets();
  Result<std::vector<std::string>> withdrawn_with_files();  // whose files may still be there
  Status note_files_removed(std::string_view id);

  // --- offices and grants (registry_offices.cpp)
  // Touches what depends on the office; without grant bytes its grant file goes.
  Status save_office(const OfficeEntry& office);
  Result<std::optional<OfficeEntry>> office(std::string_view id);
  Result<std::optional<OfficeEntry>> office_of_token(const Hash256& token_hash);
  Result<std::vector<OfficeEntry>> offices();
  // With its grants, grant file and former keys.
  Status remove_office(const OfficeEntry& office);
  Status save_former_keys(std::string_view office, const FormerKeys& keys);
  Result<std::vector<FormerKeys>> former_keys(std::string_view office);  // oldest first
  // Replaces the dataset's grant, and touches what depends on it, as remove_grant() does.
  Status save_grant(std::string_view office, const Grant& grant);
  Result<bool> remove_grant(std::string_view office, std::string_view dataset);
  Result<std::vector<Grant>> grants_of(std::string_view office);
  // Offices that the other homes must hear of: what they have of them is older.
  Result<std::vector<std::string>> pending_offices();
  Status forget_pending_offices();

  // --- reconciliation sheets of publishes: JSON, the newest kKeptSheets of each dataset
  static constexpr std::int64_t kKeptSheets = 1000;
  Status save_sheet(std::string_view dataset, std::string_view sheet);
  Result<std::vector<std::string>> sheets(std::string_view dataset,
                                          std::int64_t most);  // newest first

  // --- source files, and how they do (registry_sources.cpp)
  struct Source {
    std::string dataset, file;
    std::string health;  // JSON; "" before the first try
  };
  Status save_source(const Source& source);
  Status save_source_health(std::string_view dataset, std::string_view health);
  Result<std::optional<Source>> source(std::string_view dataset);
  Result<std::vector<Source>> sources();
  Result<bool> remove_source(std::string_view dataset);

  // --- grant files, and who names what (registry_grants.cpp)
  // Saves the grant fields of `office` and its new file.
  Status save_grant_file(const OfficeEntry& office, ByteView file);
  Result<Bytes> grant_file(std::string_view office);  // empty if there is none
  Result<std::vector<OfficeEntry>> offices_with_grants(std::string_view division);
  // Brings the holdings of the office's machine in line with its new grant file.
  Status save_holdings(const OfficeEntry& office, const GrantFile& file, UnixTime now);
  Result<std::vector<Holding>> holdings(std::string_view dataset);  // by office, oldest first
  Result<std::vector<GrantFilePath>> grant_files();
  Status forget_pending_grant_files();
  // Makes the next stage sign every grant file again, also those whose content is the same.
  Status touch_all_grant_files();
  // Of all offices: the next grant file of each has a version above its last one by more than `by`.
  Status raise_grant_versions(std::uint64_t by);
  // Divisions that grants for `dataset` name, ascending.
  Result<std::vector<std::string>> divisions_named_for(std::string_view dataset);
  Result<std::vector<std::string>> divisions_in_use();  // of grants and offices
  // Who names exactly `division` in a grant, and for what: by dataset and office.
  struct Naming {
    std::string dataset, office;
  };
  Result<std::vector<Naming>> namings_of(std::string_view division);
  // Grants that end after `after` and not after `until`.
  Result<std::vector<Naming>> grants_ending(UnixTime after, UnixTime until);
  Result<std::vector<std::string>> offices_naming(std::string_view dataset,
                                                  std::string_view division);
  Result<bool> is_named(std::string_view dataset, std::string_view division);

  // --- streams, packs and their keys (registry_streams.cpp)
  Status save_content_key(const ContentKey& key);
  // The dataset's own, from which those of its divisions follow.
  Result<std::vector<ContentKey>> content_keys(std::string_view dataset);
  // Of the dataset's streams and of their live packs in the division.
  Result<std::set<std::uint32_t>> epochs_in(const StreamName& division);
  Status save_stream(const StreamEntry& stream);  // touches its keys if they are new
  Result<std::vector<StreamEntry>> streams(std::string_view dataset);  // "" is every dataset
  Result<std::optional<StreamEntry>> stream(const StreamName& name);
  // Streams whose partition is a part of `division`, and not all of it.
  Status visit_streams_below(const StreamName& division,
                             const std::function<Status(const StreamEntry&)>& visit);

  // --- divisions whose streams wait for keys of a new epoch (registry_rekeys.cpp)
  struct Rekey {
    std::string division;
    std::uint32_t epoch = 1;
  };
  // Makes the keys of a new epoch, so that an office which has those of the divisions up to now
  // opens nothing of them that comes later. Nothing is queued of a dataset that has no keys yet.
  Status queue_rekeys(const std::string& dataset, const std::vector<std::string>& divisions);
  Result<std::vector<Rekey>> rekeys_of(std::string_view dataset);
  Result<std::vector<std::string>> datasets_to_rekey();
  // Those of which no stream is under older keys.
  Status forget_finished_rekeys(std::string_view dataset);

  // --- data packs and their files (registry_packs.cpp)
  // A number for files that has never been used: the seconds of `now`, or one more than the last.
  // Commit it before you write under it, so that it stays used whatever happens. A run that was
  // killed before its commit may leave a file of that number, so the first write truncates.
  Result<std::int64_t> next_file_number(UnixTime now);
  // Replaces the same pack of the same file; also remembers its file.
  Status save_pack(const PackEntry& pack);
  // By stream, `to` and `from`, retired ones too. "" is every dataset.
  Status visit_packs(std::string_view dataset,
                     const std::function<Status(const PackEntry&)>& visit);
  Result<std::vector<PackEntry>> packs(std::string_view dataset);
  Result<std::vector<PackEntry>> packs_of(const StreamName& stream);
  // Those not retired of the streams of visit_streams_below().
  Status visit_packs_below(const StreamName& division,
                           const std::function<Status(const PackEntry&)>& visit);
  Result<std::vector<PackEntry>> packs_in(const PackFileEntry& file);
  // Of those that retired at `until` or before.
  Result<std::vector<PackEntry>> packs_retired(std::string_view dataset, UnixTime until);
  Status remove_pack(const PackEntry& pack);
  Result<std::vector<PackFileEntry>> pack_files(std::string_view dataset);  // "" is every dataset
  Status save_pack_file(const PackFileEntry& file);
  Status remove_pack_file(const PackFileEntry& file);

  // --- what the next stage of the directory must make again (registry_tree.cpp)
  Status touch_stream(const StreamName& stream);  // its head or its live packs changed
  Status touch_keys(const StreamName& division);  // it has new content keys

  // --- the directory and the metadata
  DirectoryTables tree() { return DirectoryTables(database_); }
  MetadataTable metadata() { return MetadataTable(database_); }  // all roles but the serving ones
  Status save_metadata(std::string_view role, const MetadataEntry& entry) {
    return metadata().save(role, entry);
  }
  Result<std::optional<MetadataEntry>> newest_metadata(std::string_view role) {
    return metadata().newest(role);
  }
  Result<std::vector<RoleMetadata>> published_metadata() { return metadata().all(); }

 private:
  Status save_pending_office(std::string_view office);
  Status touch_office(const OfficeEntry& office, const OfficeEntry* before);
  Status remove_grant_file(std::string_view office);
  Status save_namings(std::string_view office, std::string_view dataset,
                      const std::vector<std::string>& divisions);
  explicit Registry(Store database) : database_(std::move(database)) {}
  Store database_;
};

}  // namespace rootlet::platform

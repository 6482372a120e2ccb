// The registry (platform.db): a realm's settings and keys, its offices, and all that it published.
// The repository folder is derived from the registry and can be written again at any time.
//
// Promises: a commit is on disk before it returns; lists are ordered by id. Does not validate its
// input; the commands do. One Registry per thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/crypto.hpp"
#include "platform/change/stream_history.hpp"
#include "storage/database.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/office/grant.hpp"

namespace rootlet::platform {

enum class OfficeState {
  kInvited,
  kEnrolled,
  kSuspended,
  kRevoked,
  kReinvited,  // was enrolled; its keys are void until another machine enrols
};
std::string_view name_of(OfficeState state);

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
  std::uint64_t grant_version = 0;
  UnixTime grant_issued{};
  Bytes grant_file = {};        // empty before the first grant
  Hash256 grant_fingerprint{};  // of the file's content without its version and time
};

// Keys of a machine that was replaced: void since `ended`.
struct FormerKeys {
  PublicKey signing_key{};
  SealingPublicKey sealing_key;
  UnixTime enrolled{}, ended{};
};

struct StreamEntry {
  StreamName name;
  Version version = 0;
  std::uint32_t epoch = 1;
  std::uint64_t rows = 0;
  UnixTime published{};
  Hash256 digest{};  // of section 0
};

struct PackEntry {
  Hash256 id{};
  StreamName stream;
  Version from = 0, to = 0;
  std::uint64_t file_bytes = 0, header_bytes = 0;
  std::optional<UnixTime> retired = {};  // when it left the directory
  std::string file_stamp = {};           // PackFiles::stamp_of() when the file was last verified
};

// A pack of the directory: its file is a TUF target, named by its hash.
struct DirectoryPackEntry {
  Version from = 0, to = 0;
  std::uint64_t file_bytes = 0;
  Hash256 sha256{};
  std::optional<UnixTime> retired = {};
};

struct FormEntry {
  std::string id;
  std::int64_t version = 1;
  std::string definition;
};

struct MetadataEntry {
  std::int64_t version = 0;
  UnixTime signed_at{}, expires{};
  Bytes file = {};
  Hash256 fingerprint{};  // of its content without version and times
};

class Registry {
 public:
  static Result<Registry> open(const std::filesystem::path& path, const SymmetricKey& key);
  Result<Transaction> begin() { return Transaction::begin(database_); }

  // --- settings and keys (registry.cpp)
  Result<std::optional<std::string>> setting(std::string_view name);
  Result<std::string> needed_setting(std::string_view name);  // kStorageDamaged if missing
  // A whole number; `fallback` if there is no such setting, kStorageDamaged if it is no number.
  Result<std::uint64_t> number_setting(std::string_view name, std::uint64_t fallback);
  Status save_setting(std::string_view name, std::string_view value);
  // Online keys by name: "targets", "directory", "publisher-<unit>", … kStorageDamaged if missing.
  Result<SymmetricKey> secret(std::string_view name);
  Result<bool> has_secret(std::string_view name);
  Status save_secret(std::string_view name, const SymmetricKey& secret);
  Result<SigningKey> signing_key(std::string_view name);
  Result<SealingKey> sealing_key(std::string_view name);

  // --- the catalogue (registry.cpp)
  Status save_dataset(std::string_view id, std::string_view definition);
  Result<std::optional<std::string>> dataset(std::string_view id);  // its definition
  Result<std::vector<std::string>> dataset_ids();
  Status save_form(const FormEntry& form);
  Result<std::vector<FormEntry>> forms();  // the newest version of each
  Result<std::optional<FormEntry>> form(std::string_view id, std::int64_t version);

  // --- offices and grants (registry_offices.cpp)
  Status save_office(const OfficeEntry& office);
  Result<std::optional<OfficeEntry>> office(std::string_view id);
  Result<std::optional<OfficeEntry>> office_of_token(const Hash256& token_hash);
  Result<std::vector<OfficeEntry>> offices();
  Status save_former_keys(std::string_view office, const FormerKeys& keys);
  Result<std::vector<FormerKeys>> former_keys(std::string_view office);  // oldest first
  Status save_grant(std::string_view office, const Grant& grant);  // replaces the dataset's grant
  Result<bool> remove_grant(std::string_view office, std::string_view dataset);
  Result<std::vector<Grant>> grants_of(std::string_view office);

  // --- streams, packs and their keys (registry_streams.cpp)
  Status save_content_key(const ContentKey& key);
  Result<std::vector<ContentKey>> content_keys(std::string_view dataset);
  Status save_stream(const StreamEntry& stream);
  Result<std::vector<StreamEntry>> streams(std::string_view dataset);  // "" is every dataset
  Status save_pack(const PackEntry& pack);                             // replaces the same id
  Result<std::vector<PackEntry>> packs(std::string_view dataset);      // retired ones too
  Status remove_pack(const Hash256& id);

  // --- the directory and the metadata (registry_repository.cpp)
  Result<std::map<Rid, DirectoryRow>> directory_rows();
  Status save_directory_row(Rid rid, const DirectoryRow& row);
  Status remove_directory_row(Rid rid);
  StreamHistory directory_history() { return {database_, 0}; }
  Status save_directory_pack(const DirectoryPackEntry& pack);
  Result<std::vector<DirectoryPackEntry>> directory_packs();  // retired ones too, by `to`, `from`
  Status remove_directory_pack(Version from, Version to);
  Status save_metadata(std::string_view role, const MetadataEntry& entry);
  Result<std::optional<MetadataEntry>> newest_metadata(std::string_view role);
  // The newest version of each role, but all versions of root.
  Result<std::vector<std::pair<std::string, MetadataEntry>>> published_metadata();

 private:
  explicit Registry(Database database) : database_(std::move(database)) {}
  Database database_;
};

}  // namespace rootlet::platform

// The intake home: what opens and judges records (docs/adr/0017). It knows offices and forms as the
// publishing home handed them over, and does not believe the serving home about either. Who takes
// its keys can read records and forge judgements, and can publish nothing.
//
// A commit is on disk before it returns. One IntakeHome per thread.
#pragma once

#include <filesystem>

#include "core/file/file.hpp"
#include "platform/homes/office_state.hpp"
#include "platform/homes/tables.hpp"

namespace rootlet::platform {

namespace fs = std::filesystem;

struct IntakeFolder {
  fs::path path;
  fs::path key() const { return path / "intake.key"; }
  fs::path database() const { return path / "intake.db"; }
  fs::path records() const { return path / "records.db"; }
  fs::path address() const { return path / "database"; }
};

struct JudgedOffice {
  std::string id;
  OfficeState state = OfficeState::kEnrolled;
  PublicKey signing_key{};
  SealingPublicKey sealing_key;
  std::vector<PublicKey> former_keys = {};  // of machines that were replaced
};

struct FormEntry {
  std::string id;
  std::int64_t version = 1;
  std::string definition;
};

class IntakeHome {
 public:
  static Result<IntakeHome> open(const IntakeFolder& folder);  // kStorageDamaged without its key
  // With tables in the folder, or at the address of `database`.
  static Result<IntakeHome> create(const IntakeFolder& folder, const std::string& database = {});

  const IntakeFolder& folder() const { return folder_; }
  const SymmetricKey& key() const { return key_; }
  Result<Transaction> begin() { return Transaction::begin(database_); }
  SettingTable settings() { return SettingTable(database_); }
  SecretTable secrets() { return SecretTable(database_); }  // ingest, judgement

  Status save_office(const JudgedOffice& office);
  Status remove_office(std::string_view id);
  Result<std::optional<JudgedOffice>> office(std::string_view id);
  // A version of the directory that was published, by the hash of its metadata; the first stays.
  Status save_directory(std::int64_t version, const Hash256& hash);
  Result<bool> has_directory(std::int64_t version, const Hash256& hash);
  Status save_form(const FormEntry& form);
  Result<std::optional<FormEntry>> form(std::string_view id, std::int64_t version);

 private:
  IntakeHome(IntakeFolder folder, SymmetricKey key, Store database)
      : folder_(std::move(folder)), key_(std::move(key)), database_(std::move(database)) {}
  IntakeFolder folder_;
  SymmetricKey key_;
  Store database_;
};

}  // namespace rootlet::platform

// The serving home: all that `serve` opens (docs/adr/0017). Its keys sign timestamp, snapshot and
// receipts, so who takes them can hold back news, and can forge no row, grant or judgement. The
// publishing home hands over what the gateway must know of offices; enrolment requests wait here,
// sealed, until the keeper has answered them.
//
// A commit is on disk before it returns. One ServingHome per thread.
#pragma once

#include <filesystem>

#include "core/file/file.hpp"
#include "platform/homes/office_state.hpp"
#include "platform/homes/tables.hpp"

namespace rootlet::platform {

namespace fs = std::filesystem;

struct ServingFolder {
  fs::path path;
  fs::path key() const { return path / "serving.key"; }
  fs::path lock() const { return path / "serving.lock"; }
  fs::path database() const { return path / "serving.db"; }
  fs::path inbox() const { return path / "inbox.db"; }
  fs::path address() const { return path / "database"; }
};

// What the gateway knows of an office.
struct ServedOffice {
  std::string id;
  OfficeState state = OfficeState::kInvited;
  Hash256 token_hash{};  // of the invitation's token
  UnixTime token_until{};
  std::optional<PublicKey> signing_key = {};  // none before it enrolled
  std::vector<PublicKey> former_keys = {};    // of machines that were replaced
};

// Of a role that the publishing home signs.
struct HandedRole {
  std::string role;
  std::int64_t version = 0;
  UnixTime signed_at{}, expires{};
};

struct EnrolmentAnswerSaved {
  int status = 0;  // of HTTP
  std::string body;
};

struct WaitingEnrolment {
  std::int64_t number = 0;
  Bytes request;
};

// Requests that wait for the keeper at once. Each comes from a machine with a valid invitation.
inline constexpr std::int64_t kWaitingEnrolments = 50'000;
inline constexpr std::int64_t kRequestsOfInvitation = 8;  // that wait; the oldest give way

class ServingHome {
 public:
  static Result<ServingHome> open(const ServingFolder& folder);  // kStorageDamaged without its key
  // With tables in the folder, or at the address of `database`.
  static Result<ServingHome> create(const ServingFolder& folder, const std::string& database = {});

  const ServingFolder& folder() const { return folder_; }
  const SymmetricKey& key() const { return key_; }
  Result<Transaction> begin() { return Transaction::begin(database_); }
  SettingTable settings() { return SettingTable(database_); }
  SecretTable secrets() { return SecretTable(database_); }       // timestamp, snapshot, receipt
  MetadataTable metadata() { return MetadataTable(database_); }  // of timestamp and snapshot

  Status save_role(const HandedRole& role);
  Status forget_roles();
  Result<std::vector<HandedRole>> roles();  // by name

  Status save_office(const ServedOffice& office);
  Status remove_office(std::string_view id);
  Result<std::optional<ServedOffice>> office(std::string_view id);
  Result<std::optional<ServedOffice>> office_of_token(const Hash256& token_hash);
  struct OfficeCounts {
    std::int64_t known = 0, enrolled = 0;
  };
  Result<OfficeCounts> count_offices();

  // Keeps a request until it is answered, and returns its number. The same bytes are one request;
  // one that was refused before waits again. kBusy above the limits.
  Result<std::int64_t> keep_enrolment(const Hash256& token_hash, ByteView request, UnixTime now);
  Result<std::optional<EnrolmentAnswerSaved>> enrolment_answer(std::int64_t number);
  Result<std::vector<WaitingEnrolment>> waiting_enrolments(std::size_t most);  // oldest first
  Status answer_enrolment(std::int64_t number, const EnrolmentAnswerSaved& answer);
  Status forget_old_enrolments(UnixTime before);

 private:
  ServingHome(ServingFolder folder, SymmetricKey key, Store database)
      : folder_(std::move(folder)), key_(std::move(key)), database_(std::move(database)) {}
  ServingFolder folder_;
  SymmetricKey key_;
  Store database_;
};

}  // namespace rootlet::platform

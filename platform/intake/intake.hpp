// Takes records in: saves a batch before it returns the receipt, opens the batch, validates its
// records by the form's rules, stores each exactly once in records.db, and answers by mail
// (docs/ARCHITECTURE.md, "A record on its way up"). The gateway's part needs inbox.db alone.
//
// Promises: a batch with a receipt survives a power cut; the same batch gets the same receipt; one
// (office, record id) is one record however often it arrives; a batch that cannot be opened or read
// is kept and answered, and delays no other. Rejects batches of unknown or revoked offices, of
// other realms, or without their office's signature. The gateway's part never opens a batch. One
// Intake per thread; several may use the same files.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/limits.hpp"
#include "platform/intake/kept_batches.hpp"
#include "platform/store/store.hpp"
#include "sync/uplink/exchange/batch.hpp"
#include "sync/uplink/exchange/mailbox.hpp"
#include "sync/uplink/exchange/receipt.hpp"
#include "sync/uplink/form/form.hpp"

namespace rootlet::platform {

enum class OfficeStatus { kActive, kSuspended, kRevoked };

struct OfficeKeys {
  PublicKey signing_key{};
  SealingPublicKey sealing_key;
  OfficeStatus status = OfficeStatus::kActive;
};

// Looks up offices. Called on the Intake's thread.
class OfficeDirectory {
 public:
  virtual ~OfficeDirectory() = default;
  // nullopt unless the office has enrolled. Also returns the keys of suspended and revoked offices,
  // because records that they sent before are still validated and answered.
  virtual Result<std::optional<OfficeKeys>> find_office(const std::string& office) = 0;
  // The signing keys of the office's machines that were replaced, which are void.
  virtual Result<std::vector<PublicKey>> former_keys(const std::string& /*office*/) {
    return std::vector<PublicKey>();
  }
};

class FormDirectory {
 public:
  virtual ~FormDirectory() = default;
  // Whether the platform published this version of the directory.
  virtual Result<bool> has_published(const SeenDirectory& /*seen*/) { return true; }
  // Finds any published version, because an office may have used an older form.
  virtual Result<std::optional<FormDefinition>> find_form(const std::string& form, int version) = 0;
};

// A database of the intake and its key.
struct IntakeFile {
  std::filesystem::path path;
  const SymmetricKey* key = nullptr;
};
struct IntakeFiles {
  IntakeFile inbox;         // inbox.db: sealed batches, receipts, sealed mail
  IntakeFile records = {};  // records.db: opened records, judgements; without it only the gateway
};

// The platform's keys for signing and opening; they must outlive the Intake.
struct IntakeKeys {
  std::string realm;
  const SigningKey* receipt_key = nullptr;    // the gateway's
  const SigningKey* judgement_key = nullptr;  // of judgements and mail
  std::span<const SealingKey> ingest_keys{};  // open batches; the newest first
};

struct IntakeLimits {
  std::uint64_t office_bytes_per_hour = limits::kOfficeBytesPerHour;  // of batches, per office
};

// The gateway's HTTP response to a batch.
struct GatewayAnswer {
  int status = 200;
  std::string body;  // a signed statement, or {"error","message"}
  long retry_after_seconds = 0;
};

enum class IntakeState { kWaiting, kAccepted, kReturned };  // waiting: for manual review
std::string_view name_of(IntakeState state);
Result<IntakeState> intake_state_named(std::string_view name);  // kBadInput

struct IntakeRecord {
  std::string office;
  Record record;
  IntakeState state = IntakeState::kWaiting;
  std::vector<Objection> objections;
  UnixTime received_at{}, judged_at{};
  std::string chain;
  std::uint64_t sequence = 0;
};

struct IntakeFilter {
  std::string office = {}, form = {};
  std::optional<IntakeState> state = {};
  std::size_t limit = 100;
  std::int64_t after = 0;  // the previous page's `last`; oldest records come first
};
struct IntakePage {
  std::vector<IntakeRecord> records;
  std::int64_t last = 0;  // the number of its last record
};

// An office sent other bytes under a sequence that the platform holds: two machines send as this
// office, because one was copied, or restored from an older copy. One entry for each batch chain.
struct ForkEntry {
  std::string office, chain;
  std::uint64_t sequence = 0;  // where they part
  Hash256 held{}, other{};     // of the batch held, and of the last one that was refused
  UnixTime first_at{}, last_at{};
  std::int64_t times = 0;
};

// An office had verified a directory that this platform did not publish, or not so under this
// version: somebody with the platform's keys shows offices different directories, or the realm was
// restored from an older copy. One entry for each such directory, of the office that told first.
struct ForeignDirectory {
  SeenDirectory seen;
  std::string office;
  UnixTime at{};
};

struct IntakeCounts {
  std::int64_t batches_waiting = 0, quarantined = 0;
  std::int64_t waiting = 0, accepted = 0, returned = 0;
};

// What an office has certified: that its machine has erased a dataset. It proves no more than that
// the machine said so.
struct Certificate {
  std::string office, dataset, record;
  std::uint64_t grant_version = 0;         // that its machine obeyed
  std::optional<std::uint64_t> rows = {};  // absent: it could not tell
  std::string reason = {}, partitions = {};
  UnixTime disposed_at{}, received_at{};
};

// By which a machine of an office has reported itself lost or suspect.
struct ReportedLoss {
  std::string record, reason;
  UnixTime noticed_at = {}, received_at = {};
};

// What a person decides about some records.
struct ManualJudgement {
  std::vector<std::string> ids;
  std::string office = {};                  // needed if two offices have a record of one id
  std::optional<Objection> objection = {};  // returned because of it; accepted without one
};
struct ManualOutcome {
  std::string office, id;
  bool was_already = false;  // had this verdict before; nothing was sent
};

struct ValidationReport {
  std::size_t batches = 0, quarantined = 0;
  std::size_t accepted = 0, returned = 0, waiting = 0, duplicates = 0;
};

class Intake {
 public:
  static Result<Intake> open(const IntakeFiles& files, IntakeKeys keys,
                             const IntakeLimits& limits = {});

  // --- gateway ---
  // Never fails: an internal error becomes a 503 with Retry-After. 429 with Retry-After for an
  // office that sends more than its hour's bytes; a batch that was taken before is always answered.
  GatewayAnswer accept_batch(ByteView envelope, OfficeDirectory& offices, UnixTime now);
  // The page of mail after sequence `after`. An unknown address gives an empty page, so that nobody
  // learns which addresses exist.
  Result<MailPage> mailbox(const std::string& address, std::uint64_t after);

  // --- validate ---
  Result<bool> has_waiting();  // batches
  // Opens and validates all waiting batches, oldest first, each in its own transaction.
  Result<ValidationReport> validate_pending(OfficeDirectory& offices, FormDirectory& forms,
                                            UnixTime now);
  // A person's decision about waiting records, which their offices get by mail: about all of them,
  // or after an error about none. A record that already has this verdict is left as it is.
  // kBadInput if a record does not exist or has the other verdict, if its id is ambiguous, or if
  // its form lacks the objection's field.
  Result<std::vector<ManualOutcome>> judge_records(const ManualJudgement& judgement,
                                                   OfficeDirectory& offices, FormDirectory& forms,
                                                   UnixTime now);
  // Seals a signed statement to the office and puts it into its mailbox. Returns its sequence.
  Result<std::uint64_t> send_mail(const std::string& office, std::string_view statement,
                                  OfficeDirectory& offices, UnixTime now);

  // --- views ---
  Result<IntakePage> list(const IntakeFilter& filter);
  Result<IntakeRecord> show(const std::string& id);  // kBadInput if there is none
  Result<IntakeCounts> counts();           // with the gateway alone: as the validation last said
  Result<std::vector<ForkEntry>> forks();  // newest first
  Result<std::vector<ForeignDirectory>> foreign_directories();  // newest version first
  // About a dataset, those of revoked offices too; oldest first.
  Result<std::vector<Certificate>> certificates(const std::string& dataset);
  // The newest report of each office that its machine is lost or suspect, by office.
  Result<std::map<std::string, ReportedLoss>> losses();
  // When a batch of the office was last received, revoked or not; nullopt if never.
  Result<std::optional<UnixTime>> last_batch(const std::string& office);
  // Of offices that are revoked.
  Result<std::vector<KeptBatches>> kept_batches();

 private:
  Intake(Store inbox, std::optional<Store> records, IntakeKeys keys, const IntakeLimits& limits)
      : inbox_(std::move(inbox)),
        records_(std::move(records)),
        keys_(std::move(keys)),
        limits_(limits) {}
  // Copies mail of records.db to the inbox, from where the gateway hands it out.
  Status deliver_mail();
  Status tell_counts();  // of records, for the gateway's status
  Result<GatewayAnswer> try_accept(ByteView envelope, OfficeDirectory& offices, UnixTime now);
  void warn_of_quota(const std::string& office, UnixTime now);  // once an hour
  Store inbox_;
  std::optional<Store> records_;
  IntakeKeys keys_;
  IntakeLimits limits_;
  std::pair<std::string, std::int64_t> warned_of_ = {};  // the office and the hour
};

}  // namespace rootlet::platform

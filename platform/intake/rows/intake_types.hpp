// Values of the intake: who sends, what is kept of it, what a person decides. Whose are which keys:
// docs/adr/0017.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/limits.hpp"
#include "platform/store/store.hpp"
#include "sync/uplink/exchange/batch.hpp"
#include "sync/uplink/exchange/mailbox.hpp"
#include "sync/uplink/exchange/receipt.hpp"
#include "sync/uplink/form/form.hpp"

namespace rootlet::platform {

namespace intake {
// Mail that may not lie in the inbox yet, from where the gateway hands it out.
struct MailRow {
  std::string office, address;
  std::uint64_t sequence = 0;
  Bytes envelope;
  UnixTime at{};
};
}  // namespace intake

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

struct IntakePlaces {
  StorePlace inbox;  // inbox.db: sealed batches, receipts, sealed mail
  // records.db: opened records, judgements; absent: only the gateway's part.
  std::optional<StorePlace> records = {};
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

}  // namespace rootlet::platform

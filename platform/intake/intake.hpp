// Taking records in: batches become durable before their receipt is given, are opened and judged by
// the form's own rules, stand in records.db exactly once, and are answered by mail.
//
// Promises: a receipt is never given for bytes that a power cut could take; the same batch gets the
// same receipt; one (office, record id) is one record however often it comes; a batch that cannot
// be opened or read is kept, answered, and holds up no other. Refuses: batches of unknown or
// revoked offices, of other realms, or not signed by their office; the gateway's half never opens a
// batch. One Intake per thread or process, any number on the same files. docs/ARCHITECTURE.md, "A
// record".
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "storage/database.hpp"
#include "sync/uplink/exchange/batch.hpp"
#include "sync/uplink/exchange/mailbox.hpp"
#include "sync/uplink/exchange/receipt.hpp"
#include "sync/uplink/form/form.hpp"

namespace rootlet::platform {

enum class OfficeStatus { kActive, kSuspended, kRevoked };

struct OfficeKeys {
  PublicKey signing_key{};
  PublicKey sealing_key{};
  OfficeStatus status = OfficeStatus::kActive;
};

// Who the offices are; the registry knows. Called on the thread of the Intake.
class OfficeDirectory {
 public:
  virtual ~OfficeDirectory() = default;
  // Nothing if there is no such enrolled office. Keys of suspended and revoked ones are given too:
  // what they sent before is still judged and answered.
  virtual Result<std::optional<OfficeKeys>> find_office(const std::string& office) = 0;
};

class FormDirectory {
 public:
  virtual ~FormDirectory() = default;
  // Any version ever published, so that an office with an older one is judged by what it was shown.
  virtual Result<std::optional<FormDefinition>> find_form(const std::string& form, int version) = 0;
};

struct IntakePaths {
  std::filesystem::path inbox;    // inbox.db: sealed batches and receipts
  std::filesystem::path records;  // records.db: opened records, judgements, mail
};

// What the platform signs and opens with; the keys must outlive the Intake.
struct IntakeKeys {
  std::string realm;
  const SigningKey* statement_key = nullptr;  // receipts, judgements and mail
  const SealingKey* ingest_key = nullptr;     // opens batches; null where only the gateway runs
};

// What the gateway sends back.
struct GatewayAnswer {
  int status = 200;
  std::string body;  // a signed statement, or {"error","message"}
  long retry_after_seconds = 0;
};

enum class IntakeState { kWaiting, kAccepted, kReturned };  // waiting: for a person (manual review)
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
  std::int64_t after = 0;  // number of the last record of the page before; oldest come first
};
struct IntakePage {
  std::vector<IntakeRecord> records;
  std::int64_t last = 0;  // for `after` of the next page
};

struct IntakeCounts {
  std::int64_t batches_waiting = 0, quarantined = 0;
  std::int64_t waiting = 0, accepted = 0, returned = 0;
};

struct ValidationReport {
  std::size_t batches = 0, quarantined = 0;
  std::size_t accepted = 0, returned = 0, waiting = 0, duplicates = 0;
};

class Intake {
 public:
  static Result<Intake> open(const IntakePaths& paths, const SymmetricKey& key, IntakeKeys keys);

  // --- gateway ---
  // Never fails: what goes wrong inside is a 503 that says when to come again.
  GatewayAnswer accept_batch(ByteView envelope, OfficeDirectory& offices, UnixTime now);
  // A page of mail after `after`; an unknown address is an empty mailbox, so that nobody learns
  // which exist.
  Result<MailPage> mailbox(const std::string& address, std::uint64_t after);

  // --- validate ---
  // Opens and validates every batch that waits, oldest first; each is its own transaction.
  Result<ValidationReport> validate_pending(OfficeDirectory& offices, FormDirectory& forms,
                                            UnixTime now);
  // A person's decision about one record; the office is told by mail. kBadInput if there is no such
  // record, or it is in that state already.
  Status accept_record(const std::string& office, const std::string& id, OfficeDirectory& offices,
                       UnixTime now);
  Status return_record(const std::string& office, const std::string& id, const Objection& objection,
                       OfficeDirectory& offices, UnixTime now);
  // Seals a signed statement to the office and puts it into its mailbox; its number.
  Result<std::uint64_t> send_mail(const std::string& office, std::string_view statement,
                                  OfficeDirectory& offices, UnixTime now);

  // --- views ---
  Result<IntakePage> list(const IntakeFilter& filter);
  Result<IntakeRecord> show(const std::string& id);  // kBadInput if there is none
  Result<IntakeCounts> counts();

 private:
  Intake(Database inbox, Database records, IntakeKeys keys)
      : inbox_(std::move(inbox)), records_(std::move(records)), keys_(std::move(keys)) {}
  Result<GatewayAnswer> try_accept(ByteView envelope, OfficeDirectory& offices, UnixTime now);
  Status decide(const std::string& office, const std::string& id, RecordJudgement decided,
                OfficeDirectory& offices, UnixTime now);
  Database inbox_;
  Database records_;
  IntakeKeys keys_;
};

}  // namespace rootlet::platform

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

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platform/intake/held/held_streams.hpp"
#include "platform/intake/rows/intake_types.hpp"
#include "platform/intake/rows/kept_batches.hpp"

namespace rootlet::platform {

class Intake {
 public:
  static Result<Intake> open(const IntakePlaces& places, IntakeKeys keys,
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
  // Opens and validates all waiting batches, oldest first. Several workers may share a database of
  // PostgreSQL: then all but those of offices that another one is at.
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
  // What offices report to hold; compare_held() says whether that is what was published.
  Result<std::vector<intake::HeldReport>> held_by(std::string_view office);
  Result<std::vector<std::string>> offices_with_held();
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
  // Copies mail for the office to the inbox, from where the gateway hands it out.
  Status deliver_mail(const std::string& office);
  Status deliver_left_mail(UnixTime now);  // of a process that ended too early
  Status note_delivered();
  // Validates some waiting batches; false if there are none for this worker.
  Result<bool> validate_some(OfficeDirectory& offices, FormDirectory& forms, UnixTime now,
                             ValidationReport& report);
  Status tell_counts();  // of records, for the gateway's status
  Result<GatewayAnswer> try_accept(ByteView envelope, OfficeDirectory& offices, UnixTime now);
  void warn_of_quota(const std::string& office, UnixTime now);  // once an hour
  Store inbox_;
  std::optional<Store> records_;
  IntakeKeys keys_;
  IntakeLimits limits_;
  std::vector<intake::MailRow> delivered_ = {};  // lies in the inbox, which no commit has noted yet
  std::pair<std::string, std::int64_t> warned_of_ = {};  // the office and the hour
};

}  // namespace rootlet::platform

// Validates the records of one batch: by their form, and against what is stored under their ids.
// Only the parts of Intake use it.
#pragma once

#include <map>
#include <tuple>

#include "platform/intake/rows/claims.hpp"
#include "platform/intake/rows/records_group.hpp"

namespace rootlet::platform::intake {

// After kUntrusted or kBadInput the batch is quarantined.
Result<ParsedBatch> open_batch(const WaitingBatch& batch, std::span<const SealingKey> ingest_keys);
std::vector<std::string> ids_of(const ParsedBatch& parsed);

// The forms that records use, each looked up once.
class FormCache {
 public:
  explicit FormCache(FormDirectory& forms) : forms_(forms) {}
  Result<const FormDefinition*> find(const Record& record);  // null if there is none

 private:
  FormDirectory& forms_;
  std::map<std::tuple<std::string, std::string, int>, std::optional<FormDefinition>> held_;
};

class BatchValidator {
 public:
  // `group` has loaded the batch's ids.
  BatchValidator(RecordsGroup& group, FormCache& forms, const WaitingBatch& batch, UnixTime now)
      : group_(group), forms_(forms), batch_(batch), now_(now) {}

  // nullopt if a person has to decide.
  Result<std::optional<RecordJudgement>> validate(BatchItem& item);  // takes its record

  ValidationReport report;

 private:
  Result<std::optional<RecordJudgement>> take_in(BatchItem& item);
  void count(IntakeState state);

  RecordsGroup& group_;
  FormCache& forms_;
  const WaitingBatch& batch_;
  UnixTime now_;
};

}  // namespace rootlet::platform::intake

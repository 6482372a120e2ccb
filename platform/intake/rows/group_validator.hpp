// Validates some batches whose records land with one commit. Only the parts of Intake use it.
#pragma once

#include "platform/intake/rows/batch_validator.hpp"

namespace rootlet::platform::intake {

class GroupValidator {
 public:
  GroupValidator(Store& records, const IntakeKeys& keys, OfficeDirectory& offices,
                 FormDirectory& forms, UnixTime now)
      : records_(records),
        keys_(keys),
        offices_(offices),
        directory_(forms),
        forms_(forms),
        group_(records, keys, now),
        now_(now) {}

  Status open(std::vector<WaitingBatch> batches);  // what takes no lock
  std::vector<std::string> offices() const;
  // Inside a transaction of the records that has the names of offices().
  Status validate();
  // Of the inbox, after the commit of the records.
  Status update_inbox(Store& inbox);

  // Mail that the inbox then needs.
  std::vector<MailRow> mail_to_deliver() const { return group_.mail_to_deliver(); }

  ValidationReport report;

 private:
  // A batch that was opened, or the reason why not.
  struct Opened {
    WaitingBatch batch;
    std::optional<OfficeKeys> office;
    Result<ParsedBatch> parsed;
  };
  Result<std::optional<OfficeKeys>> find_office(const std::string& office);
  Status validate_readable(const Opened& one, ParsedBatch& parsed);
  Status validate_unreadable(const Opened& one);

  Store& records_;
  const IntakeKeys& keys_;
  OfficeDirectory& offices_;
  FormDirectory& directory_;
  FormCache forms_;
  RecordsGroup group_;
  UnixTime now_;
  std::map<std::string, std::optional<OfficeKeys>> known_offices_;
  std::vector<Opened> opened_;
};

void add(ValidationReport& total, const ValidationReport& part);

}  // namespace rootlet::platform::intake

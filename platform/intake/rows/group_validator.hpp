// Validates some batches whose records land with one commit. While the database writes those of
// the first ones, another thread opens the next. Only the parts of Intake use it.
#pragma once

#include <future>

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

  Status take(std::vector<WaitingBatch> batches);
  std::vector<std::string> offices() const;
  // Inside a transaction of the records that has the names of offices().
  Status validate();
  // Of the inbox, after the commit of the records.
  Status update_inbox(Store& inbox);

  // Mail that the inbox then needs.
  std::vector<MailRow> mail_to_deliver() const { return group_.mail_to_deliver(); }

  ValidationReport report;

 private:
  // `parsed` is absent before it was opened.
  struct Opened {
    WaitingBatch batch;
    std::optional<OfficeKeys> office;
    Status is_theirs;
    std::optional<Result<ParsedBatch>> parsed = {};
  };
  // Opens some on another thread.
  std::future<void> start_opening(std::span<Opened> some);
  Status validate_some(std::span<Opened> some);
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

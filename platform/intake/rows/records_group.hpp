// What one transaction adds to records.db: records, judgements, mail, and which batches are judged.
// Kept in memory and written in bulk by land(), before the commit. Only the parts of Intake use it.
//
// The caller's transaction keeps others away from the offices that the group touches.
#pragma once

#include <map>
#include <set>

#include "platform/intake/rows/intake_rows.hpp"

namespace rootlet::platform::intake {

class RecordsGroup {
 public:
  RecordsGroup(Store& records, const IntakeKeys& keys, UnixTime now)
      : records_(records), keys_(keys), now_(now) {}

  // Reads what is stored under these ids, and what find() then finds.
  Status load(const std::string& office, const std::vector<std::string>& ids);
  const StoredRecord* find(const std::string& office, const std::string& id) const;
  void save(StoredRecord record);  // what was loaded under its office and id before

  // False if the batch was judged before.
  Result<bool> mark_judged(const BatchName& batch, bool quarantined);
  // Saves the judgement and, if the office is known, mails it.
  Status post_judgement(Judgement judgement, const std::optional<OfficeKeys>& office);
  // Seals `statement` as the newest mail of the office. Returns its sequence.
  Result<std::uint64_t> post_mail(const std::string& office, const OfficeKeys& keys,
                                  std::string_view statement);
  // Writes all of it.
  Status land();
  const std::vector<MailRow>& mail() const { return mail_; }

 private:
  struct Held {
    StoredRecord record;
    bool is_stored = false, is_changed = false;
  };
  struct MailboxEnd {
    std::uint64_t sequence = 0;
    Hash256 hash{};
  };
  using RecordName = std::pair<std::string, std::string>;  // office and id
  Status load_some(const std::string& office, std::span<const std::string> ids);
  Result<MailboxEnd*> end_of_mailbox(const std::string& address);
  Status land_records();

  Store& records_;
  const IntakeKeys& keys_;
  UnixTime now_;
  std::map<RecordName, Held> held_;
  std::vector<RecordName> order_;  // of records that are new
  std::map<std::string, MailboxEnd> ends_;
  std::set<std::tuple<std::string, std::string, std::uint64_t>> judged_;
  NewRows judged_rows_{"judged_batches", "office, line, sequence, quarantined"};
  NewRows judgements_{"judgements", "office, line, sequence, at, statement"};
  std::vector<MailRow> mail_;
};

// Mail of the office that may not lie in the inbox yet, oldest first.
Result<std::vector<MailRow>> load_undelivered(Store& records, const std::string& office);
// Offices that have such mail since `until` or before.
Result<std::vector<std::string>> offices_with_undelivered(Store& records, UnixTime until);
// Inside the caller's transaction of the inbox. What is there already stays.
Status copy_to_inbox(Store& inbox, const std::vector<MailRow>& mail);
Status mark_delivered(Store& records, const std::vector<MailRow>& mail);

}  // namespace rootlet::platform::intake

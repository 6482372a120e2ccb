// What one transaction adds to records.db: records, judgements, mail, and which batches are judged.
// Kept in memory and written in bulk by land(), before the commit. Only the parts of Intake use it.
//
// The caller's transaction keeps others away from the offices that the group touches.
#pragma once

#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "platform/intake/rows/intake_rows.hpp"

namespace rootlet::platform::intake {

class RecordsGroup {
 public:
  RecordsGroup(Store& records, const IntakeKeys& keys, UnixTime now)
      : records_(records), keys_(keys), now_(now) {}

  // Asks what is stored about a batch, its records and the mailbox of its office; read() waits for
  // all that was asked.
  Status ask(const BatchName& batch, const std::vector<std::string>& ids,
             const std::optional<OfficeKeys>& office);
  Status read();
  // The same for some records without their batch.
  Status load(const std::string& office, const std::vector<std::string>& ids);
  const StoredRecord* find(const std::string& office, const std::string& id) const;
  void save(StoredRecord record);  // what was loaded under its office and id before

  // False if the batch, about which was asked, was judged before.
  bool mark_judged(const BatchName& batch, bool quarantined);
  // Saves the judgement and, if the office is known, mails it.
  Status post_judgement(Judgement judgement, const std::optional<OfficeKeys>& office);
  // Seals `statement` as the newest mail of the office. Returns its sequence.
  Result<std::uint64_t> post_mail(const std::string& office, const OfficeKeys& keys,
                                  std::string_view statement);
  // Writes all that is new since the last call.
  Status land();
  // Mail of the offices that may not lie in the inbox, this group's last.
  std::vector<MailRow> mail_to_deliver() const;

 private:
  struct Held {
    StoredRecord record;
    bool is_stored = false, is_changed = false;
  };
  struct MailboxEnd {
    std::uint64_t sequence = 0;
    Hash256 hash{};
  };
  using Records = std::unordered_map<std::string, Held>;  // by id; its values stay in their place
  using BatchKey = std::tuple<std::string, std::string, std::uint64_t>;
  static BatchKey key_of(const BatchName& batch) {
    return {batch.office, batch.chain, batch.sequence};
  }
  Status ask_records(const std::string& office, const std::vector<std::string>& ids);
  Status ask_mailbox(const std::string& office, const OfficeKeys& keys);
  Status read_judged();
  Status read_records();
  Status read_mailboxes();
  Status land_records();

  Store& records_;
  const IntakeKeys& keys_;
  UnixTime now_;
  std::map<std::string, Records> held_;     // by office
  std::vector<Held*> changed_;              // in the order in which they came
  std::map<std::string, MailboxEnd> ends_;  // by address
  std::set<BatchKey> judged_;
  std::vector<Statement> asked_judged_, asked_undelivered_;
  std::vector<std::pair<std::string, Statement>> asked_records_;  // by office
  std::vector<std::pair<std::string, Statement>> asked_ends_;     // by address
  std::vector<MailRow> undelivered_;
  NewRows judged_rows_{"judged_batches", "office, line, sequence, quarantined"};
  NewRows judgements_{"judgements", "office, line, sequence, at, statement"};
  std::vector<MailRow> mail_;
  std::size_t landed_mail_ = 0;
};

// Mail of the office that may not lie in the inbox yet, in the order of its mailboxes.
Result<std::vector<MailRow>> load_undelivered(Store& records, const std::string& office);
// Offices that have such mail since `until` or before.
Result<std::vector<std::string>> offices_with_undelivered(Store& records, UnixTime until);
// Inside the caller's transaction of the inbox. What is there already stays.
Status copy_to_inbox(Store& inbox, const std::vector<MailRow>& mail);
Status mark_delivered(Store& records, const std::vector<MailRow>& mail);

}  // namespace rootlet::platform::intake

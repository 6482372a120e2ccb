// Lookups go in lists of a fixed length, so that engines prepare few statements.
#include "platform/intake/rows/records_group.hpp"

#include <algorithm>
#include <utility>

#include "core/limits.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform::intake {
namespace {

constexpr std::size_t kIdsAtOnce = 64;
constexpr std::string_view kSelectUndelivered =
    "SELECT office, address, sequence, envelope, at FROM mail WHERE delivered=0 AND office=? ORDER "
    "BY address, sequence";

// By id alone: an index finds each, however many records an office has. Other offices' are dropped.
std::string select_by_ids() {
  std::string sql = "SELECT " + std::string(kStoredColumns) + "FROM records WHERE id IN (?";
  for (std::size_t i = 1; i < kIdsAtOnce; ++i) sql += ",?";
  return sql + ")";
}

// Texts come from form definitions and may be long, but the judgement of a full batch must not
// exceed the agent's limit. Never cuts inside a UTF-8 character.
std::string shortened(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

void shorten_words(Judgement& judgement, std::size_t objections, std::size_t bytes) {
  for (RecordJudgement& decided : judgement.records) {
    if (decided.objections.size() > objections) decided.objections.resize(objections);
    for (Objection& each : decided.objections) {
      each.words = {.en = shortened(each.words.en, bytes), .zh = shortened(each.words.zh, bytes)};
    }
  }
}

std::string sign_within_limit(Judgement& judgement, const SigningKey& key) {
  shorten_words(judgement, kMostObjections, kObjectionWordsBytes);
  std::string statement = sign_judgement(judgement, key);
  if (statement.size() <= limits::kReceiptBytes) return statement;
  shorten_words(judgement, 1, 100);
  return sign_judgement(judgement, key);
}

MailRow mail_at(const Statement& row) {
  return {.office = text_at(row, 0),
          .address = text_at(row, 1),
          .sequence = count_at(row, 2),
          .envelope = to_bytes(row.blob(3)),
          .at = time_at(row, 4)};
}

}  // namespace

Status RecordsGroup::ask(const BatchName& batch, const std::vector<std::string>& ids,
                         const std::optional<OfficeKeys>& office) {
  ROOTLET_TRY(Statement held, records_.prepare("SELECT office, line, sequence FROM judged_batches "
                                               "WHERE office=? AND line=? AND sequence=?"));
  ROOTLET_TRY(held.bind_all(batch.office, batch.chain, batch.sequence).start());
  asked_judged_.push_back(std::move(held));
  ROOTLET_TRY(ask_records(batch.office, ids));
  if (office) {
    ROOTLET_TRY(ask_mailbox(batch.office, *office));
  }
  return ok();
}

// The last id fills a list up.
Status RecordsGroup::ask_records(const std::string& office, const std::vector<std::string>& ids) {
  for (std::size_t at = 0; at < ids.size(); at += kIdsAtOnce) {
    ROOTLET_TRY(Statement query, records_.prepare(select_by_ids()));
    for (std::size_t i = 0; i < kIdsAtOnce; ++i) {
      query.bind(static_cast<int>(i) + 1, ids[std::min(at + i, ids.size() - 1)]);
    }
    ROOTLET_TRY(query.start());
    asked_records_.emplace_back(office, std::move(query));
  }
  return ok();
}

Status RecordsGroup::ask_mailbox(const std::string& office, const OfficeKeys& keys) {
  const std::string address = mailbox_address(keys.signing_key);
  if (!ends_.try_emplace(address).second) return ok();
  ROOTLET_TRY(Statement last, records_.prepare("SELECT sequence, envelope FROM mail WHERE address=?"
                                               " ORDER BY sequence DESC LIMIT 1"));
  ROOTLET_TRY(last.bind_all(address).start());
  asked_ends_.emplace_back(address, std::move(last));
  ROOTLET_TRY(Statement undelivered, records_.prepare(kSelectUndelivered));
  ROOTLET_TRY(undelivered.bind_all(office).start());
  asked_undelivered_.push_back(std::move(undelivered));
  return ok();
}

Status RecordsGroup::read_judged() {
  for (Statement& query : asked_judged_) {
    ROOTLET_TRY(const bool was_judged, query.step());
    if (was_judged) judged_.emplace(text_at(query, 0), text_at(query, 1), count_at(query, 2));
    query.reset();
  }
  asked_judged_.clear();
  return ok();
}

Status RecordsGroup::read_records() {
  for (auto& [office, query] : asked_records_) {
    while (true) {
      ROOTLET_TRY(const bool more, query.step());
      if (!more) break;
      if (query.text(1) != office) continue;
      ROOTLET_TRY(StoredRecord stored, read_stored(query));
      const std::string id = stored.intake.record.id;
      held_[office].try_emplace(id, Held{.record = std::move(stored), .is_stored = true});
    }
  }
  asked_records_.clear();
  return ok();
}

Status RecordsGroup::read_mailboxes() {
  for (auto& [address, query] : asked_ends_) {
    ROOTLET_TRY(const bool found, query.step());
    if (found) {
      ends_[address] = {.sequence = count_at(query, 0), .hash = envelope_hash(query.blob(1))};
    }
    query.reset();
  }
  asked_ends_.clear();
  for (Statement& query : asked_undelivered_) {
    ROOTLET_TRY(const std::vector<MailRow> some, read_all(query, mail_at));
    undelivered_.insert(undelivered_.end(), some.begin(), some.end());
  }
  asked_undelivered_.clear();
  return ok();
}

Status RecordsGroup::read() {
  ROOTLET_TRY(read_judged());
  ROOTLET_TRY(read_records());
  return read_mailboxes();
}

Status RecordsGroup::load(const std::string& office, const std::vector<std::string>& ids) {
  ROOTLET_TRY(ask_records(office, ids));
  return read();
}

const StoredRecord* RecordsGroup::find(const std::string& office, const std::string& id) const {
  const auto of_office = held_.find(office);
  if (of_office == held_.end()) return nullptr;
  const auto found = of_office->second.find(id);
  return found == of_office->second.end() ? nullptr : &found->second.record;
}

void RecordsGroup::save(StoredRecord record) {
  Records& of_office = held_[record.intake.office];
  Held& held = of_office[record.intake.record.id];
  if (!std::exchange(held.is_changed, true)) changed_.push_back(&held);
  held.record = std::move(record);
}

bool RecordsGroup::mark_judged(const BatchName& batch, bool quarantined) {
  if (!judged_.insert(key_of(batch)).second) return false;
  judged_rows_.add(batch.office, batch.chain, batch.sequence, quarantined);
  return true;
}

Result<std::uint64_t> RecordsGroup::post_mail(const std::string& office, const OfficeKeys& keys,
                                              std::string_view statement) {
  const std::string address = mailbox_address(keys.signing_key);
  ROOTLET_TRY(ask_mailbox(office, keys));
  ROOTLET_TRY(read_mailboxes());
  MailboxEnd& end = ends_[address];
  const EnvelopeHeader header{.type = "mail",
                              .realm = keys_.realm,
                              .from = "platform",
                              .to = office,
                              .chain = "",
                              .sequence = end.sequence + 1,
                              .previous = end.hash};
  Bytes envelope =
      seal_envelope(header, as_bytes(statement), *keys_.judgement_key, keys.sealing_key);
  end = {.sequence = header.sequence, .hash = envelope_hash(envelope)};
  mail_.push_back({.office = office,
                   .address = address,
                   .sequence = header.sequence,
                   .envelope = std::move(envelope),
                   .at = now_});
  return header.sequence;
}

Status RecordsGroup::post_judgement(Judgement judgement, const std::optional<OfficeKeys>& office) {
  const std::string statement = sign_within_limit(judgement, *keys_.judgement_key);
  judgements_.add(judgement.office, judgement.chain, judgement.sequence, seconds_of(now_),
                  statement);
  if (!office) return ok();
  ROOTLET_TRY(post_mail(judgement.office, *office, statement));
  return ok();
}

Status RecordsGroup::land_records() {
  NewRows rows("records", kNewRecordColumns);
  for (const Held* held : changed_) {
    if (!held->is_stored) add_record(rows, held->record);
  }
  ROOTLET_TRY(records_.insert(rows));
  for (Held* held : changed_) {
    if (held->is_stored) {
      ROOTLET_TRY(replace_record(records_, held->record));
    }
    held->is_stored = true;
    held->is_changed = false;
  }
  changed_.clear();
  return ok();
}

Status RecordsGroup::land() {
  ROOTLET_TRY(land_records());
  ROOTLET_TRY(records_.insert(judged_rows_));
  ROOTLET_TRY(records_.insert(judgements_));
  judged_rows_.clear();
  judgements_.clear();
  NewRows rows("mail", "address, sequence, office, envelope, at");
  for (; landed_mail_ < mail_.size(); ++landed_mail_) {
    const MailRow& mail = mail_[landed_mail_];
    rows.add(mail.address, mail.sequence, mail.office, mail.envelope, seconds_of(mail.at));
  }
  return records_.insert(rows);
}

std::vector<MailRow> RecordsGroup::mail_to_deliver() const {
  std::vector<MailRow> all = undelivered_;
  all.insert(all.end(), mail_.begin(), mail_.end());
  return all;
}

Result<std::vector<MailRow>> load_undelivered(Store& records, const std::string& office) {
  ROOTLET_TRY(Statement query, records.prepare(kSelectUndelivered));
  query.bind_all(office);
  return read_all(query, mail_at);
}

Result<std::vector<std::string>> offices_with_undelivered(Store& records, UnixTime until) {
  ROOTLET_TRY(Statement query, records.prepare("SELECT DISTINCT office FROM mail WHERE delivered=0 "
                                               "AND at<=? ORDER BY office"));
  query.bind_all(seconds_of(until));
  return read_all(query, [](const Statement& row) { return text_at(row, 0); });
}

Status copy_to_inbox(Store& inbox, const std::vector<MailRow>& mail) {
  ROOTLET_TRY(Statement save, inbox.prepare("INSERT INTO mail(address, sequence, envelope) "
                                            "VALUES(?,?,?) ON CONFLICT DO NOTHING"));
  for (const MailRow& one : mail) {
    ROOTLET_TRY(save.bind_all(one.address, one.sequence, one.envelope).run());
  }
  return ok();
}

Status mark_delivered(Store& records, const std::vector<MailRow>& mail) {
  ROOTLET_TRY(Statement mark,
              records.prepare("UPDATE mail SET delivered=1 WHERE address=? AND sequence=?"));
  for (const MailRow& one : mail) {
    ROOTLET_TRY(mark.bind_all(one.address, one.sequence).run());
  }
  return ok();
}

}  // namespace rootlet::platform::intake

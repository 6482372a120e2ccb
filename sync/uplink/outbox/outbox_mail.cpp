// Applies mail from the platform, each once and in order. Judgements move records; other mail is
// kept for its reader. The position moves in the same transaction as the change.
#include <algorithm>

#include "storage/row_values.hpp"
#include "sync/uplink/outbox/outbox.hpp"
#include "sync/uplink/outbox/outbox_rows.hpp"

namespace rootlet {
namespace {

using namespace outbox;

Error mail_error(const Mail& mail, std::string_view detail) {
  return fail(ErrorCode::kUntrusted,
              "mail " + std::to_string(mail.sequence) + ": " + std::string(detail));
}

struct Position {
  std::uint64_t sequence = 0;
  Hash256 previous{};
};

Result<Position> read_position(Database& database) {
  ROOTLET_TRY(Statement statement,
              database.prepare("SELECT position, previous FROM mailbox WHERE one=1"));
  ROOTLET_TRY(const bool found, statement.step());
  if (!found) return fail(ErrorCode::kStorageDamaged, "outbox.db: the mailbox has no position");
  Position position{.sequence = static_cast<std::uint64_t>(statement.integer(0))};
  ROOTLET_TRY(position.previous, read_hash(statement, 1, "outbox.db"));
  return position;
}

Status move_position(Database& database, const Mail& mail) {
  ROOTLET_TRY(Statement statement,
              database.prepare("UPDATE mailbox SET position=?, previous=? WHERE one=1"));
  statement.bind_all(mail.sequence, ByteView(envelope_hash(mail.envelope)));
  return statement.run();
}

// A new mailbox accepts any first mail, because older mail may have been deleted upstream. After
// that, each mail must be the next one and name the previous one.
Status check_header(const UplinkIdentity& identity, const Mail& mail, const EnvelopeHeader& header,
                    const Position& position) {
  if (header.type != "mail" || header.from != "platform") return mail_error(mail, "is no mail");
  if (header.realm != identity.realm) return mail_error(mail, "is of another realm");
  if (header.to != identity.office) return mail_error(mail, "is for another office");
  if (header.sequence != mail.sequence) return mail_error(mail, "bears another number");
  if (position.sequence == 0) return ok();
  if (mail.sequence != position.sequence + 1) return mail_error(mail, "is not the next one");
  if (header.previous != position.previous) {
    return mail_error(mail, "does not follow the one before");
  }
  return ok();
}

Result<bool> is_own_batch(Database& database, const Judgement& judgement) {
  ROOTLET_TRY(Statement statement,
              database.prepare("SELECT 1 FROM batches WHERE line=? AND sequence=? AND hash=?"));
  statement.bind_all(judgement.chain, judgement.sequence, ByteView(judgement.batch));
  return statement.step();
}

// A judgement applies to the attempt that it names. Mail is applied in order, so each overrides
// what came before it, whatever time the platform's clock wrote.
Result<bool> apply_judgement(Database& database, const RecordJudgement& decided, UnixTime judged_at,
                             std::int64_t number) {
  const RecordState state =
      decided.verdict == Verdict::kAccepted ? RecordState::kAccepted : RecordState::kReturned;
  ROOTLET_TRY(Statement statement,
              database.prepare("UPDATE records SET state=?1, objections=?2, judged_at=?3,"
                               " judgement=?4 WHERE id=?5 AND attempt=?6 AND (state IN (?7,?8)"
                               " OR (state IN (?9,?10) AND state<>?1))"));
  statement.bind_all(state, encode_objections(decided.objections), seconds_of(judged_at), number,
                     decided.id, decided.attempt, RecordState::kSealed, RecordState::kReceived,
                     RecordState::kAccepted, RecordState::kReturned);
  ROOTLET_TRY(statement.run());
  return database.changes() > 0;
}

Result<std::int64_t> keep_statement(Database& database, std::string_view statement) {
  ROOTLET_TRY(Statement insert, database.prepare("INSERT INTO judgements(statement) VALUES(?)"));
  insert.bind_all(statement);
  ROOTLET_TRY(insert.run());
  return database.last_insert_rowid();
}

Status apply_judged(Database& database, const Judgement& judgement, std::string_view statement,
                    MailOutcome& outcome) {
  ROOTLET_TRY(const std::int64_t number, keep_statement(database, statement));
  for (const RecordJudgement& decided : judgement.records) {
    ROOTLET_TRY(const bool changed, apply_judgement(database, decided, judgement.at, number));
    if (!changed) continue;
    (decided.verdict == Verdict::kAccepted ? outcome.accepted : outcome.returned) += 1;
  }
  if (outcome.accepted + outcome.returned == 0) {
    ROOTLET_TRY(Statement drop, database.prepare("DELETE FROM judgements WHERE number=?"));
    drop.bind_all(number);
    ROOTLET_TRY(drop.run());
  }
  ROOTLET_TRY(Statement batch,
              database.prepare("UPDATE batches SET judged_at=? WHERE line=? AND sequence=?"));
  batch.bind_all(seconds_of(judgement.at), judgement.chain, judgement.sequence);
  return batch.run();
}

// The platform could not read the batch. Its records travel again, each alone, to find the faulty
// one; a record that already travelled alone is returned to its author.
Status apply_quarantine(Database& database, const Judgement& judgement, MailOutcome& outcome) {
  const Objection objection{
      .field = "",
      .reason = "quarantined",
      .words = {.en = "The platform could not read this record twice. Check it and send it again.",
                .zh = "平台两次无法读取此记录，请核对后重新提交。"}};
  ROOTLET_TRY(Statement give_back,
              database.prepare("UPDATE records SET state=?, objections=?, judged_at=? WHERE line=?"
                               " AND sequence=? AND alone=1 AND state IN (?,?)"));
  give_back.bind_all(RecordState::kReturned, encode_objections({objection}),
                     seconds_of(judgement.at), judgement.chain, judgement.sequence,
                     RecordState::kSealed, RecordState::kReceived);
  ROOTLET_TRY(give_back.run());
  outcome.returned += static_cast<int>(database.changes());
  ROOTLET_TRY(Statement again,
              database.prepare("UPDATE records SET state=?, alone=1, line=NULL, sequence=NULL WHERE"
                               " line=? AND sequence=? AND state IN (?,?)"));
  again.bind_all(RecordState::kSaved, judgement.chain, judgement.sequence, RecordState::kSealed,
                 RecordState::kReceived);
  return again.run();
}

Status apply_judgement(Database& database, const UplinkIdentity& identity,
                       const Judgement& judgement, std::string_view statement,
                       MailOutcome& outcome) {
  // Judgements of batches of a cloned machine arrive in the same mailbox; ignores them.
  ROOTLET_TRY(const bool own, is_own_batch(database, judgement));
  if (!own || judgement.realm != identity.realm || judgement.office != identity.office) return ok();
  if (judgement.type == JudgementType::kQuarantined) {
    outcome.kind = MailOutcome::Kind::kQuarantined;
    return apply_quarantine(database, judgement, outcome);
  }
  outcome.kind = MailOutcome::Kind::kJudged;
  return apply_judged(database, judgement, statement, outcome);
}

Status keep_other(Database& database, const Mail& mail, ByteView payload) {
  ROOTLET_TRY(Statement statement,
              database.prepare("INSERT OR REPLACE INTO other_mail VALUES(?,?)"));
  statement.bind_all(mail.sequence, payload);
  return statement.run();
}

// Which of the keys signed the envelope.
Result<PublicKey> signer_of(ByteView envelope, std::span<const PublicKey> keys) {
  Status refused = fail(ErrorCode::kUntrusted, "mail: no key may sign it");
  for (const PublicKey& key : keys) {
    const Result<EnvelopeHeader> verified = verify_envelope(envelope, key);
    if (verified.has_value()) return key;
    refused = verified.error();
  }
  return refused.error();
}

}  // namespace

Result<MailPosition> Outbox::mail_position() {
  ROOTLET_TRY(const Position position, read_position(database_));
  return MailPosition{position.sequence, mail_mark(position.previous)};
}

Status Outbox::restart_mailbox() {
  return database_.execute("UPDATE mailbox SET position=0, previous=zeroblob(32)");
}

Result<MailOutcome> Outbox::apply_mail(const UplinkIdentity& identity, const Mail& mail,
                                       UnixTime now) {
  ROOTLET_TRY(const PublicKey signer, signer_of(mail.envelope, identity.judgement_keys));
  ROOTLET_TRY(const EnvelopeHeader header, verify_envelope(mail.envelope, signer));
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(const Position position, read_position(database_));
  MailOutcome outcome;
  if (mail.sequence <= position.sequence) return outcome;
  ROOTLET_TRY(check_header(identity, mail, header, position));
  const Result<OpenedEnvelope> opened = open_envelope(mail.envelope, signer, *identity.sealing_key);
  if (opened.has_error()) {
    // Signed by the platform but unreadable here: must not block later mail.
    outcome.kind = MailOutcome::Kind::kUnreadable;
  } else {
    const std::string_view statement = as_text(opened.value().payload);
    Result<Judgement> judgement = verify_judgement(statement, identity.judgement_keys);
    if (judgement.has_value()) {
      judgement.value().at = std::max(judgement.value().at, now);
      ROOTLET_TRY(apply_judgement(database_, identity, judgement.value(), statement, outcome));
    } else {
      outcome.kind = MailOutcome::Kind::kOther;
      ROOTLET_TRY(keep_other(database_, mail, opened.value().payload));
    }
  }
  ROOTLET_TRY(move_position(database_, mail));
  ROOTLET_TRY(transaction.commit());
  return outcome;
}

Result<std::vector<Mail>> Outbox::other_mail() {
  ROOTLET_TRY(Statement statement,
              database_.prepare("SELECT sequence, payload FROM other_mail ORDER BY sequence"));
  std::vector<Mail> out;
  while (true) {
    ROOTLET_TRY(const bool row, statement.step());
    if (!row) return out;
    out.push_back({static_cast<std::uint64_t>(statement.integer(0)), to_bytes(statement.blob(1))});
  }
}

Status Outbox::forget_other_mail(std::uint64_t sequence) {
  ROOTLET_TRY(Statement statement, database_.prepare("DELETE FROM other_mail WHERE sequence=?"));
  statement.bind_all(sequence);
  return statement.run();
}

}  // namespace rootlet

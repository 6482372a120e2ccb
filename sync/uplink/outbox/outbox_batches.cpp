// The batch chain: sealing, the platform's answers, a fork (two machines act as one office) and a
// gap (the platform lost batches).
#include <algorithm>

#include "core/limits.hpp"
#include "storage/row_values.hpp"
#include "sync/uplink/exchange/batch.hpp"
#include "sync/uplink/outbox/outbox.hpp"
#include "sync/uplink/outbox/outbox_rows.hpp"

namespace rootlet {
namespace {

using namespace outbox;

struct Chain {
  std::string name;
  std::uint64_t next = 1;
  Hash256 previous{};
};

Result<Chain> open_chain(Database& database, UnixTime now) {
  ROOTLET_TRY(Statement held,
              database.prepare("SELECT line, next, previous FROM lines WHERE state=1"));
  ROOTLET_TRY(const bool found, held.step());
  if (found) {
    ROOTLET_TRY(const Hash256 previous, read_hash(held, 2, "outbox.db"));
    return Chain{std::string(held.text(0)), static_cast<std::uint64_t>(held.integer(1)), previous};
  }
  const Chain chain{.name = to_hex(random_bytes(8))};
  ROOTLET_TRY(Statement insert,
              database.prepare("INSERT INTO lines(line, state, next, previous, opened_at)"
                               " VALUES(?,1,1,?,?)"));
  insert.bind_all(chain.name, ByteView(chain.previous), seconds_of(now));
  ROOTLET_TRY(insert.run());
  return chain;
}

Result<std::vector<WaitingRecord>> waiting_records(Database& database) {
  ROOTLET_TRY(Statement statement,
              database.prepare("SELECT id, bytes, alone FROM records WHERE state=?"
                               " ORDER BY rowid LIMIT ?"));
  statement.bind_all(RecordState::kSaved, limits::kBatchRecords);
  std::vector<WaitingRecord> waiting;
  while (true) {
    ROOTLET_TRY(const bool row, statement.step());
    if (!row) return waiting;
    waiting.push_back({std::string(statement.text(0)),
                       static_cast<std::size_t>(statement.integer(1)), statement.integer(2) != 0});
  }
}

Result<BatchContent> content_of(Database& database, const UplinkIdentity& identity,
                                const Chain& chain, std::span<const WaitingRecord> chosen) {
  BatchContent content{
      .office = identity.office, .chain = chain.name, .sequence = chain.next, .records = {}};
  for (const WaitingRecord& waiting : chosen) {
    ROOTLET_TRY(std::optional<RecordRow> row, find_row(database, waiting.id));
    if (!row) return fail(ErrorCode::kStorageDamaged, "outbox.db: a waiting record is missing");
    content.records.push_back(std::move(row->record));
  }
  return content;
}

Status store_batch(Database& database, const Chain& chain, const Bytes& envelope,
                   std::span<const WaitingRecord> chosen, UnixTime now) {
  const Hash256 hash = envelope_hash(envelope);
  ROOTLET_TRY(Statement batch,
              database.prepare("INSERT INTO batches(line, sequence, hash, state, sealed_at,"
                               " envelope) VALUES(?,?,?,?,?,?)"));
  batch.bind_all(chain.name, chain.next, ByteView(hash), kBatchPending, seconds_of(now), envelope);
  ROOTLET_TRY(batch.run());
  ROOTLET_TRY(Statement move, database.prepare("UPDATE lines SET next=?, previous=? WHERE line=?"));
  move.bind_all(chain.next + 1, ByteView(hash), chain.name);
  ROOTLET_TRY(move.run());
  ROOTLET_TRY(Statement seal,
              database.prepare("UPDATE records SET state=?, line=?, sequence=? WHERE id=?"));
  for (const WaitingRecord& record : chosen) {
    seal.bind_all(RecordState::kSealed, chain.name, chain.next, record.id);
    ROOTLET_TRY(seal.run());
  }
  return ok();
}

Error not_our_answer(const PendingBatch& batch, std::string_view detail) {
  return fail(ErrorCode::kUntrusted, "answer to batch " + batch.chain + "#" +
                                         std::to_string(batch.sequence) + ": " +
                                         std::string(detail));
}

Status check_place(const UplinkIdentity& identity, const PendingBatch& batch,
                   const BatchAnswer& answer) {
  if (answer.realm != identity.realm) return not_our_answer(batch, "of another realm");
  if (answer.office != identity.office) return not_our_answer(batch, "to another office");
  if (answer.chain != batch.chain) return not_our_answer(batch, "about another batch chain");
  return ok();
}

Status mark_received(Database& database, const PendingBatch& batch, std::string_view receipt) {
  ROOTLET_TRY(Statement update,
              database.prepare("UPDATE batches SET state=?, receipt=? WHERE line=? AND sequence=?"
                               " AND hash=?"));
  update.bind_all(kBatchReceived, receipt, batch.chain, batch.sequence, ByteView(batch.hash));
  ROOTLET_TRY(update.run());
  ROOTLET_TRY(
      Statement records,
      database.prepare("UPDATE records SET state=? WHERE line=? AND sequence=? AND state=?"));
  records.bind_all(RecordState::kReceived, batch.chain, batch.sequence, RecordState::kSealed);
  return records.run();
}

// Ends the chain. Its records that were not received travel again on the next chain, and from
// `lost_from` on also those that were received but not judged, because the platform no longer has
// them.
Status quarantine_chain(Database& database, const std::string& chain, std::string_view reason,
                        std::uint64_t lost_from) {
  ROOTLET_TRY(Statement close, database.prepare("UPDATE lines SET state=?, reason=? WHERE line=?"));
  close.bind_all(kChainQuarantined, reason, chain);
  ROOTLET_TRY(close.run());
  ROOTLET_TRY(Statement records,
              database.prepare("UPDATE records SET state=?1, line=NULL, sequence=NULL WHERE line=?2"
                               " AND (state=?3 OR (state=?4 AND sequence>=?5))"));
  records.bind_all(RecordState::kSaved, chain, RecordState::kSealed, RecordState::kReceived,
                   lost_from);
  ROOTLET_TRY(records.run());
  ROOTLET_TRY(Statement batches,
              database.prepare("UPDATE batches SET state=? WHERE line=? AND state=?"));
  batches.bind_all(kBatchQuarantined, chain, kBatchPending);
  return batches.run();
}

Result<Hash256> own_hash(Database& database, const PendingBatch& batch, std::uint64_t sequence) {
  ROOTLET_TRY(Statement statement,
              database.prepare("SELECT hash FROM batches WHERE line=? AND sequence=?"));
  statement.bind_all(batch.chain, sequence);
  ROOTLET_TRY(const bool found, statement.step());
  if (!found) return not_our_answer(batch, "about a sequence that was never sent");
  return read_hash(statement, 0, "outbox.db");
}

Result<AnswerOutcome> apply_fork(Database& database, const PendingBatch& batch,
                                 const BatchAnswer& answer) {
  if (answer.sequence > batch.sequence) return not_our_answer(batch, "a fork behind the batch");
  ROOTLET_TRY(const Hash256 own, own_hash(database, batch, answer.sequence));
  if (own == answer.batch) return not_our_answer(batch, "a fork that names our own batch");
  ROOTLET_TRY(quarantine_chain(database, batch.chain, "fork", INT64_MAX));
  return AnswerOutcome::kNewChain;
}

Result<AnswerOutcome> apply_gap(Database& database, const PendingBatch& batch,
                                const BatchAnswer& answer) {
  if (answer.sequence >= batch.sequence) return not_our_answer(batch, "a gap that is none");
  ROOTLET_TRY(Statement held,
              database.prepare("SELECT count(*) FROM batches WHERE line=? AND sequence>=? AND"
                               " sequence<? AND envelope NOT NULL"));
  held.bind_all(batch.chain, answer.sequence, batch.sequence);
  ROOTLET_TRY(held.step());
  if (static_cast<std::uint64_t>(held.integer(0)) != batch.sequence - answer.sequence) {
    ROOTLET_TRY(quarantine_chain(database, batch.chain, "gap", answer.sequence));
    return AnswerOutcome::kNewChain;
  }
  ROOTLET_TRY(Statement again,
              database.prepare("UPDATE batches SET state=? WHERE line=? AND sequence>=? AND"
                               " sequence<?"));
  again.bind_all(kBatchPending, batch.chain, answer.sequence, batch.sequence);
  ROOTLET_TRY(again.run());
  return AnswerOutcome::kResend;
}

}  // namespace

Result<std::size_t> Outbox::seal_next_batch(const UplinkIdentity& identity, UnixTime now) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(const std::vector<WaitingRecord> waiting, waiting_records(database_));
  const std::span<const WaitingRecord> chosen =
      std::span(waiting).first(plan_batch(std::span(waiting)));
  if (chosen.empty()) return std::size_t{0};
  ROOTLET_TRY(const Chain chain, open_chain(database_, now));
  ROOTLET_TRY(const BatchContent content, content_of(database_, identity, chain, chosen));
  const EnvelopeHeader header{.type = "batch",
                              .realm = identity.realm,
                              .from = identity.office,
                              .to = "platform",
                              .chain = chain.name,
                              .sequence = chain.next,
                              .previous = chain.previous};
  const Bytes envelope =
      seal_envelope(header, encode_batch(content), *identity.signing_key, identity.ingest_key);
  ROOTLET_TRY(store_batch(database_, chain, envelope, chosen, now));
  ROOTLET_TRY(transaction.commit());
  return chosen.size();
}

Result<std::size_t> Outbox::seal_batches(const UplinkIdentity& identity, UnixTime now) {
  std::size_t sealed = 0;
  while (true) {
    ROOTLET_TRY(const std::size_t count, seal_next_batch(identity, now));
    if (count == 0) return sealed;
    sealed += count;
  }
}

Result<std::optional<PendingBatch>> Outbox::next_pending() {
  ROOTLET_TRY(Statement statement,
              database_.prepare("SELECT b.line, b.sequence, b.hash, b.envelope FROM batches b JOIN"
                                " lines l ON l.line=b.line WHERE b.state=1 AND l.state=1"
                                " ORDER BY b.sequence LIMIT 1"));
  ROOTLET_TRY(const bool found, statement.step());
  if (!found) return std::optional<PendingBatch>();
  ROOTLET_TRY(const Hash256 hash, read_hash(statement, 2, "outbox.db"));
  PendingBatch batch{.chain = std::string(statement.text(0)),
                     .sequence = static_cast<std::uint64_t>(statement.integer(1)),
                     .hash = hash,
                     .envelope = to_bytes(statement.blob(3))};
  if (envelope_hash(batch.envelope) != hash) {
    return fail(ErrorCode::kStorageDamaged, "outbox.db: a sealed batch changed on disk");
  }
  return std::optional<PendingBatch>(std::move(batch));
}

Status Outbox::begin_again() {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(Statement open, database_.prepare("SELECT line FROM lines WHERE state=?"));
  open.bind_all(kChainOpen);
  ROOTLET_TRY(const bool found, open.step());
  if (found) {
    ROOTLET_TRY(quarantine_chain(database_, std::string(open.text(0)), "new keys", 1));
  }
  open.reset();
  ROOTLET_TRY(restart_mailbox());
  return transaction.commit();
}

Result<AnswerOutcome> Outbox::apply_answer(const UplinkIdentity& identity,
                                           const PendingBatch& batch, std::string_view text) {
  ROOTLET_TRY(const BatchAnswer answer, verify_answer(text, identity.statement_key));
  ROOTLET_TRY(check_place(identity, batch, answer));
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  AnswerOutcome outcome = AnswerOutcome::kReceived;
  if (answer.type == AnswerType::kReceived) {
    if (answer.sequence != batch.sequence) return not_our_answer(batch, "about another sequence");
    if (answer.batch != batch.hash) return not_our_answer(batch, "about other bytes");
    ROOTLET_TRY(mark_received(database_, batch, text));
  } else if (answer.type == AnswerType::kFork) {
    ROOTLET_TRY(outcome, apply_fork(database_, batch, answer));
  } else {
    ROOTLET_TRY(outcome, apply_gap(database_, batch, answer));
  }
  ROOTLET_TRY(transaction.commit());
  return outcome;
}

}  // namespace rootlet

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

// Without those that the link does not carry: `limit` is the smallest size that it refused.
Result<std::vector<WaitingRecord>> waiting_records(Database& database,
                                                   std::optional<std::uint64_t> limit) {
  ROOTLET_TRY(Statement statement,
              database.prepare("SELECT id, bytes, alone FROM records WHERE state=? AND"
                               " coalesce(held_bytes, 0)<? ORDER BY rowid LIMIT ?"));
  statement.bind_all(RecordState::kSaved, limit.value_or(INT64_MAX), limits::kBatchRecords);
  return read_all(statement, [](const Statement& row) {
    return WaitingRecord{text_at(row, 0), static_cast<std::size_t>(row.integer(1)),
                         row.integer(2) != 0};
  });
}

// Beside records that fill a batch, and on a link that refuses large ones, what is held waits.
bool has_room_for_held(std::span<const WaitingRecord> chosen, std::optional<std::uint64_t> limit) {
  std::size_t bytes = 0;
  for (const WaitingRecord& record : chosen) bytes += record.bytes;
  return !limit.has_value() && bytes <= limits::kBatchPlanBytes;
}

Result<BatchContent> content_of(Database& database, const UplinkIdentity& identity,
                                const Chain& chain, std::span<const WaitingRecord> chosen) {
  BatchContent content{.office = identity.office,
                       .chain = chain.name,
                       .sequence = chain.next,
                       .seen = identity.seen,
                       .records = {}};
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
              database.prepare("UPDATE records SET state=?, line=?, sequence=?, held_bytes=NULL"
                               " WHERE id=?"));
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
  ROOTLET_TRY(end_chain(database, batch.chain, kChainQuarantined, "fork", INT64_MAX));
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
    ROOTLET_TRY(end_chain(database, batch.chain, kChainQuarantined, "gap", answer.sequence));
    return AnswerOutcome::kNewChain;
  }
  ROOTLET_TRY(Statement again,
              database.prepare("UPDATE batches SET state=? WHERE line=? AND sequence>=? AND"
                               " sequence<?"));
  again.bind_all(kBatchPending, batch.chain, answer.sequence, batch.sequence);
  ROOTLET_TRY(again.run());
  return AnswerOutcome::kResend;
}

Result<Bytes> seal_records(Database& database, const UplinkIdentity& identity, const Chain& chain,
                           std::span<const WaitingRecord> chosen,
                           std::optional<std::uint64_t> limit) {
  ROOTLET_TRY(BatchContent content, content_of(database, identity, chain, chosen));
  if (has_room_for_held(chosen, limit)) {
    ROOTLET_TRY(content.held, load_unreported(database));
  }
  const EnvelopeHeader header{.type = "batch",
                              .realm = identity.realm,
                              .from = identity.office,
                              .to = "platform",
                              .chain = chain.name,
                              .sequence = chain.next,
                              .previous = chain.previous};
  return seal_envelope(header, encode_batch(content), *identity.signing_key, identity.ingest_key);
}

Status hold_record(Database& database, const WaitingRecord& record, std::size_t sealed_bytes) {
  ROOTLET_TRY(Statement hold, database.prepare("UPDATE records SET held_bytes=? WHERE id=?"));
  hold.bind_all(sealed_bytes, record.id);
  return hold.run();
}

// Seals the first records that wait into one batch that the link carries and stores it; holds a
// record that is too large even alone. Returns how many were sealed.
Result<std::size_t> seal_what_fits(Database& database, const UplinkIdentity& identity,
                                   std::optional<std::uint64_t> limit, UnixTime now) {
  // Half of the refused size: not each batch should try out where the limit lies.
  const std::size_t budget =
      std::min<std::uint64_t>(limits::kBatchPlanBytes, limit.value_or(2 * limits::kBatchBytes) / 2);
  while (true) {
    ROOTLET_TRY(const std::vector<WaitingRecord> waiting, waiting_records(database, limit));
    std::size_t count = plan_batch(std::span(waiting), budget);
    if (count == 0) return std::size_t{0};
    ROOTLET_TRY(const Chain chain, open_chain(database, now));
    for (; count > 0; count /= 2) {
      const std::span<const WaitingRecord> chosen = std::span(waiting).first(count);
      ROOTLET_TRY(const Bytes envelope, seal_records(database, identity, chain, chosen, limit));
      if (limit && envelope.size() >= *limit) {
        if (count == 1) {
          ROOTLET_TRY(hold_record(database, chosen.front(), envelope.size()));
        }
        continue;
      }
      ROOTLET_TRY(store_batch(database, chain, envelope, chosen, now));
      if (has_room_for_held(chosen, limit)) {
        ROOTLET_TRY(forget_unreported(database));
      }
      return count;
    }
  }
}

}  // namespace

Result<std::size_t> Outbox::seal_next_batch(const UplinkIdentity& identity, UnixTime now) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(const std::optional<std::uint64_t> limit, link_limit(database_, now));
  ROOTLET_TRY(const std::size_t sealed, seal_what_fits(database_, identity, limit, now));
  ROOTLET_TRY(transaction.commit());
  return sealed;
}

Result<std::size_t> Outbox::seal_batches(const UplinkIdentity& identity, UnixTime now) {
  std::size_t sealed = 0;
  while (true) {
    ROOTLET_TRY(const std::size_t count, seal_next_batch(identity, now));
    if (count == 0) return sealed;
    sealed += count;
  }
}

Result<std::optional<PendingBatch>> Outbox::next_pending(std::uint64_t after) {
  ROOTLET_TRY(Statement statement,
              database_.prepare("SELECT b.line, b.sequence, b.hash, b.envelope FROM batches b JOIN"
                                " lines l ON l.line=b.line WHERE b.state=1 AND l.state=1"
                                " AND b.sequence>? ORDER BY b.sequence LIMIT 1"));
  statement.bind_all(after);
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
    ROOTLET_TRY(end_chain(database_, std::string(open.text(0)), kChainQuarantined, "new keys", 1));
  }
  open.reset();
  ROOTLET_TRY(restart_mailbox());
  return transaction.commit();
}

Result<AnswerOutcome> Outbox::apply_answer(const UplinkIdentity& identity,
                                           const PendingBatch& batch, std::string_view text) {
  ROOTLET_TRY(const BatchAnswer answer, verify_answer(text, identity.receipt_keys));
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

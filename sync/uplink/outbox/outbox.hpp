// outbox.db: the records of this office, from the moment they are saved until the platform has
// answered (docs/ARCHITECTURE.md).
//
// Promises: a record is on disk when `save` returns, and stays until the platform has judged it;
// each record has one id upstream, however often its batch is sent; a batch is built once and its
// bytes are kept; sequences have no gaps. After a crash between any two statements the next call
// continues. A batch that a proxy refuses for its size is not sent again: the chain ends, and its
// records are sealed anew in smaller batches on the next one; the platform stores each id once, so
// this is safe even if it had taken the batch. Rejects values that break the form, and answers and
// mail that the statement key did not sign or that name another realm, office, chain or batch. One
// Outbox per thread; several may have the same file open.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "storage/database.hpp"
#include "sync/uplink/exchange/batch.hpp"
#include "sync/uplink/exchange/mailbox.hpp"
#include "sync/uplink/exchange/receipt.hpp"
#include "sync/uplink/form/form.hpp"

namespace rootlet {

// The identity of the office upstream. The keys must outlive the call.
struct UplinkIdentity {
  std::string realm;
  std::string office;
  const SigningKey* signing_key = nullptr;
  const SealingKey* sealing_key = nullptr;
  SealingPublicKey ingest_key;                 // batches are sealed to it
  std::vector<PublicKey> receipt_keys = {};    // any of them signs receipts
  std::vector<SeenDirectory> seen = {};        // goes along in each batch
  std::vector<PublicKey> judgement_keys = {};  // any of them signs judgements and mail
};

struct OutboxCounts {
  std::array<std::int64_t, kRecordStates> by_state{};
  std::int64_t quarantined_chains = 0;  // forks and gaps, shown to IT
  std::int64_t too_large = 0;           // saved records that the link does not carry
  std::int64_t of(RecordState state) const { return by_state[static_cast<std::size_t>(state)]; }
};

struct OutboxFilter {
  std::optional<RecordState> state = {};
  std::string form = {};
  std::size_t limit = 100;
  std::string after = {};   // the id of the last record of the previous page; newest first
  std::string prefix = {};  // of the id
  // What a record is about, for RecordSummary::subject; null leaves it empty.
  std::function<std::string(const Record&)> subject_of = nullptr;
};

struct RecordSummary {
  std::string id, kind, form;
  RecordState state = RecordState::kDraft;
  int attempt = 1;
  UnixTime at{}, saved_at{};
  std::vector<Objection> objections;  // of a returned record
  bool erased = false;                // the retention is over and the values are erased
  std::uint64_t held_bytes = 0;       // sealed; the link refuses this size. 0: it is not held
  std::string subject = {};
};

struct RecordDetail {
  RecordSummary summary;
  Record record;
  std::string chain;           // "" until sealed
  std::uint64_t sequence = 0;  // of its batch in the chain
  std::string batch;           // hexadecimal hash
  UnixTime sealed_at{};        // of the batch; the epoch until sealed
  std::string receipt;         // signed by the gateway; "" until received
  std::string judgement;       // signed by the platform; "" until judged
};

using RecordVisitor = std::function<bool(const RecordSummary& summary, const json::object& values)>;

struct ChainSummary {
  std::string chain;
  bool quarantined = false;
  std::string reason;
  std::uint64_t next = 1;
  std::int64_t pending = 0;
  UnixTime opened_at{};
};

struct PendingBatch {
  std::string chain;
  std::uint64_t sequence = 0;
  Hash256 hash{};
  Bytes envelope;
};

enum class AnswerOutcome {
  kReceived,
  kNewChain,  // fork, or a gap that cannot be filled: the records travel again on a new chain
  kResend,    // the platform lost batches that are still here: send them again unchanged
};

struct MailOutcome {
  enum class Kind { kJudged, kQuarantined, kOther, kUnreadable, kKnown } kind = Kind::kKnown;
  int accepted = 0, returned = 0;  // records whose state this mail changed
};

struct MailPosition {
  std::uint64_t sequence = 0;  // 0 before the first mail
  std::string mark;            // mail_mark of that mail
};

// Why a record of `held_bytes` waits, and what to do.
Text words_of_held(std::uint64_t held_bytes);

class Outbox {
 public:
  // kStorageDamaged if the key does not open the file or a newer program wrote it.
  static Result<Outbox> open(const std::filesystem::path& path, const SymmetricKey& key);

  // kStorageDamaged if SQLite finds a page that cannot be read. Reads the whole file.
  Status check_pages();

  // Normalises and validates; returns the id when the record is durable. An empty id gets a new
  // one; the id of a draft or a saved record replaces that record; saving a record again unchanged
  // after it was sealed has no effect. kBadInput with field and words, kStorage, kStorageFull.
  Result<std::string> save(const FormDefinition& form, Record record, UnixTime now);
  // Keeps unfinished work; checks only its size.
  Result<std::string> save_draft(const FormDefinition& form, Record record, UnixTime now);
  // Corrects a returned record under the same id and saves it as the next attempt.
  Status fix(const FormDefinition& form, const std::string& id, const json::object& values,
             const json::object& kept, UnixTime now);
  // Deletes a draft or a returned record; kBadInput for any other state.
  Status discard(const std::string& id);

  // --- reconciliation sheets of syncs (outbox_sheets.cpp) ---
  static constexpr std::int64_t kKeptSheets = 500;
  // Keeps the sheet, and reports the streams with the next batch that has room.
  Status keep_sheet(std::string_view sheet, const std::vector<HeldVersion>& changed);
  Result<std::vector<std::string>> sheets(std::int64_t most);  // newest first

  // --- views ---
  Result<OutboxCounts> counts();
  Result<std::vector<RecordSummary>> list(const OutboxFilter& filter);
  Result<RecordDetail> show(const std::string& id);  // kBadInput if there is none
  Result<std::vector<ChainSummary>> chains();
  // The newest `most` records that the platform has not accepted, drafts too, newest first, until
  // `visit` returns false. False if there are more than `most`.
  Result<bool> visit_not_accepted(std::size_t most, const RecordVisitor& visit);

  // --- on the way ---
  // Builds the next batch of saved records in one transaction. Returns the number of records.
  Result<std::size_t> seal_next_batch(const UplinkIdentity& identity, UnixTime now);
  Result<std::size_t> seal_batches(const UplinkIdentity& identity, UnixTime now);  // until none
  // The first one of the open batch chain whose sequence is higher than `after`.
  Result<std::optional<PendingBatch>> next_pending(std::uint64_t after = 0);
  // Applies the platform's signed answer to `batch`; kUntrusted, with nothing changed, if it is not
  // one.
  Result<AnswerOutcome> apply_answer(const UplinkIdentity& identity, const PendingBatch& batch,
                                     std::string_view answer);
  // The link refused `batch` for its size: ends the batch chain, so that its records travel in
  // smaller batches, and remembers the size for limits::kLinkLimitTime. A single record of that
  // size waits; all others pass it.
  Status note_too_large(const PendingBatch& batch, UnixTime now);
  // Tries every size again, for example after the proxy was corrected.
  Status forget_link_limit();
  // The position of the last applied mail; the next request asks for later mail.
  Result<MailPosition> mail_position();
  // Verifies and applies one mail and moves the position, in one transaction. kUntrusted, with
  // nothing changed, if it is not signed, not for this office, or not the next one.
  // `now` is a time that is certainly not too late: retention counts from it or from the platform's
  // time of the judgement, whichever is later, so that a slow clock upstream erases nothing early.
  Result<MailOutcome> apply_mail(const UplinkIdentity& identity, const Mail& mail,
                                 UnixTime now = {});
  // For an office with new keys: ends the batch chain, which the old keys signed, and reads the
  // mailbox from its start. Records that are not judged travel again, under the same ids.
  Status begin_again();
  // Resets the position to the start of the mailbox; applying mail again is idempotent.
  Status restart_mailbox();
  // Signed mail that is no judgement (orders, replies), in order, until `forget_other_mail`.
  Result<std::vector<Mail>> other_mail();  // envelope: the opened payload
  Status forget_other_mail(std::uint64_t sequence);

  // Erases the values of accepted records whose retention is over at `certain`, a time that no
  // single clock can move; returns how many. Keeps ids and states.
  Result<std::int64_t> erase_expired(UnixTime certain);
  // Empties the write-ahead log, where erased values still lie. kBusy while a reader needs it.
  Status empty_log() { return database_.empty_wal(); }

 private:
  explicit Outbox(Database database) : database_(std::move(database)) {}
  Database database_;
};

}  // namespace rootlet

// The gateway's part: checks the sender's signature and the place in the batch chain, and saves the
// sealed batch. Opens nothing. Formats: docs/FORMATS.md, "Envelope" and "Receipt".
#include <algorithm>

#include "core/limits.hpp"
#include "core/log.hpp"
#include "platform/intake/intake.hpp"
#include "platform/intake/rows/fork_rows.hpp"
#include "platform/intake/rows/intake_rows.hpp"
#include "platform/intake/rows/kept_batches.hpp"
#include "platform/intake/rows/quota.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

using namespace intake;

GatewayAnswer refused(int status, std::string_view error, std::string_view message) {
  return {.status = status,
          .body = json::serialize(json::object{{"error", error}, {"message", message}}),
          .retry_after_seconds = 0};
}

GatewayAnswer too_large() {
  const std::string limit = std::to_string(limits::kBatchBytes);
  return {.status = 413,
          .body = json::serialize(
              json::object{{"error", "too_large"},
                           {"limit_bytes", limits::kBatchBytes},
                           {"message", "a batch may have at most " + limit + " bytes"}}),
          .retry_after_seconds = 0};
}

struct HeldBatch {
  Hash256 hash{};
  std::string receipt;
};

Result<std::optional<HeldBatch>> find_batch(Store& inbox, const EnvelopeHeader& header,
                                            std::uint64_t sequence) {
  ROOTLET_TRY(Statement statement,
              inbox.prepare("SELECT hash, receipt FROM batches WHERE office=? AND line=? AND"
                            " sequence=?"));
  statement.bind_all(header.from, header.chain, sequence);
  ROOTLET_TRY(const bool found, statement.step());
  if (!found) return std::optional<HeldBatch>();
  ROOTLET_TRY(const Hash256 hash, read_hash(statement, 0, "inbox.db"));
  return std::optional<HeldBatch>(HeldBatch{hash, std::string(statement.text(1))});
}

struct ChainEnd {
  std::uint64_t next = 1;
  Hash256 previous{};
};

Result<ChainEnd> end_of_chain(Store& inbox, const EnvelopeHeader& header) {
  ROOTLET_TRY(Statement statement,
              inbox.prepare("SELECT next, previous FROM lines WHERE office=? AND line=?"));
  statement.bind_all(header.from, header.chain);
  ROOTLET_TRY(const bool found, statement.step());
  if (!found) return ChainEnd{};
  ROOTLET_TRY(const Hash256 previous, read_hash(statement, 1, "inbox.db"));
  return ChainEnd{static_cast<std::uint64_t>(statement.integer(0)), previous};
}

Status store_batch(Store& inbox, const EnvelopeHeader& header, ByteView envelope,
                   const PublicKey& sender, const std::string& receipt, UnixTime now) {
  const Hash256 hash = envelope_hash(envelope);
  ROOTLET_TRY(Statement batch,
              inbox.prepare("INSERT INTO batches(office, line, sequence, hash, sender, envelope,"
                            " receipt, received_at, state) VALUES(?,?,?,?,?,?,?,?,?)"));
  batch.bind_all(header.from, header.chain, header.sequence, ByteView(hash), ByteView(sender),
                 envelope, receipt, seconds_of(now), kBatchWaiting);
  ROOTLET_TRY(batch.run());
  ROOTLET_TRY(Statement chain,
              inbox.prepare("INSERT INTO lines VALUES(?,?,?,?) ON CONFLICT(office, line) DO UPDATE"
                            " SET next=excluded.next, previous=excluded.previous"));
  chain.bind_all(header.from, header.chain, header.sequence + 1, ByteView(hash));
  return chain.run();
}

GatewayAnswer statement(int status, std::string body) {
  return {.status = status, .body = std::move(body), .retry_after_seconds = 0};
}

GatewayAnswer conflict(BatchAnswer answer, AnswerType type, std::uint64_t sequence,
                       const Hash256& held, const SigningKey& key) {
  answer.type = type;
  answer.sequence = sequence;
  answer.batch = held;
  return statement(409, sign_answer(answer, key));
}

GatewayAnswer too_much(std::uint64_t quota, long wait_seconds) {
  GatewayAnswer answer;
  answer.status = 429;
  answer.retry_after_seconds = wait_seconds;
  answer.body = json::serialize(
      json::object{{"error", "quota"},
                   {"limit_bytes", quota},
                   {"message", "this office sent more than " + std::to_string(quota) +
                                   " bytes within an hour; the batch was not saved; send it again "
                                   "later"}});
  return answer;
}

// The receipt as it was given, or with a new signature if the platform's key is another now.
std::string under_key(const std::string& receipt, const SigningKey& key) {
  const PublicKey keys[] = {key.public_key};
  if (verify_answer(receipt, keys).has_value()) return receipt;
  const Result<BatchAnswer> said = read_unverified_answer(receipt);
  return said.has_value() ? sign_answer(said.value(), key) : receipt;
}

// Remembers the fork for the operator, then answers.
Result<GatewayAnswer> refuse_fork(Store& inbox, Transaction transaction, BatchAnswer answer,
                                  std::uint64_t sequence, const Hash256& held,
                                  const SigningKey& key) {
  ROOTLET_TRY(note_fork(inbox, {.office = answer.office,
                                .chain = answer.chain,
                                .sequence = sequence,
                                .held = held,
                                .other = answer.batch,
                                .first_at = answer.at,
                                .last_at = answer.at,
                                .times = 1}));
  ROOTLET_TRY(transaction.commit());
  log_warning("office " + answer.office + " forked at sequence " + std::to_string(sequence) +
              " of chain " + answer.chain + ": see `rootlet-platform office list`");
  return conflict(std::move(answer), AnswerType::kFork, sequence, held, key);
}

// One transaction, which no other of this office runs beside, so that no other process can take the
// same place in the chain.
Result<GatewayAnswer> place_batch(Store& inbox, const EnvelopeHeader& header, ByteView envelope,
                                  const PublicKey& sender, const SigningKey& receipt_key,
                                  std::uint64_t quota, UnixTime now) {
  BatchAnswer answer{.type = AnswerType::kReceived,
                     .realm = header.realm,
                     .office = header.from,
                     .chain = header.chain,
                     .sequence = header.sequence,
                     .batch = envelope_hash(envelope),
                     .at = now};
  ROOTLET_TRY(Transaction transaction, Transaction::begin_beside(inbox, {header.from}));
  ROOTLET_TRY(const std::optional<HeldBatch> held, find_batch(inbox, header, header.sequence));
  if (held && held->hash == answer.batch) {
    return statement(200, under_key(held->receipt, receipt_key));
  }
  if (held) {
    return refuse_fork(inbox, std::move(transaction), answer, header.sequence, held->hash,
                       receipt_key);
  }
  ROOTLET_TRY(const ChainEnd end, end_of_chain(inbox, header));
  if (header.sequence > end.next) {
    return conflict(answer, AnswerType::kGap, end.next, {}, receipt_key);
  }
  if (header.previous != end.previous) {
    if (header.sequence == 1)
      return refused(400, "bad_input", "the first batch of a chain has no previous hash");
    return refuse_fork(inbox, std::move(transaction), answer, header.sequence - 1, end.previous,
                       receipt_key);
  }
  ROOTLET_TRY(const std::vector<UsedMinute> used, load_usage(inbox, header.from, now));
  const long wait = decide_quota_wait(used, envelope.size(), quota, now);
  if (wait > 0) return too_much(quota, wait);
  ROOTLET_TRY(save_usage(inbox, header.from, envelope.size(), now));
  const std::string receipt = sign_answer(answer, receipt_key);
  ROOTLET_TRY(store_batch(inbox, header, envelope, sender, receipt, now));
  ROOTLET_TRY(transaction.commit());
  return statement(200, receipt);
}

// What it collected before it heard of its end may matter to the platform's people. Within the
// quota of every office.
Result<GatewayAnswer> keep_of_revoked(Store& inbox, const EnvelopeHeader& header, ByteView envelope,
                                      std::uint64_t quota, UnixTime now) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin_beside(inbox, {header.from}));
  ROOTLET_TRY(const std::vector<UsedMinute> used, load_usage(inbox, header.from, now));
  const long wait = decide_quota_wait(used, envelope.size(), quota, now);
  if (wait > 0) return too_much(quota, wait);
  ROOTLET_TRY(save_usage(inbox, header.from, envelope.size(), now));
  ROOTLET_TRY(keep_batch(inbox, header.from, header.chain, header.sequence, envelope, now));
  ROOTLET_TRY(transaction.commit());
  log_warning("take batch: office " + header.from + " is revoked; its batch is kept, not taken in");
  return refused(403, "not_permitted",
                 "this office is revoked: the batch is kept and marked, and was not taken in");
}

// Only a machine that holds a former key learns that it was replaced.
Result<GatewayAnswer> refuse_sender(ByteView envelope, const std::string& office,
                                    OfficeDirectory& offices) {
  ROOTLET_TRY(const std::vector<PublicKey> former, offices.former_keys(office));
  for (const PublicKey& key : former) {
    if (verify_envelope(envelope, key).has_error()) continue;
    return refused(403, "not_permitted",
                   "this machine was replaced and its keys are void; nothing was taken from it");
  }
  return refused(403, "not_permitted", "the sender is not known here");
}

GatewayAnswer busy(const Error& error) {
  log_warning("take batch: " + error.message);
  GatewayAnswer answer =
      refused(503, name_of(error.code), "the batch was not saved; send it again later");
  answer.retry_after_seconds = error.code == ErrorCode::kStorageFull ? 300 : 10;
  return answer;
}

}  // namespace

Result<GatewayAnswer> Intake::try_accept(ByteView envelope, OfficeDirectory& offices,
                                         UnixTime now) {
  if (envelope.size() > limits::kBatchBytes) {
    return too_large();
  }
  const Result<EnvelopeHeader> peeked = peek_envelope(envelope);
  if (peeked.has_error()) return refused(400, "untrusted", "this is not an envelope");
  const EnvelopeHeader& header = peeked.value();
  const bool ours = header.type == "batch" && header.realm == keys_.realm &&
                    header.to == "platform" && !header.chain.empty() && header.sequence >= 1 &&
                    header.sequence < INT64_MAX;
  if (!ours) return refused(403, "untrusted", "not a batch for this realm");
  ROOTLET_TRY(const std::optional<OfficeKeys> office, offices.find_office(header.from));
  // The same answer for all of these, so that nobody learns which offices exist. A suspended office
  // may still send the records it collected: that discloses nothing.
  if (!office || verify_envelope(envelope, office->signing_key).has_error()) {
    return refuse_sender(envelope, header.from, offices);
  }
  if (office->status == OfficeStatus::kRevoked) {
    return keep_of_revoked(inbox_, header, envelope, limits_.office_bytes_per_hour, now);
  }
  ROOTLET_TRY(GatewayAnswer answer,
              place_batch(inbox_, header, envelope, office->signing_key, *keys_.receipt_key,
                          limits_.office_bytes_per_hour, now));
  if (answer.status == 429) warn_of_quota(header.from, now);
  return answer;
}

void Intake::warn_of_quota(const std::string& office, UnixTime now) {
  constexpr std::int64_t kHour = 3'600;
  const std::pair warning(office, seconds_of(now) / kHour);
  if (warned_of_ == warning) return;
  warned_of_ = warning;
  log_warning("take batch: office " + office + " sent more than its " +
              std::to_string(limits_.office_bytes_per_hour) + " bytes within an hour");
}

GatewayAnswer Intake::accept_batch(ByteView envelope, OfficeDirectory& offices, UnixTime now) {
  Result<GatewayAnswer> answer = try_accept(envelope, offices, now);
  return answer.has_error() ? busy(answer.error()) : std::move(answer).value();
}

Result<MailPage> Intake::mailbox(const std::string& address, std::uint64_t after) {
  MailPage page;
  if (!is_mailbox_address(address) || after > INT64_MAX) return page;
  ROOTLET_TRY(Statement statement,
              inbox_.prepare("SELECT sequence, envelope FROM mail WHERE address=? AND sequence>=?"
                             " ORDER BY sequence LIMIT ?"));
  statement.bind_all(address, after, kMailPageItems + 2);
  std::size_t bytes = 0;
  while (true) {
    ROOTLET_TRY(const bool row, statement.step());
    if (!row) return page;
    const auto sequence = static_cast<std::uint64_t>(statement.integer(0));
    if (sequence == after) {
      page.seen = mail_mark(envelope_hash(statement.blob(1)));
      continue;
    }
    bytes += statement.blob(1).size() / 3 * 4 + 128;
    page.more =
        page.mail.size() == kMailPageItems || (!page.mail.empty() && bytes > kMailPageBytes / 2);
    if (page.more) return page;
    page.mail.push_back({sequence, to_bytes(statement.blob(1))});
  }
}

}  // namespace rootlet::platform

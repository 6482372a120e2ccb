// The platform's signed statements about batches and records: the gateway's answer to a batch, and
// the judgement that comes by mail (docs/FORMATS.md, "Receipt"). One side signs, the other
// verifies. Stored as text, so that anyone with the statement key can verify it years later. Pure.
#pragma once

#include <vector>

#include "core/clock.hpp"
#include "sync/trust/office/envelope.hpp"
#include "sync/uplink/exchange/record.hpp"

namespace rootlet {

inline constexpr std::string_view kReceiptDomain = "rootlet receipt v1";
inline constexpr std::string_view kJudgementDomain = "rootlet judgement v1";

enum class AnswerType {
  kReceived,  // durable upstream
  kFork,      // upstream has other bytes under `sequence` of this chain; `batch` is their hash
  kGap,       // upstream expects `sequence` next: an earlier batch never arrived
};

struct BatchAnswer {
  AnswerType type = AnswerType::kReceived;
  std::string realm, office, chain;
  std::uint64_t sequence = 0;
  Hash256 batch{};  // not for a gap
  UnixTime at{};
};

std::string sign_answer(const BatchAnswer& answer, const SigningKey& receipt_key);
// What the platform itself signed before, from its own database.
Result<BatchAnswer> read_unverified_answer(std::string_view text);
// kUntrusted unless one of the keys signed it.
Result<BatchAnswer> verify_answer(std::string_view text, std::span<const PublicKey> keys);

enum class Verdict { kAccepted, kReturned };

// One reason why a record was returned; an empty `field` means the whole record.
struct Objection {
  std::string field;
  std::string reason;
  Text words;
};

struct RecordJudgement {
  std::string id;
  int attempt = 1;
  Verdict verdict = Verdict::kAccepted;
  std::vector<Objection> objections = {};  // one to kMostObjections if returned, none if accepted
};
inline constexpr std::size_t kMostObjections =
    4;  // keeps a judgement of 256 records in kReceiptBytes
// Of an objection's words in one language; a judgement cuts longer ones, to stay below its limit.
inline constexpr std::size_t kObjectionWordsBytes = 300;

enum class JudgementType {
  kJudged,
  kQuarantined,  // the batch did not open or was unreadable: send its records again
};

struct Judgement {
  JudgementType type = JudgementType::kJudged;
  std::string realm, office, chain;
  std::uint64_t sequence = 0;
  Hash256 batch{};
  UnixTime at{};
  std::string reason;                    // of a quarantine
  std::vector<RecordJudgement> records;  // of a judgement
};

std::string sign_judgement(const Judgement& judgement, const SigningKey& judgement_key);
// kUntrusted unless one of the keys signed it.
Result<Judgement> verify_judgement(std::string_view text, std::span<const PublicKey> keys);

// For `receipts verify FILE`: the content of a receipt or judgement; kUntrusted unless signed by
// a key for it.
Result<json::value> verify_receipt_file(std::string_view text,
                                        std::span<const PublicKey> receipt_keys,
                                        std::span<const PublicKey> judgement_keys);

}  // namespace rootlet

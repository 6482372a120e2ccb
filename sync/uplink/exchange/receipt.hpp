// What the platform says about batches and records, signed: the gateway's answer to a batch, and
// the judgement that comes by mail (docs/FORMATS.md, "Receipt"). Made by one side, verified by the
// other, kept as text so that anybody with the statement key can verify it again years later. Pure.
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
  kFork,      // upstream holds other bytes under `sequence` of this line: `batch` is their hash
  kGap,       // upstream wants `sequence` next: what lies before the sent one never came
};

struct BatchAnswer {
  AnswerType type = AnswerType::kReceived;
  std::string realm, office, chain;
  std::uint64_t sequence = 0;
  Hash256 batch{};  // not for a gap
  UnixTime at{};
};

std::string sign_answer(const BatchAnswer& answer, const SigningKey& statement_key);
Result<BatchAnswer> verify_answer(std::string_view text, const PublicKey& statement_key);

enum class Verdict { kAccepted, kReturned };

// One reason why a record came back; `field` may be empty for the record as a whole.
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

enum class JudgementType {
  kJudged,
  kQuarantined,  // the batch did not open or could not be read: send its records again
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

std::string sign_judgement(const Judgement& judgement, const SigningKey& statement_key);
Result<Judgement> verify_judgement(std::string_view text, const PublicKey& statement_key);

// For `receipts verify FILE`: what a receipt or judgement says, if the key signed it; kUntrusted.
Result<json::value> verify_receipt_file(std::string_view text, const PublicKey& statement_key);

}  // namespace rootlet

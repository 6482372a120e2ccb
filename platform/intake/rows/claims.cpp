// Which batches a worker validates next. Several workers share a database of PostgreSQL: each locks
// the oldest waiting batch of some offices, past those that another has locked, and so has all
// batches of these offices until its transaction ends. Batches of one office stay in order.
#include "platform/intake/rows/claims.hpp"

#include "storage/row_values.hpp"

namespace rootlet::platform::intake {
namespace {

// A quarter of the offices that wait, so that others find work too; at most kOfficesAtOnce.
constexpr std::string_view kClaimOffices =
    "SELECT office FROM batches WHERE number IN (SELECT min(number) FROM batches WHERE state=1 "
    "GROUP BY office) AND state=1 ORDER BY number LIMIT (SELECT CASE WHEN count(DISTINCT "
    "office)<?1 "
    "THEN count(DISTINCT office)/4+1 ELSE ?1/4 END FROM batches WHERE state=1) FOR UPDATE SKIP "
    "LOCKED";
constexpr std::int64_t kOfficesAtOnce = 64;
constexpr std::int64_t kBatchesAtOnce = 64, kOfOffice = 16;
constexpr std::size_t kBytesAtOnce = std::size_t{8} << 20;  // sealed; opened they take more memory

Result<WaitingBatch> batch_at(const Statement& row) {
  WaitingBatch batch;
  batch.number = row.integer(0);
  batch.office = row.text(1);
  batch.chain = row.text(2);
  batch.sequence = count_at(row, 3);
  ROOTLET_TRY(batch.hash, read_hash(row, 4, "inbox.db"));
  ROOTLET_TRY(batch.sender, read_hash(row, 5, "inbox.db"));
  batch.envelope = to_bytes(row.blob(6));
  batch.received_at = time_at(row, 7);
  return batch;
}

// Appends rows of `query` while they fit.
Status append(Statement& query, std::vector<WaitingBatch>& batches, std::size_t& bytes) {
  while (bytes < kBytesAtOnce) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return ok();
    ROOTLET_TRY(WaitingBatch batch, batch_at(query));
    bytes += batch.envelope.size();
    batches.push_back(std::move(batch));
  }
  return ok();
}

constexpr std::string_view kSelectOldest =
    "SELECT number, office, line, sequence, hash, sender, envelope, received_at FROM batches WHERE "
    "state=1 ORDER BY number LIMIT ?";
// The first batch, and more while those before have fewer bytes.
constexpr std::string_view kSelectOfOffice =
    "SELECT number, office, line, sequence, hash, sender, envelope, received_at FROM (SELECT "
    "batches.*, sum(length(envelope)) OVER (ORDER BY number) - length(envelope) AS bytes_before "
    "FROM "
    "batches WHERE state=1 AND office=? ORDER BY number LIMIT ?) AS oldest WHERE bytes_before<? "
    "ORDER "
    "BY number";

}  // namespace

Result<Claim> claim_batches(Store& inbox) {
  Claim claim;
  std::size_t bytes = 0;
  if (!inbox.is_shared()) {
    ROOTLET_TRY(Statement query, inbox.prepare(kSelectOldest));
    query.bind_all(kBatchesAtOnce);
    ROOTLET_TRY(append(query, claim.batches, bytes));
    return claim;
  }
  ROOTLET_TRY(Transaction transaction, Transaction::begin_beside(inbox));
  ROOTLET_TRY(Statement offices, inbox.prepare(kClaimOffices));
  offices.bind_all(kOfficesAtOnce);
  ROOTLET_TRY(const std::vector<std::string> names,
              read_all(offices, [](const Statement& row) { return text_at(row, 0); }));
  std::vector<Statement> queries;
  for (const std::string& office : names) {
    ROOTLET_TRY(Statement query, inbox.prepare(kSelectOfOffice));
    ROOTLET_TRY(query.bind_all(office, kOfOffice, kBytesAtOnce / names.size()).start());
    queries.push_back(std::move(query));
  }
  for (Statement& query : queries) {
    ROOTLET_TRY(append(query, claim.batches, bytes));
  }
  claim.transaction.emplace(std::move(transaction));
  return claim;
}

}  // namespace rootlet::platform::intake

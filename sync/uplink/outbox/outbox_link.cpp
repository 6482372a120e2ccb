// What the link carries: a proxy between office and platform may refuse large requests (HTTP 413).
// Nobody signs such a refusal, so it only makes batches smaller or lets a record wait; it never
// drops one, and after a day it is tried again.
#include "core/limits.hpp"
#include "storage/row_values.hpp"
#include "sync/uplink/outbox/outbox.hpp"
#include "sync/uplink/outbox/outbox_rows.hpp"

namespace rootlet {
namespace outbox {

Result<std::optional<std::uint64_t>> link_limit(Database& database, UnixTime now) {
  ROOTLET_TRY(Statement statement, database.prepare("SELECT bytes FROM link_limit WHERE at<=?1 AND"
                                                    " at>?1-?2"));
  statement.bind_all(seconds_of(now), std::chrono::seconds(limits::kLinkLimitTime).count());
  return read_one(statement, [](const Statement& row) { return count_at(row, 0); });
}

Status end_chain(Database& database, const std::string& chain, int state, std::string_view reason,
                 std::uint64_t lost_from) {
  ROOTLET_TRY(Statement close, database.prepare("UPDATE lines SET state=?, reason=? WHERE line=?"));
  close.bind_all(state, reason, chain);
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

}  // namespace outbox

using namespace outbox;

Text words_of_held(std::uint64_t held_bytes) {
  const std::string size = std::to_string((held_bytes + limits::kKiB - 1) / limits::kKiB) + " KiB";
  return {.en = "Too large for this link: a proxy refuses requests of " + size +
                ". The record is kept and tried again once a day; all others are sent. Ask the "
                "network's operator to allow requests of 1 MiB, then run `rootlet sync --now`.",
          .zh = "超出当前网络允许的大小：代理拒绝 " + size +
                " 的请求。记录已保留，每天重试一次；其他记录照常发送。请联系网络管理员允许 1 MiB "
                "的请求，然后运行 rootlet sync --now。"};
}

Status Outbox::note_too_large(const PendingBatch& batch, UnixTime now) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(Statement limit,
              database_.prepare("INSERT OR REPLACE INTO link_limit VALUES(1, ?, ?)"));
  limit.bind_all(batch.envelope.size(), seconds_of(now));
  ROOTLET_TRY(limit.run());
  // A chain has no gaps: what follows a batch that cannot arrive cannot arrive either.
  ROOTLET_TRY(
      end_chain(database_, batch.chain, kChainReplaced, "too large for the link", batch.sequence));
  return transaction.commit();
}

Status Outbox::forget_link_limit() {
  return database_.execute("DELETE FROM link_limit");
}

}  // namespace rootlet

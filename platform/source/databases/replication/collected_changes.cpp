// Rows wait until their transaction commits.
#include "platform/source/databases/replication/collected_changes.hpp"

#include <algorithm>

#include "core/limits.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kMostRows = 200'000, kMostBytes = 256 * limits::kMiB;  // of one publish
using Kind = ReplicationMessage::Kind;

}  // namespace

Status ChangeCollector::take(const ReplicationMessage& message) {
  switch (message.kind) {
    case Kind::kBegin:
      begin(message);
      return ok();
    case Kind::kCommit:
      commit(message);
      return ok();
    case Kind::kTable:
      take_table(message.table);
      return ok();
    case Kind::kOther:
      return ok();
    default:
      break;
  }
  if (is_skipped_ || is_full_ || !is_ours(message)) return ok();
  if (message.kind != Kind::kTruncate) return take_change(message);
  open_needs_whole_ = "the table was truncated";
  return ok();
}

void ChangeCollector::begin(const ReplicationMessage& message) {
  open_.clear();
  open_needs_whole_.clear();
  is_skipped_ = message.position < from_ || seen_.saw(message.transaction);
}

void ChangeCollector::commit(const ReplicationMessage& message) {
  if (is_full_) return;
  changes_.position = message.position;
  if (is_skipped_) return;
  if (changes_.needs_whole.empty()) changes_.needs_whole = std::move(open_needs_whole_);
  if (!open_.empty()) changes_.columns = columns_;
  std::ranges::move(open_, std::back_inserter(changes_.rows));
  open_.clear();
  is_full_ =
      changes_.rows.size() >= kMostRows || bytes_ >= kMostBytes || !changes_.needs_whole.empty();
}

void ChangeCollector::take_table(const ReplicatedTable& table) {
  if (table.schema != schema_ || table.name != table_) return;
  id_ = table.id;
  const bool is_other = !columns_.empty() && columns_ != table.columns;
  columns_ = table.columns;
  if (!is_other || is_skipped_) return;
  if (!open_.empty()) {
    open_needs_whole_ = "the table's columns changed in the middle of a transaction";
  } else if (!changes_.rows.empty()) {
    is_full_ = true;  // before the transaction that is open
  }
}

bool ChangeCollector::is_ours(const ReplicationMessage& message) const {
  return id_ != 0 && std::ranges::find(message.tables, id_) != message.tables.end();
}

Status ChangeCollector::take_change(const ReplicationMessage& message) {
  if (message.kind == Kind::kDelete) {
    if (message.before.has_value()) return add(*message.before, true);
    return fail(ErrorCode::kUntrusted, "PostgreSQL: a deletion without its row");
  }
  // The row under its old key goes; if the key is the same, the new row comes after it.
  if (message.before.has_value()) {
    ROOTLET_TRY(add(*message.before, true));
  }
  return add(*message.after, false, message.has_whole_before ? &*message.before : nullptr);
}

Status ChangeCollector::add(const ReplicatedRow& row, bool is_deleted,
                            const ReplicatedRow* before) {
  if (row.size() != columns_.size()) {
    return fail(ErrorCode::kUntrusted, "PostgreSQL: a row has other columns than its table");
  }
  CollectedChanges::Row added{.is_deleted = is_deleted, .values = {}};
  for (std::size_t i = 0; i < row.size(); ++i) {
    ReplicatedValue value = row[i];
    const bool is_held = before != nullptr && before->size() == row.size();
    if (value.kind == ReplicatedValue::Kind::kUnchanged && is_held) value = (*before)[i];
    if (value.kind == ReplicatedValue::Kind::kUnchanged && !is_deleted) {
      open_needs_whole_ = "a long text that did not change was not sent";
    }
    added.values.emplace_back(value.text);
    bytes_ += value.text.size() + sizeof(std::string);
  }
  open_.push_back(std::move(added));
  if (open_.size() <= kMostRows && bytes_ <= kMostBytes) return ok();
  open_needs_whole_ = "one transaction has more changes than fit in memory";
  open_.clear();
  return ok();
}

}  // namespace rootlet::platform

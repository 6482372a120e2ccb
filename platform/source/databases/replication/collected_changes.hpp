// The changes of one table out of a stream of replication messages, whole transactions only. Pure.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "platform/source/databases/replication/pgoutput.hpp"

namespace rootlet::platform {

struct CollectedChanges {
  std::vector<std::string> columns;  // of the table when it changed; empty if it did not
  struct Row {
    bool is_deleted = false;
    std::vector<std::string> values;  // by column; null is empty
  };
  std::vector<Row> rows;       // in the order of the log
  std::uint64_t position = 0;  // where the log goes on; 0 if there was nothing in it
  // Why the changes do not say what the table holds now: all of it must be read. Empty if they do.
  std::string needs_whole = {};
};

class ChangeCollector {
 public:
  // Transactions that `seen` saw are left out, and those whose commit begins before `position`.
  ChangeCollector(std::string schema, std::string table, SeenTransactions seen,
                  std::uint64_t position)
      : schema_(std::move(schema)),
        table_(std::move(table)),
        seen_(std::move(seen)),
        from_(position) {}

  Status take(const ReplicationMessage& message);
  // Nothing more is wanted: there are as many changes as one publish takes, or the table's columns
  // have changed, which the next publish sees.
  bool is_full() const { return is_full_; }
  CollectedChanges result() && { return std::move(changes_); }

 private:
  void begin(const ReplicationMessage& message);
  void commit(const ReplicationMessage& message);
  void take_table(const ReplicatedTable& table);
  Status take_change(const ReplicationMessage& message);
  Status add(const ReplicatedRow& row, bool is_deleted, const ReplicatedRow* before = nullptr);
  bool is_ours(const ReplicationMessage& message) const;

  std::string schema_, table_;
  SeenTransactions seen_;
  std::uint64_t from_;
  std::uint32_t id_ = 0;              // of the table, in this stream; 0 before it was named
  std::vector<std::string> columns_;  // of the rows that come
  bool is_skipped_ = true;            // the transaction that is open
  bool is_full_ = false;
  std::vector<CollectedChanges::Row> open_;  // of that transaction
  std::string open_needs_whole_;
  std::size_t bytes_ = 0;
  CollectedChanges changes_;
};

}  // namespace rootlet::platform

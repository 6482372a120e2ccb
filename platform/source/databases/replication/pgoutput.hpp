// The messages of PostgreSQL's output plugin pgoutput, protocol version 1 (PostgreSQL
// documentation, "Logical Replication Message Formats"). Pure. Every length is checked against the
// bytes that are there; a message that breaks off is kUntrusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"

namespace rootlet::platform {

struct ReplicatedValue {
  enum class Kind { kNull, kText, kUnchanged };  // kUnchanged: a long value that was not sent
  Kind kind = Kind::kNull;
  std::string_view text = {};  // of the message
};
using ReplicatedRow = std::vector<ReplicatedValue>;

struct ReplicatedTable {
  std::uint32_t id = 0;
  std::string schema, name;
  std::vector<std::string> columns;
  std::vector<std::uint32_t> types;  // oids of pg_type
};

struct ReplicationMessage {
  enum class Kind { kBegin, kCommit, kTable, kInsert, kUpdate, kDelete, kTruncate, kOther };
  Kind kind = Kind::kOther;
  std::uint64_t position = 0;     // kBegin: where the commit begins in the log; kCommit: its end
  std::uint32_t transaction = 0;  // kBegin: its number
  ReplicatedTable table = {};     // kTable
  std::vector<std::uint32_t> tables = {};    // ids: kInsert, kUpdate, kDelete, kTruncate
  std::optional<ReplicatedRow> before = {};  // kUpdate, kDelete: its key, or all of the old row
  bool has_whole_before = false;             // with REPLICA IDENTITY FULL
  std::optional<ReplicatedRow> after = {};   // kInsert, kUpdate
};

// The result views `message`.
Result<ReplicationMessage> parse_replication_message(ByteView message);

// Which transactions a query saw: the text of pg_current_snapshot().
class SeenTransactions {
 public:
  SeenTransactions() = default;  // none
  // kBadInput for other texts.
  static Result<SeenTransactions> parse(std::string_view text);
  // `transaction` has the low 32 bits of a number that is not far from the snapshot's.
  bool saw(std::uint32_t transaction) const;

 private:
  std::uint64_t least_ = 0, next_ = 0;
  std::vector<std::uint64_t> open_;  // ascending
};

}  // namespace rootlet::platform

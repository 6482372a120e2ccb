// SQL that clerks write (docs/adr/0014-sql-runs-in-its-own-process.md): one SELECT over the granted
// datasets of one purpose, each a table under its id, with the same rows, masks and columns as
// `query` shows. The statement is compiled and run in a process of its own.
//
// Promises: several datasets only if their grants name each other (may_join); a ledger entry, with
// a keyed hash of the statement, is on disk before a row leaves, and so is one for every refusal; a
// limit that ends the answer is said in it.
#pragma once

#include "agent/channel/answer.hpp"
#include "agent/reading/reading.hpp"
#include "agent/sql/child/sql_job.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {

struct SqlRequest {
  std::string sql;
  std::string purpose;
  std::vector<SqlParameter> parameters = {};
  std::uint64_t limit = 0;  // rows; 0: limits::kSqlRows
};

// Says that this program is the one that starts statements' processes: its main() answers to
// kSqlProcessWord. Other programs, such as tests, would start themselves.
void use_this_program_for_sql();
// Empty if nobody has said so.
std::filesystem::path sql_program();

// What tests make smaller.
struct SqlOptions {
  std::filesystem::path program = sql_program();
  std::chrono::milliseconds time = limits::kSqlTime;
  std::uint64_t memory_bytes = limits::kSqlMemoryBytes;
  std::uint64_t answer_bytes = limits::kSqlAnswerBytes;
  std::chrono::milliseconds patience = limits::kSqlPatience;
};

struct SqlOutcome {
  std::uint64_t count = 0;
  bool more = false;     // there are more rows
  std::string cut = {};  // by which limit: "rows", "bytes", "" if by none
};

// kBadInput (a mistake, with its position; over a limit), kNotPermitted, kLeaseEnded, kUnreachable
// (not arrived yet), kBusy if limits::kSqlAtOnce statements run for all of `patience`.
Result<SqlOutcome> run_sql(Office& office, const Peer& peer, const SqlRequest& request,
                           AnswerSink& sink, const StopCheck& should_stop,
                           const SqlOptions& options = {});

// The tables that a statement may name for `purpose`, with their columns. kNotPermitted, and in the
// ledger, if there are none.
Result<json::array> describe_tables(Office& office, const Peer& peer, const std::string& purpose);

}  // namespace rootlet::agent

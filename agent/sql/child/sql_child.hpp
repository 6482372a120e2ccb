// The process that runs one statement: `rootlet sql-process`, started by the agent and by nobody
// else. It reads its job from the socket on descriptor 0, opens the files that the job names,
// enters the sandbox, and only then lets SQLite see the statement. Answers on the same socket;
// always ends with one kDone or kFailure frame, unless it is stopped.
#pragma once

namespace rootlet::agent {

inline constexpr const char* kSqlProcessWord = "sql-process";

// Returns the exit code.
int run_sql_process();

}  // namespace rootlet::agent

// What the agent and the process that runs a statement say to each other, over one socket: first
// the job, then frames of the answer. The agent does not trust the answer: each frame is bounded
// and read strictly. Never in arguments or environment, which other processes can see.
//
// Job: u32 length, JSON, and 32 bytes of key for each table. Frame: u32 length, u8 kind, content.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

#include "core/secret.hpp"
#include "storage/guarded_query.hpp"
#include "sync/downlink/store/dataset_reader.hpp"

namespace rootlet::agent {

struct SqlTable {
  std::string dataset;
  std::filesystem::path file;
  std::string definition;  // canonical JSON
  ReadRight right;
  SymmetricKey key;
};

struct SqlParameter {
  std::string name;  // without its sign
  SqlValue value;
};

struct SqlJob {
  std::string sql;
  std::vector<SqlParameter> parameters;
  std::vector<SqlTable> tables;
  std::uint64_t rows = 0;          // at most
  std::uint64_t answer_bytes = 0;  // at most
  std::chrono::milliseconds processor_time{0};
  std::uint64_t memory_bytes = 0;
};

Bytes encode_job(const SqlJob& job);
// `read` fills a span as far as it can and returns how many bytes; 0 at the end.
Result<SqlJob> read_job(const std::function<Result<std::size_t>(std::span<std::uint8_t>)>& read);

enum class FrameKind : std::uint8_t {
  kPrepared = 1,  // {"columns": [{"name", "dataset", "column"}], "used": [dataset…]}
  kStreams = 2,   // of one used dataset, in the order of "used"
  kRows = 3,      // [[cell…]…]
  kDone = 4,      // {"count", "more", "cut"}
  kFailure = 5,   // {"problem", "message", "name", "offset", "damaged", "dataset"}
};

// A whole row may be larger than what is collected before a frame is sent.
inline constexpr std::size_t kFrameBytes = 16 * 1024 * 1024;

// A used dataset's streams; without slots and digests.
Bytes encode_streams(const std::vector<HeldStream>& streams);
Result<std::vector<HeldStream>> read_streams(ByteView bytes);

std::string_view name_of(SqlProblem problem);
SqlProblem sql_problem_named(std::string_view name);  // kMistake for an unknown one

}  // namespace rootlet::agent

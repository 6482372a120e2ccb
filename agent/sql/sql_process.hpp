// The agent's side of the process that runs a statement (child/sql_child.hpp): starts it, reads its
// frames, and stops it. One per statement, used by one thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>

#include "agent/sql/child/sql_job.hpp"
#include "core/file/descriptor.hpp"

namespace rootlet::agent {

struct SqlFrame {
  FrameKind kind = FrameKind::kFailure;
  Bytes content;
};

class SqlProcess {
 public:
  // Starts `program`, which must be this program, and gives it the job. kStorage if the system
  // starts no process.
  static Result<SqlProcess> start(const std::filesystem::path& program, const SqlJob& job);
  SqlProcess(SqlProcess&& other) noexcept;
  SqlProcess& operator=(SqlProcess&&) = delete;
  ~SqlProcess();  // stops it at once, and waits for its end

  enum class Outcome {
    kFrame,
    kEnded,    // without a last frame: killed, or it broke
    kLate,     // `time` is over
    kStopped,  // should_stop() said so
  };
  // Waits at most `time` for the next frame, and takes what it has waited off it: the time that the
  // reader of the answer takes does not count. A frame over kFrameBytes is kEnded.
  Outcome next(SqlFrame& frame, std::chrono::milliseconds& time,
               const std::function<bool()>& should_stop);

 private:
  SqlProcess(pid_t pid, UniqueFd socket) : pid_(pid), socket_(std::move(socket)) {}
  bool take_frame(SqlFrame& frame);

  pid_t pid_;
  UniqueFd socket_;
  Bytes buffer_;
  bool broken_ = false;
};

}  // namespace rootlet::agent

// How the agent answers a command, over the socket or in the same process: any number of progress,
// head and rows lines, then exactly one result or error (docs/FORMATS.md, "Local socket").
#pragma once

#include <functional>

#include "agent/channel/local_socket.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {

// Receives everything before the result. Returns an error if the reader has gone away.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  virtual Status progress(const json::object& progress) = 0;
  // The columns and provenance of the rows that follow.
  virtual Status head(const json::object& head) = 0;
  // A list of rows, each a list of cells in the order of the head's columns.
  virtual Status rows(const json::array& rows) = 0;
  // True if nobody will read the rest.
  virtual bool is_gone() const { return false; }
};

// Writes each part as one line to the client. Lines are collected and sent together, so that a
// short answer is one packet; progress is sent at once.
class LineSink final : public AnswerSink {
 public:
  explicit LineSink(LocalConnection& connection) : connection_(&connection) {}
  Status progress(const json::object& progress) override;
  Status head(const json::object& head) override;
  Status rows(const json::array& rows) override;
  bool is_gone() const override { return connection_->is_gone(); }
  Status finish(const Result<json::object>& result);

 private:
  template <typename Value>
  Status write(std::string_view name, const Value& value);
  Status flush();
  LocalConnection* connection_;
  std::string waiting_;
};

// Reads lines into `sink` until the result or error. kUnreachable if the connection ends first.
// kBusy once the agent has been silent for a while and is not alive.
struct Patience {
  std::chrono::milliseconds silence;  // between two lines, before is_alive is asked
  std::function<bool()> is_alive;     // a long scan is silent too
};
Result<json::object> read_answer(LocalConnection& connection, AnswerSink& sink,
                                 const Patience& patience);

}  // namespace rootlet::agent

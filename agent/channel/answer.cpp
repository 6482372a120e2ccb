// Encodes and decodes the lines of an answer: docs/FORMATS.md, "Local socket".
#include "agent/channel/answer.hpp"

#include <utility>

#include "core/limits.hpp"

namespace rootlet::agent {
namespace {

// A writer flushes a line of rows once it exceeds 64 KiB, after a whole row; limits::kColumns and
// kCellBytes bound that last row.
constexpr std::size_t kAnswerLineBytes = 64 * limits::kMiB;

constexpr std::size_t kLinesTogether = 32 * limits::kKiB;

// Passes one line to the sink. Returns the object of "done", or the error of "error".
Result<std::optional<json::object>> take_line(const json::object& line, AnswerSink& sink) {
  if (const json::value* part = line.if_contains("rows"); part != nullptr && part->is_array()) {
    ROOTLET_TRY(sink.rows(part->get_array()));
  } else if (part = line.if_contains("head"); part != nullptr && part->is_object()) {
    ROOTLET_TRY(sink.head(part->get_object()));
  } else if (part = line.if_contains("progress"); part != nullptr && part->is_object()) {
    ROOTLET_TRY(sink.progress(part->get_object()));
  } else if (part = line.if_contains("done"); part != nullptr && part->is_object()) {
    return std::optional<json::object>(part->get_object());
  } else if (part = line.if_contains("error"); part != nullptr && part->is_object()) {
    return error_from_json(part->get_object());
  }
  return std::optional<json::object>();
}

Result<std::optional<std::string>> next_line(LocalConnection& connection,
                                             const Patience& patience) {
  while (true) {
    Result<std::optional<std::string>> line =
        connection.read_line(kAnswerLineBytes, patience.silence);
    if (line.has_value() || !connection.is_late()) return line;
    if (patience.is_alive()) continue;
    return fail(ErrorCode::kBusy,
                "the agent does not answer: its process hangs or was stopped; `systemctl restart "
                "rootlet` starts it again");
  }
}

}  // namespace

template <typename Value>
Status LineSink::write(std::string_view name, const Value& value) {
  waiting_ += "{\"";
  waiting_ += name;
  waiting_ += "\":";
  waiting_ += json::serialize(value);
  waiting_ += "}\n";
  return waiting_.size() < kLinesTogether ? ok() : flush();
}

Status LineSink::flush() {
  const std::string lines = std::exchange(waiting_, {});
  return connection_->write(lines);
}

Status LineSink::progress(const json::object& progress) {
  ROOTLET_TRY(write("progress", progress));
  return flush();
}

Status LineSink::head(const json::object& head) {
  return write("head", head);
}

Status LineSink::rows(const json::array& rows) {
  return write("rows", rows);
}

Status LineSink::finish(const Result<json::object>& result) {
  if (result.has_error()) {
    ROOTLET_TRY(write("error", to_json(result.error())));
  } else {
    ROOTLET_TRY(write("done", result.value()));
  }
  return flush();
}

Result<json::object> read_answer(LocalConnection& connection, AnswerSink& sink,
                                 const Patience& patience) {
  while (true) {
    ROOTLET_TRY(const std::optional<std::string> line, next_line(connection, patience));
    if (!line) {
      return Error(ErrorCode::kUnreachable, "the agent closed the connection before it answered",
                   {},
                   {.en = "Its daemon stopped or did not start; `rootlet doctor` says more.",
                    .zh = "后台程序已停止或未能启动；请运行 rootlet doctor 查看。"});
    }
    ROOTLET_TRY(const json::value value, parse_json(*line, "the agent's answer"));
    if (!value.is_object())
      return fail(ErrorCode::kInternal, "the agent's answer is not an object");
    ROOTLET_TRY(std::optional<json::object> done, take_line(value.get_object(), sink));
    if (done) return std::move(*done);
  }
}

}  // namespace rootlet::agent

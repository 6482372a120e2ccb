#include "agent/caller.hpp"

#include "agent/worker.hpp"

namespace rootlet {

bool Caller::daemon_is_there() const {
  return LocalConnection::connect(context_->settings.socket).has_value();
}

Result<json::object> Caller::call(std::string_view command, json::object args,
                                  AnswerSink& sink) const {
  const json::object request{{"command", command}, {"args", std::move(args)}};
  Result<LocalConnection> connection = LocalConnection::connect(context_->settings.socket);
  if (connection.has_error()) {
    if (connection.error().code != ErrorCode::kUnreachable) return connection.error();
    return call_here(request, sink);
  }
  ROOTLET_TRY(connection.value().write_line(json::serialize(request)));
  return read_answer(connection.value(), sink);
}

Result<json::object> Caller::call_here(const json::object& request, AnswerSink& sink) const {
  const json::value* command = request.if_contains("command");
  std::error_code ignored;
  const bool exists = fs::exists(context_->home.folder(), ignored);
  // Only enrolment makes a home; asking must not leave a folder behind.
  if (!exists && command->get_string() != "enroll") {
    if (command->get_string() == "status") {
      return json::object{{"office", nullptr}, {"realm", nullptr}, {"state", "none"}};
    }
    return fail(ErrorCode::kNotEnrolled,
                context_->home.folder().string() + " does not exist: not enrolled yet");
  }
  ROOTLET_TRY(context_->home.prepare());
  ROOTLET_TRY(const FileLock lock, context_->home.lock());
  DirectDesk desk(*context_);
  Service service(*context_, desk, [] { return false; });
  return service.handle(request, own_peer(), sink);
}

}  // namespace rootlet

// Tries the daemon first and takes the home's lock only if no daemon answers.
#include "agent/cli/agent_client.hpp"

#include "agent/anchor/home_anchor.hpp"
#include "agent/cycle/worker.hpp"
#include "agent/service/caller.hpp"
#include "agent/service/service.hpp"
#include "config/realm_places.hpp"
#include "core/file/owner.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet::agent {
namespace {

// Without a daemon only the home's owner can work in it. For anybody else the daemon is missing.
Status check_own_home(const AgentContext& context) {
  const std::string note = foreign_owner_note(context.home.folder());
  std::error_code ignored;
  if (note.empty() || !fs::exists(context.home.folder(), ignored)) return ok();
  const std::string command = start_command(context.settings.realm, context.settings.home);
  return Error(ErrorCode::kUnreachable, "the agent's daemon does not run" + note, {},
               {.en = "Start it: " + command, .zh = "后台程序未运行，启动命令：" + command});
}

}  // namespace

bool AgentClient::daemon_is_there() const {
  return LocalConnection::connect(context_->settings.socket).has_value();
}

Result<json::object> AgentClient::call(std::string_view command, json::object args,
                                       AnswerSink& sink) const {
  const json::object request{{"command", command}, {"args", std::move(args)}};
  const std::string line = json::serialize(request);
  if (!is_utf8(line)) return bad_input("the request holds text that is not UTF-8", "request");
  Result<LocalConnection> reached = LocalConnection::connect(context_->settings.socket);
  if (reached.has_error()) {
    if (reached.error().code != ErrorCode::kUnreachable) return reached.error();
    const Result<json::object> here = call_here(request, sink);
    // A daemon that has started meanwhile may hold the home; then it answers.
    const bool held = here.has_error() && here.error().code == ErrorCode::kBusy;
    if (!held) return here;
    reached = LocalConnection::connect(context_->settings.socket);
    if (reached.has_error()) return here;
  }
  LocalConnection& connection = reached.value();
  const Status asked = connection.write_line(line);
  // A service that refuses a request may not read all of it; its answer says why.
  const Result<json::object> answer = read_answer(
      connection, sink, {.silence = silence_, .is_alive = [this] { return is_alive(); }});
  const bool silent = answer.has_error() && answer.error().code == ErrorCode::kUnreachable;
  return asked.has_error() && silent ? asked.error() : answer;
}

// Any answer, also a refusal, shows a daemon that works.
bool AgentClient::is_alive() const {
  Result<LocalConnection> second = LocalConnection::connect(context_->settings.socket);
  if (second.has_error()) return second.error().code == ErrorCode::kNoAccess;
  if (second.value().write_line(R"({"command":"ping","args":{}})").has_error()) return false;
  return second.value().wait_for_input(silence_);
}

Result<json::object> AgentClient::call_here(const json::object& request, AnswerSink& sink) const {
  const json::value* command = request.if_contains("command");
  std::error_code ignored;
  const bool exists = fs::exists(context_->home.folder(), ignored);
  // Only enrolment creates a home; a query must not leave a folder behind.
  if (!exists && command->get_string() != "enroll") {
    if (command->get_string() == "status") {
      return json::object{{"office", nullptr}, {"realm", nullptr}, {"state", "none"}};
    }
    return fail(ErrorCode::kNotEnrolled,
                context_->home.folder().string() + " does not exist: not enrolled yet");
  }
  const Peer peer = with_roles(own_peer(), *context_);  // before root acts as the home's owner
  ROOTLET_TRY(context_->home.act_as_owner());
  ROOTLET_TRY(check_own_home(*context_));
  ROOTLET_TRY(context_->home.prepare());
  ROOTLET_TRY(const FileLock lock,
              context_->home.wait_for_lock([this] { return daemon_is_there(); }));
  ROOTLET_TRY(hold_anchor(*context_));
  InlineScheduler scheduler(*context_);
  Service service(*context_, scheduler, [] { return false; });
  return service.handle(request, peer, sink);
}

}  // namespace rootlet::agent

// Who is signed in, and the views of pages that they keep.
#include "agent/api/routes/handlers.hpp"
#include "agent/api/routes/replies.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent::routes {
namespace {

json::array role_names(Roles roles) {
  json::array out;
  for (const Role role : {Role::kClerk, Role::kOperator, Role::kAuditor}) {
    if (roles.has(role)) out.push_back(json::value(std::string(name_of(role))));
  }
  return out;
}

}  // namespace

Result<http::Reply> session(Api& api, ApiAsk& ask) {
  const Peer& peer = ask.caller.peer;
  const bool browser = ask.caller.is_browser();
  const auto idle =
      std::chrono::duration_cast<std::chrono::seconds>(api.parts().context.settings.console_idle);
  return json_reply(
      json::object{{"user", peer.user},
                   {"roles", role_names(peer.roles)},
                   {"via", !browser       ? "socket"
                           : peer.uid < 0 ? "pairing"
                                          : "ticket"},
                   {"csrf", browser ? json::value(ask.caller.csrf) : json::value()},
                   {"idle_seconds", browser ? json::value(idle.count()) : json::value()}});
}

Result<http::Reply> end_session(Api& api, ApiAsk& ask) {
  if (ask.caller.is_browser()) {
    Doorkeeper& doorkeeper = api.parts().doorkeeper;
    doorkeeper.sessions(ask.face).end(ask.caller.session);
    ROOTLET_TRY(doorkeeper.refusals().note_act(ask.caller.peer, "console-leave"));
  }
  return no_content();
}

// What the page put in comes back as it was, so its numbers are not read as people's.
Result<http::Reply> save_view(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(json::value view, parse_json(as_text(ask.body), "body"));
  return answer_one(api, ask, "view-save", {{"view", std::move(view)}}, 201);
}

Result<http::Reply> view(Api& api, ApiAsk& ask) {
  return answer_or_404(api, ask, "view-show", {{"id", ask.named()}}, "view");
}

}  // namespace rootlet::agent::routes

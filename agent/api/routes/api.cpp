#include "agent/api/routes/api.hpp"

#include "agent/api/form/problem.hpp"

namespace rootlet::agent {
namespace {

class NoSink final : public AnswerSink {
 public:
  Status progress(const json::object&) override { return ok(); }
  Status head(const json::object&) override { return ok(); }
  Status rows(const json::array&) override { return ok(); }
};

}  // namespace

Result<json::object> Api::call(std::string_view command, json::object args, const Peer& peer,
                               AnswerSink& sink, const std::function<bool()>& gone) const {
  Service service(
      parts_.context, parts_.scheduler, [&] { return parts_.stopping() || gone(); }, &parts_.pool);
  return service.handle({{"command", command}, {"args", std::move(args)}}, peer, sink);
}

Result<json::object> Api::call(const ApiAsk& ask, std::string_view command,
                               json::object args) const {
  return call(ask.caller.peer, command, std::move(args));
}

Result<json::object> Api::call(const Peer& peer, std::string_view command,
                               json::object args) const {
  NoSink sink;
  return call(command, std::move(args), peer, sink, [] { return false; });
}

http::Reply Api::answer(ApiAsk ask) {
  ++requests_;
  const Language language = ask.request.language;
  Result<http::Reply> reply = ask.match.route->function(*this, ask);
  return reply.has_value() ? std::move(reply).value() : problem_reply(reply.error(), language);
}

}  // namespace rootlet::agent

// What each route of the gateway does: a published file, or a call of GatewayApi.
#include "platform/gateway/gateway_handler.hpp"

#include "platform/gateway/files.hpp"
#include "platform/gateway/metrics.hpp"

namespace rootlet::platform {
namespace {

http::Reply reply_of(ApiReply reply) {
  http::Reply out = http::bytes_reply(reply.status, reply.content_type, std::move(reply.body));
  if (reply.retry_after_seconds > 0) {
    out.fields.push_back({"Retry-After", std::to_string(reply.retry_after_seconds)});
  }
  return out;
}

http::Reply not_found() {
  return http::error_reply(404, "not_found");
}

}  // namespace

http::Plan GatewayHandler::plan(const http::RequestHead& head) const {
  const Verb verb = route_of(head.target).verb;
  http::Plan plan{.methods = methods_of(verb)};
  if (verb == Verb::kNone) plan.refusal = not_found();
  if (verb == Verb::kEnroll) {
    plan.body_bytes = enrolment_bytes_;
    plan.run_on = http::RunOn::kSlowPool;  // it may wait for a publish
  }
  if (verb == Verb::kBatch) plan.body_bytes = batch_bytes_;
  if (verb == Verb::kFile || verb == Verb::kHealth) plan.run_on = http::RunOn::kIoThread;
  return plan;
}

http::Reply GatewayHandler::answer(const http::RequestHead& head, Bytes body) {
  Route route = route_of(head.target);
  switch (route.verb) {
    case Verb::kNone:
      return not_found();
    case Verb::kFile:
      return http::file_reply(
          answer_file(repository_, http::file_request(std::move(route.segments), head)));
    case Verb::kEnroll:
      return reply_of(api_.enroll(std::move(body)));
    case Verb::kBatch:
      return reply_of(api_.batch(std::move(body)));
    case Verb::kMailbox:
      return reply_of(api_.mailbox(std::move(route.address), route.after));
    case Verb::kStatus:
      return reply_of(api_.status());
    case Verb::kMetrics:
      return http::bytes_reply(200, "text/plain; version=0.0.4",
                               to_bytes(std::string_view(role_metrics(repository_))));
    case Verb::kHealth:
      return http::bytes_reply(200, http::kJsonType,
                               to_bytes(std::string_view("{\"status\":\"ok\"}")));
  }
  return not_found();
}

}  // namespace rootlet::platform

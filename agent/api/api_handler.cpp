#include "agent/api/api_handler.hpp"

#include "agent/api/form/problem.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kFormBytes = 4 * limits::kKiB;  // a ticket or a code

// No script but the console's own files, nothing from elsewhere, no frame around it.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'";

std::vector<http::Field> common_fields() {
  return {{"Content-Security-Policy", std::string(kPolicy)},
          {"X-Content-Type-Options", "nosniff"},
          {"X-Frame-Options", "DENY"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Opener-Policy", "same-origin"},
          {"Cross-Origin-Resource-Policy", "same-origin"}};
}

http::Reply with_common_fields(http::Reply reply) {
  // A producer gives its own fields, and has these.
  if (std::holds_alternative<std::unique_ptr<http::Producer>>(reply.body)) return reply;
  for (http::Field& field : common_fields()) reply.fields.push_back(std::move(field));
  return reply;
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

Error no_such_route() {
  return bad_input("the API has nothing at this address", "address",
                   {.en = "/api/v1/openapi.json lists what there is.",
                    .zh = "没有此地址，可用接口见 /api/v1/openapi.json。"});
}

}  // namespace

http::Plan ApiHandler::plan(const http::RequestHead& head) const {
  const std::string_view path = path_of(head.target);
  const std::string_view door = ConsoleDoor::methods(face_, path);
  if (!door.empty()) {
    return {.methods = door, .body_bytes = head.method == "POST" ? kFormBytes : 0};
  }
  const bool has_body = head.method == "POST" || head.method == "PUT";
  const std::size_t most =
      path == "/api/v1/sheets" ? limits::kUploadedSheetBytes : limits::kLocalRequestBytes;
  // answer() refuses in words, after it has looked at who asks.
  return {.methods = "GET, HEAD, POST, PUT, DELETE", .body_bytes = has_body ? most : 0};
}

http::Reply ApiHandler::answer(const http::RequestHead& head, Bytes body) {
  return with_common_fields(respond(head, std::move(body)));
}

http::Reply ApiHandler::respond(const http::RequestHead& head, Bytes body) {
  const std::string_view path = path_of(head.target);
  const Language language = accepted_language(head.field("accept-language"));
  const bool is_door = !ConsoleDoor::methods(face_, path).empty();
  if (auto refusal = doorkeeper_->check_site(face_, head, is_door && ConsoleDoor::is_page(path))) {
    return problem_reply(refusal->error, refusal->status, language);
  }
  if (is_door) return door_->answer(face_, head, path, body);
  Result<ApiRequest> request = parse_api_request(head);
  if (request.has_error()) return problem_reply(request.error(), language);
  return answer_call(head, std::move(request).value(), std::move(body));
}

http::Reply ApiHandler::answer_call(const http::RequestHead& head, ApiRequest request, Bytes body) {
  const Language language = request.language;
  const std::string_view method = head.method == "HEAD" ? "GET" : head.method;
  std::optional<RouteMatch> match = find_route(method, request.path);
  const bool hidden =
      match && match->route->who == RouteFor::kThisMachine && face_ == Face::kNetwork;
  if (!match || hidden) {
    const std::string methods = hidden ? "" : methods_of(request.path);
    http::Reply reply = problem_reply(no_such_route(), methods.empty() ? 404 : 405, language);
    if (!methods.empty()) reply.fields.push_back({"Allow", methods});
    return reply;
  }
  ApiUser caller;
  if (match->route->who != RouteFor::kCallers) {
    const Result<ApiUser> found = doorkeeper_->find_caller(face_, head);
    if (found.has_value()) caller = found.value();
  } else if (auto refusal = doorkeeper_->admit(face_, head, caller)) {
    return problem_reply(refusal->error, refusal->status, language);
  }
  return api_->answer({.request = std::move(request),
                       .match = std::move(*match),
                       .caller = std::move(caller),
                       .face = face_,
                       .body = std::move(body),
                       .fields = common_fields()});
}

}  // namespace rootlet::agent

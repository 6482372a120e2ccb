#include "agent/api/api_handler.hpp"

#include "agent/api/form/problem.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kFormBytes = 4 * limits::kKiB;  // a ticket or a code

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

// The row of one key is a page or two of one file, so no other thread is woken for it. It waits for
// the disk only when a group of look-ups begins in the ledger.
bool is_lookup(std::string_view method, std::string_view path) {
  return method == "GET" && path.starts_with("/api/v1/datasets/") &&
         path.find("/rows/") != std::string_view::npos;
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
  return {.methods = "GET, HEAD, POST, PUT, DELETE",
          .body_bytes = has_body ? most : 0,
          .run_on = is_lookup(head.method, path) ? http::RunOn::kIoThread : http::RunOn::kPool};
}

http::Reply ApiHandler::answer(const http::RequestHead& head, Bytes body) {
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
                       .body = std::move(body)});
}

}  // namespace rootlet::agent

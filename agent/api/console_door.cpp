#include "agent/api/console_door.hpp"

#include "agent/api/door_pages.hpp"
#include "agent/api/form/problem.hpp"
#include "agent/api/form/request.hpp"
#include "agent/console/assets/web_files.hpp"
#include "agent/console/authority.hpp"
#include "core/file/file.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kPemBytes = 64 * limits::kKiB;
constexpr std::string_view kIndex = "/console/index.html";

http::Reply html(int status, const std::string& text) {
  return http::bytes_reply(status, "text/html; charset=utf-8", to_bytes(text));
}

// The browser asks for the console anew, without the ticket in its address.
http::Reply to_console(std::vector<std::string> cookies) {
  http::Reply reply{.status = 303,
                    .fields = {{"Location", "/console/"}, {"Cache-Control", "no-store"}}};
  for (std::string& cookie : cookies) reply.fields.push_back({"Set-Cookie", std::move(cookie)});
  return reply;
}

std::string value_in(std::string_view form, std::string_view name) {
  const auto pairs = parse_form(form);
  if (pairs.has_error()) return {};
  for (const auto& [one, value] : pairs.value()) {
    if (one == name) return value;
  }
  return {};
}

std::string_view query_of(std::string_view target) {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

}  // namespace

std::string_view ConsoleDoor::methods(Face face, std::string_view path) {
  if (path == "/" || path == "/console" || path == "/console/") return "GET, HEAD";
  // The index page is at /console/ only, where a session is asked for.
  if (path != kIndex && console_web_files().find(path) != nullptr) return "GET, HEAD";
  const bool network = face == Face::kNetwork;
  if (path == "/console/enter") return network ? "" : "GET, POST";
  if (!network) return "";
  if (path == "/console/pair" || path == "/console/resume") return "POST";
  return path == "/console/authority.pem" ? "GET, HEAD" : "";
}

bool ConsoleDoor::is_page(std::string_view path) {
  return console_web_files().find(path) == nullptr;
}

http::Reply ConsoleDoor::answer(Face face, const http::RequestHead& head, std::string_view path,
                                const Bytes& body) {
  const Language language = accepted_language(head.field("accept-language"));
  const std::string_view form = head.method == "POST" ? as_text(body) : query_of(head.target);
  if (path == "/console/enter") return enter(head, value_in(form, "ticket"), language);
  if (path == "/console/pair") return pair(head, value_in(form, "code"), language);
  if (path == "/console/resume") return resume(head, language);
  if (path == "/console/authority.pem") return authority();
  if (path == "/") return to_console({});
  if (!is_page(path)) return file(path, head, http::error_reply(404, "not_found"));
  return front(face, head, language);
}

http::Reply ConsoleDoor::front(Face face, const http::RequestHead& head, Language language) {
  const Result<ApiUser> caller = doorkeeper_->find_caller(face, head);
  if (caller.has_value()) {
    return file(kIndex, head, html(200, signed_in_page(language, caller.value().peer.user)));
  }
  if (face == Face::kLocal) return html(200, local_page(language, ""));
  const Result<std::optional<PairedBrowser>> browser = doorkeeper_->paired_browser(head);
  if (browser.has_error()) return problem_reply(browser.error(), language);
  if (browser.value()) return html(200, resume_page(language, browser.value()->name));
  doorkeeper_->refusals().note(doorkeeper_->stranger(face, head), "session");
  return html(401, pairing_page(language, authority_fingerprint(context_->home)));
}

http::Reply ConsoleDoor::enter(const http::RequestHead& head, std::string_view ticket,
                               Language language) {
  const Result<std::string> token = doorkeeper_->enter(head, ticket);
  if (token.has_error()) {
    const int status = token.error().code == ErrorCode::kNoAccess ? 403 : status_of(token.error());
    return html(status, refusal_page(language, token.error()));
  }
  return to_console({session_cookie(Face::kLocal, token.value())});
}

http::Reply ConsoleDoor::pair(const http::RequestHead& head, std::string_view code,
                              Language language) {
  const Result<Pairings::Paired> paired = doorkeeper_->pair(head, code);
  if (paired.has_error()) {
    return html(status_of(paired.error()), refusal_page(language, paired.error()));
  }
  const PairedBrowser& browser = paired.value().browser;
  const Result<std::string> token = doorkeeper_->open_session(browser);
  if (token.has_error()) {
    return html(status_of(token.error()), refusal_page(language, token.error()));
  }
  const auto seconds = (browser.until - browser.paired).count();
  return to_console({doorkeeper_->pairing_cookie() + "=" + paired.value().secret + "; Max-Age=" +
                         std::to_string(seconds) + "; HttpOnly; Secure; SameSite=Strict; Path=/",
                     session_cookie(Face::kNetwork, token.value())});
}

http::Reply ConsoleDoor::resume(const http::RequestHead& head, Language language) {
  const Result<std::optional<PairedBrowser>> browser = doorkeeper_->paired_browser(head);
  if (browser.has_error()) return problem_reply(browser.error(), language);
  if (!browser.value()) {
    doorkeeper_->refusals().note(doorkeeper_->stranger(Face::kNetwork, head), "pairing");
    return html(403, refusal_page(language, Error(ErrorCode::kNoAccess,
                                                  "this browser is not paired here", "code",
                                                  {.en = "Ask IT for a pairing code.",
                                                   .zh = "此浏览器未配对，请索取配对码。"})));
  }
  const Result<std::string> token = doorkeeper_->open_session(*browser.value());
  if (token.has_error()) {
    return html(status_of(token.error()), refusal_page(language, token.error()));
  }
  return to_console({session_cookie(Face::kNetwork, token.value())});
}

http::Reply ConsoleDoor::authority() const {
  const fs::path path = context_->home.folder() / "console" / "authority.pem";
  Result<Bytes> pem = read_file(path, kPemBytes);
  if (pem.has_error()) return http::error_reply(404, "no_authority");
  return http::bytes_reply(200, "application/x-pem-file", std::move(pem).value());
}

http::Reply ConsoleDoor::file(std::string_view path, const http::RequestHead& head,
                              http::Reply instead) const {
  const WebFile* found = console_web_files().find(path);
  if (found == nullptr) return instead;
  Result<http::Reply> reply = console_web_files().answer(*found, head);
  if (reply.has_value()) return std::move(reply).value();
  return problem_reply(reply.error(), accepted_language(head.field("accept-language")));
}

std::string ConsoleDoor::session_cookie(Face face, std::string_view token) const {
  const std::string secure = face == Face::kNetwork ? "; Secure" : "";
  return doorkeeper_->session_cookie(face) + "=" + std::string(token) + "; HttpOnly" + secure +
         "; SameSite=Strict; Path=/";
}

}  // namespace rootlet::agent

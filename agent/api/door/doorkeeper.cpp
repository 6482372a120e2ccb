#include "agent/api/door/doorkeeper.hpp"

#include "agent/api/form/request.hpp"
#include "agent/service/caller.hpp"
#include "core/secret.hpp"

namespace rootlet::agent {
namespace {

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

bool is_same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Error not_signed_in(Face face) {
  if (face == Face::kNetwork) {
    return Error(
        ErrorCode::kNoAccess, "this browser has no open session here", "session",
        {.en = "Open /console to continue. A browser that is not paired needs a code: IT "
               "runs `rootlet console pair NAME`.",
         .zh = "请打开 /console 继续。未配对的浏览器需要配对码：由信息管理人员运行 rootlet "
               "console pair NAME。"});
  }
  return Error(ErrorCode::kNoAccess, "there is no open session; it may have ended unused",
               "session",
               {.en = "Run `rootlet console` to sign in as this OS user.",
                .zh = "请运行 rootlet console，以本机用户身份登录。会话闲置过久会自动结束。"});
}

Error wrong_csrf() {
  return Error(ErrorCode::kNoAccess, "the request lacks the session's token", "csrf",
               {.en = "Send X-CSRF-Token with the value of `csrf` in /api/v1/session.",
                .zh = "请在 X-CSRF-Token 中发送 /api/v1/session 返回的 csrf 值。"});
}

Error bad_ticket(SessionTable::Redeemed outcome) {
  using Redeemed = SessionTable::Redeemed;
  const std::string message = outcome == Redeemed::kLate ? "the ticket is older than 60 seconds"
                              : outcome == Redeemed::kOtherUser
                                  ? "the ticket belongs to another user of this machine"
                                  : "there is no such ticket; each opens the console once";
  return Error(ErrorCode::kNoAccess, message, "ticket",
               {.en = "Run `rootlet console` for a new one.",
                .zh = "登录票据无效、已用过、已过期或属于其他用户。请重新运行 rootlet console。"});
}

std::string port_of(const Site& site) {
  if (site.hosts.empty()) return "";
  return site.hosts.front().substr(site.hosts.front().rfind(':') + 1);
}

}  // namespace

Doorkeeper::Doorkeeper(const AgentContext& context, ReadingPool& pool)
    : context_(&context),
      local_sessions_(context.settings.console_idle),
      network_sessions_(context.settings.console_idle),
      refusals_(pool) {}

Site Doorkeeper::site(Face face) const {
  const std::lock_guard lock(mutex_);
  return face == Face::kLocal ? local_ : network_;
}

void Doorkeeper::set_site(Face face, Site site) {
  const std::lock_guard lock(mutex_);
  (face == Face::kLocal ? local_ : network_) = std::move(site);
}

std::string Doorkeeper::address(Face face) const {
  const Site one = site(face);
  return one.hosts.empty() ? "" : one.scheme + "://" + one.hosts.front();
}

std::string Doorkeeper::session_cookie(Face face) const {
  return "rootlet_session_" + port_of(site(face));
}

std::string Doorkeeper::pairing_cookie() const {
  return "rootlet_browser_" + port_of(site(Face::kNetwork));
}

Peer Doorkeeper::stranger(Face face, const http::RequestHead& head) const {
  if (head.peer_uid >= 0) return peer_of(head.peer_uid, head.peer_pid);
  const std::string where = std::string(head.peer);
  return {.user = face == Face::kNetwork ? "browser at " + where : "unknown"};
}

std::optional<Refusal> Doorkeeper::check_site(Face face, const http::RequestHead& head,
                                              bool is_page) {
  if (head.peer.empty()) return std::nullopt;  // over the Unix socket no browser asks
  std::optional<OriginRefusal> refused =
      check_origin(site(face), {.method = head.method,
                                .host = head.field("host"),
                                .origin = head.field("origin"),
                                .fetch_site = head.field("sec-fetch-site"),
                                .is_page = is_page});
  if (!refused) return std::nullopt;
  refusals_.note(stranger(face, head), refused->kind);
  return Refusal{403, std::move(refused->error)};
}

Result<ApiUser> Doorkeeper::find_caller(Face face, const http::RequestHead& head) {
  if (head.peer.empty()) {
    return ApiUser{.peer =
                       peers_.find(head.peer_uid, head.peer_pid, role_groups(*context_), now())};
  }
  const std::string_view token = cookie_value(head.field("cookie"), session_cookie(face));
  // A session of this machine belongs to a user, one of the network to none.
  const std::int64_t uid = face == Face::kLocal ? head.peer_uid : -1;
  const bool can_be = face == Face::kNetwork || uid >= 0;
  std::optional<Session> session;
  if (!token.empty() && can_be) session = sessions(face).use(token, uid, now());
  if (!session) return not_signed_in(face);
  ApiUser caller{
      .peer = std::move(session->peer), .session = std::string(token), .csrf = session->csrf};
  // Membership of a group may have changed since; a paired browser's role was given with its code.
  if (face == Face::kLocal) {
    caller.peer = peers_.find(caller.peer.uid, caller.peer.pid, role_groups(*context_), now());
  }
  return caller;
}

std::optional<Refusal> Doorkeeper::admit(Face face, const http::RequestHead& head,
                                         ApiUser& caller) {
  Result<ApiUser> found = find_caller(face, head);
  if (found.has_error()) {
    refusals_.note(stranger(face, head), "session");
    return Refusal{401, found.error()};
  }
  caller = std::move(found).value();
  const bool changes = !is_safe(head.method) && caller.is_browser();
  if (changes && !is_same(head.field("x-csrf-token"), caller.csrf)) {
    refusals_.note(caller.peer, "csrf");
    return Refusal{403, wrong_csrf()};
  }
  return std::nullopt;
}

Result<std::string> Doorkeeper::enter(const http::RequestHead& head, std::string_view ticket) {
  const SessionTable::Entrance entrance = local_sessions_.redeem(ticket, head.peer_uid, now());
  if (entrance.outcome != SessionTable::Redeemed::kOpened) {
    refusals_.note(stranger(Face::kLocal, head), "ticket");
    return bad_ticket(entrance.outcome);
  }
  ROOTLET_TRY(refusals_.note_act(entrance.peer, "console-enter"));
  return entrance.token;
}

Result<KeyStore> Doorkeeper::open_keys() const {
  ROOTLET_TRY(const std::optional<SymmetricKey> key, load_machine_key(context_->home));
  if (!key) return fail(ErrorCode::kNotEnrolled, "not enrolled yet");
  return KeyStore::open(context_->home, *key);
}

Result<Pairings::Paired> Doorkeeper::pair(const http::RequestHead& head, std::string_view code) {
  ROOTLET_TRY(KeyStore keys, open_keys());
  Result<Pairings::Paired> paired = pairings_.redeem(keys, code, now(), context_->clock->wall());
  if (paired.has_error()) {
    refusals_.note(stranger(Face::kNetwork, head), "pairing");
    return paired;
  }
  ROOTLET_TRY(refusals_.note_act({.user = paired.value().browser.name}, "console-paired"));
  return paired;
}

Result<std::optional<PairedBrowser>> Doorkeeper::paired_browser(const http::RequestHead& head) {
  const std::string_view secret = cookie_value(head.field("cookie"), pairing_cookie());
  if (secret.empty()) return std::optional<PairedBrowser>();
  ROOTLET_TRY(KeyStore keys, open_keys());
  return pairings_.find(keys, secret, context_->clock->wall());
}

Result<std::string> Doorkeeper::open_session(const PairedBrowser& browser) {
  const Peer peer{.user = browser.name, .roles = browser.role};
  ROOTLET_TRY(refusals_.note_act(peer, "console-enter"));
  return network_sessions_.open(peer, now());
}

}  // namespace rootlet::agent

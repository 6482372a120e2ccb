// Decides who a request comes from: over the Unix socket the user whom the kernel names, else the
// session of a browser. Refuses host names and pages that are not the console's, requests without
// a live session, and changes without the session's own token. Each refusal is in words and in the
// ledger. Thread-safe.
#pragma once

#include <mutex>

#include "agent/api/door/refusals.hpp"
#include "agent/channel/peer_cache.hpp"
#include "agent/console/pairing.hpp"
#include "agent/console/session_table.hpp"
#include "agent/console/site.hpp"
#include "sync/wire/server/handler.hpp"

namespace rootlet::agent {

// Where a server of the API listens.
enum class Face { kLocal, kNetwork };

struct ApiUser {
  Peer peer;
  std::string session = {};  // its token, of a browser
  std::string csrf = {};
  bool is_browser() const { return !session.empty(); }
};

struct Refusal {
  int status = 403;
  Error error;
};

class Doorkeeper {
 public:
  // Both must outlive this.
  Doorkeeper(const AgentContext& context, ReadingPool& pool);

  // Until then every request is refused for its host.
  void set_site(Face face, Site site);
  Site site(Face face) const;
  std::string address(Face face) const;  // "http://127.0.0.1:8460"; "" if it does not listen

  // The host and the origin of a request; nothing if they are right.
  std::optional<Refusal> check_site(Face face, const http::RequestHead& head, bool is_page);
  // After check_site().
  Result<ApiUser> find_caller(Face face, const http::RequestHead& head);
  // The caller, or why there is none: for what needs one.
  std::optional<Refusal> admit(Face face, const http::RequestHead& head, ApiUser& caller);

  // One-time ticket → session; the cookie's value. The outcome is in the ledger.
  Result<std::string> enter(const http::RequestHead& head, std::string_view ticket);
  // Pairing code → what the browser keeps, and its person.
  Result<Pairings::Paired> pair(const http::RequestHead& head, std::string_view code);
  // A paired browser → a new session; nothing if the browser is not paired.
  Result<std::optional<PairedBrowser>> paired_browser(const http::RequestHead& head);
  Result<std::string> open_session(const PairedBrowser& browser);

  // Names of the cookies; with the port, because browsers share cookies between ports.
  std::string session_cookie(Face face) const;
  std::string pairing_cookie() const;

  SessionTable& sessions(Face face) {
    return face == Face::kLocal ? local_sessions_ : network_sessions_;
  }
  Pairings& pairings() { return pairings_; }
  // As all threads do, each call opens its own.
  Result<KeyStore> open_keys() const;
  Refusals& refusals() { return refusals_; }
  // Who a request is from as far as the connection says.
  Peer stranger(Face face, const http::RequestHead& head) const;

 private:
  std::chrono::milliseconds now() const { return context_->clock->since_boot(); }

  const AgentContext* context_;
  mutable std::mutex mutex_;
  Site local_, network_;  // under mutex_
  PeerCache peers_;
  SessionTable local_sessions_, network_sessions_;
  Pairings pairings_;
  Refusals refusals_;
};

}  // namespace rootlet::agent

// A real API server over an enrolled home, and a client that speaks HTTP to it over TCP or the Unix
// socket.
#pragma once

#include <sys/un.h>

#include <map>

#include "agent/api/api_server.hpp"
#include "agent/ledger/ledger.hpp"
#include "agent/service/caller.hpp"
#include "core/format/json_values.hpp"
#include "tests/agent/office_world.hpp"
#include "tests/sync/wire/raw_client.hpp"

namespace rootlet::test {

struct HttpAnswer {
  int status = 0;
  std::multimap<std::string, std::string> fields;  // names in lower case
  std::string body;                                // "CUT" at its end if chunks are missing

  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
  json::object object() const { return must(parse_json(body, "answer")).as_object(); }
};

inline std::string unchunked(std::string left) {
  std::string out;
  while (true) {
    const std::size_t end = left.find("\r\n");
    if (end == std::string::npos) return out + "CUT";
    const std::size_t size = std::stoul(left.substr(0, end), nullptr, 16);
    if (size == 0) return out;
    out += left.substr(end + 2, size);
    left.erase(0, end + 2 + size + 2);
  }
}

inline HttpAnswer parse_answer(const std::string& heard) {
  HttpAnswer out;
  const std::size_t end = heard.find("\r\n\r\n");
  REQUIRE(end != std::string::npos);
  out.status = std::stoi(heard.substr(9, 3));
  for (std::size_t at = heard.find("\r\n") + 2; at < end + 2;) {
    const std::size_t stop = heard.find("\r\n", at);
    const std::string line = heard.substr(at, stop - at);
    const std::size_t colon = line.find(": ");
    std::string name = line.substr(0, colon);
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    out.fields.emplace(name, line.substr(colon + 2));
    at = stop + 2;
  }
  out.body = heard.substr(end + 4);
  if (out.field("transfer-encoding") == "chunked") out.body = unchunked(out.body);
  return out;
}

struct Question {
  std::string method = "GET";
  std::string target;
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::string body = {};

  std::string text(const std::string& host) const {
    std::string out = method + " " + target + " HTTP/1.1\r\nConnection: close\r\n";
    bool has_host = false;
    for (const auto& [name, value] : fields) {
      has_host = has_host || name == "Host";
      out += name + ": " + value + "\r\n";
    }
    if (!has_host) out += "Host: " + host + "\r\n";
    if (!body.empty()) out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return out + "\r\n" + body;
  }
};

class ApiWorld : public OfficeWorld {
 public:
  ApiWorld() {
    context.settings.api_listen = "127.0.0.1:0";
    pool = std::make_unique<ReadingPool>(context, ReadingPool::Upkeep::kNone);
    server = must(ApiServer::start(context, scheduler, *pool, [] { return false; }));
  }

  std::string host() const { return server->address().substr(std::string("http://").size()); }
  std::uint16_t port() const {
    return static_cast<std::uint16_t>(std::stoi(host().substr(host().rfind(':') + 1)));
  }
  std::string cookie_name() const { return "rootlet_session_" + std::to_string(port()); }

  // Over TCP, as a browser of this machine.
  HttpAnswer ask(const Question& question) const {
    return parse_answer(RawClient(port()).ask(question.text(host())));
  }
  HttpAnswer get(const std::string& target) const { return ask({.target = target}); }

  // Over the Unix socket, as this process's user.
  HttpAnswer local(const Question& question) const {
    sockaddr_un address = must(socket_address(api_socket_of(context.settings)));
    UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
    const std::string text = question.text("agent");
    REQUIRE(::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
    std::string heard;
    char buffer[4096];
    for (ssize_t count; (count = ::recv(client.get(), buffer, sizeof buffer, 0)) > 0;) {
      heard.append(buffer, static_cast<std::size_t>(count));
    }
    return parse_answer(heard);
  }
  HttpAnswer local_get(const std::string& target) const { return local({.target = target}); }

  Peer self() const { return with_roles(own_peer(), context); }
  Result<json::object> command(std::string_view name, json::object args = {}) {
    return server->handle({{"command", name}, {"args", std::move(args)}}, self());
  }
  // The target that a ticket opens.
  std::string ticket_target() {
    const std::string url = text_at(must(command("console-ticket")), "url");
    return url.substr(server->address().size());
  }
  // Signed in: the cookie, as "name=value".
  std::string sign_in() {
    const HttpAnswer answer = get(ticket_target());
    REQUIRE(answer.status == 303);
    const std::string cookie = answer.field("set-cookie");
    return cookie.substr(0, cookie.find(';'));
  }
  std::unique_ptr<ReadingPool> pool;
  std::unique_ptr<ApiServer> server;  // stops before the pool goes
};

// Stops the server, so that all entries are written, and returns the commands, newest first.
inline std::vector<std::string> ledger_after(ApiWorld& world) {
  world.server.reset();
  world.pool.reset();
  Office office = world.open();
  Ledger ledger = must(Ledger::open(office.home(), office.keys()));
  must(ledger.verify());
  std::vector<std::string> out;
  for (const LedgerEntry& entry : must(ledger.list(0))) {
    out.push_back(entry.use.command + " " + entry.use.outcome);
  }
  return out;
}

inline bool has(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

}  // namespace rootlet::test

#include "agent/api/api_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "agent/api/api_handler.hpp"
#include "agent/channel/listening_socket.hpp"
#include "agent/console/authority.hpp"
#include "agent/service/caller.hpp"
#include "core/local_limits.hpp"
#include "core/log.hpp"
#include "sync/wire/server/server.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kUsualListen = "127.0.0.1:8460";
constexpr std::string_view kAnyListen = "127.0.0.1:0";

// No script but the console's own files, nothing from elsewhere, no frame around it.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'";

std::vector<http::Field> common_fields() {
  return {
      {"Content-Security-Policy", std::string(kPolicy)},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      // Under "no-referrer" a browser sends forms of the console's own pages with "Origin: null".
      {"Referrer-Policy", "same-origin"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"}};
}

http::ServerOptions server_options(std::string listen) {
  http::ServerOptions options{.listen = std::move(listen),
                              .io_threads = 2,  // one goes on while the other reads a row
                              .pool_threads = 2,
                              .slow_threads = 0,
                              .stream_threads = limits::kApiStreams + kEventStreams,
                              .fields = common_fields(),
                              .names_local_users = true,
                              .log_name = "api"};
  options.limits.connections = limits::kApiConnections;
  options.limits.connections_per_client = limits::kApiConnectionsPerUser;
  options.limits.calls = 32;
  options.limits.uploads = 8;
  options.limits.body_bytes = limits::kUploadedSheetBytes;
  options.limits.stop_time = std::chrono::seconds(1);  // the daemon ends within two
  return options;
}

// The first IPv4 addresses of this machine but loopback. Not getifaddrs(): it needs a kind of
// socket that the service may not make.
std::vector<std::string> own_addresses() {
  std::array<ifreq, 32> found{};
  ifconf list{};
  list.ifc_len = static_cast<int>(sizeof found);
  list.ifc_req = found.data();
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  std::vector<std::string> out;
  if (!socket.is_open() || ::ioctl(socket.get(), SIOCGIFCONF, &list) != 0) return out;
  const std::size_t count = static_cast<std::size_t>(list.ifc_len) / sizeof(ifreq);
  for (std::size_t i = 0; i < count; ++i) {
    sockaddr_in address{};
    std::memcpy(&address, &found[i].ifr_addr, sizeof address);
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
    const std::string one = text.data();
    if (!one.starts_with("127.") && std::ranges::find(out, one) == out.end()) out.push_back(one);
  }
  return out;
}

std::string own_host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  std::string out = name.data();
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// The names by which the office reaches this machine: those of the settings, else its host name;
// and the address that it listens on, or all of them.
std::vector<std::string> network_names(const Settings& settings) {
  std::vector<std::string> names = settings.console_names;
  if (names.empty()) names.push_back(own_host_name());
  std::string host = settings.console_listen.substr(0, settings.console_listen.rfind(':'));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  const bool any = host == "0.0.0.0" || host == "::";
  for (const std::string& one : any ? own_addresses() : std::vector{host}) {
    if (std::ranges::find(names, one) == names.end()) names.push_back(one);
  }
  return names;
}

}  // namespace

fs::path api_socket_of(const Settings& settings) {
  return settings.socket.parent_path() / "api.sock";
}

struct ApiServer::Impl {
  Impl(const AgentContext& the_context, CycleScheduler& scheduler, ReadingPool& pool,
       StopCheck stopping)
      : context(the_context),
        doorkeeper(the_context, pool),
        door(the_context, doorkeeper),
        api({the_context, scheduler, pool, std::move(stopping), doorkeeper}) {}

  Status start_local();
  Status listen_locally(std::string listen, const UniqueFd& socket);
  Status start_network();
  UniqueFd make_socket();
  Result<json::object> ticket(const Peer& peer);
  Result<json::object> pair(JsonObject& args, const Peer& peer);
  Result<json::object> list();
  Result<json::object> unpair(JsonObject& args, const Peer& peer);
  json::object places() const;

  const AgentContext& context;
  Doorkeeper doorkeeper;
  ConsoleDoor door;
  Api api;
  ApiHandler local_handler{Face::kLocal, api, door, doorkeeper};
  ApiHandler network_handler{Face::kNetwork, api, door, doorkeeper};
  std::string fingerprint;
  fs::path own_socket;  // to remove at the end; empty if there is none
  // Last: they stop before what they use.
  std::optional<http::Server> local, network;
};

// A socket in a folder that the agent may not write to is no reason not to run.
UniqueFd ApiServer::Impl::make_socket() {
  const fs::path path = api_socket_of(context.settings);
  Result<ListeningSocket> made =
      make_listening_socket({.path = path, .group = context.settings.socket_group});
  if (made.has_error()) {
    log_warning("api: no Unix socket: " + made.error().message);
    return UniqueFd();
  }
  own_socket = path;
  return std::move(made.value().descriptor);
}

Status ApiServer::Impl::listen_locally(std::string listen, const UniqueFd& socket) {
  if (listen.empty() && !socket.is_open()) return ok();
  // A copy, because a server that cannot listen closes what it was given.
  UniqueFd copy;
  if (socket.is_open()) copy.reset(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
  ROOTLET_TRY(http::Server server, http::Server::start(server_options(std::move(listen)),
                                                       local_handler, std::move(copy)));
  local.emplace(std::move(server));
  if (local->port() != 0) doorkeeper.set_site(Face::kLocal, loopback_site(local->port()));
  return ok();
}

Status ApiServer::Impl::start_local() {
  const std::string& wanted = context.settings.api_listen;
  const UniqueFd socket = make_socket();
  if (!wanted.empty() && wanted != "auto") {
    const Status listens = listen_locally(wanted == "off" ? "" : wanted, socket);
    return listens.has_error() ? Status(within("api_listen", listens.error())) : ok();
  }
  const Status usual = listen_locally(std::string(kUsualListen), socket);
  if (usual.has_value()) return ok();
  log_info("api: " + usual.error().message + "; any free port");
  return listen_locally(std::string(kAnyListen), socket);
}

Status ApiServer::Impl::start_network() {
  const std::string& listen = context.settings.console_listen;
  if (listen.empty()) return ok();
  const std::vector<std::string> names = network_names(context.settings);
  ROOTLET_TRY(const ConsoleCertificate certificate,
              console_certificate(context.home, names, context.clock->wall()));
  fingerprint = certificate.fingerprint;
  http::ServerOptions options = server_options(listen);
  options.names_local_users = false;
  options.tls_certificate = certificate.chain;
  options.tls_key = certificate.key;
  options.log_name = "console";
  Result<http::Server> server = http::Server::start(std::move(options), network_handler);
  if (server.has_error()) return within("console_listen", server.error());
  network.emplace(std::move(server).value());
  doorkeeper.set_site(Face::kNetwork, network_site(names, network->port()));
  log_info("console: " + doorkeeper.address(Face::kNetwork) + " for paired browsers");
  return ok();
}

json::object ApiServer::Impl::places() const {
  const std::string network_address = doorkeeper.address(Face::kNetwork);
  return {{"address", network_address.empty() ? json::value() : json::value(network_address)},
          {"fingerprint", fingerprint.empty() ? json::value() : json::value(fingerprint)}};
}

Result<json::object> ApiServer::Impl::ticket(const Peer& peer) {
  const std::string address = doorkeeper.address(Face::kLocal);
  if (address.empty()) {
    return Error(ErrorCode::kUsage, "the console does not listen on this machine", "api_listen",
                 {.en = "Remove api_listen = off from the settings, and start the agent again.",
                  .zh = "请从配置中删除 api_listen = off，并重新启动。"});
  }
  const std::string ticket =
      doorkeeper.sessions(Face::kLocal).make_ticket(peer, context.clock->since_boot());
  return json::object{{"url", address + "/console/enter?ticket=" + ticket},
                      {"address", address},
                      {"seconds", limits::kTicketTime.count()}};
}

Result<json::object> ApiServer::Impl::pair(JsonObject& args, const Peer& peer) {
  ROOTLET_TRY(const std::string name, args.text("name", limits::kNameBytes));
  ROOTLET_TRY(const std::string role_name, args.text("role", limits::kNameBytes));
  ROOTLET_TRY(const std::int64_t days, args.integer("days", 1, limits::kPairingDays));
  ROOTLET_TRY(args.finish());
  ROOTLET_TRY(const Role role, role_named(role_name));
  if (!network) {
    return Error(ErrorCode::kUsage, "the console is not open on the office's network",
                 "console_listen",
                 {.en = "Set console_listen = 0.0.0.0:8443 in the settings, and start the agent "
                        "again.",
                  .zh = "请在配置中设置 console_listen = 0.0.0.0:8443，并重新启动。"});
  }
  ROOTLET_TRY(KeyStore keys, doorkeeper.open_keys());
  ROOTLET_TRY(const std::string code,
              doorkeeper.pairings().make_code(keys, name, role, std::chrono::days(days),
                                              context.clock->since_boot(), context.clock->wall()));
  ROOTLET_TRY(doorkeeper.refusals().note_act(peer, "console-pair"));
  json::object out = places();
  out["name"] = name;
  out["role"] = name_of(role);
  out["code"] = code;
  out["minutes"] = limits::kPairingCodeTime.count();
  out["days"] = days;
  return out;
}

Result<json::object> ApiServer::Impl::list() {
  ROOTLET_TRY(KeyStore keys, doorkeeper.open_keys());
  ROOTLET_TRY(const std::vector<PairedBrowser> browsers, doorkeeper.pairings().list(keys));
  json::array out;
  for (const PairedBrowser& one : browsers) {
    out.push_back(json::object{{"name", one.name},
                               {"role", name_of(one.role)},
                               {"paired", format_time(one.paired)},
                               {"until", format_time(one.until)}});
  }
  json::object answer = places();
  answer["browsers"] = std::move(out);
  return answer;
}

Result<json::object> ApiServer::Impl::unpair(JsonObject& args, const Peer& peer) {
  ROOTLET_TRY(const std::string name, args.text("name", limits::kNameBytes));
  ROOTLET_TRY(args.finish());
  ROOTLET_TRY(KeyStore keys, doorkeeper.open_keys());
  ROOTLET_TRY(doorkeeper.pairings().remove(keys, name));
  doorkeeper.sessions(Face::kNetwork).end_all_of(name);
  ROOTLET_TRY(doorkeeper.refusals().note_act(peer, "console-unpair"));
  return json::object{{"name", name}};
}

ApiServer::ApiServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ApiServer::~ApiServer() {
  stop();
}

Result<std::unique_ptr<ApiServer>> ApiServer::start(const AgentContext& context,
                                                    CycleScheduler& scheduler, ReadingPool& pool,
                                                    StopCheck stopping) {
  std::unique_ptr<ApiServer> server(
      new ApiServer(std::make_unique<Impl>(context, scheduler, pool, std::move(stopping))));
  ROOTLET_TRY(server->impl_->start_local());
  ROOTLET_TRY(server->impl_->start_network());
  return server;
}

bool ApiServer::has_command(std::string_view command) {
  return command == "console-ticket" || command == "console-pair" || command == "console-list" ||
         command == "console-unpair";
}

Result<json::object> ApiServer::handle(const json::object& request, const Peer& peer) {
  const json::value whole(request);
  ROOTLET_TRY(JsonObject outer, JsonObject::from(whole, "request"));
  ROOTLET_TRY(const std::string command, outer.text("command", limits::kNameBytes));
  ROOTLET_TRY(JsonObject args, outer.object("args"));
  ROOTLET_TRY(outer.finish());
  const bool is_ticket = command == "console-ticket";
  const Roles allowed = is_ticket ? Roles::all() : Roles(Role::kOperator);
  const Status may = check_roles(peer, command, allowed, impl_->context.settings);
  if (may.has_error()) {
    impl_->doorkeeper.refusals().note(peer, "user");
    return may.error();
  }
  if (is_ticket) return impl_->ticket(peer);
  if (command == "console-pair") return impl_->pair(args, peer);
  if (command == "console-list") return impl_->list();
  return impl_->unpair(args, peer);
}

std::string ApiServer::address() const {
  return impl_->doorkeeper.address(Face::kLocal);
}

void ApiServer::stop() {
  if (impl_->local) impl_->local->stop();
  if (impl_->network) impl_->network->stop();
  if (!impl_->own_socket.empty()) ::unlink(impl_->own_socket.c_str());
  impl_->own_socket.clear();
}

}  // namespace rootlet::agent

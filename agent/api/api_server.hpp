// The local API and the console's door, listening: on a Unix socket beside the agent's own and on
// loopback, and, if the settings say so, with TLS on the office's network. And what the commands
// `rootlet console …` ask of it.
#pragma once

#include <memory>

#include "agent/api/routes/api.hpp"

namespace rootlet::agent {

class ApiServer {
 public:
  // Everything must outlive this. kUsage or kBusy if an address of the settings cannot be used.
  // Without a Unix socket, which a folder may not allow, it goes on and the log says why.
  static Result<std::unique_ptr<ApiServer>> start(const AgentContext& context,
                                                  CycleScheduler& scheduler, ReadingPool& pool,
                                                  StopCheck stopping);
  ~ApiServer();  // stops
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  // Whether `command` is one of console-ticket, console-pair, console-list and console-unpair.
  static bool has_command(std::string_view command);
  // As Service::handle() for these; kNoAccess unless the roles of `peer` allow it.
  Result<json::object> handle(const json::object& request, const Peer& peer);

  std::string address() const;  // "http://127.0.0.1:8460"; "" without TCP
  void stop();

 private:
  struct Impl;
  explicit ApiServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// HOME/api.sock beside HOME/agent.sock: the socket of the API beside the one of the agent.
fs::path api_socket_of(const Settings& settings);

}  // namespace rootlet::agent

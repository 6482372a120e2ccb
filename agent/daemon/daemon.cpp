// Wires the socket server, the cycle worker and the service, and runs the poll() loop.
#include "agent/daemon/daemon.hpp"

#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "agent/anchor/home_anchor.hpp"
#include "agent/api/api_server.hpp"
#include "agent/cycle/worker.hpp"
#include "agent/daemon/notify.hpp"
#include "agent/service/caller.hpp"
#include "agent/service/service.hpp"
#include "core/file/descriptor.hpp"
#include "core/format/exact_json.hpp"
#include "core/local_limits.hpp"
#include "core/log.hpp"

namespace rootlet::agent {
namespace {

// SIGTERM and SIGINT as a descriptor for poll(); blocked in all threads started later.
class StopSignal {
 public:
  StopSignal() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signals_.reset(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  int descriptor() const { return signals_.get(); }

 private:
  UniqueFd signals_;
};

// Every connection starts a short-lived thread; without this limit each could create an arena.
void keep_memory_small() {
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_TRIM_THRESHOLD, static_cast<int>(256 * limits::kKiB));
  ::mallopt(M_MMAP_THRESHOLD, static_cast<int>(128 * limits::kKiB));
}

// What all connections use.
struct Daemon {
  const AgentContext& context;
  CycleWorker& worker;
  ReadingPool& pool;
  ApiServer& api;
};

// One client's connection. Its roles are asked for again now and then, because a client may keep
// the connection for long.
class Conversation {
 public:
  Conversation(const Daemon& daemon, LocalConnection& connection, const Peer& peer)
      : connection_(connection),
        peer_(peer),
        context_(daemon.context),
        api_(daemon.api),
        service_(
            daemon.context, daemon.worker,
            // A long scan stops when its client has disconnected.
            [&daemon, &connection] { return daemon.worker.stopping() || connection.is_gone(); },
            &daemon.pool) {}

  // False if the connection ends: the client has gone, or has not asked to keep it.
  bool answer_one() {
    const Result<std::optional<std::string>> line =
        connection_.read_line(limits::kLocalRequestBytes, limits::kLocalRequestTime);
    if (line.has_value() && !line.value()) return false;
    LineSink sink(connection_);
    bool keep = false;
    const Result<json::object> result = [&]() -> Result<json::object> {
      if (line.has_error()) return line.error();
      ROOTLET_TRY(json::value request, parse_exact_json(*line.value(), "request"));
      if (!request.is_object()) return bad_input("a request must be an object", "request");
      ROOTLET_TRY(keep, take_keep(request.get_object()));
      refresh_roles();
      return handle(request.get_object(), sink);
    }();
    // An error here means that the client has gone; there is nobody left to report it to.
    return sink.finish(result).has_value() && keep;
  }

 private:
  Result<json::object> handle(const json::object& request, AnswerSink& sink) {
    if (ApiServer::has_command(text_at(request, "command"))) return api_.handle(request, peer_);
    return service_.handle(request, peer_, sink);
  }

  static Result<bool> take_keep(json::object& request) {
    const json::value* keep = request.if_contains("keep");
    if (keep == nullptr) return false;
    if (!keep->is_bool()) return bad_input("must be true or false", "keep");
    const bool wanted = keep->get_bool();
    request.erase("keep");
    return wanted;
  }

  void refresh_roles() {
    const auto now = std::chrono::steady_clock::now();
    if (asked_ && now - *asked_ < limits::kRolesTime) return;
    peer_ = with_roles(std::move(peer_), context_);
    asked_ = now;
  }

  LocalConnection& connection_;
  Peer peer_;
  const AgentContext& context_;
  ApiServer& api_;
  Service service_;
  std::optional<std::chrono::steady_clock::time_point> asked_;
};

void answer_caller(const Daemon& daemon, LocalConnection& connection, const Peer& peer) {
  Conversation conversation(daemon, connection, peer);
  while (conversation.answer_one() && connection.wait_for_input(limits::kLocalIdleTime)) {
  }
  ::malloc_trim(0);
}

void wait_until_stopped(SocketServer& server, const StopSignal& stop) {
  const auto watchdog = watchdog_interval();
  const int timeout = watchdog ? static_cast<int>(watchdog->count()) : -1;
  while (true) {
    pollfd waits[] = {{.fd = stop.descriptor(), .events = POLLIN, .revents = 0},
                      {.fd = server.descriptor(), .events = POLLIN, .revents = 0},
                      {.fd = server.finished_descriptor(), .events = POLLIN, .revents = 0}};
    const int count = ::poll(waits, 3, timeout);
    if (watchdog) notify_service_manager("WATCHDOG=1");
    if (count <= 0) continue;
    if (waits[0].revents != 0) return;
    if (waits[2].revents != 0) server.reap();
    if (waits[1].revents != 0) server.accept_one();
  }
}

}  // namespace

Status run_daemon(const AgentContext& context) {
  keep_memory_small();
  ROOTLET_TRY(context.home.act_as_owner());
  ROOTLET_TRY(context.home.prepare());
  ROOTLET_TRY(const FileLock lock, context.home.wait_for_lock([&] {
    return !socket_was_passed() && LocalConnection::connect(context.settings.socket).has_value();
  }));
  ROOTLET_TRY(hold_anchor(context));
  const StopSignal stop;
  CycleWorker worker(context);
  ReadingPool pool(context, ReadingPool::Upkeep::kThread);
  ROOTLET_TRY(const std::unique_ptr<ApiServer> api,
              ApiServer::start(context, worker, pool, [&] { return worker.stopping(); }));
  const Daemon daemon{context, worker, pool, *api};
  ROOTLET_TRY(const std::unique_ptr<SocketServer> server,
              SocketServer::listen(
                  {.path = context.settings.socket, .group = context.settings.socket_group},
                  [&](LocalConnection& connection, const Peer& peer) {
                    answer_caller(daemon, connection, peer);
                  }));
  worker.start();
  log_info("rootlet " ROOTLET_VERSION " runs on " + context.home.folder().string());
  notify_service_manager("READY=1");
  wait_until_stopped(*server, stop);
  notify_service_manager("STOPPING=1");
  log_info("stopping");
  worker.stop();
  api->stop();
  server->stop();
  return ok();
}

}  // namespace rootlet::agent

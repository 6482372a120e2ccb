// serve: the service of service.hpp in the foreground, stopped by SIGTERM or SIGINT.
#include <pthread.h>
#include <signal.h>

#include "platform/cli/command.hpp"
#include "platform/cli/print.hpp"
#include "platform/serve/service.hpp"

namespace rootlet::platform {
namespace {

// Blocked before any thread starts, so that only the waiting one hears them.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

Status run_serve(const CommandInput& input) {
  ServiceOptions options;
  options.realm = input.realm_folder();
  options.gateway.listen = input.text("listen", options.gateway.listen);
  options.gateway.tls_certificate = input.text("tls-cert");
  options.gateway.tls_key = input.text("tls-key");
  options.public_url = input.text("public-url");
  options.intake = !input.has("no-intake");
  const bool as_json = input.json();
  const sigset_t signals = block_stop_signals();
  return serve_realm(
      options, input.clock(),
      [as_json](const std::string& url) {
        if (as_json) return print_text(json::serialize(json::object{{"listening", url}}) + "\n");
        print_text("listening on " + url + "\n");
      },
      [&signals] {
        int signal = 0;
        sigwait(&signals, &signal);
      });
}

}  // namespace

std::vector<Command> service_commands() {
  return {{.name = "serve",
           .arguments = {},
           .summary = "Serve the repository, take records in and validate them, until stopped.",
           .details = "Speaks HTTP behind a reverse proxy, or TLS itself. Prints one line when it "
                      "is ready. Metadata is\n"
                      "signed again before it grows old, so a realm that is served never expires.",
           .example = "rootlet-platform --realm /srv/realm serve --listen 127.0.0.1:8420 "
                      "--public-url https://sync.example",
           .options = {{"listen", "HOST:PORT",
                        "where to listen (127.0.0.1:8420); port 0 takes a free one", false},
                       {"public-url", "URL", "how offices reach it; kept for invitations", false},
                       {"tls-cert", "FILE", "PEM chain, to speak TLS itself", false},
                       {"tls-key", "FILE", "the PEM key to it", false},
                       {"no-intake", "", "take batches in but leave judging to another process",
                        false}},
           .run = run_serve}};
}

}  // namespace rootlet::platform

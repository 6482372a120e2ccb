// serve, keeper and worker (platform/serve) in the foreground until SIGTERM or SIGINT.
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>

#include "config/units.hpp"
#include "core/limits.hpp"
#include "platform/cli/cli.hpp"
#include "platform/serve/keeper.hpp"
#include "platform/serve/service.hpp"
#include "platform/serve/validator.hpp"

namespace rootlet::platform {
namespace {

// Blocked before any thread starts, so that only the waiting one receives them.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void wait_for(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
}

// Connections and open files need more descriptors than the usual soft limit of 1024. Without the
// right to more, the gateway serves with what it has.
void raise_descriptor_limit() {
  constexpr rlim_t kDescriptors = 4'096;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kDescriptors) return;
  limit.rlim_cur = std::min(kDescriptors, limit.rlim_max);
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

// At least one batch must fit.
Result<std::uint64_t> office_quota(const std::string& text) {
  ROOTLET_TRY(const std::uint64_t quota, parse_byte_count(text));
  if (quota >= limits::kBatchBytes) return quota;
  return bad_input("office-quota: at least " + std::to_string(limits::kBatchBytes) +
                       " bytes, the size of the largest batch",
                   "office-quota");
}

Status run_serve(const CommandRun& run) {
  ServiceOptions options;
  ROOTLET_TRY(options.realm, run.enter_realm());
  options.gateway.listen = run.arguments.value("listen", options.gateway.listen);
  options.gateway.tls_certificate = run.arguments.value("tls-cert");
  options.gateway.tls_key = run.arguments.value("tls-key");
  options.public_url = run.arguments.value("public-url");
  options.intake = !run.arguments.has("no-intake") && !run.arguments.has("alone");
  options.keeper = !run.arguments.has("alone");
  ROOTLET_TRY(options.gateway.proxies, http::Proxies::parse(run.arguments.value("behind-proxy")));
  if (run.arguments.has("office-quota")) {
    ROOTLET_TRY(options.limits.office_bytes_per_hour,
                office_quota(run.arguments.value("office-quota")));
  }
  raise_descriptor_limit();
  const sigset_t signals = block_stop_signals();
  return serve_realm(
      options, run.clock,
      [&run](const std::string& url) {
        // One line in both forms: programs that start the service wait for the end of the line.
        const std::string line = run.output.json ? json::serialize(json::object{{"listening", url}})
                                                 : "listening on " + url;
        static_cast<void>(run.output.print(line + "\n").has_error());
      },
      [&signals] { wait_for(signals); });
}

Status run_keeper_command(const CommandRun& run) {
  ROOTLET_TRY(const fs::path folder, run.enter_realm());
  const sigset_t signals = block_stop_signals();
  return run_keeper(folder, run.signing_clock(), [&signals] { wait_for(signals); });
}

Status run_worker(const CommandRun& run) {
  ROOTLET_TRY(const fs::path path, run.enter_realm());
  const RealmFolder folder{path};
  const sigset_t signals = block_stop_signals();
  return run_validator(folder.intake(), folder.serving(), run.clock,
                       [&signals] { wait_for(signals); });
}

}  // namespace

std::vector<Command> service_commands() {
  return {
      {.name = "serve",
       .summary = {.en = "Serve the repository, take records in and validate them, until "
                         "stopped",
                   .zh = "提供仓库服务，接收并审核记录，直至停止"},
       .details = {.en = "Speaks HTTP behind a reverse proxy, or TLS itself. Prints one line "
                         "when it is ready. Opens the keys in DIR/serving alone. Where this user "
                         "may read the other keys too, it starts a keeper and a worker as "
                         "processes of their own.",
                   .zh = "在反向代理之后提供 HTTP，或直接提供 TLS。就绪时输出一行。只打开 "
                         "DIR/serving 中的密钥；若本用户也能读取其他密钥，则另起 keeper 和 "
                         "worker 两个进程。"},
       .example = {.en = "rootlet-platform serve --listen 127.0.0.1:8420 "
                         "--public-url https://sync.example"},
       .options = {{.name = "listen",
                    .value_name = "HOST:PORT",
                    .help = {.en = "where to listen (127.0.0.1:8420); port 0 takes a free one",
                             .zh = "监听地址（默认 127.0.0.1:8420）；端口 0 为任意空闲端口"}},
                   {.name = "public-url",
                    .value_name = "URL",
                    .help = {.en = "how offices reach it; kept for invitations",
                             .zh = "各单位访问的地址，写入邀请文件"}},
                   {.name = "tls-cert",
                    .value_name = "FILE",
                    .help = {.en = "PEM chain, to speak TLS itself",
                             .zh = "直接提供 TLS 时的证书链（PEM）"},
                    .type = ValueType::kFile},
                   {.name = "tls-key",
                    .value_name = "FILE",
                    .help = {.en = "the PEM key to it", .zh = "证书对应的私钥（PEM）"},
                    .type = ValueType::kFile},
                   {.name = "behind-proxy",
                    .value_name = "ADDRESSES",
                    .help = {.en = "reverse proxies whose X-Forwarded-For names the client, so "
                                   "that each client has a share of its own",
                             .zh = "可信反向代理的地址；按其 X-Forwarded-For 识别客户端，"
                                   "各客户端分别限额"}},
                   {.name = "office-quota",
                    .value_name = "BYTES",
                    .help = {.en = "of batches, per office and hour (134217728); k, M or G may "
                                   "follow the number",
                             .zh = "每个单位每小时可上报的字节数（默认 134217728），可带单位 k、M、"
                                   "G"}},
                   {.name = "no-intake",
                    .help = {.en = "take batches in but leave validation to another process",
                             .zh = "只接收批次，由其他进程审核"}},
                   {.name = "alone",
                    .help = {.en = "start no keeper and no worker",
                             .zh = "不启动 keeper 和 worker"}}},
       .run = with_clock(run_serve)},
      {.name = "keeper",
       .summary = {.en = "Answer enrolments and sign beside the publishing keys, until stopped",
                   .zh = "在发布密钥一侧答复入网申请并续签，直至停止"},
       .details = {.en = "For a `serve` that runs as a user without these keys. While no keeper "
                         "runs, enrolment requests are kept and wait.",
                   .zh = "供以无权读取这些密钥的用户运行的 serve 使用。keeper "
                         "未运行时，入网申请会保存并等待。"},
       .example = {.en = "rootlet-platform --realm /srv/realm keeper"},
       .run = with_clock(run_keeper_command)},
      {.name = "worker",
       .summary = {.en = "Validate records beside the intake keys, until stopped",
                   .zh = "在接收密钥一侧审核记录，直至停止"},
       .details = {.en = "For a `serve` that runs as a user without these keys. While no worker "
                         "runs, batches are kept and wait.",
                   .zh = "供以无权读取这些密钥的用户运行的 serve 使用。worker "
                         "未运行时，批次会保存并等待。"},
       .example = {.en = "rootlet-platform --realm /srv/realm worker"},
       .run = with_clock(run_worker)}};
}

}  // namespace rootlet::platform

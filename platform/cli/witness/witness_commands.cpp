// Rounds of a witness, once or until SIGTERM, and comparisons.
#include "platform/cli/witness/witness_commands.hpp"

#include <pthread.h>
#include <signal.h>

#include <ctime>

#include "config/cli/arguments.hpp"
#include "config/output/cli_output.hpp"
#include "config/units.hpp"
#include "core/file/owner.hpp"
#include "core/limits.hpp"
#include "platform/cli/witness/witness_text.hpp"
#include "sync/repository/http_fetcher.hpp"

namespace rootlet::platform {
namespace {

constexpr std::chrono::milliseconds kShortestPause{1'000};  // a timestamp is signed once a day

Result<std::optional<Bytes>> given_root(const Arguments& arguments) {
  if (!arguments.has("root")) return std::optional<Bytes>();
  ROOTLET_TRY(Bytes root, read_file(arguments.value("root"), limits::kRootBytes));
  return std::optional(std::move(root));
}

// nullopt: one round.
Result<std::optional<std::chrono::milliseconds>> given_pause(const Arguments& arguments) {
  if (!arguments.has("every")) return std::optional<std::chrono::milliseconds>();
  ROOTLET_TRY(const std::chrono::milliseconds pause, parse_duration(arguments.value("every")));
  if (pause >= kShortestPause) return std::optional(pause);
  return fail(ErrorCode::kUsage, "--every must be at least 1s");
}

sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// True once somebody wants this process to end.
bool wait_for_stop(const sigset_t& signals, std::chrono::milliseconds pause) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(pause);
  const std::timespec time{.tv_sec = seconds.count(),
                           .tv_nsec = (pause - seconds).count() * 1'000'000};
  return sigtimedwait(&signals, nullptr, &time) > 0;
}

class Watcher {
 public:
  Watcher(std::string url, fs::path folder, std::string authority, const CliOutput& output)
      : url_(std::move(url)),
        folder_(std::move(folder)),
        authority_(std::move(authority)),
        output_(output) {}

  // The exit code: that of a fork as long as the witness's own log has one.
  Result<int> round() {
    HttpClient http({.ca_pem = authority_});
    HttpFetcher fetcher(http, join_url(url_, "metadata"), url_);
    ROOTLET_TRY(const WatchRound round, watch_once(folder_, fetcher, system_clock()));
    ROOTLET_TRY(const ExchangeReport own, compare_files(folder_, {}, std::nullopt));
    const bool is_news = round.added > 0 || is_first_;
    is_first_ = false;
    if (is_news) {
      ROOTLET_TRY(show(round, own));
    }
    return own.is_clean() ? 0 : exit_code_of(ErrorCode::kUntrusted);
  }

  // What goes wrong in a round is said once; the next round tries again.
  int run(const sigset_t& signals, std::chrono::milliseconds pause) {
    int code = 0;
    std::string last_error;
    do {
      const Result<int> done = round();
      if (done.has_value()) {
        code = done.value();
        last_error.clear();
      } else if (done.error().message != last_error) {
        last_error = done.error().message;
        output_.note(last_error);
      }
    } while (!wait_for_stop(signals, pause));
    return code;
  }

 private:
  Status show(const WatchRound& round, const ExchangeReport& own) const {
    json::object json = to_json(round, folder_, url_);
    json["forks"] = to_json(own).at("forks");
    std::string text = output_.words(words_of(round, url_));
    if (!own.is_clean()) text += output_.words(words_of(own));
    return output_.report(json, text);
  }

  std::string url_;
  fs::path folder_;
  std::string authority_;  // PEM; empty: the system's
  const CliOutput& output_;
  bool is_first_ = true;
};

Result<int> run_watch(const CommandInput& input) {
  const Arguments& given = input.arguments;
  ROOTLET_TRY(std::string url, repository_url(given.value("URL")));
  ROOTLET_TRY(const auto pause, given_pause(given));
  ROOTLET_TRY(const std::optional<Bytes> root, given_root(given));
  std::string authority;
  if (given.has("ca")) {
    ROOTLET_TRY(authority, read_text_file(given.value("ca"), limits::kConfigFileBytes));
  }
  std::error_code failed;
  const fs::path folder = fs::absolute(given.value("DIR"), failed);
  if (failed) return bad_input("DIR: " + failed.message(), "DIR");
  ROOTLET_TRY(act_as_owner_of(folder));
  ROOTLET_TRY(prepare_witness(folder, given.value("name"), root));
  Watcher watcher(std::move(url), folder, std::move(authority), input.output);
  if (!pause.has_value()) return watcher.round();
  const sigset_t signals = block_stop_signals();
  return watcher.run(signals, *pause);
}

Result<int> run_compare(const CommandInput& input) {
  ROOTLET_TRY(const std::optional<Bytes> root, given_root(input.arguments));
  std::vector<fs::path> others;
  for (const std::string& path : input.arguments.values("OTHER")) others.emplace_back(path);
  ROOTLET_TRY(const ExchangeReport report,
              compare_files(input.arguments.value("DIR"), others, root));
  ROOTLET_TRY(input.output.report(to_json(report), input.output.words(words_of(report))));
  return report.is_clean() ? 0 : exit_code_of(ErrorCode::kUntrusted);
}

Command watch_command() {
  return {
      .name = "witness watch",
      .summary = {.en = "Watch a realm's directory as an outsider, and sign what was seen",
                  .zh = "以第三方身份见证某个域的目录，并签署所见"},
      .details =
          {.en = "Needs no realm and no key of one: anybody can run it, with a root of the realm "
                 "from somebody they trust. Follows the repository at URL (or in a folder), keeps "
                 "every version of the directory that it is shown, and signs a checkpoint over all "
                 "of them. DIR/public is for everybody; DIR/witness.key is not. Exit 4: what is "
                 "shown is not signed or goes back, or a version is two directories.",
           .zh = "不需要域，也不需要域的任何密钥：只需从可信之人处取得该域的 root，任何人均可运行。"
                 "跟随 URL（或目录）处的仓库，保存所见的每个目录版本，并对全部所见签署检查点。"
                 "DIR/public 可公开，DIR/witness.key 须保密。退出码 4：所示内容未经签名、版本倒退，"
                 "或同一版本有两份目录。"},
      .example =
          {.en = "rootlet-platform witness watch https://sync.example seen --root 1.root.json\n"
                 "rootlet-platform witness watch https://sync.example seen --every 5m"},
      .positionals = {{.name = "URL"}, {.name = "DIR", .type = ValueType::kFolder}},
      .options = {{.name = "root",
                   .value_name = "FILE",
                   .help = {.en = "a root of the realm, to begin with; needed the first time",
                            .zh = "起始信任的 root 文件，首次运行时必填"},
                   .type = ValueType::kFile},
                  {.name = "every",
                   .value_name = "TIME",
                   .help = {.en = "look again and again, such as 5m, until stopped",
                            .zh = "按间隔反复查看，如 5m，直至停止"}},
                  {.name = "ca",
                   .value_name = "FILE",
                   .help = {.en = "the authority (PEM) of a platform that speaks TLS itself",
                            .zh = "平台直接提供 TLS 时的证书颁发机构（PEM）"},
                   .type = ValueType::kFile},
                  {.name = "name",
                   .value_name = "N",
                   .help = {.en = "the witness's name in its checkpoints; the first time only",
                            .zh = "见证方在检查点中的名称，仅首次有效"}}},
      .run = run_watch};
}

Command compare_command() {
  return {
      .name = "witness compare",
      .summary = {.en = "Compare what a witness saw with other witnesses and offices",
                  .zh = "比对见证方与其他见证方、单位所见的目录"},
      .details =
          {.en = "OTHER is the folder of another witness or a copy of its DIR/public, what an "
                 "office says in `rootlet status --json`, or trust/directory.json of an office's "
                 "home. Exit 4 names each version that is two directories, and the files that "
                 "prove it to anybody who has a root of the realm. With --root that root decides, "
                 "in place of the one that the witness began with.",
           .zh = "OTHER 可以是另一见证方的目录或其 DIR/public 的副本、单位 rootlet status --json "
                 "的输出，或单位主目录中的 trust/directory.json。退出码 4 "
                 "时逐一指出对应两份目录的版本，并列出任何持有 root 者均可核验的文件。"
                 "指定 --root 时以该 root 为准，不用见证方起始的 root。"},
      .example = {.en = "rootlet-platform witness compare seen neighbour/public\n"
                        "rootlet-platform witness compare seen status.json"},
      .positionals =
          {{.name = "DIR", .type = ValueType::kFolder},
           {.name = "OTHER", .is_optional = true, .type = ValueType::kFile, .may_repeat = true}},
      .options = {{.name = "root",
                   .value_name = "FILE",
                   .help = {.en = "a root of the realm that you trust", .zh = "您信任的 root 文件"},
                   .type = ValueType::kFile}},
      .run = run_compare};
}

}  // namespace

std::vector<Command> witness_commands() {
  return {watch_command(), compare_command()};
}

}  // namespace rootlet::platform

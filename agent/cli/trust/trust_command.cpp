// The grammar of `rootlet trust`, which the conformance suite of The Update Framework calls.
#include "agent/cli/trust/trust_command.hpp"

#include <iostream>

#include "config/cli/arguments.hpp"
#include "core/limits.hpp"
#include "core/unicode/visible_text.hpp"
#include "sync/repository/http_fetcher.hpp"
#include "sync/trust/client/tuf_client.hpp"

namespace rootlet::agent {
namespace {

std::vector<OptionSpec> trust_options() {
  return {{.name = "metadata-dir",
           .value_name = "D",
           .help = {.en = "where trusted metadata is kept", .zh = "可信元数据的存放目录"},
           .is_required = true,
           .type = ValueType::kFolder},
          {.name = "metadata-url",
           .value_name = "U",
           .help = {.en = "where metadata is fetched from", .zh = "元数据的下载地址"}},
          {.name = "target-name",
           .value_name = "N",
           .help = {.en = "a target to download", .zh = "要下载的目标文件"},
           .may_repeat = true},
          {.name = "target-base-url",
           .value_name = "B",
           .help = {.en = "where targets are fetched from", .zh = "目标文件的下载地址"}},
          {.name = "target-dir",
           .value_name = "T",
           .help = {.en = "where targets are written to", .zh = "目标文件的存放目录"},
           .type = ValueType::kFolder}};
}

std::vector<std::string> trust_usage() {
  return {"trust --metadata-dir D init ROOT", "trust --metadata-dir D --metadata-url U refresh",
          "trust --metadata-dir D --metadata-url U --target-name N [--target-name N …] "
          "--target-base-url B --target-dir T download"};
}

struct TrustOptions {
  std::string metadata_dir;
  std::string metadata_url;
  std::string target_base_url;
  std::string target_dir;
  std::vector<std::string> target_names;
  std::vector<std::string> words;  // the verb and its argument
};

Result<TrustOptions> parse_options(const std::vector<std::string>& arguments) {
  ROOTLET_TRY(const Arguments given, parse_arguments(trust_options(), arguments));
  return TrustOptions{.metadata_dir = given.value("metadata-dir"),
                      .metadata_url = given.value("metadata-url"),
                      .target_base_url = given.value("target-base-url"),
                      .target_dir = given.value("target-dir"),
                      .target_names = given.values("target-name"),
                      .words = given.positionals()};
}

Status require(const std::string& value, std::string_view name) {
  if (!value.empty()) return ok();
  return fail(ErrorCode::kUsage, "--" + std::string(name) + " is needed");
}

Status init(const TrustOptions& given, std::ostream& out) {
  if (given.words.size() != 2) return fail(ErrorCode::kUsage, "init needs one file, the root");
  ROOTLET_TRY(const Bytes root, read_file(given.words[1], limits::kRootBytes));
  ROOTLET_TRY(TufClient::install_root(given.metadata_dir, root));
  out << "trusted root stored in " << given.metadata_dir << "\n";
  return ok();
}

Status refresh(const TrustOptions& given, std::ostream& out) {
  ROOTLET_TRY(require(given.metadata_url, "metadata-url"));
  HttpClient http;
  HttpFetcher fetcher(http, given.metadata_url, "");
  TufClient client(given.metadata_dir, fetcher, system_clock());
  ROOTLET_TRY(client.refresh());
  const TufTrustedSet& trusted = client.trusted();
  out << "up to date: root " << trusted.root().version << ", timestamp "
      << trusted.timestamp()->version << ", snapshot " << trusted.snapshot()->version << "\n";
  return ok();
}

Status download_one(TufClient& client, const std::string& name, const fs::path& folder,
                    std::ostream& out) {
  ROOTLET_TRY(const std::optional<TufFoundTarget> found, client.find_target(name));
  if (!found.has_value()) {
    return fail(ErrorCode::kUntrusted, "no trusted role describes the target " + name);
  }
  ROOTLET_TRY(const fs::path path, client.download_to(*found, folder));
  out << name << ": " << found->target.length << " bytes, by role " << visible_text(found->role)
      << ", in " << path.string() << "\n";
  return ok();
}

Status download(const TrustOptions& given, std::ostream& out) {
  ROOTLET_TRY(require(given.metadata_url, "metadata-url"));
  ROOTLET_TRY(require(given.target_base_url, "target-base-url"));
  ROOTLET_TRY(require(given.target_dir, "target-dir"));
  if (given.target_names.empty()) return fail(ErrorCode::kUsage, "--target-name is needed");
  ROOTLET_TRY(make_directory(given.target_dir));
  HttpClient http;
  HttpFetcher fetcher(http, given.metadata_url, given.target_base_url);
  TufClient client(given.metadata_dir, fetcher, system_clock());
  ROOTLET_TRY(client.refresh());
  for (const std::string& name : given.target_names) {
    ROOTLET_TRY(download_one(client, name, given.target_dir, out));
  }
  return ok();
}

Status run(const std::vector<std::string>& arguments, std::ostream& out) {
  ROOTLET_TRY(const TrustOptions given, parse_options(arguments));
  ROOTLET_TRY(require(given.metadata_dir, "metadata-dir"));
  const std::string verb = given.words.empty() ? "" : given.words.front();
  if (verb == "init") return init(given, out);
  if (given.words.size() > 1) return fail(ErrorCode::kUsage, "one verb, and nothing after it");
  if (verb == "refresh") return refresh(given, out);
  if (verb == "download") return download(given, out);
  return fail(ErrorCode::kUsage, "the verb is init, refresh or download");
}

}  // namespace

Command trust_command() {
  return {.name = "trust",
          .summary = {.en = "Read any repository of The Update Framework",
                      .zh = "通用的 The Update Framework 客户端"},
          .details = {.en = "Stores a trusted root, refreshes the metadata of any TUF repository, "
                            "and downloads targets that it describes. Options come before the "
                            "verb. Exit 0 if everything was done, else 1.",
                      .zh = "保存可信根，更新任一 TUF 仓库的元数据，并下载其中描述的目标文件。"
                            "选项须写在动词之前。全部完成时退出码为 0，否则为 1。"},
          .example = {.en = "rootlet trust --metadata-dir trusted init root.json\n"
                            "rootlet trust --metadata-dir trusted --metadata-url "
                            "https://sync.example/metadata refresh"},
          .options = trust_options(),
          .has_json = false,
          .own_usage = trust_usage(),
          .run = [](const CommandInput& input) -> Result<int> {
            return run_trust_command(input.arguments.positionals(), std::cout, std::cerr);
          }};
}

int run_trust_command(const std::vector<std::string>& arguments, std::ostream& out,
                      std::ostream& err) {
  const Status done = run(arguments, out);
  if (done.has_value()) return 0;
  err << "rootlet trust: " << visible_text(done.error().message, LineEnds::kKept) << "\n";
  if (done.error().code == ErrorCode::kUsage) {
    for (const std::string& form : trust_usage()) err << "usage: rootlet " << form << "\n";
  }
  return 1;
}

}  // namespace rootlet::agent

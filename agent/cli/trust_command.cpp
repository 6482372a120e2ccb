#include "agent/cli/trust_command.hpp"

#include <boost/program_options.hpp>

#include "agent/cli/trust_fetcher.hpp"
#include "core/limits.hpp"
#include "sync/trust/client/tuf_client.hpp"

namespace rootlet::agent {
namespace {

namespace options = boost::program_options;

constexpr std::string_view kUsage =
    "usage: rootlet trust --metadata-dir D init ROOT\n"
    "       rootlet trust --metadata-dir D --metadata-url U refresh\n"
    "       rootlet trust --metadata-dir D --metadata-url U --target-name N [--target-name N ...]\n"
    "                     --target-base-url B --target-dir T download\n";

struct TrustOptions {
  std::string metadata_dir;
  std::string metadata_url;
  std::string target_base_url;
  std::string target_dir;
  std::vector<std::string> target_names;
  std::vector<std::string> words;  // the verb and its argument
};

options::options_description describe(TrustOptions& out) {
  options::options_description all;
  all.add_options()("metadata-dir", options::value(&out.metadata_dir))(
      "metadata-url", options::value(&out.metadata_url))(
      "target-name", options::value(&out.target_names))("target-base-url",
                                                        options::value(&out.target_base_url))(
      "target-dir", options::value(&out.target_dir))("word", options::value(&out.words));
  return all;
}

Result<TrustOptions> parse_options(const std::vector<std::string>& arguments) {
  TrustOptions out;
  const options::options_description all = describe(out);
  options::positional_options_description positional;
  positional.add("word", -1);
  try {
    options::variables_map values;
    using options::command_line_style::allow_guessing;
    const int style = options::command_line_style::unix_style & ~allow_guessing;
    options::store(options::command_line_parser(arguments)
                       .options(all)
                       .positional(positional)
                       .style(style)
                       .run(),
                   values);
    options::notify(values);
  } catch (const std::exception& problem) {
    return fail(ErrorCode::kUsage, problem.what());
  }
  return out;
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
  TrustFetcher fetcher(http, given.metadata_url, "");
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
  out << name << ": " << found->target.length << " bytes, by role " << found->role << ", in "
      << path.string() << "\n";
  return ok();
}

Status download(const TrustOptions& given, std::ostream& out) {
  ROOTLET_TRY(require(given.metadata_url, "metadata-url"));
  ROOTLET_TRY(require(given.target_base_url, "target-base-url"));
  ROOTLET_TRY(require(given.target_dir, "target-dir"));
  if (given.target_names.empty()) return fail(ErrorCode::kUsage, "--target-name is needed");
  ROOTLET_TRY(make_directory(given.target_dir));
  HttpClient http;
  TrustFetcher fetcher(http, given.metadata_url, given.target_base_url);
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

int run_trust_command(const std::vector<std::string>& arguments, std::ostream& out,
                      std::ostream& err) {
  const Status done = run(arguments, out);
  if (done.has_value()) return 0;
  err << "rootlet trust: " << done.error().message << "\n";
  if (done.error().code == ErrorCode::kUsage) err << kUsage;
  return 1;
}

}  // namespace rootlet::agent

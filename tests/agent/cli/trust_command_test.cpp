// `rootlet trust` on a repository in a folder: arguments, files and exit codes.
#include "agent/cli/trust/trust_command.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "core/file/file.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

using namespace agent;
namespace {

class Repository {
 public:
  Repository() {
    const UnixTime until = system_clock().wall() + std::chrono::days(1);
    TufRootContent root{.header = {.expires = until}};
    root.root = root.timestamp = root.snapshot = root.targets = {.keys = {key_.public_key}};
    put("metadata/1.root.json", encode_root(root));
    TufTargetsContent targets{.header = {.expires = until}};
    add(targets, "first file", "one");
    add(targets, "deep/second", "two");
    const Bytes file = put("metadata/1.targets.json", encode_targets(targets));
    TufSnapshotContent snapshot{.header = {.expires = until}};
    snapshot.roles["targets"] = describe_metadata(file, 1);
    const Bytes listed = put("metadata/1.snapshot.json", encode_snapshot(snapshot));
    TufTimestampContent timestamp{.header = {.expires = until}};
    timestamp.snapshot = describe_metadata(listed, 1);
    put("metadata/timestamp.json", encode_timestamp(timestamp));
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string url(const std::string& name) const { return "file://" + path(name); }

 private:
  Bytes put(const std::string& name, const json::object& signed_part) {
    const SigningKey* keys[] = {&key_};
    const Bytes file = must(sign_metadata(signed_part, keys));
    must(make_directory((folder_ / name).parent_path()));
    must(write_file_atomically(folder_ / name, file));
    return file;
  }

  void add(TufTargetsContent& targets, const std::string& target_path, std::string_view content) {
    const TufTarget target = describe_target(as_bytes(content));
    targets.targets[target_path] = target;
    const fs::path file = folder_ / ("targets/" + must(published_target_name(target_path, target)));
    must(make_directory(file.parent_path()));
    must(write_file_atomically(file, as_bytes(content)));
  }

  TempDir folder_;
  SigningKey key_ = SigningKey::generate();
};

struct Run {
  int exit_code;
  std::string out, err;
};

Run trust(const std::vector<std::string>& arguments) {
  std::ostringstream out, err;
  const int exit_code = run_trust_command(arguments, out, err);
  return {exit_code, out.str(), err.str()};
}

std::vector<std::string> download(const Repository& repository, const TempDir& home,
                                  const std::vector<std::string>& names) {
  std::vector<std::string> arguments{"--metadata-dir", (home / "m").string(), "--metadata-url",
                                     repository.url("metadata")};
  for (const std::string& name : names) {
    arguments.insert(arguments.end(), {"--target-name", name});
  }
  arguments.insert(arguments.end(), {"--target-base-url", repository.url("targets"), "--target-dir",
                                     (home / "t").string(), "download"});
  return arguments;
}

}  // namespace

TEST_CASE("trust command: init, refresh and download exit with 0 and save what they fetched") {
  const Repository repository;
  const TempDir home;
  const std::string folder = (home / "m").string();
  CHECK(trust({"--metadata-dir", folder, "init", repository.path("metadata/1.root.json")})
            .exit_code == 0);
  CHECK(trust({"--metadata-dir", folder, "--metadata-url", repository.url("metadata") + "/",
               "refresh"})
            .exit_code == 0);
  CHECK(fs::exists(home / "m/snapshot.json"));
  CHECK(trust(download(repository, home, {"deep/second"})).exit_code == 0);
  CHECK(must(read_text_file(home / "t/deep%2Fsecond", 10)) == "two");
}

TEST_CASE(
    "trust command: a download stops at the first target that fails and keeps those before it") {
  const Repository repository;
  const TempDir home;
  CHECK(trust({"--metadata-dir", (home / "m").string(), "init",
               repository.path("metadata/1.root.json")})
            .exit_code == 0);
  const Run run = trust(download(repository, home, {"deep/second", "missing", "first file"}));
  CHECK(run.exit_code == 1);
  CHECK(run.err.find("missing") != std::string::npos);
  CHECK(fs::exists(home / "t/deep%2Fsecond"));
  CHECK_FALSE(fs::exists(home / "t/first%20file"));
}

TEST_CASE("trust command: refusals and mistakes exit with 1 and a reason") {
  const Repository repository;
  const TempDir home;
  const std::string folder = (home / "m").string();
  const std::vector<std::vector<std::string>> wrong{
      {},
      {"refresh"},
      {"--metadata-dir", folder},
      {"--metadata-dir", folder, "dance"},
      {"--metadata-dir", folder, "init"},
      {"--metadata-dir", folder, "init", repository.path("no-such-file")},
      {"--metadata-dir", folder, "init", repository.path("metadata/timestamp.json")},
      {"--metadata-dir", folder, "refresh"},
      {"--metadata-dir", folder, "--metadata-url", repository.url("metadata"), "refresh"},
      {"--metadata-dir", folder, "--metadata-url", repository.url("metadata"), "download"},
      {"--metadata", folder, "init", repository.path("metadata/1.root.json")}};
  for (const auto& arguments : wrong) {
    const Run run = trust(arguments);
    CHECK(run.exit_code == 1);
    CHECK_FALSE(run.err.empty());
    CHECK(run.out.empty());
  }
  CHECK_FALSE(fs::exists(home / "m/root.json"));
}

}  // namespace rootlet::test

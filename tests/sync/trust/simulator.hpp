// A repository that a test can change, break and make lie, and an office that reads from it. Serves
// from memory, logs requests and signs with ed25519.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sync/trust/client/tuf_client.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

class Simulator final : public TufFetcher {
 public:
  explicit Simulator(UnixTime now);

  // The content of the next publish(). Change it freely.
  TufRootContent root;
  std::map<std::string, TufTargetsContent> targets;  // "targets" and delegated roles
  TufSnapshotContent snapshot;
  TufTimestampContent timestamp;
  std::map<std::string, std::vector<SigningKey>> signers;  // by role
  bool lists_hashes = false;  // length and hashes in snapshot and timestamp
  bool consistent_snapshot = true;

  // The served files by name; a test may put anything here.
  std::map<std::string, Bytes> metadata;
  std::map<std::string, Bytes> target_files;
  std::vector<std::string> requests;
  bool answers_not_modified = false;
  bool ignores_limits = false;  // endless data

  // Signs each role at its next version (the first time at version 1) and serves it. Roles of
  // targets are listed in the next snapshot, the snapshot in the next timestamp.
  void publish(const std::vector<std::string>& roles);
  void publish_all() { publish({"targets", "snapshot", "timestamp"}); }
  // The same at the version in the content.
  void publish_as_is(const std::string& role);

  void add_target(const std::string& role, const std::string& path, std::string_view content);
  // Delegates, makes one key for the role, and starts its metadata if it has none.
  TufDelegationContent& delegate(const std::string& from, const std::string& role,
                                 std::vector<std::string> paths, bool terminating = false);
  void rotate_keys(const std::string& role);  // of a top-level role
  SigningKey& add_key(const std::string& role);
  Bytes sign(const std::string& role, const json::object& signed_part) const;
  json::object encode(const std::string& role) const;
  std::string served_name(const std::string& role, std::int64_t version) const;
  TufHeader& header(const std::string& role);
  UnixTime later() const { return now_ + std::chrono::days(30); }

  Result<TufFetched> fetch_metadata(std::string_view name, std::size_t max_bytes) override;
  Result<TufFetched> fetch_timestamp_if_changed(std::size_t max_bytes) override;
  Result<FetchState> fetch_target(std::string_view address, std::uint64_t max_bytes,
                                  const ByteSink& sink) override;

 private:
  TufRoleKeys& keys_of(const std::string& role);
  UnixTime now_;
  std::map<std::string, bool> is_published_;
};

// A client with its folders, and queries of its stored files.
class TestOffice {
 public:
  explicit TestOffice(Simulator& repository);
  Status refresh();
  // refresh and find_target; nullopt if no role describes it.
  Result<std::optional<TufFoundTarget>> find(const std::string& path);
  Result<fs::path> download(const std::string& path);
  // The stored version; 0 if there is no file. The file must parse.
  std::int64_t version(const std::string& role) const;
  Bytes stored(const std::string& role) const;
  std::vector<std::string> stored_names() const;  // sorted
  std::vector<std::string> target_names() const;
  fs::path metadata() const { return folder_ / "metadata"; }
  fs::path downloads() const { return folder_ / "targets"; }

  FakeClock clock;

 private:
  TempDir folder_;
  Simulator* repository_;
};

}  // namespace rootlet::test

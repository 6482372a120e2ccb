#include "tests/sync/trust/simulator.hpp"

#include <algorithm>

#include "sync/trust/metadata/tuf_names.hpp"

namespace rootlet::test {
namespace {

bool is_targets_role(const std::string& role) {
  return role != "root" && role != "snapshot" && role != "timestamp";
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Simulator::Simulator(UnixTime now) : now_(now) {
  targets["targets"];
  for (const std::string role : {"root", "timestamp", "snapshot", "targets"}) {
    header(role).expires = later();
    add_key(role);
  }
  publish({"targets", "snapshot", "timestamp", "root"});
}

TufHeader& Simulator::header(const std::string& role) {
  if (role == "root") return root.header;
  if (role == "timestamp") return timestamp.header;
  if (role == "snapshot") return snapshot.header;
  return targets.at(role).header;
}

TufRoleKeys& Simulator::keys_of(const std::string& role) {
  if (role == "root") return root.root;
  if (role == "timestamp") return root.timestamp;
  if (role == "snapshot") return root.snapshot;
  REQUIRE(role == "targets");
  return root.targets;
}

SigningKey& Simulator::add_key(const std::string& role) {
  signers[role].push_back(SigningKey::generate());
  keys_of(role).keys.push_back(signers[role].back().public_key);
  return signers[role].back();
}

void Simulator::rotate_keys(const std::string& role) {
  signers[role].clear();
  keys_of(role).keys.clear();
  for (std::int64_t i = 0; i < keys_of(role).threshold; ++i) add_key(role);
}

json::object Simulator::encode(const std::string& role) const {
  if (role == "timestamp") return encode_timestamp(timestamp);
  if (role == "snapshot") return encode_snapshot(snapshot);
  if (role != "root") return encode_targets(targets.at(role));
  json::object object = encode_root(root);
  object["consistent_snapshot"] = consistent_snapshot;
  return object;
}

Bytes Simulator::sign(const std::string& role, const json::object& signed_part) const {
  std::vector<const SigningKey*> keys;
  for (const SigningKey& key : signers.at(role)) keys.push_back(&key);
  return must(sign_metadata(signed_part, keys));
}

std::string Simulator::served_name(const std::string& role, std::int64_t version) const {
  if (role == "root") return std::to_string(version) + ".root.json";
  if (!consistent_snapshot) return must(metadata_file_name(role));
  return must(published_file_name(role, version));
}

void Simulator::publish_as_is(const std::string& role) {
  const std::int64_t version = header(role).version;
  const Bytes file = sign(role, encode(role));
  metadata[served_name(role, version)] = file;
  TufFileInfo info = describe_metadata(file, version);
  if (!lists_hashes) info = TufFileInfo{.version = version, .length = {}, .hashes = {}};
  if (role == "snapshot") timestamp.snapshot = info;
  if (is_targets_role(role)) snapshot.roles[role] = info;
  is_published_[role] = true;
}

void Simulator::publish(const std::vector<std::string>& roles) {
  for (const std::string& role : roles) {
    if (is_published_[role]) ++header(role).version;
    publish_as_is(role);
  }
}

void Simulator::add_target(const std::string& role, const std::string& path,
                           std::string_view content) {
  const TufTarget target = describe_target(as_bytes(content));
  targets.at(role).targets[path] = target;
  const std::string address = consistent_snapshot ? must(published_target_name(path, target))
                                                  : must(target_address(path, ""));
  target_files[address] = to_bytes(content);
}

TufDelegationContent& Simulator::delegate(const std::string& from, const std::string& role,
                                          std::vector<std::string> paths, bool terminating) {
  if (!targets.contains(role)) targets[role].header.expires = later();
  if (signers[role].empty()) signers[role].push_back(SigningKey::generate());
  TufDelegationContent delegation{.name = role,
                                  .keys = {.keys = {signers[role].front().public_key}}};
  delegation.paths = std::move(paths);
  delegation.terminating = terminating;
  targets.at(from).delegations.push_back(std::move(delegation));
  return targets.at(from).delegations.back();
}

Result<TufFetched> Simulator::fetch_metadata(std::string_view name, std::size_t max_bytes) {
  requests.emplace_back(name);
  const auto found = metadata.find(std::string(name));
  if (found == metadata.end()) return TufFetched{};
  if (found->second.size() > max_bytes && !ignores_limits) {
    return fail(ErrorCode::kUntrusted, std::string(name) + " is too long");
  }
  return TufFetched{.state = FetchState::kFetched, .bytes = UntrustedBytes(found->second)};
}

Result<TufFetched> Simulator::fetch_timestamp_if_changed(std::size_t max_bytes) {
  if (!answers_not_modified) return fetch_metadata("timestamp.json", max_bytes);
  requests.emplace_back("timestamp.json");
  return TufFetched{.state = FetchState::kNotModified, .bytes = UntrustedBytes({})};
}

Result<FetchState> Simulator::fetch_target(std::string_view address, std::uint64_t max_bytes,
                                           const ByteSink& sink) {
  requests.emplace_back(address);
  const auto found = target_files.find(std::string(address));
  if (found == target_files.end()) return FetchState::kNotFound;
  if (found->second.size() > max_bytes && !ignores_limits) {
    return fail(ErrorCode::kUntrusted, std::string(address) + " is too long");
  }
  // Small pieces, to test piece boundaries.
  for (std::size_t at = 0; at < found->second.size(); at += 7) {
    const std::size_t count = std::min<std::size_t>(7, found->second.size() - at);
    ROOTLET_TRY(sink(ByteView(found->second).subspan(at, count)));
  }
  return FetchState::kFetched;
}

TestOffice::TestOffice(Simulator& repository) : repository_(&repository) {
  must(make_directory(downloads()));
  must(TufClient::install_root(metadata(), repository.metadata.at("1.root.json")));
}

Status TestOffice::refresh() {
  return TufClient(metadata(), *repository_, clock).refresh();
}

Result<std::optional<TufFoundTarget>> TestOffice::find(const std::string& path) {
  TufClient client(metadata(), *repository_, clock);
  ROOTLET_TRY(client.refresh());
  return client.find_target(path);
}

Result<fs::path> TestOffice::download(const std::string& path) {
  TufClient client(metadata(), *repository_, clock);
  ROOTLET_TRY(client.refresh());
  ROOTLET_TRY(const std::optional<TufFoundTarget> found, client.find_target(path));
  if (!found.has_value()) return fail(ErrorCode::kUntrusted, "not described");
  return client.download_to(*found, downloads());
}

Bytes TestOffice::stored(const std::string& role) const {
  const std::optional<Bytes> file = TufStore(metadata()).load(role);
  return file.has_value() ? *file : Bytes{};
}

std::int64_t TestOffice::version(const std::string& role) const {
  const Bytes file = stored(role);
  if (file.empty()) return 0;
  const json::value document = must(parse_json(as_text(file), role));
  return document.at("signed").at("version").as_int64();
}

std::vector<std::string> TestOffice::stored_names() const {
  return names_in(metadata());
}
std::vector<std::string> TestOffice::target_names() const {
  return names_in(downloads());
}

}  // namespace rootlet::test

// The witness's files, in the order in which a power cut may interrupt them.
#include "platform/witness/watch.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "core/file/write_all.hpp"
#include "core/format/json.hpp"
#include "core/limits.hpp"
#include "sync/trust/client/tuf_client.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kDirectoryRole = "directory";
// How many versions behind the newest a repository keeps for clients in the middle of an update.
constexpr std::int64_t kOlderVersions = 16;

fs::path key_path(const fs::path& folder) {
  return folder / "witness.key";
}
fs::path trust_path(const fs::path& folder) {
  return folder / "trust";
}
PublicFolder public_part(const fs::path& folder) {
  return {folder / "public"};
}

struct Witness {
  std::string name;
  SigningKey key;
};

Status save_witness(const fs::path& folder, const Witness& witness) {
  const std::string text = pretty_json(
      json::object{{"name", witness.name}, {"seed", to_base64(witness.key.seed().expose())}});
  return write_file_atomically(key_path(folder), as_bytes(text), FileMode::kPrivate);
}

Result<Witness> load_witness(const fs::path& folder) {
  const std::string what = key_path(folder).string();
  ROOTLET_TRY(const std::string text, read_text_file(key_path(folder), limits::kConfigFileBytes));
  ROOTLET_TRY(const json::value value, parse_json(text, what));
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, what));
  Witness witness;
  ROOTLET_TRY(witness.name, object.text("name", limits::kNameBytes));
  ROOTLET_TRY(const Bytes bytes, object.base64("seed", 32));
  ROOTLET_TRY(object.finish());
  const auto seed = hash_from_bytes(bytes);
  if (!seed.has_value()) return object.error("seed", "must be 32 bytes");
  ROOTLET_TRY(check_witness_name(witness.name));
  SymmetricKey secret;
  std::ranges::copy(*seed, secret.expose_mutable().begin());
  witness.key = SigningKey::from_seed(secret);
  return witness;
}

// Only what is not there: the names say what the files are.
Status keep(const fs::path& path, ByteView file) {
  std::error_code unknown;
  if (fs::exists(path, unknown)) return ok();
  return write_file_atomically(path, file);
}

// Every root up to the newest, for those who check a sighting from an older one.
Status keep_roots(const PublicFolder& open, TufFetcher& fetcher) {
  ROOTLET_TRY(const Bytes first, read_file(open.first_root(), limits::kRootBytes));
  ROOTLET_TRY(TufTrustedSet set, TufTrustedSet::from_root(first, UnixTime{}));
  ROOTLET_TRY(keep(open.root(set.root().version), first));
  for (int i = 0; i < limits::kRootRotationsPerRefresh; ++i) {
    const std::int64_t version = set.root().version + 1;
    std::error_code unknown;
    Bytes file;
    if (fs::exists(open.root(version), unknown)) {
      ROOTLET_TRY(file, read_file(open.root(version), limits::kRootBytes));
    } else {
      ROOTLET_TRY(
          const TufFetched fetched,
          fetcher.fetch_metadata(std::to_string(version) + ".root.json", limits::kRootBytes));
      if (fetched.state != FetchState::kFetched) return ok();
      file = to_bytes(fetched.bytes.unchecked());
    }
    ROOTLET_TRY(const TufRootUpdate update, set.update_root(file));
    if (!update.is_new) return ok();
    ROOTLET_TRY(keep(open.root(version), file));
  }
  return ok();
}

// The log of the folder's owner: lines that a power cut left without a checkpoint count, the rest
// of a line does not.
Result<std::vector<Sighting>> load_log(const PublicFolder& open) {
  std::error_code unknown;
  std::string text;
  if (fs::exists(open.sightings(), unknown)) {
    ROOTLET_TRY(text, read_text_file(open.sightings(), limits::kSightingsBytes));
  }
  const std::size_t whole = text.rfind('\n') + 1;  // 0 if there is none
  if (whole < text.size()) {
    text.resize(whole);
    ROOTLET_TRY(write_file_atomically(open.sightings(), as_bytes(text)));
  }
  if (fs::exists(open.checkpoint(), unknown)) {
    ROOTLET_TRY(load_witnessed(open.path));
  }
  return parse_sightings(text, open.sightings().string());
}

Status append(const PublicFolder& open, std::span<const Sighting> added) {
  if (added.empty()) return ok();
  std::string lines;
  for (const Sighting& one : added) lines += encode_sighting(one);
  const fs::path path = open.sightings();
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file.is_open()) return errno_error("open", path);
  ROOTLET_TRY(write_all(file, path, as_bytes(lines)));
  if (::fchmod(file.get(), 0644) != 0) return errno_error("protect", path);
  if (::fsync(file.get()) != 0) return errno_error("fsync", path);
  return sync_directory(open.path);
}

std::string content_of(ByteView directory) {
  const auto parsed = parse_metadata<TufTargets>(directory, kDirectoryRole);
  return parsed.has_value() ? parsed.value().signed_bytes : std::string();
}

// Adds to the log what the repository shows now, and what it still has of the versions before.
class Look {
 public:
  Look(const PublicFolder& open, std::vector<Sighting>& log, UnixTime now)
      : open_(open), log_(log), now_(now) {}

  // Returns what it shows now.
  Result<Sighting> take(TufClient& client, TufFetcher& fetcher) {
    ROOTLET_TRY(const Signed<TufTargets>* directory, client.load_role(kDirectoryRole));
    const Bytes newest = directory->file;
    const std::int64_t version = directory->version;
    const Signed<TufTargets>& targets = *client.trusted().targets(kTufTargets, kTufRoot);
    targets_ = sha256(targets.file);
    root_ = client.trusted().root().version;
    ROOTLET_TRY(keep(open_.targets(targets_), targets.file));
    const Sighting now_shown = sighting(version, newest);
    if (!is_known(now_shown, newest)) {
      for (std::int64_t older = first_missing(version); older < version; ++older) {
        ROOTLET_TRY(take_published(older, targets.body, fetcher));
      }
    }
    ROOTLET_TRY(add(now_shown, newest));
    // Once more, past the client: it drops another timestamp of a version that it knows.
    ROOTLET_TRY(take_published(version, targets.body, fetcher));
    return now_shown;
  }

 private:
  Sighting sighting(std::int64_t version, ByteView file) const {
    return {version, sha256(file), root_, targets_, now_};
  }
  // The same file, or what a mirror made of it: other bytes around the same signed content.
  bool is_known(const Sighting& one, ByteView file) const {
    return std::ranges::any_of(log_, [&](const Sighting& seen) {
      if (seen.version != one.version) return false;
      if (seen.directory == one.directory) return true;
      const Result<Bytes> held = read_file(open_.directory(seen.directory), limits::kTargetsBytes);
      return held.has_value() && content_of(held.value()) == content_of(file);
    });
  }
  std::int64_t first_missing(std::int64_t version) const {
    std::int64_t first = std::max<std::int64_t>(1, version - kOlderVersions);
    for (const Sighting& seen : log_) {
      if (seen.version < version) first = std::max(first, seen.version + 1);
    }
    return first;
  }

  // What lies there under this version. One that is gone, or that a replaced key signed, is none
  // that this witness was shown in time.
  Status take_published(std::int64_t version, const TufTargets& targets, TufFetcher& fetcher) {
    ROOTLET_TRY(
        const TufFetched fetched,
        fetcher.fetch_metadata(std::to_string(version) + ".directory.json", limits::kTargetsBytes));
    if (fetched.state != FetchState::kFetched) return ok();
    const ByteView file = fetched.bytes.unchecked();
    const Result<VerifiedDirectory> found = verify_directory(file, targets);
    if (found.has_error() || found.value().version != version) return ok();
    return add(sighting(version, file), file);
  }

  Status add(const Sighting& one, ByteView file) {
    if (is_known(one, file)) return ok();
    ROOTLET_TRY(keep(open_.directory(one.directory), file));
    log_.push_back(one);
    return ok();
  }

  const PublicFolder& open_;
  std::vector<Sighting>& log_;
  UnixTime now_;
  std::int64_t root_ = 0;
  Hash256 targets_{};
};

Error with_hint(Error error, Text hint) {
  error.hint = std::move(hint);
  return error;
}

Status check_first_root(const fs::path& folder, const Bytes& root) {
  ROOTLET_TRY(const Bytes first, read_file(public_part(folder).first_root(), limits::kRootBytes));
  if (first == root) return ok();
  return with_hint(
      fail(ErrorCode::kUsage, folder.string() + ": this witness began with another root"),
      {.en = "Leave --root away, or take another folder. Nothing was changed.",
       .zh = "请去掉 --root，或改用其他目录。未作任何更改。"});
}

}  // namespace

Status prepare_witness(const fs::path& folder, std::string_view name,
                       const std::optional<Bytes>& root) {
  const PublicFolder open = public_part(folder);
  std::error_code unknown;
  if (fs::exists(key_path(folder), unknown)) {
    return root.has_value() ? check_first_root(folder, *root) : ok();
  }
  if (fs::exists(open.checkpoint(), unknown)) {
    return with_hint(fail(ErrorCode::kStorageDamaged, key_path(folder).string() + " is missing"),
                     {.en = "The witness cannot go on without its key. Keep its public folder, and "
                            "begin another witness in a new one.",
                      .zh = "缺少密钥，此见证方无法继续。请保留其 public "
                            "目录，另用新目录建立见证方。"});
  }
  if (!root.has_value()) {
    return with_hint(fail(ErrorCode::kUsage, folder.string() + ": a new witness needs --root"),
                     {.en = "Give a root of the realm, such as 1.root.json, that comes from "
                            "somebody you trust. Nothing was written.",
                      .zh = "请提供从可信之人处取得的域 root 文件，如 "
                            "1.root.json。未写入任何内容。"});
  }
  Witness witness{.name = std::string(name), .key = SigningKey::generate()};
  if (witness.name.empty()) {
    witness.name = "rootlet-witness/" + to_hex(witness.key.public_key).substr(0, 8);
  }
  ROOTLET_TRY(check_witness_name(witness.name));
  ROOTLET_TRY(TufTrustedSet::from_root(*root, UnixTime{}));
  for (const char* part : {"roots", "targets", "directories"}) {
    ROOTLET_TRY(make_directory(open.path / part));
  }
  ROOTLET_TRY(TufClient::install_root(trust_path(folder), *root));
  ROOTLET_TRY(write_file_atomically(open.first_root(), *root));
  const std::string key = encode_verifier_key({witness.name, witness.key.public_key}) + "\n";
  ROOTLET_TRY(write_file_atomically(open.key(), as_bytes(key)));
  return save_witness(folder, witness);
}

Result<WatchRound> watch_once(const fs::path& folder, TufFetcher& fetcher, const Clock& clock) {
  ROOTLET_TRY(const FileLock lock, FileLock::acquire(folder / "lock"));
  const PublicFolder open = public_part(folder);
  ROOTLET_TRY(const Witness witness, load_witness(folder));
  ROOTLET_TRY(std::vector<Sighting> log, load_log(open));
  ROOTLET_TRY(keep_roots(open, fetcher));
  TufClient client(trust_path(folder), fetcher, clock);
  ROOTLET_TRY(client.refresh());
  const std::size_t known = log.size();
  ROOTLET_TRY(const Sighting newest, Look(open, log, clock.wall()).take(client, fetcher));
  ROOTLET_TRY(append(open, std::span(log).subspan(known)));
  const Checkpoint checkpoint{
      .origin = witness.name, .size = log.size(), .root = root_of(log, log.size())};
  const std::string note = cosign(checkpoint, witness.name, witness.key, clock.wall());
  ROOTLET_TRY(write_file_atomically(open.checkpoint(), as_bytes(note)));
  return WatchRound{.newest = newest, .added = log.size() - known, .size = log.size()};
}

}  // namespace rootlet::platform

// Reads what others hand over, compares it, and verifies the files that a fork rests on.
#include "platform/witness/exchange.hpp"

#include <algorithm>

#include "core/format/json.hpp"
#include "core/limits.hpp"

namespace rootlet::platform {
namespace {

struct Source {
  ViewerKind kind = ViewerKind::kOffice;
  fs::path path;                           // of a file
  std::optional<Witnessed> witness;        // of a folder
  std::optional<VerifiedDirectory> shown;  // of a directory's file
};

Viewer view_of(const Witnessed& witness) {
  Viewer viewer{.name = witness.witness.name, .claims = {}, .looked = witness.looked};
  for (const Sighting& one : witness.seen) {
    viewer.claims.push_back({one.version, one.directory, one.at});
  }
  return viewer;
}

class Exchange {
 public:
  Exchange(Witnessed witness, Bytes root) : root_(std::move(root)) {
    add_witness(std::move(witness));
  }

  Status add(const fs::path& path) {
    std::error_code unknown;
    if (fs::is_directory(path, unknown)) {
      ROOTLET_TRY(Witnessed witness, load_witnessed(path));
      add_witness(std::move(witness));
      return ok();
    }
    ROOTLET_TRY(const Bytes file, read_file(path, limits::kStatusBytes));
    const auto metadata = parse_metadata<TufTargets>(file, path.string());
    if (metadata.has_value()) return add_directory(path, file);
    ROOTLET_TRY(Viewer viewer, parse_office_view(as_text(file), path.string()));
    add_source({.kind = ViewerKind::kOffice, .path = path, .witness = {}, .shown = {}},
               std::move(viewer));
    return ok();
  }

  Result<ExchangeReport> report() {
    found_.comparison = compare_views(found_.viewers);
    std::vector<Fork> forks;
    for (const Fork& fork : found_.comparison.forks) {
      ROOTLET_TRY(std::optional<ForkFound> closer, look_closer(fork));
      if (!closer.has_value()) continue;
      forks.push_back(fork);
      found_.forks.push_back(std::move(*closer));
    }
    found_.comparison.forks = std::move(forks);
    return std::move(found_);
  }

 private:
  void add_source(Source source, Viewer viewer) {
    found_.kinds.push_back(source.kind);
    found_.viewers.push_back(std::move(viewer));
    sources_.push_back(std::move(source));
  }

  void add_witness(Witnessed witness) {
    Viewer viewer = view_of(witness);
    add_source({.kind = ViewerKind::kWitness,
                .path = witness.folder.path,
                .witness = std::move(witness),
                .shown = {}},
               std::move(viewer));
  }

  // Any key that signed directories while the witness watched.
  Status add_directory(const fs::path& path, ByteView file) {
    const Witnessed& witness = *sources_.front().witness;
    std::optional<Hash256> tried;
    for (const Sighting& one : witness.seen) {
      if (one.targets == tried) continue;
      tried = one.targets;
      ROOTLET_TRY(const Signed<TufTargets> targets,
                  verify_targets(one, root_, std::span(&witness.folder, 1)));
      const auto shown = verify_directory(file, targets.body);
      if (shown.has_error()) continue;
      Viewer viewer{.name = path.string(),
                    .claims = {{.version = shown.value().version, .directory = sha256(file)}}};
      add_source({.kind = ViewerKind::kFile, .path = path, .witness = {}, .shown = shown.value()},
                 std::move(viewer));
      return ok();
    }
    return fail(ErrorCode::kUntrusted,
                path.string() + ": no key signed it that the witness knows for the directory");
  }

  Result<std::optional<VerifiedDirectory>> verified(std::size_t viewer, const Hash256& directory) {
    const Source& source = sources_[viewer];
    if (!source.witness.has_value()) return source.shown;
    const PublicFolder folders[] = {source.witness->folder, sources_.front().witness->folder};
    const auto one = std::ranges::find(source.witness->seen, directory, &Sighting::directory);
    Result<VerifiedDirectory> found = verify_sighting(*one, root_, folders);
    if (found.has_error()) return within(source.path.string(), found.error());
    return std::optional(std::move(found).value());
  }

  fs::path file_of(std::size_t viewer, const Hash256& directory) const {
    const Source& source = sources_[viewer];
    return source.witness ? source.witness->folder.directory(directory) : source.path;
  }

  // Nothing if the two files only differ in bytes around the same signed content.
  Result<std::optional<ForkFound>> look_closer(const Fork& fork) {
    ROOTLET_TRY(const auto first, verified(fork.first, fork.first_directory));
    ROOTLET_TRY(const auto second, verified(fork.second, fork.second_directory));
    ForkFound found{.fork = fork, .files = {}};
    if (first) found.files.push_back(file_of(fork.first, fork.first_directory));
    if (second) found.files.push_back(file_of(fork.second, fork.second_directory));
    if (!first || !second) return std::optional(std::move(found));
    if (first->content == second->content) return std::optional<ForkFound>();
    found.is_proven = true;
    found.is_one_signer = first->signer == second->signer;
    return std::optional(std::move(found));
  }

  Bytes root_;
  std::vector<Source> sources_;
  ExchangeReport found_;
};

}  // namespace

Result<Viewer> parse_office_view(std::string_view status, std::string_view what) {
  ROOTLET_TRY(const json::value value, parse_json(status, what));
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, what));
  ROOTLET_TRY(JsonObject office, object.object("office"));
  ROOTLET_TRY(JsonObject trust, object.object("trust"));
  if (trust.has("directory") && trust.find("directory")->is_null()) {
    return trust.error("directory", "this office has not verified a directory yet");
  }
  ROOTLET_TRY(JsonObject directory, trust.object("directory"));
  Viewer viewer;
  ROOTLET_TRY(viewer.name, office.text("id", limits::kNameBytes));
  Claim claim;
  ROOTLET_TRY(claim.version, directory.integer("version", 1, INT64_MAX));
  ROOTLET_TRY(const std::string hex, directory.text("hash"));
  const Result<Hash256> hash = hash_from_hex(hex);
  if (hash.has_error()) return directory.error("hash", "must be 64 hex digits");
  claim.directory = hash.value();
  ROOTLET_TRY(const std::string contact, object.text("contact"));
  const Result<UnixTime> at = parse_time(contact);
  if (at.has_error()) return object.error("contact", "must be a time");
  claim.at = viewer.looked = at.value();
  viewer.claims = {claim};
  return viewer;
}

Result<ExchangeReport> compare_files(const fs::path& witness, const std::vector<fs::path>& others,
                                     const std::optional<Bytes>& root) {
  ROOTLET_TRY(Witnessed own, load_witnessed(witness));
  Bytes trusted;
  if (root.has_value()) {
    trusted = *root;
  } else {
    ROOTLET_TRY(trusted, read_file(own.folder.first_root(), limits::kRootBytes));
  }
  Exchange exchange(std::move(own), std::move(trusted));
  for (const fs::path& other : others) {
    ROOTLET_TRY(exchange.add(other));
  }
  return exchange.report();
}

}  // namespace rootlet::platform

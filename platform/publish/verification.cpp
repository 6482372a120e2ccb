// Compares rows and files with the registry, then downloads the directory with a TUF client as an
// agent does.
#include "platform/publish/verification.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "core/file/scratch.hpp"
#include "core/limits.hpp"
#include "platform/packs/row_digests.hpp"
#include "platform/publish/publisher_state.hpp"
#include "platform/realm/find_dataset.hpp"
#include "platform/repository/directory_check.hpp"
#include "platform/repository/repository.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/client/tuf_client.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

// Serves the repository folder to a TUF client.
class FolderFetcher final : public TufFetcher {
 public:
  explicit FolderFetcher(fs::path repository) : repository_(std::move(repository)) {}

  Result<TufFetched> fetch_metadata(std::string_view name, std::size_t max_bytes) override {
    const fs::path path = repository_ / "metadata" / name;
    std::error_code unknown;
    if (!fs::exists(path, unknown) && !unknown) return TufFetched{};
    Result<Bytes> bytes = read_file(path, max_bytes);
    if (bytes.has_error()) return fail(ErrorCode::kUntrusted, bytes.error().message);
    return TufFetched{FetchState::kFetched, UntrustedBytes(std::move(bytes).value())};
  }

  Result<FetchState> fetch_target(std::string_view address, std::uint64_t max_bytes,
                                  const ByteSink& sink) override {
    const fs::path path = repository_ / address;
    std::error_code unknown;
    if (!fs::exists(path, unknown) && !unknown) return FetchState::kNotFound;
    Result<Bytes> bytes = read_file(path, max_bytes);
    if (bytes.has_error()) return fail(ErrorCode::kUntrusted, bytes.error().message);
    ROOTLET_TRY(sink(bytes.value()));
    return FetchState::kFetched;
  }

 private:
  fs::path repository_;
};

class Verifier {
 public:
  Verifier(Realm& realm, const Clock& clock) : realm_(realm), clock_(clock) {}

  Result<Verification> run() {
    ROOTLET_TRY(const std::vector<std::string> ids, realm_.registry().dataset_ids());
    for (const std::string& id : ids) {
      ++found_.datasets;
      ROOTLET_TRY(check_dataset(id));
    }
    ROOTLET_TRY(check_grants());
    ROOTLET_TRY(check_directory_packs());
    ROOTLET_TRY(check_metadata_files());
    ROOTLET_TRY(check_as_office());
    return std::move(found_);
  }

 private:
  void problem(std::string text) { found_.problems.push_back(std::move(text)); }

  Status check_dataset(const std::string& id) {
    ROOTLET_TRY(const DatasetDefinition definition, find_dataset(realm_.registry(), id));
    ROOTLET_TRY(const std::vector<StreamEntry> streams, realm_.registry().streams(id));
    if (!streams.empty()) {
      ROOTLET_TRY(PublisherState state, PublisherState::open(realm_.folder().state(id),
                                                             realm_.key(), OpenMode::kReadWrite));
      ROOTLET_TRY(const auto heads, state.heads());
      ROOTLET_TRY(const std::vector<ContentKey> keys, realm_.registry().content_keys(id));
      for (const StreamEntry& stream : streams) {
        const auto head = heads.find(stream.name.partition);
        if (head == heads.end()) {
          problem(stream.name.text() + ": its rows are missing");
          continue;
        }
        ROOTLET_TRY(check_stream(definition, state, head->second, stream, keys));
      }
    }
    return check_packs(definition);
  }

  Status check_stream(const DatasetDefinition& definition, PublisherState& state,
                      const StreamHead& head, const StreamEntry& stream,
                      std::span<const ContentKey> keys) {
    ++found_.streams;
    if (head.version != stream.version || head.rows != stream.rows ||
        head.digests.at(1) != stream.digest) {
      problem(stream.name.text() + ": state and registry are at different versions");
    }
    const SectionLayout layout(definition);
    std::vector<SymmetricKey> content_keys;
    for (const SectionSchema& section : layout.sections()) {
      std::optional<SymmetricKey> key =
          find_content_key(keys, stream.name, section.grade, head.epoch);
      if (!key.has_value()) {
        problem(stream.name.text() + ": the content key of grade " + std::to_string(section.grade) +
                " is missing");
        return ok();
      }
      content_keys.push_back(std::move(*key));
    }
    ROOTLET_TRY(const HeldRows rows, state.rows_by_key(head));
    ROOTLET_TRY(const DigestedRows found, digest_rows(layout, rows, content_keys));
    found_.rows += found.rows;
    for (std::size_t s = 0; s < content_keys.size(); ++s) {
      const Grade grade = layout.sections()[s].grade;
      if (found.rows != head.rows || found.digests[s].value() != head.digests.at(grade)) {
        problem(stream.name.text() + ": its rows do not match the digest of grade " +
                std::to_string(grade));
      }
    }
    return ok();
  }

  Status check_packs(const DatasetDefinition& definition) {
    ROOTLET_TRY(const SigningKey publisher,
                realm_.registry().signing_key(publisher_role(definition.provider_code)));
    return realm_.registry().visit_packs(definition.id, [&](const PackEntry& pack) -> Status {
      if (pack.retired.has_value()) return ok();
      ++found_.packs;
      const Status checked = check_pack(pack, publisher.public_key);
      if (checked.has_error()) {
        problem(path_of_file(pack) + " at " + std::to_string(pack.offset) + ": pack " +
                pack.stream.text() + ": " + checked.error().message);
      }
      return ok();
    });
  }

  Status check_pack(const PackEntry& pack, const PublicKey& publisher) const {
    const PackFiles files(realm_.folder().repository());
    ROOTLET_TRY(files.check(pack));
    ROOTLET_TRY(const Bytes start, files.read(path_of_file(pack), pack.offset, pack.header_bytes));
    const PublicKey publishers[] = {publisher};
    ROOTLET_TRY(const PackHeader header, verify_pack_header(start, publishers));
    if (header.stream == pack.stream && header.from == pack.from && header.to == pack.to) {
      return ok();
    }
    return fail(ErrorCode::kUntrusted, "is another pack");
  }

  void compare_file(const std::string& path, ByteView wanted) {
    const Result<Bytes> held = read_file(realm_.folder().repository() / path, 16 * limits::kMiB);
    if (held.has_error()) {
      problem(path + ": is missing");
    } else if (!std::ranges::equal(held.value(), wanted)) {
      problem(path + ": differs from what was published");
    }
  }

  Status check_grants() {
    ROOTLET_TRY(const std::vector<GrantFilePath> grants, realm_.registry().grant_files());
    for (const GrantFilePath& grant : grants) {
      ++found_.grants;
      ROOTLET_TRY(const Bytes file, realm_.registry().grant_file(grant.office));
      compare_file(grant.path, file);
    }
    return ok();
  }

  Status check_directory_packs() {
    ROOTLET_TRY(DirectoryCheck checked, check_directory(realm_));
    found_.packs += checked.packs;
    for (std::string& text : checked.problems) problem(std::move(text));
    return ok();
  }

  Status check_metadata_files() {
    ROOTLET_TRY(const std::vector<RoleMetadata> entries, published_metadata(realm_));
    for (const auto& [role, entry] : entries) {
      ++found_.metadata;
      ROOTLET_TRY(const std::string name, published_file_name(role, entry.version));
      compare_file("metadata/" + name, entry.file);
    }
    return ok();
  }

  // Starts with the first root and no other knowledge.
  Status check_as_office() {
    ROOTLET_TRY(const Scratch scratch, Scratch::make());
    Result<Bytes> root =
        read_file(realm_.folder().repository() / "metadata" / "1.root.json", limits::kRootBytes);
    if (root.has_error()) {
      problem("metadata/1.root.json: is missing");
      return ok();
    }
    FolderFetcher fetcher(realm_.folder().repository());
    const Status checked = follow(scratch.path(), root.value(), fetcher);
    if (checked.has_error()) problem("as an office: " + checked.error().message);
    return ok();
  }

  Status follow(const fs::path& folder, ByteView root, TufFetcher& fetcher) {
    ROOTLET_TRY(TufClient::install_root(folder, root));
    TufClient client(folder, fetcher, clock_);
    ROOTLET_TRY(client.refresh());
    ROOTLET_TRY(const Signed<TufTargets>* directory, client.load_role("directory"));
    std::vector<std::string> targets;
    for (const auto& [path, target] : directory->body.targets) targets.push_back(path);
    for (const std::string& path : targets) {
      ROOTLET_TRY(const auto target, client.find_target(path));
      if (!target.has_value()) return fail(ErrorCode::kUntrusted, path + " is not described");
      ROOTLET_TRY(client.download(*target, [](ByteView) { return ok(); }));
    }
    return ok();
  }

  Realm& realm_;
  const Clock& clock_;
  Verification found_;
};

}  // namespace

Result<Verification> verify_realm(Realm& realm, const Clock& clock) {
  return Verifier(realm, clock).run();
}

}  // namespace rootlet::platform

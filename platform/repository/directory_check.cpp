#include "platform/repository/directory_check.hpp"

#include <algorithm>
#include <set>

#include "core/limits.hpp"
#include "platform/repository/directory_writer.hpp"
#include "platform/repository/node_rows.hpp"
#include "platform/repository/repository.hpp"
#include "sync/pack/pack.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kRoot = "all";

// Collects the rows of a snapshot.
class RowSink final : public ChangeSink {
 public:
  Status remove(RowBlock) override { return unexpected(); }
  Status update(RowBlock, RowBlock) override { return unexpected(); }
  Status insert(RowBlock block) override {
    for (std::size_t i = 0; i < block.rids.size(); ++i) {
      ROOTLET_TRY(DirectoryRow row, directory_row(block, i));
      rows.push_back(std::move(row));
    }
    return ok();
  }
  DirectoryRows rows;

 private:
  static Status unexpected() { return fail(ErrorCode::kUntrusted, "is not a snapshot"); }
};

Result<DirectoryRows> read_snapshot(ByteView file, const PackHeader& header,
                                    const SymmetricKey& key) {
  std::size_t at = header.header_bytes;
  const auto source = [&](std::size_t at_most) -> Result<Bytes> {
    const ByteView piece = file.subspan(at, std::min(at_most, file.size() - at));
    at += piece.size();
    return to_bytes(piece);
  };
  EmptyBase base(directory_schema());
  RowLists lists;
  RowSink sink;
  ROOTLET_TRY(read_pack_section(header, 0, directory_schema(), key, source, base, lists, sink));
  return std::move(sink.rows);
}

class DirectoryChecker {
 public:
  DirectoryChecker(Realm& realm, SymmetricKey secret, const PublicKey& signer)
      : realm_(realm),
        registry_(realm.registry()),
        reader_(registry_),
        files_(realm.folder().repository()),
        secret_(std::move(secret)),
        signer_(signer) {}

  Result<DirectoryCheck> run() {
    std::vector<DirectoryStream> streams;
    ROOTLET_TRY(registry_.tree().visit_present([&](const DirectoryStream& stream) {
      streams.push_back(stream);
      return ok();
    }));
    for (const DirectoryStream& stream : streams) {
      ++found_.streams;
      ROOTLET_TRY(check_stream(stream));
    }
    ROOTLET_TRY(check_nodes_exist());
    ROOTLET_TRY(check_news());
    return std::move(found_);
  }

 private:
  void problem(std::string text) { found_.problems.push_back(std::move(text)); }
  void note(const StreamName& stream, const Error& error) {
    problem(stream.text() + ": " + error.message);
  }

  Status check_stream(const DirectoryStream& stream) {
    ROOTLET_TRY(const std::vector<PackEntry> packs, registry_.tree().packs_of(stream.name));
    if (packs.empty()) problem(stream.name.text() + ": has no pack");
    const bool is_growing = stream.name == catalogue_stream() ||
                            stream.name == heads_stream(stream.about, stream.name.partition);
    for (const PackEntry& pack : packs) {
      ++found_.packs;
      const Status checked = check_pack(stream, pack, !is_growing);
      if (checked.has_error()) note(stream.name, checked.error());
    }
    return is_growing ? check_rows_kept(stream) : check_parent(stream.name);
  }

  Result<Bytes> file_of(const PackEntry& pack) {
    if (pack.stream != node_stream(kRoot)) {
      ROOTLET_TRY(files_.check(pack));
      return files_.read(path_of_pack(pack.stream, pack.file), pack.offset, pack.file_bytes);
    }
    ROOTLET_TRY(const std::optional<Bytes> root, registry_.tree().node_pack(kRoot));
    ROOTLET_TRY(const std::string path, root_node_path(root.value_or(Bytes())));
    return read_file(realm_.folder().repository() / path, limits::kNodeBytes);
  }

  Status check_pack(const DirectoryStream& stream, const PackEntry& pack, bool is_snapshot) {
    ROOTLET_TRY(const Bytes file, file_of(pack));
    const PublicKey publishers[] = {signer_};
    ROOTLET_TRY(const PackHeader header, verify_pack_header(file, publishers));
    if (header.stream != pack.stream || header.from != pack.from || header.to != pack.to ||
        header.file_bytes() != file.size()) {
      return fail(ErrorCode::kUntrusted, "its pack is another one");
    }
    if (!is_snapshot) return ok();
    if (header.to != stream.version) return fail(ErrorCode::kUntrusted, "its pack is old");
    ROOTLET_TRY(const DirectoryRows found, read_snapshot(file, header, key_of(stream)));
    ROOTLET_TRY(DirectoryRows wanted, rows_of(stream));
    std::ranges::sort(wanted, is_before);
    if (found == wanted) return ok();
    return fail(ErrorCode::kUntrusted, "its pack does not say what the registry says");
  }

  bool is_slice(const StreamName& name) const {
    return name != node_stream(name.partition) && name != offices_stream(name.partition);
  }

  SymmetricKey key_of(const DirectoryStream& stream) const {
    const bool is_definition = stream.name == definition_stream(stream.about);
    const bool has_heads_key = !is_definition && is_slice(stream.name);
    return derive_directory_key(
        secret_, has_heads_key ? heads_stream(stream.about, stream.name.partition) : stream.name);
  }

  // What the pack of a node, a slice, a list of offices or a definition must say.
  Result<DirectoryRows> rows_of(const DirectoryStream& stream) {
    const std::string& division = stream.name.partition;
    if (stream.name == offices_stream(division)) return reader_.office_list(division);
    if (stream.name == definition_stream(stream.about)) return reader_.definition(stream.about);
    ROOTLET_TRY(const std::vector<NodeEntry> entries, reader_.entries_of(division));
    std::vector<NodeSlice> slices = cut_into_slices(entries);
    if (stream.name != node_stream(division)) {
      for (NodeSlice& slice : slices) {
        if (slice.dataset == stream.about) return std::move(slice.rows);
      }
      return DirectoryRows();
    }
    ROOTLET_TRY(DirectoryRows rows, reader_.frame_of(division));
    for (const NodeSlice& slice : slices) {
      const SymmetricKey key = derive_directory_key(secret_, heads_stream(slice.dataset, division));
      ROOTLET_TRY(reader_.add_node_row(slice_stream(slice_name(key), division), rows));
    }
    for (const NodeEntry& entry : entries) {
      if (slices.empty()) rows.insert(rows.end(), entry.rows.begin(), entry.rows.end());
    }
    return rows;
  }

  // The rows of a stream with a history, as the registry holds them for its next step.
  Status check_rows_kept(const DirectoryStream& stream) {
    SourceTable wanted;
    const auto add = [&](const DirectoryRow& row) { add_growing_row(wanted, row); };
    if (stream.name == catalogue_stream()) {
      ROOTLET_TRY(const DirectoryRows rows, reader_.catalogue());
      std::ranges::for_each(rows, add);
    } else {
      ROOTLET_TRY(reader_.visit_heads({stream.about, stream.name.partition}, add));
    }
    wanted.sort(1);
    const auto parts = wanted.parts();
    const auto rows = parts.empty() ? std::span<const SourceRow>() : parts.front().rows;
    ROOTLET_TRY(const auto held, registry_.tree().rows_by_key(stream));
    std::size_t at = 0;
    bool is_equal = true;
    DirectoryTables::Row row;
    while (true) {
      ROOTLET_TRY(const bool more, held(row));
      if (!more) break;
      is_equal = is_equal && at < rows.size() && rows[at].key() == row.key &&
                 rows[at].image() == row.image;
      ++at;
    }
    if (!is_equal || at != rows.size() || at != stream.rows) {
      problem(stream.name.text() + ": does not say what the registry says");
    }
    return ok();
  }

  // A node below the root is named by the node above it, whose rows are compared with that.
  Status check_parent(const StreamName& name) {
    const std::string parent = parent_of(name.partition);
    if (name != node_stream(name.partition) || parent.empty()) return ok();
    ROOTLET_TRY(const DirectoryStream above, registry_.tree().stream(node_stream(parent)));
    if (!above.is_present) problem(name.text() + ": the node above it is missing");
    return ok();
  }

  // Where grants or offices are, there is a node.
  Status check_nodes_exist() {
    ROOTLET_TRY(const std::vector<std::string> divisions, registry_.divisions_in_use());
    for (const std::string& division : divisions) {
      ROOTLET_TRY(const DirectoryStream node, registry_.tree().stream(node_stream(division)));
      if (node.is_present) continue;
      ROOTLET_TRY(const DirectoryRows frame, reader_.frame_of(division));
      ROOTLET_TRY(const std::vector<NodeEntry> entries, reader_.entries_of(division));
      const bool has_entry =
          std::ranges::any_of(entries, [](const NodeEntry& entry) { return !entry.rows.empty(); });
      if (!frame.empty() || has_entry) problem(node_stream(division).text() + ": is missing");
    }
    return ok();
  }

  Status check_news() {
    ROOTLET_TRY(const std::vector<NewsFile> wanted, make_news(realm_));
    const fs::path repository = realm_.folder().repository();
    std::set<fs::path> known;
    for (const NewsFile& news : wanted) {
      ++found_.news;
      known.insert(repository / news.path);
      const Result<Bytes> held = read_file(repository / news.path, limits::kNewsBytes);
      if (held.has_error()) {
        problem(news.path + ": is missing");
      } else if (held.value() != news.bytes) {
        problem(news.path + ": differs from what was published");
      }
    }
    std::error_code code;
    for (fs::directory_iterator at(repository / "news", code), end; !code && at != end;
         at.increment(code)) {
      if (!known.contains(at->path())) {
        problem("news/" + at->path().filename().string() + ": is of no node");
      }
    }
    return ok();
  }

  Realm& realm_;
  Registry& registry_;
  NodeReader reader_;
  PackFiles files_;
  SymmetricKey secret_;
  PublicKey signer_;
  DirectoryCheck found_;
};

}  // namespace

Result<DirectoryCheck> check_directory(Realm& realm) {
  ROOTLET_TRY(SymmetricKey secret, realm.registry().secret("directory-content"));
  ROOTLET_TRY(const SigningKey signer, realm.registry().signing_key("directory"));
  return DirectoryChecker(realm, std::move(secret), signer.public_key).run();
}

}  // namespace rootlet::platform

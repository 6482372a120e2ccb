// The checks, in order: signature, stream and versions, size, seal and hash, digest, order of rows.
#include "sync/downlink/fetch/node_pack.hpp"

#include <algorithm>

#include "core/limits.hpp"
#include "sync/pack/pack.hpp"

namespace rootlet {
namespace {

Error wrong(const NodePin& pin, std::string_view why) {
  return fail(ErrorCode::kUntrusted, "directory: the node " + pin.stream.text() + " version " +
                                         std::to_string(pin.version) + ": " + std::string(why));
}

// Collects the rows of a snapshot.
class RowCollector final : public ChangeSink {
 public:
  Status remove(RowBlock rows) override { return only_inserts(rows); }
  Status update(RowBlock rows, RowBlock) override { return only_inserts(rows); }
  Status insert(RowBlock rows) override {
    for (std::size_t i = 0; i < rows.rids.size(); ++i) {
      ROOTLET_TRY(DirectoryRow row, directory_row(rows, i));
      if (rows.rids[i] != rows_.size()) {
        return fail(ErrorCode::kUntrusted, "directory: the rows of a node are not numbered from 0");
      }
      rows_.push_back(std::move(row));
    }
    return ok();
  }
  std::vector<DirectoryRow> take() { return std::move(rows_); }

 private:
  static Status only_inserts(const RowBlock& rows) {
    if (rows.rids.empty()) return ok();
    return fail(ErrorCode::kUntrusted, "directory: a node is not a snapshot");
  }
  std::vector<DirectoryRow> rows_;
};

Status check_header(const PackHeader& header, const NodePin& pin, std::size_t bytes) {
  const bool is_it = header.stream == pin.stream && header.from == 0 &&
                     (pin.version == 0 || header.to == pin.version) && header.sections.size() == 1;
  if (!is_it) return wrong(pin, "another pack lies in its place");
  if (header.file_bytes() != bytes || header.sections.front().raw_bytes > limits::kRawNodeBytes) {
    return wrong(pin, "it has a wrong length");
  }
  return ok();
}

Result<std::vector<DirectoryRow>> read_rows(ByteView pack, const PackHeader& header,
                                            const SymmetricKey& content_key) {
  const SectionSchema schema = directory_schema();
  std::size_t at = header.header_bytes;
  const SectionSource source = [&](std::size_t at_most) -> Result<Bytes> {
    const ByteView piece = pack.subspan(at, std::min(at_most, pack.size() - at));
    at += piece.size();
    return to_bytes(piece);
  };
  EmptyBase base(schema);
  RowLists lists;
  RowCollector rows;
  ROOTLET_TRY(read_pack_section(header, 0, schema, content_key, source, base, lists, rows));
  return rows.take();
}

}  // namespace

Result<HeldNode> read_node(ByteView pack, const NodePin& pin, const SymmetricKey& content_key,
                           const std::vector<PublicKey>& signers) {
  ROOTLET_TRY(const PackHeader header, verify_pack_header(pack, signers));
  ROOTLET_TRY(check_header(header, pin, pack.size()));
  HeldNode node{.stream = pin.stream, .version = header.to};
  ROOTLET_TRY(node.rows, read_rows(pack, header, content_key));
  node.digest = digest_of_rows(node.rows, content_key);
  if (!node.digest.begins_with(header.sections.front().after)) {
    return wrong(pin, "its rows do not have the digest that was signed");
  }
  if (pin.version != 0 && !node.is_at(pin)) {
    return wrong(pin, "it has other rows than the node above it names");
  }
  if (!std::is_sorted(node.rows.begin(), node.rows.end(), is_before)) {
    return wrong(pin, "its rows are not in order");
  }
  return node;
}

Result<Bytes> fetch_node(FileSource& source, const NodePin& pin) {
  Bytes bytes;
  std::uint64_t skip = 0;  // bytes before the node, from a server without ranges
  FileRequest request;
  request.path = path_of_pack(pin.stream, pin.file);
  request.from = pin.offset;
  request.to = pin.offset + pin.bytes;
  request.file_bytes = limits::kSharedFileBytes;
  request.on_start = [&](std::uint64_t offset) {
    skip = offset == pin.offset ? 0 : pin.offset;
    return ok();
  };
  request.on_data = [&](ByteView piece) -> Status {
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip, piece.size()));
    skip -= skipped;
    piece = piece.subspan(skipped);
    const ByteView wanted = piece.first(std::min(piece.size(), pin.bytes - bytes.size()));
    bytes.insert(bytes.end(), wanted.begin(), wanted.end());
    if (wanted.size() < piece.size()) return fail(ErrorCode::kUnreachable, "no more is wanted");
    return ok();
  };
  const Result<FileReply> reply = source.get(request);
  if (bytes.size() == pin.bytes) return bytes;
  if (reply.has_error()) return reply.error();
  if (reply.value().state == FetchState::kFetched) {
    return fail(ErrorCode::kUnreachable, request.path + ": cut short");
  }
  return fail(ErrorCode::kUnreachable,
              "directory: the repository does not have version " + std::to_string(pin.version) +
                  " of " + pin.stream.text() +
                  " yet; what is held stays in use, and the next sync tries again");
}

}  // namespace rootlet

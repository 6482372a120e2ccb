// Checks lengths first, then hashes, then signatures. Deletes a file that fails any check. Pack
// format: docs/FORMATS.md, "Pack".
#include "sync/downlink/fetch/fetch.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "core/file/space.hpp"
#include "sync/trust/metadata/tuf_hashes.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kReadBytes = 64 * limits::kKiB;
constexpr std::uint64_t kSmallPackBytes = limits::kMiB;  // fetched with its header in one request

Error wrong(const StagedFile& file, std::string_view why) {
  return fail(ErrorCode::kUntrusted, file.path + ": " + std::string(why));
}

// Passes `bytes` bytes of `file` from `offset` on to `take`, piece by piece.
template <typename Take>
Status each_piece(const fs::path& path, std::uint64_t offset, std::uint64_t bytes, Take take) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  std::array<char, kReadBytes> piece;
  while (bytes > 0) {
    const auto count = static_cast<std::streamsize>(std::min<std::uint64_t>(piece.size(), bytes));
    if (!file.read(piece.data(), count)) return errno_error("read", path);
    take(as_bytes({piece.data(), static_cast<std::size_t>(count)}));
    bytes -= static_cast<std::uint64_t>(count);
  }
  return ok();
}

Result<Hash256> hash_of_part(const fs::path& path, std::uint64_t offset, std::uint64_t bytes) {
  crypto_generichash_state state;
  Hash256 hash{};
  crypto_generichash_init(&state, nullptr, 0, hash.size());
  ROOTLET_TRY(each_piece(path, offset, bytes, [&](ByteView piece) {
    crypto_generichash_update(&state, piece.data(), piece.size());
  }));
  crypto_generichash_final(&state, hash.data(), hash.size());
  return hash;
}

Result<Bytes> start_of_file(const fs::path& path, std::uint64_t bytes) {
  Bytes start;
  ROOTLET_TRY(each_piece(path, 0, bytes, [&](ByteView piece) {
    start.insert(start.end(), piece.begin(), piece.end());
  }));
  return start;
}

Status check_sections(const StagedPack& pack, std::size_t count, const StagedFile& file) {
  std::uint64_t offset = pack.header.header_bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const PackSection& section = pack.header.sections[i];
    ROOTLET_TRY(const Hash256 hash, hash_of_part(pack.file, offset, section.stored_bytes));
    if (start_of<16>(hash) != section.hash)
      return wrong(file, "section " + std::to_string(i) + ": other bytes");
    offset += section.stored_bytes;
  }
  return ok();
}

// Size of the header and of the sections of `grades`, which must be the first ones.
Result<std::uint64_t> bytes_up_to(const PackHeader& header, const std::vector<Grade>& grades,
                                  const StagedFile& file) {
  std::uint64_t bytes = header.header_bytes;
  for (std::size_t i = 0; i < grades.size(); ++i) {
    if (i >= header.sections.size() || header.sections[i].grade != grades[i]) {
      return wrong(file, "its sections are not those of the dataset");
    }
    bytes += header.sections[i].stored_bytes;
  }
  return bytes;
}

Status check_header(const PackHeader& header, const PackEntry& entry, const StagedFile& file) {
  const bool same = header.stream == entry.stream && header.from == entry.from &&
                    header.to == entry.to && header.header_bytes == entry.header_bytes &&
                    header.file_bytes() == entry.file_bytes;
  return same ? ok() : Status(wrong(file, "not the pack that the directory describes"));
}

// kStorageFull if the disk has no room for `bytes` more: then nothing is fetched, because a metered
// link would pay for it again and again.
Status check_space(const Staging& staging, const StagedFile& file, std::uint64_t bytes) {
  const fs::path path = staging.path_of(file);
  const std::uint64_t need = bytes + limits::kDiskMarginBytes;
  if (free_bytes(path).value_or(need) >= need) return ok();
  return fail(ErrorCode::kStorageFull, file.path + ": waits for space: it needs " +
                                           std::to_string(need / limits::kKiB) + " KiB, " +
                                           words_of_space(path) + "; what was fetched is kept");
}

// What the database of the rows may take: the raw columns, and as much for keys, indexes and the
// write-ahead log.
std::uint64_t bytes_to_apply(const PackHeader& header, std::size_t sections) {
  std::uint64_t raw = 0;
  for (std::size_t i = 0; i < sections; ++i) raw += header.sections[i].raw_bytes;
  return 2 * raw;
}

Result<StagedPack> try_pack(FileSource& source, const Staging& staging, const PackRequest& request,
                            const TransferContext& context) {
  const StagedFile file = staged_file(request.entry);
  const auto missing = [&](std::uint64_t want) {
    return want - std::min(want, staging.bytes_of(file));
  };
  // The header alone of a large pack: it says how much space the rest needs.
  const bool at_once = request.is_whole && request.entry.file_bytes <= kSmallPackBytes;
  const std::uint64_t first = at_once ? request.entry.file_bytes : request.entry.header_bytes;
  if (missing(first) > 0) {
    ROOTLET_TRY(check_space(staging, file, missing(first)));
  }
  ROOTLET_TRY(staging.fetch(source, file, first, context));
  ROOTLET_TRY(const Bytes start, start_of_file(staging.path_of(file), request.entry.header_bytes));
  ROOTLET_TRY(PackHeader header, verify_pack_header(start, request.entry.id, request.publishers));
  ROOTLET_TRY(check_header(header, request.entry, file));
  ROOTLET_TRY(const std::uint64_t wanted, bytes_up_to(header, request.grades, file));
  ROOTLET_TRY(
      check_space(staging, file, missing(wanted) + bytes_to_apply(header, request.grades.size())));
  ROOTLET_TRY(staging.fetch(source, file, wanted, context));
  StagedPack pack{.header = std::move(header), .file = staging.path_of(file)};
  ROOTLET_TRY(check_sections(pack, request.grades.size(), file));
  return pack;
}

Result<StagedPack> try_directory_pack(FileSource& source, const Staging& staging,
                                      const DirectoryPackRequest& request,
                                      const TransferContext& context) {
  ROOTLET_TRY(const StagedFile file, staged_file(request));
  ROOTLET_TRY(staging.fetch(source, file, file.file_bytes, context));
  const fs::path path = staging.path_of(file);
  TufFileCheck check(request.target.hashes);
  ROOTLET_TRY(each_piece(path, 0, file.file_bytes, [&](ByteView piece) { check.update(piece); }));
  ROOTLET_TRY(check.check(request.target.length, request.path));
  ROOTLET_TRY(
      const Bytes start,
      start_of_file(path, std::min<std::uint64_t>(file.file_bytes, limits::kPackHeaderBytes)));
  // The hash of the target pins the whole file; the id must only match the header.
  ROOTLET_TRY(const PackHeader stated, parse_pack_header(start));
  ROOTLET_TRY(PackHeader header, verify_pack_header(start, stated.id, request.signers));
  const bool fits = header.stream == kDirectoryStream && header.from == request.from &&
                    header.to == request.to && header.file_bytes() == file.file_bytes &&
                    header.sections.size() == 1;
  if (!fits) return wrong(file, "not the pack that its name says");
  return StagedPack{.header = std::move(header), .file = path};
}

// Bytes from an earlier try may be wrong, for example after a power cut, so this downloads
// everything once more. Bytes that arrived just now would arrive the same again.
template <typename Try>
Result<StagedPack> with_second_try(const Staging& staging, const StagedFile& file, Try attempt) {
  const bool has_old_bytes = staging.bytes_of(file) > 0;
  Result<StagedPack> pack = attempt();
  if (pack.has_value() || pack.error().code != ErrorCode::kUntrusted) return pack;
  ROOTLET_TRY(staging.remove(file));
  if (!has_old_bytes) return pack;
  pack = attempt();
  if (pack.has_error() && pack.error().code == ErrorCode::kUntrusted) {
    ROOTLET_TRY(staging.remove(file));
  }
  return pack;
}

}  // namespace

StagedFile staged_file(const PackEntry& entry) {
  return {.name = to_hex(entry.id), .path = pack_path(entry.id), .file_bytes = entry.file_bytes};
}

Result<StagedFile> staged_file(const DirectoryPackRequest& request) {
  for (const auto& [algorithm, hex] : request.target.hashes) {
    if (algorithm != "sha256") continue;
    ROOTLET_TRY(const Hash256 hash, hash_from_hex(hex));
    return StagedFile{
        .name = to_hex(hash), .path = request.path, .file_bytes = request.target.length};
  }
  return fail(ErrorCode::kUntrusted, request.path + ": has no SHA-256");
}

Result<StagedPack> fetch_pack(FileSource& source, const Staging& staging,
                              const PackRequest& request, const TransferContext& context) {
  return with_second_try(staging, staged_file(request.entry),
                         [&] { return try_pack(source, staging, request, context); });
}

Result<StagedPack> fetch_directory_pack(FileSource& source, const Staging& staging,
                                        const DirectoryPackRequest& request,
                                        const TransferContext& context) {
  ROOTLET_TRY(const StagedFile file, staged_file(request));
  return with_second_try(staging, file,
                         [&] { return try_directory_pack(source, staging, request, context); });
}

}  // namespace rootlet

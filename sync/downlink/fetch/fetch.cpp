// Checks lengths first, then hashes, then signatures. Deletes a file that fails any check. Pack
// format: docs/FORMATS.md, "Pack".
#include "sync/downlink/fetch/fetch.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "core/file/space.hpp"

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

Status check_header(const PackHeader& header, const PackRequest& request, const StagedFile& file) {
  const PackEntry& entry = request.entry;
  const bool same = header.stream == entry.stream && header.from == entry.from &&
                    header.to == entry.to && header.header_bytes == entry.header_bytes &&
                    header.file_bytes() == entry.file_bytes;
  if (!same) return wrong(file, "not the pack that the directory describes");
  const ByteView pinned = as_bytes(request.head.digest);
  const bool leads_to_head = entry.to == request.head.version;
  const bool has_rows =
      std::equal(pinned.begin(), pinned.end(), header.sections.front().after.begin());
  return leads_to_head && !has_rows
             ? Status(wrong(file, "it leads to other rows than the directory names"))
             : ok();
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
  ROOTLET_TRY(PackHeader header, verify_pack_header(start, request.publishers));
  ROOTLET_TRY(check_header(header, request, file));
  ROOTLET_TRY(const std::uint64_t wanted, bytes_up_to(header, request.grades, file));
  ROOTLET_TRY(
      check_space(staging, file, missing(wanted) + bytes_to_apply(header, request.grades.size())));
  ROOTLET_TRY(staging.fetch(source, file, wanted, context));
  StagedPack pack{.header = std::move(header),
                  .file = staging.path_of(file),
                  .name = request.entry.name(),
                  .partition = request.partition};
  ROOTLET_TRY(check_sections(pack, request.grades.size(), file));
  return pack;
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
  return {.name = to_hex(entry.name()),
          .path = path_of_pack(entry.stream, entry.file),
          .file_bytes = entry.file_bytes,
          .offset = entry.offset};
}

Result<StagedPack> fetch_pack(FileSource& source, const Staging& staging,
                              const PackRequest& request, const TransferContext& context) {
  return with_second_try(staging, staged_file(request.entry),
                         [&] { return try_pack(source, staging, request, context); });
}

}  // namespace rootlet

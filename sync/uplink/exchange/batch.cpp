// Encoding and bounded decoding of batches (docs/FORMATS.md, "Batch"). Encoding aborts if the plan
// was wrong. Decoding trusts nothing: it checks the declared size before it allocates, and the
// frame must contain exactly that size.
#include "sync/uplink/exchange/batch.hpp"

#include <zstd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>

#include "core/ids.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr int kCompressionLevel = 12;  // a megabyte in well under a second on an old machine
// The plan compares raw records with the sealed limit: an incompressible batch must fit too, with
// the envelope header, seal and signature.
constexpr std::size_t kOverheadBytes = 4 * limits::kKiB;
constexpr std::size_t kRawBytes = limits::kBatchBytes - kOverheadBytes;
constexpr std::size_t kFrameBytes = 512;  // the other members of the batch

Error unreadable(std::string_view detail) {
  return bad_input("batch: " + std::string(detail), "batch");
}

Result<std::string> decompress(ByteView payload) {
  const unsigned long long declared = ZSTD_getFrameContentSize(payload.data(), payload.size());
  if (declared == ZSTD_CONTENTSIZE_ERROR || declared == ZSTD_CONTENTSIZE_UNKNOWN) {
    return unreadable("not a zstd frame of known size");
  }
  if (declared > kRawBytes) return unreadable("larger than kBatchBytes when opened");
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     &ZSTD_freeDCtx);
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, limits::kZstdWindowLog);
  std::string text(static_cast<std::size_t>(declared), '\0');
  const std::size_t size =
      ZSTD_decompressDCtx(context.get(), text.data(), text.size(), payload.data(), payload.size());
  if (ZSTD_isError(size) != 0 || size != text.size()) return unreadable("does not decompress");
  return text;
}

// An unreadable record can still be answered if it has an id and an attempt.
Result<BatchItem> read_item(const json::value& value) {
  BatchItem item;
  const json::object* object = value.if_object();
  const json::value* id = object != nullptr ? object->if_contains("id") : nullptr;
  if (id == nullptr || !id->is_string() || !is_record_id(id->get_string())) {
    return unreadable("a record bears no id");
  }
  item.id = std::string(id->get_string());
  const json::value* attempt = object->if_contains("attempt");
  if (attempt != nullptr && attempt->is_int64() && attempt->get_int64() > 0 &&
      attempt->get_int64() < 1'000'000) {
    item.attempt = static_cast<int>(attempt->get_int64());
  }
  Result<Record> record = parse_record(value, "record");
  if (record.has_error()) {
    item.flaw = record.error().message;
  } else {
    item.record = std::move(record).value();
  }
  return item;
}

Status read_items(JsonObject& object, ParsedBatch& batch) {
  ROOTLET_TRY(const json::array* records, object.array("records", limits::kBatchRecords));
  std::set<std::string> seen;
  for (const json::value& value : *records) {
    ROOTLET_TRY(BatchItem item, read_item(value));
    if (!seen.insert(item.id).second) return unreadable("a record comes twice");
    batch.items.push_back(std::move(item));
  }
  if (batch.items.empty()) return unreadable("no records");
  return ok();
}

Result<SeenDirectory> read_directory(const json::value& value) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "batch", "directories"));
  SeenDirectory seen;
  ROOTLET_TRY(seen.version, object.integer("version", 1, INT64_MAX));
  ROOTLET_TRY(const std::string hash, object.text("hash", 64));
  ROOTLET_TRY(seen.hash, hash_from_hex(hash));
  ROOTLET_TRY(object.finish());
  return seen;
}

Result<std::vector<SeenDirectory>> read_seen(JsonObject& batch) {
  std::vector<SeenDirectory> seen;
  if (!batch.has("directories")) return seen;
  ROOTLET_TRY(const json::array* list, batch.array("directories", limits::kSeenDirectories));
  for (const json::value& value : *list) {
    ROOTLET_TRY(const SeenDirectory one, read_directory(value));
    seen.push_back(one);
  }
  return seen;
}

// "villages/330402", 12, 3051, "9f86d081884c7d65"
Result<HeldVersion> read_held_version(const json::value& value) {
  const json::array* fields = value.if_array();
  const bool has_kinds = fields != nullptr && fields->size() == 4 && (*fields)[0].is_string() &&
                         (*fields)[1].is_int64() && (*fields)[2].is_int64() &&
                         (*fields)[3].is_string();
  if (!has_kinds) return unreadable("a stream that is held is no list of four fields");
  const std::string digest((*fields)[3].get_string());
  const bool is_digest = digest.size() <= kHeldDigestDigits &&
                         digest.find_first_not_of("0123456789abcdef") == std::string::npos;
  if ((*fields)[1].get_int64() < 0 || (*fields)[2].get_int64() < 0 || !is_digest) {
    return unreadable("a stream that is held has no version, rows or digest");
  }
  ROOTLET_TRY(StreamName stream, StreamName::parse(std::string((*fields)[0].get_string())));
  return HeldVersion{.stream = std::move(stream),
                     .version = static_cast<Version>((*fields)[1].get_int64()),
                     .rows = static_cast<std::uint64_t>((*fields)[2].get_int64()),
                     .digest = digest};
}

Result<std::vector<HeldVersion>> read_held(JsonObject& batch) {
  std::vector<HeldVersion> held;
  if (!batch.has("held")) return held;
  ROOTLET_TRY(const json::array* list, batch.array("held", kHeldVersions));
  for (const json::value& value : *list) {
    ROOTLET_TRY(HeldVersion one, read_held_version(value));
    held.push_back(std::move(one));
  }
  return held;
}

}  // namespace

Bytes encode_batch(const BatchContent& content) {
  json::array records;
  for (const Record& record : content.records) records.push_back(encode_record(record));
  json::object payload{
      {"office", content.office}, {"line", content.chain}, {"sequence", content.sequence}};
  json::array directories;
  for (const SeenDirectory& seen : content.seen) {
    directories.push_back(json::object{{"version", seen.version}, {"hash", to_hex(seen.hash)}});
  }
  if (!directories.empty()) payload["directories"] = std::move(directories);
  json::array held;
  for (const HeldVersion& one : content.held) {
    held.push_back(json::array{one.stream.text(), static_cast<std::int64_t>(one.version),
                               static_cast<std::int64_t>(one.rows), one.digest});
  }
  if (!held.empty()) payload["held"] = std::move(held);
  payload["records"] = std::move(records);
  const std::string text = json::serialize(payload);
  if (text.size() > kRawBytes || content.records.size() > limits::kBatchRecords) std::abort();
  Bytes out(ZSTD_compressBound(text.size()));
  const std::size_t size =
      ZSTD_compress(out.data(), out.size(), text.data(), text.size(), kCompressionLevel);
  if (ZSTD_isError(size) != 0) std::abort();
  out.resize(size);
  return out;
}

Result<ParsedBatch> parse_batch(ByteView payload) {
  ROOTLET_TRY(const std::string text, decompress(payload));
  ROOTLET_TRY(const json::value document, parse_json(text, "batch"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, "batch"));
  ParsedBatch batch;
  ROOTLET_TRY(batch.office, object.text("office", limits::kNameBytes));
  ROOTLET_TRY(batch.chain, object.text("line", limits::kNameBytes));
  ROOTLET_TRY(const std::int64_t sequence, object.integer("sequence", 1, INT64_MAX));
  batch.sequence = static_cast<std::uint64_t>(sequence);
  ROOTLET_TRY(batch.seen, read_seen(object));
  ROOTLET_TRY(batch.held, read_held(object));
  ROOTLET_TRY(read_items(object, batch));
  ROOTLET_TRY(object.finish());
  return batch;
}

std::size_t plan_batch(std::span<const WaitingRecord> waiting, std::size_t max_bytes) {
  const std::size_t most = std::min(max_bytes, kRawBytes);
  std::size_t bytes = kFrameBytes;
  std::size_t count = 0;
  for (const WaitingRecord& record : waiting) {
    if (count > 0 && (record.alone || count == limits::kBatchRecords)) break;
    bytes += record.bytes + 1;  // the comma
    if (count > 0 && bytes > most) break;
    ++count;
    if (record.alone) break;
  }
  return count;
}

}  // namespace rootlet

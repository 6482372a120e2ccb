#include "platform/bucket/bucket.hpp"

#include "core/format/json.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kSettingBucket = "bucket";
constexpr std::pair<BucketState, std::string_view> kStates[] = {{BucketState::kMoving, "moving"},
                                                                {BucketState::kInUse, "in_use"},
                                                                {BucketState::kLeaving, "leaving"}};
constexpr std::int64_t kMostPartBytes = 1LL << 30;

Result<Bucket> parse_bucket(const std::string& text) {
  ROOTLET_TRY(const json::value document, parse_json(text, "the setting bucket"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, "the setting bucket"));
  Bucket bucket;
  ROOTLET_TRY(bucket.place.bucket, object.text("bucket"));
  ROOTLET_TRY(bucket.place.prefix, object.text("prefix"));
  ROOTLET_TRY(bucket.place.endpoint, object.text("endpoint"));
  ROOTLET_TRY(bucket.place.region, object.text("region"));
  ROOTLET_TRY(bucket.place.ca_file, object.text("ca_file"));
  ROOTLET_TRY(const std::int64_t part, object.integer("part_bytes", 1, kMostPartBytes));
  bucket.place.part_bytes = static_cast<std::size_t>(part);
  ROOTLET_TRY(bucket.public_url, object.text("public_url"));
  ROOTLET_TRY(const std::string state, object.text("state"));
  for (const auto& [one, name] : kStates) {
    if (name == state) bucket.state = one;
  }
  ROOTLET_TRY(object.finish());
  return bucket;
}

}  // namespace

std::string_view name_of(BucketState state) {
  for (const auto& [one, name] : kStates) {
    if (one == state) return name;
  }
  return "moving";
}

Result<std::optional<Bucket>> load_bucket(SettingTable settings) {
  ROOTLET_TRY(const std::optional<std::string> text, settings.find(kSettingBucket));
  if (!text.has_value() || text->empty()) return std::optional<Bucket>();
  Result<Bucket> bucket = parse_bucket(*text);
  if (bucket.has_error()) return fail(ErrorCode::kStorageDamaged, bucket.error().message);
  return std::optional<Bucket>(std::move(bucket).value());
}

Status save_bucket(SettingTable settings, const Bucket& bucket) {
  const json::object object{
      {"bucket", bucket.place.bucket},     {"prefix", bucket.place.prefix},
      {"endpoint", bucket.place.endpoint}, {"region", bucket.place.region},
      {"ca_file", bucket.place.ca_file},   {"part_bytes", bucket.place.part_bytes},
      {"public_url", bucket.public_url},   {"state", name_of(bucket.state)}};
  return settings.save(kSettingBucket, json::serialize(object));
}

Status forget_bucket(SettingTable settings) {
  return settings.save(kSettingBucket, "");
}

Result<Bucket> needed_bucket(ServingHome& home) {
  ROOTLET_TRY(std::optional<Bucket> bucket, load_bucket(home.settings()));
  if (bucket.has_value()) return *std::move(bucket);
  return fail(ErrorCode::kUsage,
              "this realm has no bucket: \"rootlet-platform realm migrate --repository "
              "s3://BUCKET\" gives it one");
}

Result<FileLock> lock_bucket(const ServingFolder& serving, std::chrono::milliseconds wait) {
  return FileLock::acquire_within(serving.path / "bucket.lock", wait);
}

}  // namespace rootlet::platform

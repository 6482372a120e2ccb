// The bucket of a realm: where it is, and whether offices use it. The realm's folder keeps its own
// copy of all published files, and the bucket follows that (docs/adr/0025). Kept in the serving
// home; the keys to it are not.
#pragma once

#include <optional>

#include "platform/homes/tables.hpp"
#include "platform/realm/realm.hpp"
#include "platform/s3/s3_place.hpp"

namespace rootlet::platform {

enum class BucketState {
  kMoving,   // being filled; no office knows of it
  kInUse,    // the metadata name it to offices
  kLeaving,  // the metadata name the gateway again; offices that have not seen it still come here
};
std::string_view name_of(BucketState state);

struct Bucket {
  S3Place place;
  std::string public_url;  // what offices fetch from
  BucketState state = BucketState::kMoving;
};

inline fs::path bucket_record_of(const ServingFolder& serving) {
  return serving.path / "bucket.db";
}

// kStorageDamaged if what is kept cannot be read.
Result<std::optional<Bucket>> load_bucket(SettingTable settings);
Status save_bucket(SettingTable settings, const Bucket& bucket);
Status forget_bucket(SettingTable settings);
Result<Bucket> needed_bucket(ServingHome& home);  // kUsage without one

// The bucket's own lock: one process brings it up to date. kBusy after `wait`.
Result<FileLock> lock_bucket(const ServingFolder& serving, std::chrono::milliseconds wait);

}  // namespace rootlet::platform

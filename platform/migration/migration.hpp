// Moves the published files of a realm to a bucket, and back to its folder. Each step may be killed
// and run again. Offices are sent to the new place only after every file there has been read back.
//
// Offices follow by the field x-rootlet-repository of the targets metadata (docs/FORMATS.md); until
// they have seen it, the old place goes on: the gateway serves the folder all the time, and a
// bucket that is left is kept up to date until finish_leaving().
#pragma once

#include "platform/bucket/bucket_check.hpp"
#include "platform/bucket/bucket_update.hpp"

namespace rootlet::platform {

struct MoveReport {
  BucketReport put;   // by all updates
  BucketCheck check;  // what was read back
};

enum class UrlCheck { kYes, kNo };

// kUsage if the realm uses another bucket; kStorageDamaged if the realm has problems itself, or the
// bucket does not hold what was put there.
Result<MoveReport> move_to_bucket(Realm& realm, const Bucket& bucket, UrlCheck url_check,
                                  const Clock& clock);
Result<MoveReport> move_to_folder(Realm& realm, UnixTime now);
// Forgets the bucket that was left; its objects stay for the operator to remove.
Result<Bucket> finish_leaving(Realm& realm);

}  // namespace rootlet::platform

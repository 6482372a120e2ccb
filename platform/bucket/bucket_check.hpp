// Reads the whole bucket back and compares it, byte for byte, with what the folder holds. Changes
// nothing in the bucket; what is wrong there is forgotten in the record, so that the next update
// puts it again.
#pragma once

#include <string>
#include <vector>

#include "platform/bucket/bucket.hpp"

namespace rootlet::platform {

struct BucketCheck {
  std::uint64_t files = 0, bytes = 0, requests = 0;
  std::vector<std::string> problems;  // one line each
};

// An error means that the check could not finish. Errors as update_bucket().
Result<BucketCheck> check_bucket(const RealmFolder& folder, std::chrono::milliseconds wait);

// Whether anybody gets the realm's first root from this URL, as offices will. kUsage if not.
Status check_public_url(const RealmFolder& folder, const Bucket& bucket);

}  // namespace rootlet::platform

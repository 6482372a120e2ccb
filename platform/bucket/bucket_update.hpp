// Brings the bucket up to date with the folder. May be killed at any point, or fail at any request:
// the bucket then shows the state before, whole, and the next call goes on. Keep no lock of the
// realm meanwhile: this waits for the network.
#pragma once

#include <atomic>

#include "platform/bucket/bucket_plan.hpp"

namespace rootlet::platform {

struct BucketReport {
  std::uint64_t files = 0, bytes = 0, removed = 0, requests = 0;
};

// Nothing to do, and no request, without a bucket. kBusy if another process holds the realm or the
// bucket for longer than `wait`; else errors as S3Client: what was sent stays noted. `stop` ends it
// after the requests that run.
Result<BucketReport> update_bucket(const RealmFolder& folder, std::chrono::milliseconds wait,
                                   const std::atomic<bool>* stop = nullptr);

inline constexpr std::chrono::minutes kBucketWait{5};  // of a command

// The error of update_bucket() as a person should read it after a command that has done its work.
Error explain_bucket_error(const Error& error);

// What `serve` does in each turn: looks at timestamp.json, and brings the bucket up to date if that
// changed or a while has passed.
class BucketFollower {
 public:
  explicit BucketFollower(RealmFolder folder) : folder_(std::move(folder)) {}
  void turn();                       // logs what goes wrong, once for each change
  void stop() { stopping_ = true; }  // from any thread: a turn that runs ends soon

 private:
  RealmFolder folder_;
  std::string seen_;  // timestamp.json's stamp when the bucket was last up to date
  std::chrono::steady_clock::time_point next_{};
  std::string last_error_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace rootlet::platform

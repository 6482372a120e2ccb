// Puts each step of the plan by a few connections at once, and begins the next step when all of
// them are done.
#include "platform/bucket/bucket_update.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "platform/bucket/bucket.hpp"
#include "platform/bucket/bucket_parallel.hpp"
#include "platform/bucket/bucket_put.hpp"

namespace rootlet::platform {
namespace {

constexpr int kPlans = 3;                       // a command may change the folder meanwhile
constexpr std::chrono::minutes kLookAgain{10};  // for news that a killed publish left unwritten
constexpr std::chrono::seconds kAfterError{30};

class Update {
 public:
  Update(const RealmFolder& folder, const S3Place& place, const S3Keys& keys, BucketRecord& record,
         const std::atomic<bool>* stop)
      : record_(record), stop_(stop) {
    for (std::size_t i = 0; i < kBucketConnections; ++i) {
      lines_.push_back(std::make_unique<BucketPut>(folder.repository(), place, keys, record));
    }
  }

  // What an earlier run began and did not end costs the bucket's owner money.
  Status abort_left_over() {
    ROOTLET_TRY(const std::vector<BegunUpload> uploads, record_.uploads());
    for (const BegunUpload& upload : uploads) {
      ROOTLET_TRY(lines_.front()->abort(upload));
    }
    return ok();
  }

  Status run(const BucketPlan& plan) {
    ROOTLET_TRY(put(plan.files));
    ROOTLET_TRY(in_parallel(
        lines_, std::span<const std::string>(plan.gone),
        [](BucketPut& line, const std::string& path) { return line.remove(path); }, stop_));
    return plan.timestamp.has_value() ? record_.save(kTimestampPath, *plan.timestamp) : ok();
  }

  BucketReport report() const {
    BucketReport sum;
    for (const auto& line : lines_) line->add_to(sum);
    return sum;
  }

 private:
  Status put(const std::vector<BucketFile>& files) {
    for (auto begin = files.begin(); begin != files.end();) {
      const auto end = std::find_if(begin, files.end(), [&](const BucketFile& file) {
        return step_of(file.path) != step_of(begin->path);
      });
      ROOTLET_TRY(in_parallel(
          lines_, std::span<const BucketFile>(begin, end),
          [](BucketPut& line, const BucketFile& file) { return line.put(file); }, stop_));
      begin = end;
    }
    return ok();
  }

  BucketRecord& record_;
  const std::atomic<bool>* stop_;
  std::vector<std::unique_ptr<BucketPut>> lines_;
};

Result<BucketReport> update(const RealmFolder& folder, const Bucket& bucket, BucketRecord& record,
                            std::chrono::milliseconds wait, const std::atomic<bool>* stop) {
  ROOTLET_TRY(PlacedFiles placed, record.all());
  ROOTLET_TRY(std::vector<BucketFile> published, read_published(folder, wait));
  ROOTLET_TRY(const std::vector<BegunUpload> begun, record.uploads());
  if (begun.empty() && plan_bucket(published, placed).empty()) return BucketReport();
  ROOTLET_TRY(const S3Keys keys, load_s3_keys());
  if (placed.empty()) {
    ROOTLET_TRY(adopt_bucket(folder, bucket.place, keys, record));
    ROOTLET_TRY(placed, record.all());
  }
  Update work(folder, bucket.place, keys, record, stop);
  ROOTLET_TRY(work.abort_left_over());
  for (int attempt = 1;; ++attempt) {
    const BucketPlan plan = plan_bucket(std::move(published), placed);
    const Status done = work.run(plan);
    if (!done.has_error()) return work.report();
    // A file that has left the folder since: a command went on meanwhile.
    if (done.error().code != ErrorCode::kStorage || attempt == kPlans) return done.error();
    ROOTLET_TRY(placed, record.all());
    ROOTLET_TRY(published, read_published(folder, wait));
  }
}

}  // namespace

Result<BucketReport> update_bucket(const RealmFolder& folder, std::chrono::milliseconds wait,
                                   const std::atomic<bool>* stop) {
  ROOTLET_TRY(ServingHome home, ServingHome::open(folder.serving()));
  ROOTLET_TRY(std::optional<Bucket> bucket, load_bucket(home.settings()));
  if (!bucket.has_value()) return BucketReport();
  ROOTLET_TRY(const FileLock lock, lock_bucket(folder.serving(), wait));
  ROOTLET_TRY(bucket, load_bucket(home.settings()));  // it may have been left meanwhile
  if (!bucket.has_value()) return BucketReport();
  ROOTLET_TRY(BucketRecord record,
              BucketRecord::open(bucket_record_of(folder.serving()), home.key()));
  return update(folder, *bucket, record, wait, stop);
}

Error explain_bucket_error(const Error& error) {
  Error explained = within("the change is saved here, but not in the bucket yet", error);
  explained.hint = {
      .en =
          "Offices at the bucket see the state before, whole. A running serve goes on by itself, "
          "and so does the next command that writes; \"rootlet-platform bucket update\" does it "
          "now. " +
          error.hint.en,
      .zh =
          "从存储桶获取的单位仍看到之前的完整状态。运行中的 serve 会自动继续，下一个写入命令也会；"
          "也可立即运行 rootlet-platform bucket update。" +
          error.hint.zh};
  return explained;
}

void BucketFollower::turn() {
  const auto now = std::chrono::steady_clock::now();
  const std::string stamp = stamp_of_file(folder_.repository() / "metadata" / "timestamp.json");
  if (now < next_ && (stamp == seen_ || !last_error_.empty())) return;
  const Result<BucketReport> done =
      update_bucket(folder_, std::chrono::milliseconds(0), &stopping_);
  if (stopping_) return;
  if (done.has_error()) {
    if (done.error().code == ErrorCode::kBusy) return;  // somebody is at it
    if (done.error().message != last_error_) log_error("bucket: " + done.error().message);
    last_error_ = done.error().message;
    next_ = now + kAfterError;
    return;
  }
  if (done.value().files > 0) {
    log_info("bucket: " + std::to_string(done.value().files) + " files were put, " +
             std::to_string(done.value().removed) + " removed");
  }
  last_error_.clear();
  seen_ = stamp;
  next_ = now + kLookAgain;
}

}  // namespace rootlet::platform

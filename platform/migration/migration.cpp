#include "platform/migration/migration.hpp"

#include "platform/publish/publisher.hpp"
#include "platform/publish/verification.hpp"

namespace rootlet::platform {
namespace {

void add_to(BucketReport& sum, const BucketReport& more) {
  sum.files += more.files;
  sum.bytes += more.bytes;
  sum.removed += more.removed;
  sum.requests += more.requests;
}

Status forget_record(const ServingFolder& serving) {
  for (const char* part : {"-wal", "-shm", ""}) {
    ROOTLET_TRY(remove_file(bucket_record_of(serving).string() + part));
  }
  return ok();
}

// The bucket as the realm knows it from now on. One that is being filled gives way to another.
Result<Bucket> begin_move(Realm& realm, const Bucket& wanted) {
  const ServingFolder serving = realm.folder().serving();
  ROOTLET_TRY(const FileLock lock, lock_bucket(serving, kBucketWait));
  ROOTLET_TRY(const std::optional<Bucket> held, load_bucket(realm.serving().settings()));
  const bool is_same = held.has_value() && held->place.text() == wanted.place.text() &&
                       held->place.endpoint == wanted.place.endpoint;
  if (held.has_value() && !is_same && held->state != BucketState::kMoving) {
    return fail(ErrorCode::kUsage,
                "this realm is in " + held->place.text() +
                    ": move it to its folder first (realm migrate --repository folder), then "
                    "--finish. Nothing was changed.");
  }
  if (held.has_value() && !is_same) {
    ROOTLET_TRY(forget_record(serving));
  }
  Bucket bucket = wanted;
  bucket.state = is_same && held->state == BucketState::kInUse ? held->state : BucketState::kMoving;
  ROOTLET_TRY(save_bucket(realm.serving().settings(), bucket));
  ROOTLET_TRY(BucketRecord::open(bucket_record_of(serving), realm.serving().key()));
  return bucket;
}

Status check_realm(Realm& realm, const Clock& clock) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, clock.wall()));
  ROOTLET_TRY(const Verification found, verify_realm(realm, clock));
  if (found.problems.empty()) return ok();
  return fail(ErrorCode::kStorageDamaged,
              "the realm has " + std::to_string(found.problems.size()) +
                  " problems, so it does not move: " + found.problems.front());
}

// Signs the address, "" for the gateway's, into the metadata.
Status announce(Realm& realm, const std::string& url, BucketState state, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  ROOTLET_TRY(Transaction transaction, realm.registry().begin());
  ROOTLET_TRY(realm.registry().save_setting(kSettingRepositoryUrl, url));
  ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  ROOTLET_TRY(Bucket bucket, needed_bucket(realm.serving()));
  bucket.state = state;
  return save_bucket(realm.serving().settings(), bucket);
}

}  // namespace

Result<MoveReport> move_to_bucket(Realm& realm, const Bucket& wanted, UrlCheck url_check,
                                  const Clock& clock) {
  const RealmFolder& folder = realm.folder();
  ROOTLET_TRY(load_s3_keys());
  ROOTLET_TRY(check_realm(realm, clock));
  ROOTLET_TRY(const Bucket bucket, begin_move(realm, wanted));
  MoveReport report;
  ROOTLET_TRY(report.put, update_bucket(folder, kBucketWait));
  ROOTLET_TRY(report.check, check_bucket(folder, kBucketWait));
  if (!report.check.problems.empty()) {
    return fail(ErrorCode::kStorageDamaged,
                bucket.place.text() +
                    " does not hold what was put there, so offices stay where "
                    "they are: " +
                    report.check.problems.front() + ". Run this again: it is put once more.");
  }
  if (url_check == UrlCheck::kYes) {
    ROOTLET_TRY(check_public_url(folder, bucket));
  }
  ROOTLET_TRY(announce(realm, bucket.public_url, BucketState::kInUse, clock.wall()));
  ROOTLET_TRY(const BucketReport last, update_bucket(folder, kBucketWait));
  add_to(report.put, last);
  return report;
}

Result<MoveReport> move_to_folder(Realm& realm, UnixTime now) {
  ROOTLET_TRY(needed_bucket(realm.serving()));
  ROOTLET_TRY(announce(realm, "", BucketState::kLeaving, now));
  MoveReport report;
  ROOTLET_TRY(report.put, update_bucket(realm.folder(), kBucketWait));
  return report;
}

Result<Bucket> finish_leaving(Realm& realm) {
  const ServingFolder serving = realm.folder().serving();
  ROOTLET_TRY(const FileLock lock, lock_bucket(serving, kBucketWait));
  ROOTLET_TRY(const Bucket bucket, needed_bucket(realm.serving()));
  if (bucket.state == BucketState::kInUse) {
    return fail(ErrorCode::kUsage, "offices use " + bucket.place.text() +
                                       ": first realm migrate --repository folder. Nothing was "
                                       "changed.");
  }
  ROOTLET_TRY(forget_bucket(realm.serving().settings()));
  ROOTLET_TRY(forget_record(serving));
  return bucket;
}

}  // namespace rootlet::platform

#include "platform/bucket/bucket_plan.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/limits.hpp"
#include "platform/online/online_roles.hpp"
#include "platform/s3/s3_client.hpp"

namespace rootlet::platform {
namespace {

constexpr std::array<std::string_view, 5> kFolders = {"packs", "directory", "offices", "metadata",
                                                      "news"};

struct Found {
  std::string stamp;
  std::uint64_t bytes = 0;
};

std::optional<Found> look_at(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  Found found{.stamp = {}, .bytes = static_cast<std::uint64_t>(info.st_size)};
  for (const auto part :
       {static_cast<std::int64_t>(info.st_ino), static_cast<std::int64_t>(info.st_size),
        static_cast<std::int64_t>(info.st_ctim.tv_sec),
        static_cast<std::int64_t>(info.st_ctim.tv_nsec)}) {
    found.stamp += std::to_string(part) + ".";
  }
  return found;
}

bool changes_in_place(std::string_view path) {
  return path == kTimestampPath || path.starts_with("news/");
}

Result<BucketFile> read_one(const fs::path& repository, const std::string& path, Found found) {
  BucketFile file{.path = path, .stamp = std::move(found.stamp), .bytes = found.bytes};
  if (!changes_in_place(path)) return file;
  ROOTLET_TRY(file.content, read_file(repository / path, limits::kNewsBytes));
  file.bytes = file.content->size();
  PieceDigest digest;
  digest.add(*file.content);
  file.digest = digest.finish();
  return file;
}

Status add_folder(const fs::path& repository, std::string_view folder,
                  std::vector<BucketFile>& files) {
  std::error_code code;
  for (fs::recursive_directory_iterator at(repository / folder, code), end; !code && at != end;
       at.increment(code)) {
    const std::string path = at->path().lexically_relative(repository).string();
    std::optional<Found> found = look_at(at->path());
    if (!found.has_value() || path.ends_with(".new")) continue;
    ROOTLET_TRY(BucketFile file, read_one(repository, path, *std::move(found)));
    files.push_back(std::move(file));
  }
  if (!code || code == std::errc::no_such_file_or_directory) return ok();
  return fail(ErrorCode::kStorage, (repository / folder).string() + ": " + code.message());
}

bool is_placed(const BucketFile& file, const PlacedFiles& placed) {
  const auto held = placed.find(file.path);
  if (held == placed.end()) return false;
  return file.content.has_value() ? held->second.digest == file.digest
                                  : held->second.stamp == file.stamp;
}

}  // namespace

std::string stamp_of_file(const fs::path& path) {
  return look_at(path).value_or(Found()).stamp;
}

BucketStep step_of(std::string_view path) {
  if (path == kTimestampPath) return BucketStep::kTimestamp;
  if (path.starts_with("news/")) return BucketStep::kNews;
  if (!path.starts_with("metadata/")) return BucketStep::kData;
  return path.ends_with(".root.json") ? BucketStep::kRoot : BucketStep::kMetadata;
}

Result<std::vector<BucketFile>> read_published(const RealmFolder& folder,
                                               std::chrono::milliseconds wait) {
  ROOTLET_TRY(const FileLock publishing, lock_realm(folder, wait));
  ROOTLET_TRY(const FileLock serving, lock_serving(folder.serving()));
  std::vector<BucketFile> files;
  for (const std::string_view one : kFolders) {
    ROOTLET_TRY(add_folder(folder.repository(), one, files));
  }
  return files;
}

BucketPlan plan_bucket(std::vector<BucketFile> published, const PlacedFiles& placed) {
  const auto timestamp = std::ranges::find(published, kTimestampPath, &BucketFile::path);
  const bool is_new = timestamp != published.end() && !is_placed(*timestamp, placed);
  std::set<std::string_view> in_folder;
  for (const BucketFile& file : published) in_folder.insert(file.path);
  BucketPlan plan;
  if (is_new) plan.timestamp = Placed{.stamp = timestamp->stamp, .digest = timestamp->digest};
  for (const auto& [path, one] : placed) {
    if ((is_new || path.starts_with("news/")) && !in_folder.contains(path))
      plan.gone.push_back(path);
  }
  std::erase_if(published, [&](const BucketFile& file) {
    return (!is_new && step_of(file.path) != BucketStep::kNews) || is_placed(file, placed);
  });
  plan.files = std::move(published);
  for (BucketFile& file : plan.files) {
    const auto held = placed.find(file.path);
    if (held != placed.end()) file.held = held->second.digest;
  }
  std::ranges::stable_sort(plan.files, {}, [](const BucketFile& file) {
    return std::pair(step_of(file.path), std::string_view(file.path));
  });
  return plan;
}

}  // namespace rootlet::platform

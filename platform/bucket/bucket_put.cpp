#include "platform/bucket/bucket_put.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/limits.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kReadBytes = limits::kMiB;
constexpr std::string_view kForever = "public, max-age=31536000, immutable";
constexpr std::string_view kAskAgain = "no-cache";
constexpr std::string_view kFirstRoot = "metadata/1.root.json";

bool is_immutable(std::string_view path) {
  if (path.starts_with("packs/") || path.starts_with("directory/")) return true;
  const std::size_t name = path.rfind('/') + 1;
  return path.starts_with("metadata/") && path[name] >= '0' && path[name] <= '9';
}

Hash256 digest_of_bytes(ByteView bytes) {
  PieceDigest digest;
  digest.add(bytes);
  return digest.finish();
}

// Reads a file from its beginning, in pieces.
class PieceReader {
 public:
  static Result<PieceReader> open(const fs::path& path) {
    UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return errno_error("open", path);
    return PieceReader(path, std::move(file));
  }
  // Fewer bytes than asked, or none, at the end.
  Result<Bytes> next(std::size_t most) {
    Bytes piece(most);
    std::size_t have = 0;
    while (have < most) {
      const ssize_t count = ::read(file_.get(), piece.data() + have, most - have);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno_error("read", path_);
      if (count == 0) break;
      have += static_cast<std::size_t>(count);
    }
    piece.resize(have);
    return piece;
  }

 private:
  PieceReader(fs::path path, UniqueFd file) : path_(std::move(path)), file_(std::move(file)) {}
  fs::path path_;
  UniqueFd file_;
};

Status note_listed(S3Client& client, std::string_view folder, BucketRecord& record) {
  std::string token;
  do {
    ROOTLET_TRY(const S3Page page, client.list(folder, token));
    for (const S3Object& object : page.objects) {
      ROOTLET_TRY(record.save(object.name, {}));
    }
    token = page.next;
  } while (!token.empty());
  return ok();
}

}  // namespace

S3Fields fields_of(std::string_view path) {
  return {.content_type = path.ends_with(".json") ? "application/json" : "application/octet-stream",
          .cache_control = std::string(is_immutable(path) ? kForever : kAskAgain)};
}

Result<S3Digest> digest_of_file(const fs::path& file) {
  ROOTLET_TRY(PieceReader reader, PieceReader::open(file));
  PieceDigest digest;
  while (true) {
    ROOTLET_TRY(const Bytes piece, reader.next(kReadBytes));
    if (piece.empty()) break;
    digest.add(piece);
  }
  const std::uint64_t bytes = digest.bytes();
  return S3Digest{digest.finish(), bytes};
}

Status BucketPut::put(const BucketFile& file) {
  if (file.content.has_value()) return put_whole(file, *file.content, file.digest);
  if (file.bytes > 2 * part_bytes_) return put_in_parts(file);
  ROOTLET_TRY(Bytes bytes, read_file(repository_ / file.path, 2 * part_bytes_));
  const Hash256 digest = digest_of_bytes(bytes);
  return put_whole(file, std::move(bytes), digest);
}

Status BucketPut::put_whole(const BucketFile& file, Bytes bytes, const Hash256& digest) {
  const std::size_t size = bytes.size();
  const Placed placed{.stamp = file.stamp, .digest = digest};
  if (file.held == digest) return record_.save(file.path, placed);
  ROOTLET_TRY(note_intent(file));
  ROOTLET_TRY(client_.put(file.path, std::move(bytes), fields_of(file.path)));
  ++done_.files;
  done_.bytes += size;
  return file.path == kTimestampPath ? ok() : record_.save(file.path, placed);  // see BucketPlan
}

// An object that reaches the bucket although this process is killed is known all the same.
Status BucketPut::note_intent(const BucketFile& file) {
  return file.held.has_value() ? ok() : record_.save(file.path, {});
}

Status BucketPut::put_in_parts(const BucketFile& file) {
  if (file.held.has_value()) {
    ROOTLET_TRY(const S3Digest now, digest_of_file(repository_ / file.path));
    if (file.held == now.digest) {
      return record_.save(file.path, {.stamp = file.stamp, .digest = now.digest});
    }
  }
  ROOTLET_TRY(note_intent(file));
  BegunUpload upload{.path = file.path, .id = {}};
  ROOTLET_TRY(upload.id, client_.begin_upload(file.path, fields_of(file.path)));
  ROOTLET_TRY(record_.note_upload(upload));
  const Status done = put_parts(file, upload);
  if (!done.has_error()) return record_.forget_upload(upload.id);
  // If this fails too, the next run aborts it.
  static_cast<void>(abort(upload).has_error());
  return done;
}

Status BucketPut::put_parts(const BucketFile& file, const BegunUpload& upload) {
  ROOTLET_TRY(PieceReader reader, PieceReader::open(repository_ / file.path));
  PieceDigest digest;
  std::vector<std::string> etags;
  while (true) {
    ROOTLET_TRY(Bytes part, reader.next(part_bytes_));
    if (part.empty()) break;
    digest.add(part);
    const int number = static_cast<int>(etags.size()) + 1;
    ROOTLET_TRY(std::string etag, client_.put_part(file.path, upload.id, number, std::move(part)));
    etags.push_back(std::move(etag));
  }
  ROOTLET_TRY(client_.finish_upload(file.path, upload.id, etags));
  ++done_.files;
  done_.bytes += digest.bytes();
  return record_.save(file.path, {.stamp = file.stamp, .digest = digest.finish()});
}

Status BucketPut::remove(const std::string& path) {
  ROOTLET_TRY(client_.remove(path));
  ++done_.removed;
  return record_.forget(path);
}

Status BucketPut::abort(const BegunUpload& upload) {
  ROOTLET_TRY(client_.abort_upload(upload.path, upload.id));
  return record_.forget_upload(upload.id);
}

void BucketPut::add_to(BucketReport& report) const {
  report.files += done_.files;
  report.bytes += done_.bytes;
  report.removed += done_.removed;
  report.requests += client_.traffic().requests;
}

Status adopt_bucket(const RealmFolder& folder, const S3Place& place, const S3Keys& keys,
                    BucketRecord& record) {
  S3Client client(place, keys);
  ROOTLET_TRY(const S3Page some, client.list("metadata/", ""));
  ROOTLET_TRY(const std::optional<Bytes> root, client.get(kFirstRoot, limits::kRootBytes));
  ROOTLET_TRY(const Bytes ours, read_file(folder.repository() / kFirstRoot, limits::kRootBytes));
  if ((root.has_value() && *root != ours) || (!root.has_value() && !some.objects.empty())) {
    return fail(ErrorCode::kUsage, place.text() +
                                       " holds files of another realm, so nothing was put there: "
                                       "name another bucket or prefix");
  }
  // Claims the bucket: a root alone leads no client anywhere.
  ROOTLET_TRY(client.put(kFirstRoot, ours, fields_of(kFirstRoot)));
  for (const char* one : {"packs/", "directory/", "offices/", "metadata/", "news/"}) {
    ROOTLET_TRY(note_listed(client, one, record));
  }
  return ok();
}

}  // namespace rootlet::platform

// Downloads targets (TUF specification 1.0, section 5.7). A file appears in its folder whole and
// verified, or not at all; until then its bytes are in a hidden file that the download removes if
// it fails.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "core/file/descriptor.hpp"
#include "sync/trust/client/tuf_client.hpp"
#include "sync/trust/metadata/tuf_names.hpp"

namespace rootlet {
namespace {

// A new file in `folder`, removed on destruction unless kept.
class PartFile {
 public:
  static Result<PartFile> create(const fs::path& folder) {
    std::string pattern = (folder / ".rootlet-XXXXXX").string();
    UniqueFd file(::mkostemp(pattern.data(), O_CLOEXEC));
    if (!file.is_open()) return errno_error("create a file in", folder);
    return PartFile(pattern, std::move(file));
  }
  PartFile(PartFile&&) noexcept = default;
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile() {
    if (file_.is_open()) ::unlink(path_.c_str());
  }

  Status write(ByteView bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno_error("write", path_);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return ok();
  }

  Status keep_as(const fs::path& path) {
    if (::fchmod(file_.get(), 0644) != 0) return errno_error("protect", path_);
    if (::fsync(file_.get()) != 0) return errno_error("fsync", path_);
    if (::rename(path_.c_str(), path.c_str()) != 0) return errno_error("rename to", path);
    file_.reset();
    return sync_directory(path.parent_path());
  }

 private:
  PartFile(fs::path path, UniqueFd file) : path_(std::move(path)), file_(std::move(file)) {}
  fs::path path_;
  UniqueFd file_;
};

bool holds_target(const fs::path& path, const TufTarget& target) {
  std::error_code error;
  if (!fs::is_regular_file(path, error) || fs::file_size(path, error) != target.length) {
    return false;
  }
  std::ifstream file(path, std::ios::binary);
  TufFileCheck check(target.hashes);
  std::array<char, 64 * 1024> chunk;
  while (file) {
    file.read(chunk.data(), chunk.size());
    check.update(as_bytes({chunk.data(), static_cast<std::size_t>(file.gcount())}));
  }
  return file.eof() && check.check(target.length, "cached target").has_value();
}

// Any listed hash is valid in the name (6.2.1); every repository has the first one.
std::string hash_prefix(const TufRoot& root, const TufTarget& target) {
  return root.consistent_snapshot ? target.hashes.front().second : std::string();
}

}  // namespace

Status TufClient::download(const TufFoundTarget& found, const ByteSink& sink) {
  if (!trusted_.has_value()) std::abort();  // refresh() comes first
  const std::string what = "target " + quote_name(found.path);
  ROOTLET_TRY(const std::string address,
              target_address(found.path, hash_prefix(trusted_->root().body, found.target)));
  TufFileCheck check(found.target.hashes);
  std::uint64_t size = 0;
  const ByteSink bounded = [&](ByteView bytes) -> Status {
    size += bytes.size();
    if (size > found.target.length) {
      return fail(ErrorCode::kUntrusted,
                  what + ": more than " + std::to_string(found.target.length) + " bytes");
    }
    check.update(bytes);
    return sink(bytes);
  };
  ROOTLET_TRY(const FetchState state,
              fetcher_->fetch_target(address, found.target.length, bounded));
  if (state != FetchState::kFetched) {
    return fail(ErrorCode::kUnreachable, what + ": the repository does not have it");
  }
  return check.check(found.target.length, what);
}

Result<fs::path> TufClient::download_to(const TufFoundTarget& found, const fs::path& folder) {
  const fs::path path = folder / target_file_name(found.path);
  if (holds_target(path, found.target)) return path;
  ROOTLET_TRY(PartFile part, PartFile::create(folder));
  ROOTLET_TRY(download(found, [&](ByteView bytes) { return part.write(bytes); }));
  ROOTLET_TRY(part.keep_as(path));
  return path;
}

}  // namespace rootlet

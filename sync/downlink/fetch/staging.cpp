// Appends to part files and never beyond the requested size.
#include "sync/downlink/fetch/staging.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "core/file/descriptor.hpp"

namespace rootlet {
namespace {

constexpr int kCutsInARow = 32;  // of one file, each after at least one byte

class PartFile {
 public:
  static Result<PartFile> open(const fs::path& path) {
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!file.is_open()) return errno_error("open", path);
    return PartFile(path, std::move(file));
  }

  Status start_at(std::uint64_t offset) {
    const auto position = static_cast<off_t>(offset);
    if (::ftruncate(file_.get(), position) != 0) return errno_error("cut", path_);
    if (::lseek(file_.get(), position, SEEK_SET) != position) return errno_error("seek in", path_);
    size_ = offset;
    return ok();
  }

  Status append(ByteView bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno_error("write", path_);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      size_ += static_cast<std::uint64_t>(count);
    }
    return ok();
  }
  std::uint64_t size() const { return size_; }

 private:
  PartFile(fs::path path, UniqueFd file) : path_(std::move(path)), file_(std::move(file)) {}
  fs::path path_;
  UniqueFd file_;
  std::uint64_t size_ = 0;
};

Error stopped(const StagedFile& file) {
  return fail(ErrorCode::kUnreachable, "fetch " + file.path + ": stopped");
}

bool should_stop(const TransferContext& context) {
  return context.should_stop && context.should_stop();
}

}  // namespace

std::uint64_t Staging::bytes_of(const StagedFile& file) const {
  std::error_code missing;
  const std::uintmax_t size = fs::file_size(path_of(file), missing);
  return missing ? 0 : size;
}

Status Staging::keep_only(const std::set<std::string>& names) const {
  std::error_code error;
  std::vector<fs::path> leftovers;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, error)) {
    if (!names.contains(entry.path().stem().string())) leftovers.push_back(entry.path());
  }
  for (const fs::path& path : leftovers) {
    ROOTLET_TRY(remove_file(path));
  }
  return ok();
}

Status Staging::fetch(FileSource& source, const StagedFile& file, std::uint64_t want,
                      const TransferContext& context) const {
  if (bytes_of(file) > file.file_bytes) {
    ROOTLET_TRY(remove(file));  // longer than the file: wrong bytes
  }
  for (int cuts = 0;; ++cuts) {
    const std::uint64_t before = bytes_of(file);
    if (before >= want) return ok();
    if (should_stop(context)) return stopped(file);
    const Status fetched = fetch_once(source, file, want, context);
    const std::uint64_t after = bytes_of(file);
    if (fetched.has_value() && after >= want) return ok();
    const bool goes_on =
        after > before && cuts < kCutsInARow && source.may_resume() && !should_stop(context);
    const bool is_cut = fetched.has_value() || fetched.error().code == ErrorCode::kUnreachable;
    if (is_cut && goes_on) continue;
    if (fetched.has_value()) return fail(ErrorCode::kUnreachable, file.path + ": cut short");
    return fetched;
  }
}

Status Staging::fetch_once(FileSource& source, const StagedFile& file, std::uint64_t want,
                           const TransferContext& context) const {
  FileRequest request;
  request.path = file.path;
  request.from = bytes_of(file);
  request.to = want;
  request.file_bytes = file.file_bytes;
  ROOTLET_TRY(PartFile part, PartFile::open(path_of(file)));
  request.on_start = [&part](std::uint64_t offset) { return part.start_at(offset); };
  request.on_data = [&](ByteView piece) -> Status {
    if (should_stop(context)) return stopped(file);
    const std::uint64_t room = want - std::min(want, part.size());
    const ByteView wanted =
        piece.first(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), room)));
    ROOTLET_TRY(part.append(wanted));
    if (context.on_bytes) context.on_bytes(wanted.size());
    return ok();
  };
  ROOTLET_TRY(const FileReply reply, source.get(request));
  if (reply.state == FetchState::kFetched) return ok();
  return fail(ErrorCode::kUnreachable, file.path + ": the repository does not have it");
}

}  // namespace rootlet

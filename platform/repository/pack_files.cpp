// Appends packs to their files, and reads those whose stamp changed.
#include "platform/repository/pack_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <tuple>
#include <utility>

#include "core/file/write_all.hpp"
#include "sync/pack/pack.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet::platform {
namespace {

Status check_sections(const PackHeader& header, ByteView pack) {
  std::uint64_t at = header.header_bytes;
  for (const PackSection& section : header.sections) {
    const Hash256 hash = blake2b(pack.subspan(at, section.stored_bytes));
    if (start_of<16>(hash) != section.hash) {
      return fail(ErrorCode::kUntrusted,
                  "section of grade " + std::to_string(section.grade) + " does not match its hash");
    }
    at += section.stored_bytes;
  }
  return ok();
}

}  // namespace

Result<std::uint64_t> PackFiles::append(const std::string& path_in_repository, ByteView bytes) {
  const fs::path path = repository_ / path_in_repository;
  const auto [written, is_new] = written_.try_emplace(path_in_repository, 0);
  if (is_new) {
    ROOTLET_TRY(make_directory(path.parent_path()));
  }
  const int how = is_new ? O_CREAT | O_TRUNC : O_APPEND;
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | how, 0644));
  if (!file.is_open()) return errno_error("create", path);
  // A web server reads it as another user, whatever the umask of this command.
  if (is_new && ::fchmod(file.get(), 0644) != 0) return errno_error("protect", path);
  ROOTLET_TRY(write_all(file, path, bytes));
  if (!file.close()) return errno_error("close", path);
  return std::exchange(written->second, written->second + bytes.size());
}

// One syncfs() for hundreds of files instead of two fsync() calls for each.
Status PackFiles::flush() {
  const UniqueFd folder(::open(repository_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return errno_error("open", repository_);
  if (::syncfs(folder.get()) != 0) return errno_error("flush", repository_);
  return ok();
}

Status PackFiles::remove(const std::string& path_in_repository) {
  return remove_file(repository_ / path_in_repository);
}

std::string PackFiles::stamp_of(const std::string& path_in_repository) const {
  struct stat info {};
  if (::stat((repository_ / path_in_repository).c_str(), &info) != 0) return "";
  std::string stamp;
  for (const auto part :
       {static_cast<std::int64_t>(info.st_ino), static_cast<std::int64_t>(info.st_size),
        static_cast<std::int64_t>(info.st_ctim.tv_sec),
        static_cast<std::int64_t>(info.st_ctim.tv_nsec)}) {
    stamp += std::to_string(part) + ".";
  }
  return stamp;
}

Result<Bytes> PackFiles::read(const std::string& path_in_repository, std::uint64_t offset,
                              std::uint64_t bytes) const {
  const fs::path path = repository_ / path_in_repository;
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return errno_error("open", path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return errno_error("stat", path);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (offset > size || bytes > size - offset) {
    return fail(ErrorCode::kStorage, path.string() + ": is too short");
  }
  Bytes found(bytes);
  for (std::size_t at = 0; at < found.size();) {
    const ssize_t count =
        ::pread(file.get(), found.data() + at, found.size() - at, static_cast<off_t>(offset + at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("read", path);
    if (count == 0) return fail(ErrorCode::kStorage, path.string() + ": is too short");
    at += static_cast<std::size_t>(count);
  }
  return found;
}

Status PackFiles::check(const PackEntry& pack) const {
  ROOTLET_TRY(const Bytes bytes, read(path_of_file(pack), pack.offset, pack.file_bytes));
  ROOTLET_TRY(const PackHeader header, parse_pack_header(bytes));
  if (header.id != pack.id) return fail(ErrorCode::kUntrusted, "does not match its id");
  if (header.file_bytes() != bytes.size()) {
    return fail(ErrorCode::kUntrusted, "has a wrong length");
  }
  return check_sections(header, bytes);
}

std::string path_of_file(const PackFileEntry& file) {
  return packs_path(file.group, file.file);
}

std::string path_of_file(const PackEntry& pack) {
  return path_of_pack(pack.stream, pack.file);
}

bool PackFilesReview::IsBefore::operator()(const PackEntry& one, const PackEntry& other) const {
  return std::tie(one.stream, one.to, one.from, one.file) <
         std::tie(other.stream, other.to, other.from, other.file);
}

Result<PackFilesReview> review_pack_files(Registry& registry, const PackFiles& files,
                                          std::string_view dataset) {
  PackFilesReview review;
  ROOTLET_TRY(const std::vector<PackFileEntry> known, registry.pack_files(dataset));
  for (PackFileEntry file : known) {
    std::string stamp = files.stamp_of(path_of_file(file));
    if (!stamp.empty() && stamp == file.stamp) continue;
    ROOTLET_TRY(const std::vector<PackEntry> packs, registry.packs_in(file));
    for (const PackEntry& pack : packs) {
      if (pack.retired.has_value() || files.check(pack).has_value()) continue;
      review.damaged.insert(pack);
    }
    file.stamp = std::move(stamp);
    review.restamped.push_back(std::move(file));
  }
  return review;
}

}  // namespace rootlet::platform

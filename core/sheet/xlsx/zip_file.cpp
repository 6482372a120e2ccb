#include "core/sheet/xlsx/zip_file.hpp"

#include <zip.h>

#include "core/sheet/xlsx/xlsx_limits.hpp"

namespace rootlet {
namespace {

Error damaged(const std::string& what, std::string_view detail) {
  return bad_input(what + ": the workbook is damaged: " + std::string(detail), what,
                   {.en = "Open it in a spreadsheet and save it again as .xlsx.",
                    .zh = "工作簿文件已损坏，请用表格软件打开后重新另存为 .xlsx。"});
}

Error too_large(const std::string& what) {
  const std::string most = std::to_string(limits::kSheetPartBytes / limits::kMiB);
  return bad_input(
      what + ": the workbook unpacks to more than it may (" + most + " MiB, or " +
          std::to_string(limits::kSheetRatio) + " times its size)",
      what,
      {.en = "Take fewer rows, or save the sheet alone.",
       .zh = "工作簿解压后过大（上限 " + most + " MiB，或文件大小的 " +
             std::to_string(limits::kSheetRatio) + " 倍）。请减少行数，或只保存需要的工作表。"});
}

struct CloseArchive {
  void operator()(zip_t* archive) const { ::zip_discard(archive); }
};

}  // namespace

struct ZipFile::State {
  std::string what;
  std::unique_ptr<zip_t, CloseArchive> archive;
  std::size_t packed_bytes = 0;    // of the whole file
  std::size_t unpacked_bytes = 0;  // so far, of all parts

  Status count(std::size_t bytes) {
    unpacked_bytes += bytes;
    const bool bomb = unpacked_bytes > limits::kSheetRatioStart &&
                      unpacked_bytes / limits::kSheetRatio > packed_bytes;
    if (bomb || unpacked_bytes > limits::kSheetPartBytes) return too_large(what);
    return ok();
  }
};

ZipFile::ZipFile(ZipFile&&) noexcept = default;
ZipFile::~ZipFile() = default;

Result<ZipFile> ZipFile::open(ByteView bytes, std::string what) {
  auto state = std::make_shared<State>();
  state->what = std::move(what);
  state->packed_bytes = bytes.size();
  zip_error_t error;
  ::zip_error_init(&error);
  zip_source_t* source = ::zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = nullptr;
  if (source != nullptr) {
    archive = ::zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    if (archive == nullptr) ::zip_source_free(source);
  }
  const std::string problem = archive == nullptr ? ::zip_error_strerror(&error) : "";
  ::zip_error_fini(&error);
  if (archive == nullptr) return damaged(state->what, problem);
  state->archive.reset(archive);
  const zip_int64_t parts = ::zip_get_num_entries(archive, 0);
  if (parts < 0 || static_cast<std::size_t>(parts) > limits::kSheetParts) {
    return damaged(state->what,
                   "it has more than " + std::to_string(limits::kSheetParts) + " parts");
  }
  return ZipFile(std::move(state));
}

bool ZipFile::has(const std::string& part) const {
  return ::zip_name_locate(state_->archive.get(), part.c_str(), 0) >= 0;
}

Result<TextSource> ZipFile::read(const std::string& part) const {
  zip_file_t* opened = ::zip_fopen(state_->archive.get(), part.c_str(), 0);
  if (opened == nullptr) {
    return damaged(state_->what, part + ": " + ::zip_strerror(state_->archive.get()));
  }
  // The part before its archive: members of a closure are destroyed in no promised order.
  struct Open {
    std::shared_ptr<State> state;
    std::shared_ptr<zip_file_t> part;
  };
  auto open = std::make_shared<Open>(state_, std::shared_ptr<zip_file_t>(opened, ::zip_fclose));
  return TextSource([open, part](std::span<char> space) -> Result<std::size_t> {
    const zip_int64_t count = ::zip_fread(open->part.get(), space.data(), space.size());
    if (count < 0) {
      return damaged(open->state->what, part + ": " + ::zip_file_strerror(open->part.get()));
    }
    ROOTLET_TRY(open->state->count(static_cast<std::size_t>(count)));
    return static_cast<std::size_t>(count);
  });
}

}  // namespace rootlet

// libxlsxwriter (libxlsxwriter.github.io) in its mode of constant memory: a row is written out once
// the next one begins. It writes to a file by name, so it gets the name of a file in memory.
#include "agent/export/xlsx_file.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/file/descriptor.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kTextCharacters = 32'767;           // UTF-16 units, Excel's own limit
constexpr std::int64_t kExactInteger = INT64_C(1) << 53;  // beyond it a double rounds
constexpr std::size_t kExactDigits = 15;                  // that Excel keeps and shows

Error beyond_format(const std::string& what) {
  return bad_input("xlsx: " + what, "format",
                   {.en = "Take fewer rows or columns, or --format csv.",
                    .zh = "超出 Excel 文件的上限。请减少行或列，或使用 --format csv。"});
}

Error failed(lxw_error code) {
  return fail(ErrorCode::kStorage, std::string("xlsx: ") + lxw_strerror(code));
}

// Units of UTF-16: characters beyond the BMP, four bytes in UTF-8, take two.
std::size_t utf16_units(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

// The number that a decimal spells, if a spreadsheet keeps all of its digits.
std::optional<double> exact_number(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) digits += c >= '0' && c <= '9' ? 1 : 0;
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = problem == std::errc() && end == text.data() + text.size();
  return whole && digits <= kExactDigits ? std::optional(number) : std::nullopt;
}

}  // namespace

struct XlsxFile::State {
  ~State() {
    if (workbook != nullptr) lxw_workbook_free(workbook);
  }
  UniqueFd file;
  std::string folder;
  lxw_workbook* workbook = nullptr;
  lxw_worksheet* sheet = nullptr;
  lxw_format* bold = nullptr;
  std::uint32_t row = 0;
};

XlsxFile::XlsxFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
XlsxFile::XlsxFile(XlsxFile&&) noexcept = default;
XlsxFile::~XlsxFile() = default;

Result<XlsxFile> XlsxFile::open(const std::filesystem::path& folder) {
  auto state = std::make_unique<State>();
  // glibc 2.17 has no memfd_create(3).
  state->file.reset(static_cast<int>(::syscall(SYS_memfd_create, "xlsx", MFD_CLOEXEC)));
  if (!state->file.is_open()) {
    return fail(ErrorCode::kStorage, std::string("xlsx: ") + std::strerror(errno));
  }
  state->folder = folder.string();
  lxw_workbook_options options{};
  options.constant_memory = LXW_TRUE;
  options.tmpdir = state->folder.data();
  const std::string name = "/proc/self/fd/" + std::to_string(state->file.get());
  state->workbook = workbook_new_opt(name.c_str(), &options);
  if (state->workbook == nullptr) return fail(ErrorCode::kStorage, "xlsx: no memory");
  state->bold = workbook_add_format(state->workbook);
  format_set_bold(state->bold);
  return XlsxFile(std::move(state));
}

Status XlsxFile::begin_sheet(const std::string& name, const std::vector<std::string>& heading) {
  state_->sheet = workbook_add_worksheet(state_->workbook, name.c_str());
  if (state_->sheet == nullptr) {
    return fail(ErrorCode::kStorage, "xlsx: a sheet cannot be made in " + state_->folder);
  }
  state_->row = 0;
  if (heading.size() > LXW_COL_MAX) return beyond_format("a sheet holds at most 16,384 columns");
  for (std::size_t i = 0; i < heading.size(); ++i) {
    const lxw_error code = worksheet_write_string(state_->sheet, 0, static_cast<lxw_col_t>(i),
                                                  heading[i].c_str(), state_->bold);
    if (code != LXW_NO_ERROR) return failed(code);
  }
  worksheet_freeze_panes(state_->sheet, 1, 0);
  state_->row = 1;
  return ok();
}

Status XlsxFile::add_row(const std::vector<XlsxCell>& cells) {
  if (state_->row >= LXW_ROW_MAX) return beyond_format("a sheet holds at most 1,048,576 rows");
  if (cells.size() > LXW_COL_MAX) return beyond_format("a sheet holds at most 16,384 columns");
  for (std::size_t i = 0; i < cells.size(); ++i) {
    ROOTLET_TRY(write(static_cast<std::uint16_t>(i), cells[i]));
  }
  ++state_->row;
  return ok();
}

Status XlsxFile::write(std::uint16_t column, const XlsxCell& cell) {
  const std::uint32_t row = state_->row;
  const auto text = [&](const std::string& value) -> Status {
    if (value.empty()) return ok();
    if (utf16_units(value) > kTextCharacters) {
      return beyond_format("row " + std::to_string(row) + " has a text of more than " +
                           std::to_string(kTextCharacters) + " characters");
    }
    const lxw_error code =
        worksheet_write_string(state_->sheet, row, column, value.c_str(), nullptr);
    return code == LXW_NO_ERROR ? ok() : Status(failed(code));
  };
  const auto number = [&](double value) -> Status {
    const lxw_error code = worksheet_write_number(state_->sheet, row, column, value, nullptr);
    return code == LXW_NO_ERROR ? ok() : Status(failed(code));
  };
  if (const auto* value = std::get_if<std::string>(&cell)) return text(*value);
  if (const auto* value = std::get_if<double>(&cell)) return number(*value);
  if (const auto* value = std::get_if<bool>(&cell)) {
    const lxw_error code =
        worksheet_write_boolean(state_->sheet, row, column, *value ? 1 : 0, nullptr);
    return code == LXW_NO_ERROR ? ok() : Status(failed(code));
  }
  if (const auto* value = std::get_if<std::int64_t>(&cell)) {
    const bool is_exact = *value<kExactInteger&& * value> - kExactInteger &&
                          std::to_string(std::abs(*value)).size() <= kExactDigits;
    return is_exact ? number(static_cast<double>(*value)) : text(std::to_string(*value));
  }
  if (const auto* value = std::get_if<DecimalText>(&cell)) {
    const std::optional<double> exact = exact_number(value->text);
    return exact ? number(*exact) : text(value->text);
  }
  return ok();
}

Result<Bytes> XlsxFile::finish() {
  const lxw_error code = workbook_close(std::exchange(state_->workbook, nullptr));
  if (code != LXW_NO_ERROR) return failed(code);
  const off_t size = ::lseek(state_->file.get(), 0, SEEK_END);
  if (size < 0) return fail(ErrorCode::kStorage, std::string("xlsx: ") + std::strerror(errno));
  Bytes bytes(static_cast<std::size_t>(size));
  std::size_t read = 0;
  while (read < bytes.size()) {
    const ssize_t count = ::pread(state_->file.get(), bytes.data() + read, bytes.size() - read,
                                  static_cast<off_t>(read));
    if (count <= 0) return fail(ErrorCode::kStorage, "xlsx: the file in memory cannot be read");
    read += static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace rootlet::agent

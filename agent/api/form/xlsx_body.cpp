// A workbook is whole or nothing: its rows wait in memory, compressed or in a file of /dev/shm that
// has no name, so that no disk ever holds them unencrypted. So their number is bounded
// (kApiXlsxRows).
#include <optional>

#include "agent/api/form/row_body.hpp"
#include "agent/export/xlsx_rows.hpp"
#include "core/format/json_values.hpp"
#include "core/limits.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kXlsxType =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr std::string_view kFolderInMemory = "/dev/shm";
constexpr std::size_t kPieceBytes = 64 * limits::kKiB;

// "/api/v1/datasets/ID/rows" is saved as ID.xlsx.
std::string file_name(const ApiRequest& request) {
  return (request.path.size() == 5 ? request.path[3] : "rows") + ".xlsx";
}

class XlsxBody final : public RowBody {
 public:
  XlsxBody(BodyOut& out, const ApiRequest& request) : RowBody(out, request) {}

  Status head(const json::object& head) override {
    ROOTLET_TRY(XlsxFile workbook, XlsxFile::open(kFolderInMemory));
    rows_.emplace(std::move(workbook), request_.language);
    fields_ = companion_fields(head);
    fields_.push_back(
        {"Content-Disposition", "attachment; filename=\"" + file_name(request_) + "\""});
    return rows_->head(head);
  }
  Status rows(const json::array& rows) override { return rows_->rows(rows); }
  Status finish(const json::object& done) override {
    ROOTLET_TRY(const Bytes bytes, rows_->finish(done));
    out_.begin(kXlsxType, std::move(fields_));
    const std::string_view all = as_text(bytes);
    for (std::size_t at = 0; at < all.size(); at += kPieceBytes) {
      ROOTLET_TRY(out_.write(all.substr(at, kPieceBytes)));
    }
    return ok();
  }

 private:
  std::optional<XlsxRows> rows_;
  std::vector<http::Field> fields_;
};

}  // namespace

std::unique_ptr<RowBody> xlsx_body(BodyOut& out, const ApiRequest& request) {
  return std::make_unique<XlsxBody>(out, request);
}

}  // namespace rootlet::agent

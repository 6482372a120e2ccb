// In blocks of rows, so that memory stays bounded.
#include "platform/packs/row_digests.hpp"

#include "platform/source/rows/row_image.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kRowsAtOnce = 4096;

class Digesting {
 public:
  Digesting(const SectionLayout& layout, std::span<const SymmetricKey> content_keys)
      : layout_(layout), blocks_(content_keys.size()) {
    found_.digests.resize(content_keys.size());
    for (const SymmetricKey& key : content_keys) keys_.push_back(digest_key(key));
    for (std::size_t s = 0; s < blocks_.size(); ++s) empty(s);
  }

  Status add(Rid rid, std::string_view image) {
    ROOTLET_TRY(read_image(image, layout_.column_count(), cells_));
    for (std::size_t s = 0; s < blocks_.size(); ++s) layout_.push_row(s, rid, cells_, blocks_[s]);
    if (blocks_.front().rids.size() == kRowsAtOnce) flush();
    return ok();
  }

  DigestedRows finish() {
    flush();
    return std::move(found_);
  }

 private:
  void empty(std::size_t section) {
    blocks_[section] = {};
    blocks_[section].columns.resize(layout_.sections()[section].columns.size());
  }
  void flush() {
    found_.rows += blocks_.front().rids.size();
    for (std::size_t s = 0; s < blocks_.size(); ++s) {
      found_.digests[s].add(keys_[s], blocks_[s]);
      empty(s);
    }
  }

  const SectionLayout& layout_;
  std::vector<SymmetricKey> keys_;
  std::vector<RowBlock> blocks_;
  DigestedRows found_;
  std::vector<CellView> cells_;
};

}  // namespace

Result<DigestedRows> digest_rows(const SectionLayout& layout, const HeldRows& rows,
                                 std::span<const SymmetricKey> content_keys) {
  Digesting digesting(layout, content_keys);
  HeldRow row;
  while (true) {
    ROOTLET_TRY(const bool more, rows(row));
    if (!more) return digesting.finish();
    ROOTLET_TRY(digesting.add(row.rid, row.image));
  }
}

}  // namespace rootlet::platform

// A row as the publisher stores and compares it: one byte string per row, one per key. Two rows are
// equal exactly when their images are equal. Keys sort like their values: integers by number, texts
// by byte.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet::platform {

void append_image_cell(std::string& image, const CellView& cell);
// `cell` must not be null: a key names a row.
void append_key_cell(std::string& key, const CellView& cell);

// The cells of an image, viewing into it; kStorageDamaged unless there are exactly `columns`.
Status read_image(std::string_view image, std::size_t columns, std::vector<CellView>& cells);
// Only the cells in `columns` (ascending, distinct; as many as `cells` has). The rest of the image
// is not checked.
Status read_image_columns(std::string_view image, std::span<const std::size_t> columns,
                          std::span<CellView> cells);

}  // namespace rootlet::platform

// Limits of a workbook from outside: what one file may cost, whatever it says of itself.
#pragma once

#include "core/limits.hpp"

namespace rootlet::limits {

inline constexpr std::size_t kSheetFileBytes = 64 * kMiB;   // it lies in memory while it is read
inline constexpr std::size_t kSheetPartBytes = 256 * kMiB;  // unpacked, of all parts together
// Unpacked over packed, beyond a start: sheets of equal rows reach 50.
inline constexpr std::size_t kSheetRatio = 200;
inline constexpr std::size_t kSheetRatioStart = 8 * kMiB;
inline constexpr std::size_t kSheetParts = 10'000;           // files in the archive
inline constexpr std::size_t kSheetStringBytes = 32 * kMiB;  // shared texts lie in memory
inline constexpr std::size_t kSheetStrings = 1'000'000;      // shared texts
inline constexpr std::size_t kSheetStyles = 65'536;          // Excel's own limit is near
inline constexpr std::size_t kSheetTables = 1'000;           // sheets of a workbook
inline constexpr std::uint64_t kSheetRows = 1'048'576;       // Excel's own limit
inline constexpr std::uint64_t kSheetPlaces = 16'384;        // columns; Excel's own limit
inline constexpr std::size_t kSheetColumns = 1'024;          // that hold anything
inline constexpr std::size_t kSheetRowBytes = 4 * kMiB;      // all cells of one row
inline constexpr int kXmlDepth = 64;                         // elements inside each other
inline constexpr std::size_t kXmlTagBytes = 256 * kKiB;      // a tag is held whole, and read again

}  // namespace rootlet::limits

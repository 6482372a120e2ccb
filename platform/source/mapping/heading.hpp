// Which column of a dataset a heading of a source names: by the column's name or by its title in
// either language, also if they differ only in letter case, width, or blanks and invisible
// characters around and inside. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

// The index of the column. kBadInput, whose message says in one clause why there is none: it lists
// the columns that fit equally well, or the characters in the heading that people do not see.
Result<std::size_t> column_of_heading(const DatasetDefinition& definition,
                                      std::string_view heading);

// `heading` without the differences that do not count.
std::string folded_heading(std::string_view heading);

}  // namespace rootlet::platform

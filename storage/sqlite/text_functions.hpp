// SQL functions for text, on every connection: folded(TEXT), the form in which search compares
// (core/unicode/fold.hpp).
#pragma once

struct sqlite3;

namespace rootlet {

int add_text_functions(sqlite3* handle);  // SQLite's result code

}  // namespace rootlet

// The tokenizer "rootlet" of SQLite's full-text index, on every connection: a row's document
// becomes the terms of core/search/search_terms.hpp, and a term in a query is looked up as it is.
#pragma once

struct sqlite3;

namespace rootlet {

int add_search_tokenizer(sqlite3* handle);  // SQLite's result code

}  // namespace rootlet

// sqlite.org/fts5.html#custom_tokenizers
#include "storage/sqlite/search_tokenizer.hpp"

#include <sqlite3.h>

#include "core/search/search_terms.hpp"

namespace rootlet {
namespace {

using TakeToken = int (*)(void*, int, const char*, int, int, int);

// The tokenizer has no state; FTS5 only needs an address.
int create(void*, const char**, int, Fts5Tokenizer** out) {
  static char nothing = 0;
  *out = reinterpret_cast<Fts5Tokenizer*>(&nothing);
  return SQLITE_OK;
}

void destroy(Fts5Tokenizer*) {}

int tokenize(Fts5Tokenizer*, void* context, int flags, const char* text, int size, TakeToken take) {
  if (text == nullptr || size <= 0) return SQLITE_OK;
  if ((flags & FTS5_TOKENIZE_QUERY) != 0) return take(context, 0, text, size, 0, size);
  int code = SQLITE_OK;
  document_terms({text, static_cast<std::size_t>(size)}, [&](std::string_view term) {
    code = take(context, 0, term.data(), static_cast<int>(term.size()), 0, size);
    return code == SQLITE_OK;
  });
  return code;
}

fts5_api* find_api(sqlite3* handle) {
  fts5_api* api = nullptr;
  sqlite3_stmt* select = nullptr;
  if (sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &select, nullptr) != SQLITE_OK) {
    return nullptr;
  }
  sqlite3_bind_pointer(select, 1, &api, "fts5_api_ptr", nullptr);
  sqlite3_step(select);
  sqlite3_finalize(select);
  return api;
}

}  // namespace

int add_search_tokenizer(sqlite3* handle) {
  fts5_api* api = find_api(handle);
  if (api == nullptr) return SQLITE_ERROR;
  fts5_tokenizer tokenizer{.xCreate = create, .xDelete = destroy, .xTokenize = tokenize};
  return api->xCreateTokenizer(api, "rootlet", nullptr, &tokenizer, nullptr);
}

}  // namespace rootlet

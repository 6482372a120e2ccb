// sqlite.org/appfunc.html
#include "storage/sqlite/text_functions.hpp"

#include <sqlite3.h>

#include <string>

#include "core/unicode/fold.hpp"

namespace rootlet {
namespace {

void fold(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
  if (text == nullptr) return sqlite3_result_null(context);
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
  const std::string out = folded({text, size});
  sqlite3_result_text64(context, out.data(), out.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

}  // namespace

int add_text_functions(sqlite3* handle) {
  return sqlite3_create_function_v2(handle, "folded", 1,
                                    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                                    fold, nullptr, nullptr, nullptr);
}

}  // namespace rootlet

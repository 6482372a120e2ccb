// SQLite's result codes as errors of this program: what is damage, what is a full disk, who owns a
// file that does not open.
#pragma once

#include <filesystem>
#include <string>

#include "core/result.hpp"

struct sqlite3;

namespace rootlet {

// `where` begins the message; `detail` is SQLite's own message, if there is one. `handle` may be
// null.
Error sqlite_error(int code, sqlite3* handle, const std::string& where, const char* detail);
// The same, and names the file and its owner if the cause is who owns it.
Error file_error(int code, sqlite3* handle, const std::string& where, const char* detail,
                 const std::filesystem::path& database);
Error file_error(int code, const std::string& where, const char* detail, sqlite3* handle);

// "roster.db: run", for an error of a statement.
std::string running_in(sqlite3* handle);

}  // namespace rootlet

// The file:// part of HttpClient: a folder or USB stick answers as a server would (200, 206, 404,
// 416), so that a courier needs no code of its own. Reads regular files only: no folders, no pipes.
#pragma once

#include "sync/wire/client/http.hpp"

namespace rootlet {

// True for "file:…" and for absolute paths.
bool is_local_url(std::string_view url);

// Answers a GET without a network. kBadInput for a POST or a malformed URL; kUntrusted for a file
// above max_bytes; kUnreachable if the medium fails while reading.
Result<HttpResponse> read_local_file(const HttpRequest& request);

}  // namespace rootlet
